//! What a rulebook asks of people beside their items is read, and what is wrong with it is found.

use analytics::period::PeriodUnit;
use analytics::rulebook::Rulebook;
use chrono::TimeDelta;

use crate::mistakes::expect;
use crate::scene::small;

fn urgent(body: &str) -> String {
    small(&format!("urgent = {{ {body} }}"))
}

fn with(table: &str, body: &str) -> String {
    small(&format!("[[{table}]]\nclause = \"二\"\ntitle = \"要求\"\n{body}\n"))
}

#[test]
fn what_is_asked_is_read_as_written() {
    let text = small(
        r#"
urgent = { first = { minutes = 30 }, follow_up = { hours = 12 }, final = { days = 3 } }
staffing = [{ clause = "二", title = "科长", categories = ["a", "b"], duties = ["section_chief"], at_least = 2 }]
officer_quota = [{ clause = "三", title = "每月", duties = ["part_time", "full_time"], per = "month", items = 4 }]
"#,
    );
    let rulebook = Rulebook::parse("small", &text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let urgent = rulebook.urgent().expect("it is there");
    assert_eq!((urgent.first, urgent.follow_up), (TimeDelta::minutes(30), Some(TimeDelta::hours(12))));
    assert_eq!((urgent.closing, urgent.missed_after), (Some(TimeDelta::days(3)), TimeDelta::hours(24)));
    let asked = &rulebook.staffing()[0];
    assert_eq!(
        (asked.at_least, asked.categories.len(), asked.duties.as_slice()),
        (2, 2, &["section_chief".to_owned()][..])
    );
    let quota = &rulebook.officer_quotas()[0];
    assert_eq!((quota.items, quota.per, quota.duties.len()), (4, PeriodUnit::Month, 2));
}

#[test]
fn a_span_of_time_is_one_thing() {
    let one = "a span of time is one thing";
    expect(&urgent("first = «{ minutes = 30, hours = 2 }»"), one, Some("{ hours = 2 }"));
    expect(&urgent("first = «{ }»"), one, None);
    expect(&urgent("first = { hours = «0» }"), "must be from 1 to 8760", None);
    expect(&urgent("first = { «hour» = 2 }"), "no key \"hour\"", Some("hours"));
    expect(&urgent("first = { hours = 2 }, «last» = { days = 3 }"), "no key \"last\"", None);
}

#[test]
fn duties_and_categories_are_declared() {
    let rest = "at_least = 1";
    expect(
        &with("staffing", &format!("categories = [«\"c\"»]\nduties = [\"full_time\"]\n{rest}")),
        "is not declared as a category",
        None,
    );
    expect(
        &with("staffing", &format!("categories = [\"a\"]\nduties = [«\"fulltime\"»]\n{rest}")),
        "is not declared as a duty",
        Some("full_time"),
    );
    expect(
        &with("staffing", "categories = [\"a\"]\nduties = [\"full_time\"]\nat_least = «0»"),
        "must be from 1 to 1000",
        None,
    );
    expect(
        &with("officer_quota", "duties = [\"part_time\"]\nper = «\"day\"»\nitems = 4"),
        "not known here",
        Some("month"),
    );
}
