//! `docs/rulebook.md` says what the rulebook reader does: its examples are read, its catalogue is generated.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use analytics::facts::{AdoptionRow, FactKind, Facts, Membership, SubmissionRow, UnitRow};
use analytics::rulebook::{Currency, Mistakes, Rulebook};
use analytics::scoring::catalogue::{CodeSet, Column, ColumnType, columns, period_columns};
use analytics::scoring::{Amount, Versions, score};
use chrono::NaiveDate;
use expect_test::expect_file;

tests::cases![
    examples_are_good_rulebooks,
    the_example_earns_what_the_page_says,
    additions_fit_the_first_example,
    the_example_of_a_mistake_is_told_as_shown,
    the_catalogue_is_the_one_that_is_checked,
    every_power_has_an_example_that_is_read,
];

/// Between these two lines the page is generated: `UPDATE_EXPECT=1` writes it.
const BEGIN: &str = "<!-- generated: catalogue -->\n";
const END: &str = "<!-- end of catalogue -->\n";

fn examples_are_good_rulebooks() {
    let examples = blocks("toml rulebook");
    assert!(!examples.is_empty(), "docs/rulebook.md has no block marked `toml rulebook`");
    for example in examples {
        if let Err(mistakes) = read(&example) {
            panic!("an example of docs/rulebook.md is wrong:\n{mistakes}");
        }
    }
}

/// A department with six items received in a month, one of them adopted.
fn the_example_earns_what_the_page_says() {
    let rules = read(&blocks("toml rulebook")[0]).expect("the example is a good rulebook");
    let day = NaiveDate::from_ymd_opt(2026, 3, 20).expect("a day of the calendar");
    let (versions, year) = (vec![(1, rules.effective_from(), Arc::new(rules.clone()))], rules.year_of(day));
    let scored = score(&Versions::new(versions), &a_month_of_a_department(day), year);
    let mut earned: Vec<(String, String)> = scored
        .lines(1, year, Currency::Points)
        .into_iter()
        .map(|line| match line.amount {
            Amount::Points(points) => (line.rule, points.to_string()),
            Amount::Money(money) => (line.rule, money.to_string()),
        })
        .collect();
    earned.push(("total".to_owned(), scored.total(1, year).to_string()));
    assert_eq!(table_of_points(), earned, "docs/rulebook.md (left) and the engine (right) differ about the example");
}

fn a_month_of_a_department(day: NaiveDate) -> Facts {
    let mut facts = Facts::new();
    facts.upsert_unit(&UnitRow {
        id: 1,
        name: "县发改局".to_owned(),
        order: 1,
        opened_on: day,
        closed_on: Some(day + chrono::Days::new(27)),
        direct_report: false,
        memberships: vec![Membership { category: "department".to_owned(), first: day, last: None }],
    });
    for id in 1..=6 {
        facts.upsert_submission(&SubmissionRow {
            id,
            unit: 1,
            kind: "news".to_owned(),
            topic: None,
            submitted_on: day,
            received: true,
            commissioned: false,
            urgent: false,
            characters: 250,
            count: 1,
        });
    }
    facts.upsert_adoption(&AdoptionRow {
        id: 1,
        submission: Some(1),
        unit: 1,
        publication: "bulletin".to_owned(),
        class: Some("special".to_owned()),
        via: None,
        kind: Some("news".to_owned()),
        topic: None,
        characters: 250,
        commissioned: false,
        adopted_on: day,
        count: 1,
    });
    facts
}

/// The rule and the points of each row of the table below the first example.
fn table_of_points() -> Vec<(String, String)> {
    let page = page();
    let table =
        page.split_once("| line | points |\n|---|---|\n").expect("docs/rulebook.md shows what the example earns").1;
    let cells = |row: &str| {
        let (line, points) = row.trim_matches('|').rsplit_once('|')?;
        let rule = line.split('`').nth(1).unwrap_or(line);
        Some((rule.trim().to_owned(), points.trim().to_owned()))
    };
    table.lines().map_while(cells).collect()
}

fn additions_fit_the_first_example() {
    let additions = blocks("toml addition");
    assert!(!additions.is_empty(), "docs/rulebook.md has no block marked `toml addition`");
    for addition in additions {
        if let Err(mistakes) = read(&with_first_example(&addition)) {
            panic!("an addition of docs/rulebook.md is wrong:\n{addition}\n{mistakes}");
        }
    }
}

fn the_example_of_a_mistake_is_told_as_shown() {
    let (wrong, shown) = (blocks("toml mistake"), blocks("text mistake"));
    assert!(!wrong.is_empty(), "docs/rulebook.md has no block marked `toml mistake`");
    assert_eq!(wrong.len(), shown.len(), "each `toml mistake` has the `text mistake` that it is answered with");
    for (wrong, shown) in wrong.iter().zip(shown) {
        let mistakes = read(&with_first_example(wrong)).expect_err("the example of a mistake is one");
        // The place depends on what stands before the example.
        let reason = |mistake: &str| mistake.split_once(": ").map(|(_, reason)| reason.to_owned());
        let told: Vec<String> = mistakes.iter().filter_map(|mistake| reason(&mistake.to_string())).collect();
        let shown: Vec<String> = shown.lines().filter_map(reason).collect();
        assert_eq!(shown, told, "docs/rulebook.md (left) and the reader (right) tell the mistake differently");
    }
}

fn the_catalogue_is_the_one_that_is_checked() {
    let page = page();
    let (before, rest) = page.split_once(BEGIN).expect("docs/rulebook.md says where its catalogue begins");
    let (_, after) = rest.split_once(END).expect("docs/rulebook.md says where its catalogue ends");
    expect_file!["../../docs/rulebook.md"].assert_eq(&format!("{before}{BEGIN}{}{END}{after}", catalogue()));
}

fn page() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rulebook.md");
    fs::read_to_string(file).expect("docs/rulebook.md can be read")
}

/// `docs/rulebook-powers.md`: one chapter for each of the fifteen powers, each with examples that fit the page's office.
fn every_power_has_an_example_that_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rulebook-powers.md");
    let page = fs::read_to_string(path).expect("the page is part of the repository");
    let office = blocks_of(&page, "toml office").into_iter().next().unwrap_or_default();
    read(&office).unwrap_or_else(|mistakes| panic!("the office of docs/rulebook-powers.md is wrong:\n{mistakes}"));
    let chapters: Vec<&str> = page.split("\n## ").skip(1).collect();
    assert_eq!(chapters.len(), 15);
    for chapter in chapters {
        let examples = blocks_of(chapter, "toml power");
        let title = chapter.lines().next().unwrap_or_default();
        assert!(!examples.is_empty(), "the power {title:?} has no example");
        for example in examples {
            if let Err(mistakes) = read(&format!("{office}\n{example}")) {
                panic!("an example of {title:?} is wrong:\n{mistakes}\n{example}");
            }
        }
    }
}

fn read(text: &str) -> Result<Rulebook, Mistakes> {
    Rulebook::parse("example.toml", text)
}

fn with_first_example(addition: &str) -> String {
    let first = blocks("toml rulebook").into_iter().next().unwrap_or_default();
    format!("{first}\n{addition}")
}

/// The fenced blocks of the page whose fence says exactly `info`.
fn blocks(info: &str) -> Vec<String> {
    blocks_of(&page(), info)
}

/// The fenced blocks of a page that are marked with `info`, in its order.
fn blocks_of(page: &str, info: &str) -> Vec<String> {
    let (mut found, mut open): (Vec<String>, Option<bool>) = (Vec::new(), None);
    for line in page.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(fence), None) => {
                open = Some(fence == info);
                if fence == info {
                    found.push(String::new());
                }
            }
            (Some(_), Some(_)) => open = None,
            (None, Some(true)) => {
                if let Some(block) = found.last_mut() {
                    block.push_str(line);
                    block.push('\n');
                }
            }
            (None, _) => {}
        }
    }
    found
}

/// The catalogue as the page shows it.
fn catalogue() -> String {
    let mut text = String::new();
    for kind in FactKind::ALL {
        let _ = write!(text, "\n### `{kind}` · {}\n\n{}", kind.name_zh(), table(&columns(kind)));
    }
    let _ = write!(text, "\n### Rules on periods\n\n{}\n### Sets of codes\n\n{}\n", table(&period_columns()), sets());
    text
}

fn table(columns: &[Column]) -> String {
    let head = "| column | type | NULL? | meaning | 含义 |\n|---|---|---|---|---|\n".to_owned();
    columns.iter().fold(head, |mut text, column| {
        let null = if column.nullable { "may be" } else { "never" };
        let _ = writeln!(text, "| `{}` | {} | {null} | {} | {} |", column.name, value(column), column.en, column.zh);
        text
    })
}

/// The type with the range of a number.
fn value(column: &Column) -> String {
    let (least, most) = column.range;
    match column.column_type {
        ColumnType::Boolean => "true or false".to_owned(),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Code(set) => format!("code: `{}`", set.code()),
        ColumnType::Integer => format!("whole number, {least} to {most}"),
        ColumnType::Decimal => format!("decimal, {} to {}", least / 1_000_000, most / 1_000_000),
    }
}

fn sets() -> String {
    let declared = [
        (CodeSet::Level, "`[[level]]`"),
        (CodeSet::Category, "`[[category]]`"),
        (CodeSet::Publication, "`[[publication]]`"),
        (CodeSet::Class, "`[[publication.class]]`"),
        (CodeSet::Kind, "`[[kind]]`"),
        (CodeSet::Topic, "`[[topic]]`"),
        (CodeSet::Outcome, ""),
        (CodeSet::IncidentKind, "`[[code]]`"),
        (CodeSet::TrainingKind, "`[[code]]`"),
        (CodeSet::Duty, "`[[code]]`"),
        (CodeSet::LeaderRank, "`[[code]]`"),
    ];
    let head = "| set | declared by | built in |\n|---|---|---|\n".to_owned();
    declared.into_iter().fold(head, |mut text, (set, by)| {
        let built_in: Vec<_> = set.built_in().iter().map(|(code, zh)| format!("`{code}` {zh}")).collect();
        let or_none = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
        let _ = writeln!(text, "| `{}` | {} | {} |", set.code(), or_none(by), or_none(&built_in.join(", ")));
        text
    })
}
