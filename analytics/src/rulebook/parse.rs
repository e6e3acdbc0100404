//! TOML text to a rulebook: syntax first, then the declarations, then everything that names them.

use std::collections::HashSet;

use chrono_tz::Tz;
use toml::de::DeTable;

use super::declarations::{categories, codes, follow_up, kinds, named, publications, receipt, sign_offs};
use super::mistake::Mistakes;
use super::reader::{Reader, Section};
use super::source::{Report, Source};
use super::{Rulebook, Total, YearDay};
use crate::expression::Problem;
use crate::expression::scope::Vocabulary;
use crate::points::Rounding;
use crate::scoring::catalogue::CodeSet;

/// The longest rulebook, in bytes.
const MAX_LENGTH: usize = 256 * 1024;

const TOP_LEVEL: [&str; 38] = [
    "id",
    "title",
    "effective_from",
    "time_zone",
    "year",
    "points",
    "level",
    "category",
    "publication",
    "kind",
    "topic",
    "code",
    "receipt",
    "sign_off",
    "follow_up",
    "appeal",
    "urgent",
    "staffing",
    "officer_quota",
    "count",
    "rates",
    "quota",
    "parameter",
    "exclude",
    "rule",
    "award",
    "task",
    "earned",
    "tariff",
    "combine",
    "multiply",
    "share",
    "part",
    "zero",
    "convert",
    "list",
    "ranking",
    "notice",
];

/// Stack of the thread that parses.
const STACK: usize = 64 * 1024 * 1024;

impl Rulebook {
    /// Reads a rulebook from its text. `source_name` is what the mistakes call it, such as the name of the file.
    ///
    /// # Errors
    /// Every mistake that can be found at once, in the order of the text.
    ///
    /// # Panics
    /// When the system gives no thread to parse on.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, Mistakes> {
        // The SQL parser recurses with large frames before it counts levels, so that what a caller's stack holds
        // cannot be relied on: this one holds the deepest text that the length limits let through.
        std::thread::scope(|scope| {
            let parser = std::thread::Builder::new().name("rulebook".to_owned()).stack_size(STACK);
            let parsed = parser
                .spawn_scoped(scope, || Self::parse_on_this_stack(source_name, text))
                .expect("the system gives a thread, or the server could not run");
            parsed.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn parse_on_this_stack(source_name: &str, text: &str) -> Result<Self, Mistakes> {
        let source = Source { name: source_name, text };
        if text.len() > MAX_LENGTH {
            let problem = Problem::new(
                format!("a rulebook has at most {MAX_LENGTH} bytes"),
                format!("规则文件不得超过{MAX_LENGTH}字节"),
            );
            return Err(Mistakes(vec![source.mistake(0..0, "", problem)]));
        }
        let (document, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let syntax = |error: &toml::de::Error| Report {
                at: error.span().unwrap_or(0..0),
                path: String::new(),
                problem: Problem::new(format!("this is no TOML: {}", error.message().trim()), "TOML 语法错误"),
            };
            return Err(source.mistakes(errors.iter().map(syntax).collect()));
        }
        let mut reader = Reader { source, reports: Vec::new() };
        let rulebook = read(&mut reader, &Section::root(document.get_ref()));
        match rulebook {
            Some(rulebook) if reader.reports.is_empty() => Ok(rulebook),
            _ => Err(reader.source.mistakes(reader.reports)),
        }
    }
}

fn read<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> Option<Rulebook> {
    reader.only(root, &TOP_LEVEL);
    let id = reader.id(root);
    let title = reader.words(root, "title");
    let effective_from = reader.date(root, "effective_from");
    let time_zone = time_zone(reader, root);
    let year_begins = year(reader, root);
    let total = total(reader, root);
    let mut vocabulary = Vocabulary::new();
    let levels = named(reader, root, "level", CodeSet::Level, &mut vocabulary);
    let categories = categories(reader, root, &mut vocabulary);
    let publications = publications(reader, root, &mut vocabulary);
    let kinds = kinds(reader, root, &mut vocabulary);
    let topics = named(reader, root, "topic", CodeSet::Topic, &mut vocabulary);
    let codes = codes(reader, root, &mut vocabulary);
    let receipt = receipt(reader, root);
    let sign_offs = sign_offs(reader, root, &vocabulary);
    let follow_up = follow_up(reader, root);
    let appeal = super::upkeep::appeal(reader, root);
    let urgent = super::upkeep::urgent(reader, root);
    let staffing = super::upkeep::staffing(reader, root, &vocabulary);
    let officer_quotas = super::upkeep::officer_quotas(reader, root, &vocabulary);
    let figures = super::figures::read(reader, root, &vocabulary);
    let mut ids = HashSet::new();
    let lists = super::lists::read(reader, root, &vocabulary, &figures, &mut ids);
    let rules = super::rules::read(reader, root, &vocabulary, &figures, &lists, &mut ids);
    super::figures::earned_rules(reader, root, &rules.rules);
    let changes = super::adjustments::read(reader, root, &vocabulary, &figures, &rules.rules, &mut ids);
    super::tariffs::check(reader, root, &vocabulary, &rules.rules);
    let tie_break = super::lists::tie_break(reader, root, &figures);
    let named = super::notices::Named { categories: &categories, lists: &lists, awards: &rules.awards };
    let notices = super::notices::read(reader, root, &vocabulary, &named, &mut ids);
    Some(Rulebook {
        id: id?.value,
        title,
        effective_from: effective_from?,
        time_zone: time_zone?,
        year_begins: year_begins?,
        total: total?,
        levels,
        categories,
        publications,
        kinds,
        topics,
        codes,
        receipt,
        sign_offs,
        follow_up,
        appeal,
        urgent,
        staffing,
        officer_quotas,
        counts: figures.counts,
        rates: figures.rates?,
        quotas: figures.quotas,
        parameters: figures.parameters,
        exclusions: rules.exclusions,
        rules: rules.rules,
        awards: rules.awards,
        adjustments: changes.adjustments,
        parts: changes.parts,
        earned: figures.earned,
        tasks: figures.tasks,
        lists,
        tie_break,
        notices,
        vocabulary,
    })
}

fn time_zone<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> Option<Tz> {
    let Some(name) = reader.optional_text(root, "time_zone") else {
        return Some(Tz::Asia__Shanghai);
    };
    let zone = name.value.parse().ok();
    if zone.is_none() {
        let problem =
            Problem::new(format!("there is no time zone {:?}", name.value), format!("没有时区“{}”", name.value))
                .hint("write Asia/Shanghai or Asia/Urumqi");
        reader.report(name.span, &name.path, problem);
    }
    zone
}

fn year<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> Option<YearDay> {
    let january = YearDay { month: 1, day: 1 };
    let Some(field) = root.field("year") else {
        return Some(january);
    };
    let section = reader.table(&field)?;
    reader.only(&section, &["first_day"]);
    let text = reader.text(&section, "first_day")?;
    let day = text.value.split_once('-').and_then(|(month, day)| {
        let number = |text: &str| (text.len() == 2).then(|| text.parse::<u32>().ok())?;
        let (month, day) = (number(month)?, number(day)?);
        ((1..=12).contains(&month) && (1..=28).contains(&day)).then_some(YearDay { month, day })
    });
    if day.is_none() {
        let problem = Problem::new("this is no day that every month has", "不是每月都有的日期")
            .hint("write \"01-01\" or \"12-16\"");
        reader.report(text.span, &text.path, problem);
    }
    day
}

fn total<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> Option<Total> {
    let default = Total { places: 2, rounding: Rounding::HalfUp };
    let Some(field) = root.field("points") else {
        return Some(default);
    };
    let section = reader.table(&field)?;
    reader.only(&section, &["places", "rounding"]);
    let places = reader.integer(&section, "places", 0..7)?;
    let rounding = reader.text(&section, "rounding")?;
    let rounding =
        reader.word(&rounding, &[Rounding::HalfUp, Rounding::Truncate].map(|rounding| (rounding.code(), rounding)))?;
    Some(Total { places: u32::try_from(places).ok()?, rounding })
}
