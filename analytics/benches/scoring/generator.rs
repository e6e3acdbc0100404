//! A year of a network, from a seed: in the words of the rulebook that it is scored by.

use analytics::facts::{
    AdoptionRow, AssignmentRow, EndorsementRow, Facts, IncidentRow, Membership, SubmissionRow, UnitRow,
};
use analytics::rulebook::Rulebook;
use chrono::{Days, NaiveDate};

use crate::handwritten::Columns;
use crate::tariff::Tariff;

/// A small generator of well-spread numbers (the one called splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[usize::try_from(self.below(choices.len() as u64)).unwrap_or(0)]
    }

    fn day(&mut self) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
        first.checked_add_days(Days::new(self.below(365))).unwrap_or(first)
    }

    fn id(&mut self, count: usize) -> i64 {
        i64::try_from(self.below(count as u64)).unwrap_or(0) + 1
    }
}

/// What is scored, and the same for whoever sums by hand.
pub(crate) struct World {
    pub(crate) facts: Facts,
    pub(crate) columns: Columns,
    /// Adoptions that have not been written yet.
    pub(crate) further: Vec<AdoptionRow>,
    pub(crate) adoptions: usize,
}

/// That many submissions of that many units, a third as many adoptions, and a few of everything else. The same every time.
pub(crate) fn world(rulebook: &Rulebook, tariff: &Tariff, submissions: usize, units: usize, further: usize) -> World {
    let mut random = Random(2026);
    let mut facts = Facts::new();
    put_units(&mut facts, rulebook, units);
    let kinds: Vec<&str> = rulebook.kinds().iter().map(|kind| kind.id.as_str()).collect();
    let topics: Vec<&str> = rulebook.topics().iter().map(|topic| topic.id.as_str()).collect();
    let mut owners: Vec<u32> = Vec::with_capacity(submissions);
    for id in (1..).take(submissions) {
        let unit = random.id(units);
        owners.push(u32::try_from(unit).unwrap_or(0));
        facts.upsert_submission(&SubmissionRow {
            id,
            unit,
            kind: (*random.of(&kinds)).to_owned(),
            topic: (!topics.is_empty()).then(|| (*random.of(&topics)).to_owned()),
            submitted_on: random.day(),
            received: random.below(50) > 0,
            commissioned: random.below(20) == 0,
            urgent: random.below(100) == 0,
            characters: 200 + random.id(2000),
            count: 1,
        });
    }
    let mut columns = Columns::default();
    let owner = |submission: i64| usize::try_from(submission - 1).ok().and_then(|place| owners.get(place)).copied();
    let adopted = submissions / 3;
    let mut more = Vec::new();
    for id in (1..).take(adopted + further) {
        let submission = random.id(submissions);
        let entry = random.of(tariff.adoptions);
        let row = AdoptionRow {
            id,
            submission: Some(submission),
            unit: owner(submission).unwrap_or(0).into(),
            publication: entry.publication.to_owned(),
            class: entry.class.map(str::to_owned),
            via: entry.via.map(str::to_owned),
            kind: Some((*random.of(&kinds)).to_owned()),
            topic: None,
            characters: 300,
            commissioned: false,
            adopted_on: random.day(),
            count: 1,
        };
        if more.is_empty() && usize::try_from(id).is_ok_and(|id| id <= adopted) {
            facts.upsert_adoption(&row);
            columns.adoption(tariff, &row);
        } else {
            more.push(row);
        }
    }
    for id in (1..).take(submissions / 50) {
        let submission = random.id(submissions);
        let row = EndorsementRow {
            id,
            submission: Some(submission),
            unit: owner(submission).unwrap_or(0).into(),
            level: random.of(tariff.endorsements).0.to_owned(),
            rank: None,
            kind: None,
            endorsed_on: random.day(),
            count: 1,
        };
        facts.upsert_endorsement(&row);
        columns.endorsement(tariff, &row);
        let row = AssignmentRow {
            id,
            unit: random.id(units),
            origin: None,
            outcome: random.of(tariff.outcomes).0.to_owned(),
            decided_on: Some(random.day()),
            due_on: random.day(),
            count: 1,
        };
        facts.upsert_assignment(&row);
        columns.assignment(tariff, &row);
    }
    for id in (1..).take(submissions / 500) {
        let row = IncidentRow {
            id,
            unit: random.id(units),
            submission: Some(random.id(submissions)),
            kind: random.of(tariff.incidents).0.to_owned(),
            occurred_on: random.day(),
            points: None,
            count: 1,
        };
        facts.upsert_incident(&row);
        columns.incident(tariff, &row);
    }
    World { facts, columns, further: more, adoptions: adopted }
}

/// Units of every category that has members, one after the other.
fn put_units(facts: &mut Facts, rulebook: &Rulebook, units: usize) {
    let long_ago = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    let categories: Vec<&str> = rulebook
        .categories()
        .iter()
        .filter(|category| !category.members.is_empty())
        .map(|category| category.id.as_str())
        .collect();
    for (id, category) in (1..).zip(categories.into_iter().cycle()).take(units) {
        facts.upsert_unit(&UnitRow {
            id,
            name: format!("{category} {id}"),
            order: id,
            opened_on: long_ago,
            closed_on: None,
            direct_report: false,
            memberships: vec![Membership { category: category.to_owned(), first: long_ago, last: None }],
        });
    }
}
