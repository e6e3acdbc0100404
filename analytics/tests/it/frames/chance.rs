//! Worlds by chance: units that open, close, move and change their category; rules that change; facts on any day.

use std::collections::BTreeSet;
use std::sync::Arc;

use analytics::facts::{
    AdoptionRow, AssignmentRow, EndorsementRow, Facts, IncidentRow, Membership, Parentage, ParentageRow, SendingUpRow,
    StepKind, StepRow, SubmissionRow, UnitRow,
};
use analytics::scoring::Versions;
use chrono::{Days, NaiveDate};

use crate::scene::{day, parse, small};

/// A small generator of numbers; the same seed gives the same numbers.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    pub(crate) fn id(&mut self, limit: u64) -> i64 {
        i64::try_from(self.below(limit)).unwrap() + 1
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    /// A day of 2025 or 2026, month ends more often than others.
    pub(crate) fn day(&mut self) -> NaiveDate {
        let on = day("2025-01-01").checked_add_days(Days::new(self.below(730))).unwrap();
        let edges = ["2025-03-31", "2025-04-01", "2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01"];
        if self.chance(10) { day(self.one(&edges)) } else { on }
    }
}

/// Puts one row.
type Put<'w> = Box<dyn Fn(&mut Facts) + 'w>;

/// Rows of every kind.
#[derive(Clone, Default)]
pub(crate) struct Chance {
    pub(crate) units: Vec<UnitRow>,
    pub(crate) parents: Vec<ParentageRow>,
    pub(crate) submissions: Vec<SubmissionRow>,
    pub(crate) adoptions: Vec<AdoptionRow>,
    pub(crate) sendings: Vec<SendingUpRow>,
    pub(crate) endorsements: Vec<EndorsementRow>,
    pub(crate) assignments: Vec<AssignmentRow>,
    pub(crate) incidents: Vec<IncidentRow>,
    pub(crate) steps: Vec<StepRow>,
}

pub(crate) const KINDS: [&str; 3] = ["dynamic", "speech", "unheard_of"];
pub(crate) const LEVELS: [&str; 2] = ["city", "province"];
const PUBLICATIONS: [&str; 3] = ["daily", "weekly", "brief"];
const RULES: &str = r#"
rule = [
    { id = "adopted", clause = "一", title = "采用", on = "adoption", points = "2.5" },
    { id = "endorsed", clause = "二", title = "批示", on = "endorsement", points = "10" },
    { id = "late", clause = "三", title = "迟报", on = "incident", points = "-3" },
]
points = { places = 0, rounding = "half_up" }
"#;
/// From 2026 on speeches do not count as reported, and nothing that was adopted by the weekly counts at all.
const LATER: &str = r#"
count = [
    { id = "reported", name = "报送", on = "submission", where = "received AND kind <> 'speech'" },
    { id = "taken", name = "采用", on = "adoption", distinct = "submission" },
]
rates = { submitted = "reported", adopted = "taken" }
exclude = [{ id = "weekly", clause = "四", title = "周刊不计", on = "adoption", where = "publication = 'weekly'" }]
"#;

impl Chance {
    pub(crate) fn new(seed: u64, size: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut world = Self::default();
        for id in 1..=9 {
            let late = dice.chance(25);
            let opened_on = if late { dice.day() } else { day("2020-01-01") };
            let closed_on = dice.chance(15).then(|| opened_on.max(dice.day()));
            let first = dice.one(&["a", "b"]).to_owned();
            let mut memberships = vec![Membership { category: first, first: day("2020-01-01"), last: None }];
            if dice.chance(30) {
                memberships.push(Membership { category: "b".to_owned(), first: dice.day(), last: None });
            }
            if dice.chance(10) {
                memberships.clear();
            }
            world.units.push(UnitRow {
                id,
                name: format!("单位{id}"),
                order: 100 - id,
                opened_on,
                closed_on,
                direct_report: dice.chance(30),
                memberships,
            });
            if id > 3 {
                let mut parents = vec![Parentage { parent: dice.id(3), first: day("2020-01-01"), last: None }];
                if dice.chance(40) {
                    parents.push(Parentage { parent: dice.id(3), first: dice.day(), last: None });
                }
                world.parents.push(ParentageRow { unit: id, parents });
            }
        }
        world.fill(&mut dice, i64::try_from(size).unwrap());
        world
    }

    fn fill(&mut self, dice: &mut Dice, size: i64) {
        for id in 1..=size {
            let unit = dice.id(9);
            let is_tally = dice.chance(5);
            let kind = dice.one(&KINDS).to_owned();
            let topic = dice.chance(70).then(|| "economy".to_owned());
            self.submissions.push(SubmissionRow {
                id,
                unit,
                kind: kind.clone(),
                topic: topic.clone(),
                submitted_on: dice.day(),
                received: dice.chance(90),
                commissioned: false,
                urgent: dice.chance(10),
                characters: 100,
                count: if is_tally { dice.id(5) } else { 1 },
            });
            for (place, step) in StepKind::ALL.into_iter().enumerate() {
                if dice.chance(40) {
                    self.steps.push(StepRow {
                        id: id * 10 + i64::try_from(place).unwrap(),
                        step,
                        submission: id,
                        unit,
                        on: dice.day(),
                        kind: kind.clone(),
                        topic: topic.clone(),
                        minutes: (step == StepKind::Decided).then(|| dice.id(5_000)),
                        person: (step == StepKind::Written).then(|| dice.id(20)),
                    });
                }
            }
        }
        for id in 1..=size {
            let submission = dice.chance(90).then(|| dice.id(u64::try_from(size).unwrap()));
            let of = submission.map(|id| &self.submissions[usize::try_from(id - 1).unwrap()]);
            // Credit does not always go to the unit that reported.
            let unit = of.map_or(1, |of| of.unit);
            self.adoptions.push(AdoptionRow {
                id,
                submission,
                unit: if dice.chance(80) { unit } else { dice.id(9) },
                publication: dice.one(&PUBLICATIONS).to_owned(),
                class: None,
                via: None,
                kind: of.map(|of| of.kind.clone()),
                topic: of.and_then(|of| of.topic.clone()),
                characters: 100,
                commissioned: false,
                adopted_on: dice.day(),
                count: if submission.is_none() { dice.id(4) } else { 1 },
            });
        }
        for id in 1..=size / 3 {
            let submission = Some(dice.id(u64::try_from(size).unwrap()));
            let (unit, on) = (dice.id(9), dice.day());
            let level = dice.one(&LEVELS).to_owned();
            let kind = Some(dice.one(&KINDS).to_owned());
            self.sendings.push(SendingUpRow {
                id,
                submission,
                unit,
                via: None,
                to_level: level.clone(),
                kind: kind.clone(),
                sent_on: on,
                count: 1,
            });
            let endorsed_on = dice.day();
            self.endorsements.push(EndorsementRow {
                id,
                submission,
                unit,
                level,
                rank: None,
                kind,
                endorsed_on,
                count: 1,
            });
            let outcome = dice.one(&["open", "answered", "late", "missed", "off_topic", "excused"]).to_owned();
            self.assignments.push(AssignmentRow {
                id,
                unit: dice.id(9),
                origin: dice.chance(50).then(|| dice.one(&LEVELS).to_owned()),
                outcome,
                decided_on: dice.chance(80).then(|| dice.day()),
                due_on: dice.day(),
                count: 1,
            });
            self.incidents.push(IncidentRow {
                id,
                unit: dice.id(9),
                submission: None,
                kind: dice.one(&["late", "untrue"]).to_owned(),
                occurred_on: dice.day(),
                points: None,
                count: 1,
            });
        }
    }

    pub(crate) fn versions() -> Versions {
        let first = Arc::new(parse(&small(RULES)));
        let later = small(&format!("{RULES}{LATER}")).replace("2020-01-01", "2026-01-01");
        Versions::new(vec![(1, day("2020-01-01"), first), (2, day("2026-01-01"), Arc::new(parse(&later)))])
    }

    pub(crate) fn facts(&self) -> Facts {
        self.facts_in(&mut Dice::new(1), false)
    }

    /// The facts, put in one after the other or in an order by chance.
    pub(crate) fn facts_in(&self, dice: &mut Dice, shuffled: bool) -> Facts {
        let mut facts = Facts::new();
        let mut puts: Vec<Put<'_>> = Vec::new();
        macro_rules! put {
            ($rows:ident, $upsert:ident) => {
                puts.extend(
                    self.$rows.iter().map(|row| Box::new(move |facts: &mut Facts| facts.$upsert(row)) as Box<_>),
                );
            };
        }
        put!(units, upsert_unit);
        put!(parents, upsert_parentage);
        put!(submissions, upsert_submission);
        put!(adoptions, upsert_adoption);
        put!(sendings, upsert_sending_up);
        put!(endorsements, upsert_endorsement);
        put!(assignments, upsert_assignment);
        put!(incidents, upsert_incident);
        put!(steps, upsert_step);
        while !puts.is_empty() {
            let place = if shuffled { usize::try_from(dice.below(puts.len() as u64)).unwrap() } else { 0 };
            let put = if shuffled { puts.swap_remove(place) } else { puts.remove(place) };
            put(&mut facts);
        }
        facts
    }

    pub(crate) fn unit(&self, id: i64) -> &UnitRow {
        self.units.iter().find(|unit| unit.id == id).unwrap()
    }

    /// The unit and all above it on a day.
    pub(crate) fn lineage(&self, unit: i64, on: NaiveDate) -> BTreeSet<i64> {
        let mut line = BTreeSet::from([unit]);
        let mut last = unit;
        loop {
            let of = self.parents.iter().find(|row| row.unit == last);
            let held = of.and_then(|row| {
                row.parents.iter().filter(|row| row.first <= on).max_by_key(|row| (row.first, row.parent))
            });
            match held {
                Some(row) if line.insert(row.parent) => last = row.parent,
                _ => return line,
            }
        }
    }
}
