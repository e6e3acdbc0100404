//! Random worlds of seven counties and three parks.

use std::sync::Arc;

use analytics::facts::{AdoptionRow, AssignmentRow, EndorsementRow, Facts, IncidentRow, SubmissionRow, UnitRow};
use analytics::rulebook::Rulebook;
use analytics::scoring::Versions;
use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::scene::{Scene, day};

/// Facts of seven counties and three parks over 2025 and 2026.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) units: Vec<UnitRow>,
    pub(crate) submissions: Vec<SubmissionRow>,
    pub(crate) adoptions: Vec<AdoptionRow>,
    pub(crate) endorsements: Vec<EndorsementRow>,
    pub(crate) assignments: Vec<AssignmentRow>,
    pub(crate) incidents: Vec<IncidentRow>,
}

impl World {
    pub(crate) fn len(&self) -> usize {
        self.units.len()
            + self.submissions.len()
            + self.adoptions.len()
            + self.endorsements.len()
            + self.assignments.len()
            + self.incidents.len()
    }

    /// Puts the fact of that place among all of them.
    pub(crate) fn put(&self, facts: &mut Facts, mut index: usize) {
        macro_rules! put {
            ($rows:expr, $upsert:ident) => {
                if let Some(row) = $rows.get(index) {
                    facts.$upsert(row);
                    return;
                }
                index -= $rows.len();
            };
        }
        put!(self.units, upsert_unit);
        put!(self.submissions, upsert_submission);
        put!(self.adoptions, upsert_adoption);
        put!(self.endorsements, upsert_endorsement);
        put!(self.assignments, upsert_assignment);
        if let Some(row) = self.incidents.get(index) {
            facts.upsert_incident(row);
        }
    }

    pub(crate) fn versions(rulebook: Rulebook) -> Versions {
        Versions::new(vec![(1, rulebook.effective_from(), Arc::new(rulebook))])
    }

    pub(crate) fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        for index in 0..self.len() {
            self.put(&mut facts, index);
        }
        facts
    }
}

/// The same world every time.
pub(crate) fn world(seed: u8, size: usize) -> World {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    worlds(size..=size).new_tree(&mut runner).unwrap().current()
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0_u64..730).prop_map(|days| day("2025-01-01").checked_add_days(Days::new(days)).unwrap())
}

fn one_of(codes: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(codes).prop_map(str::to_owned)
}

pub(crate) fn worlds(size: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = World> {
    let submission = (1_i64..=10, days(), prop::bool::weighted(0.9), one_of(&["dynamic", "reference", "unheard_of"]));
    let publication =
        one_of(&["general", "internal", "internal", "xinjiang_brief", "yesterday_brief", "state_council"]);
    let class = prop::option::of(one_of(&["dynamic", "special_report", "reference"]));
    let adoption =
        (1_i64..=10, prop::option::weighted(0.9, 1_i64..=60), days(), publication, class, any::<bool>(), 1_i64..=3);
    let endorsement = (
        1_i64..=10,
        prop::option::weighted(0.9, 1_i64..=30),
        days(),
        one_of(&["county", "prefecture", "region", "state"]),
    );
    let assignment =
        (1_i64..=10, days(), one_of(&["open", "answered", "late", "missed", "off_topic", "excused"]), any::<bool>());
    let incident = (1_i64..=10, days(), one_of(&["late", "untrue"]));
    let few = (size.start() / 4)..=(size.end() / 4);
    let rows = (
        prop::collection::vec(submission, size.clone()),
        prop::collection::vec(adoption, size),
        prop::collection::vec(endorsement, few.clone()),
        prop::collection::vec(assignment, few.clone()),
        prop::collection::vec(incident, few),
    );
    rows.prop_map(|(submissions, adoptions, endorsements, assignments, incidents)| World {
        units: Scene::changji().facts.units().values().filter(|unit| unit.id <= 10).cloned().collect(),
        submissions: (1..)
            .zip(submissions)
            .map(|(id, (unit, submitted_on, received, kind))| SubmissionRow {
                id,
                unit,
                kind,
                topic: None,
                submitted_on,
                received,
                commissioned: false,
                urgent: false,
                characters: 100,
                count: 1,
            })
            .collect(),
        adoptions: (1..)
            .zip(adoptions)
            .map(|(id, (unit, submission, adopted_on, publication, class, is_through, count))| AdoptionRow {
                id,
                submission,
                unit,
                publication,
                class,
                via: is_through.then(|| "internal".to_owned()),
                kind: None,
                topic: None,
                characters: 100,
                commissioned: false,
                adopted_on,
                count: if submission.is_none() { count } else { 1 },
            })
            .collect(),
        endorsements: (1..)
            .zip(endorsements)
            .map(|(id, (unit, submission, endorsed_on, level))| EndorsementRow {
                id,
                submission,
                unit,
                level,
                rank: None,
                kind: None,
                endorsed_on,
                count: 1,
            })
            .collect(),
        assignments: (1..)
            .zip(assignments)
            .map(|(id, (unit, due_on, outcome, is_decided))| AssignmentRow {
                id,
                unit,
                origin: None,
                outcome,
                decided_on: is_decided.then_some(due_on),
                due_on,
                count: 1,
            })
            .collect(),
        incidents: (1..)
            .zip(incidents)
            .map(|(id, (unit, occurred_on, kind))| IncidentRow {
                id,
                unit,
                submission: None,
                kind,
                occurred_on,
                points: None,
                count: 1,
            })
            .collect(),
    })
}
