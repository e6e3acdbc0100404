//! A world in a few lines: units, facts with counted ids, and short questions.

use std::sync::Arc;

use analytics::facts::{
    AdoptionRow, AssignmentRow, CreditRole, CreditRow, EndorsementRow, Facts, IncidentRow, ItemRow, JudgementRow,
    Membership, SendingUpRow, StaffingRow, SubmissionRow, TrainingRow, UnitRow,
};
use analytics::period::Span;
use analytics::rulebook::{Currency, Rulebook, shipped};
use analytics::scoring::{Amount, Scored, Versions, score};
use chrono::NaiveDate;

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn span(text: &str) -> Span {
    text.parse().unwrap()
}

pub(crate) fn parse(text: &str) -> Rulebook {
    Rulebook::parse("test.toml", text).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// The built-in rulebook that the golden cases are about.
pub(crate) fn changji() -> Rulebook {
    parse(shipped::find("changji").unwrap())
}

/// Facts under one or more versions of a rulebook.
pub(crate) struct Scene {
    pub(crate) versions: Vec<(i64, NaiveDate, Arc<Rulebook>)>,
    pub(crate) facts: Facts,
    next_id: i64,
}

impl Scene {
    /// Every member of every category as an open unit, ids from 1 in the order of the document.
    pub(crate) fn of(rulebook: Rulebook) -> Self {
        let mut facts = Facts::new();
        let members = rulebook
            .categories()
            .iter()
            .flat_map(|category| category.members.iter().map(move |member| (category.id.clone(), member.clone())));
        for (id, (category, name)) in (1..).zip(members.collect::<Vec<_>>()) {
            facts.upsert_unit(&UnitRow {
                id,
                name,
                order: id,
                opened_on: day("2000-01-01"),
                closed_on: None,
                direct_report: false,
                memberships: vec![Membership { category, first: day("2000-01-01"), last: None }],
            });
        }
        let from = rulebook.effective_from();
        Self { versions: vec![(1, from, Arc::new(rulebook))], facts, next_id: 1000 }
    }

    pub(crate) fn changji() -> Self {
        Self::of(changji())
    }

    /// Two categories `a` (units 1 to 3) and `b` (units 4 and 5), and the rules of the text.
    pub(crate) fn small(rules: &str) -> Self {
        Self::of(parse(&small(rules)))
    }

    pub(crate) fn unit(&self, name: &str) -> i64 {
        let unit = self.facts.units().values().find(|unit| unit.name == name);
        unit.unwrap_or_else(|| panic!("there is no unit {name}")).id
    }

    pub(crate) fn versions(&self) -> Versions {
        Versions::new(self.versions.clone())
    }

    pub(crate) fn score(&self, year: &str) -> Scored {
        score(&self.versions(), &self.facts, span(year))
    }

    fn id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn submission(&mut self, unit: i64, on: &str) -> SubmissionRow {
        SubmissionRow {
            id: self.id(),
            unit,
            kind: "dynamic".to_owned(),
            topic: None,
            submitted_on: day(on),
            received: true,
            commissioned: false,
            urgent: false,
            characters: 300,
            count: 1,
        }
    }

    pub(crate) fn submit(&mut self, unit: i64, on: &str) -> i64 {
        let row = self.submission(unit, on);
        self.facts.upsert_submission(&row);
        row.id
    }

    pub(crate) fn adoption(&mut self, unit: i64, submission: Option<i64>, publication: &str, on: &str) -> AdoptionRow {
        AdoptionRow {
            id: self.id(),
            submission,
            unit,
            publication: publication.to_owned(),
            class: None,
            via: None,
            kind: None,
            topic: None,
            characters: 300,
            commissioned: false,
            adopted_on: day(on),
            count: 1,
        }
    }

    pub(crate) fn adopt(&mut self, unit: i64, submission: i64, publication: &str, on: &str) -> i64 {
        let row = self.adoption(unit, Some(submission), publication, on);
        self.facts.upsert_adoption(&row);
        row.id
    }

    pub(crate) fn adopt_class(&mut self, unit: i64, submission: i64, class: &str, on: &str) {
        let row = self.adoption(unit, Some(submission), "internal", on);
        self.facts.upsert_adoption(&AdoptionRow { class: Some(class.to_owned()), ..row });
    }

    /// A higher publication's adoption of what the office sent up through its internal one.
    pub(crate) fn adopt_above(&mut self, unit: i64, submission: i64, publication: &str, on: &str) {
        let row = self.adoption(unit, Some(submission), publication, on);
        self.facts.upsert_adoption(&AdoptionRow { via: Some("internal".to_owned()), ..row });
    }

    pub(crate) fn send_up(&mut self, unit: i64, submission: Option<i64>, to_level: &str, on: &str) {
        let row = SendingUpRow {
            id: self.id(),
            submission,
            unit,
            via: None,
            to_level: to_level.to_owned(),
            kind: None,
            sent_on: day(on),
            count: 1,
        };
        self.facts.upsert_sending_up(&row);
    }

    pub(crate) fn endorse(&mut self, unit: i64, submission: Option<i64>, level: &str, on: &str) -> i64 {
        let row = EndorsementRow {
            id: self.id(),
            submission,
            unit,
            level: level.to_owned(),
            rank: None,
            kind: None,
            endorsed_on: day(on),
            count: 1,
        };
        self.facts.upsert_endorsement(&row);
        row.id
    }

    pub(crate) fn assign(&mut self, unit: i64, outcome: &str, decided_on: Option<&str>, due_on: &str) {
        let row = AssignmentRow {
            id: self.id(),
            unit,
            origin: None,
            outcome: outcome.to_owned(),
            decided_on: decided_on.map(day),
            due_on: day(due_on),
            count: 1,
        };
        self.facts.upsert_assignment(&row);
    }

    pub(crate) fn incident(&mut self, unit: i64, kind: &str, on: &str) -> IncidentRow {
        IncidentRow {
            id: self.id(),
            unit,
            submission: None,
            kind: kind.to_owned(),
            occurred_on: day(on),
            points: None,
            count: 1,
        }
    }

    pub(crate) fn go_wrong(&mut self, unit: i64, kind: &str, on: &str) {
        let row = self.incident(unit, kind, on);
        self.facts.upsert_incident(&row);
    }

    pub(crate) fn training(&mut self, unit: i64, kind: &str, on: &str) -> TrainingRow {
        TrainingRow {
            id: self.id(),
            unit,
            kind: kind.to_owned(),
            held_on: day(on),
            attendees: 60,
            planned: true,
            completed: true,
            on_time: true,
            violation: false,
            count: 1,
        }
    }

    pub(crate) fn staff(&mut self, unit: i64, duty: &str, first: &str, last: Option<&str>) {
        let row = StaffingRow {
            id: self.id(),
            unit,
            duty: duty.to_owned(),
            first: day(first),
            last: last.map(day),
            count: 1,
        };
        self.facts.upsert_staffing(&row);
    }

    /// Credits everybody named, with the parts that were agreed by hand.
    pub(crate) fn credit(&mut self, submission: i64, role: CreditRole, parties: &[(i64, Option<&str>)]) {
        for (unit, share) in parties {
            let row = CreditRow {
                id: self.id(),
                submission,
                unit: *unit,
                role,
                share: share.map(|share| share.parse().unwrap()),
            };
            self.facts.upsert_credit(&row);
        }
    }

    /// Decides a coefficient for an item.
    pub(crate) fn decide(&mut self, submission: i64, coefficient: Option<&str>) {
        self.facts.upsert_item(&ItemRow {
            submission,
            near_duplicate: false,
            coefficient: coefficient.map(|points| points.parse().unwrap()),
            happened_on: None,
        });
    }

    pub(crate) fn judge(&mut self, unit: i64, kind: &str, points: &str, on: &str) -> JudgementRow {
        let row = JudgementRow {
            id: self.id(),
            unit,
            submission: None,
            kind: kind.to_owned(),
            origin: None,
            points: points.parse().unwrap(),
            has_evidence: true,
            judged_on: day(on),
            count: 1,
        };
        self.facts.upsert_judgement(&row);
        row
    }

    /// A month in which a unit reports and gets adopted so many different items, in a publication that no rule pays for.
    pub(crate) fn month(&mut self, unit: i64, month: &str, reported: usize, adopted: usize) {
        for index in 0..reported {
            let submission = self.submit(unit, &format!("{month}-05"));
            if index < adopted {
                self.adopt(unit, submission, "region_other", &format!("{month}-20"));
            }
        }
    }
}

/// A small rulebook: levels, two categories, three publications, and the given rules.
pub(crate) fn small(rules: &str) -> String {
    format!(
        r#"
id = "small"
title = "小规则"
effective_from = 2020-01-01
level = [{{ id = "city", name = "市" }}, {{ id = "province", name = "省" }}]
topic = [{{ id = "economy", name = "经济" }}]
kind = [{{ id = "dynamic", name = "动态" }}, {{ id = "speech", name = "讲话" }}]
category = [
    {{ id = "a", name = "甲", members = ["甲一", "甲二", "甲三"] }},
    {{ id = "b", name = "乙", members = ["乙一", "乙二"] }},
]
publication = [
    {{ id = "daily", name = "日报", level = "city", own = true, class = [{{ id = "lead", name = "头条" }}] }},
    {{ id = "weekly", name = "周刊", level = "city" }},
    {{ id = "brief", name = "要情", level = "province" }},
]
{rules}
"#
    )
}

/// The lines of a unit as short text: `day rule amount`.
pub(crate) fn ledger(scored: &Scored, unit: i64, period: &str) -> Vec<String> {
    let lines = scored.lines(unit, span(period), Currency::Points);
    lines.iter().map(|line| format!("{} {} {}", line.day, line.rule, amount(line.amount))).collect()
}

/// Checks that the lines of a unit add up to its score and its money, and that each names a clause.
#[track_caller]
pub(crate) fn adds_up(scored: &Scored, unit: i64, period: &str) {
    use analytics::points::{Money, Points};
    let (mut points, mut money) = (Points::ZERO, Money::ZERO);
    let mut keys = Vec::new();
    for currency in [Currency::Points, Currency::Money] {
        for line in scored.lines(unit, span(period), currency) {
            assert!(!line.clause.is_empty() || line.rule == "rounding", "{line:?}");
            assert!(span(period).contains(line.day), "{line:?}");
            match line.amount {
                Amount::Points(amount) => points = points.checked_add(amount).unwrap(),
                Amount::Money(amount) => money = money.checked_add(amount).unwrap(),
            }
            keys.push(line.key);
        }
    }
    assert_eq!(points, scored.total(unit, span(period)), "unit {unit} in {period}");
    assert_eq!(money, scored.money(unit, span(period)), "unit {unit} in {period}");
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all, "two lines have one key");
}

pub(crate) fn amount(amount: Amount) -> String {
    match amount {
        Amount::Points(points) => points.to_string(),
        Amount::Money(money) => money.to_string(),
    }
}

pub(crate) fn points(scored: &Scored, unit: i64, period: &str) -> String {
    scored.total(unit, span(period)).to_string()
}
