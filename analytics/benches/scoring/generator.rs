//! A year of a network, from a seed.

use analytics::facts::{
    AdoptionRow, AssignmentRow, EndorsementRow, Facts, IncidentRow, Membership, SubmissionRow, UnitRow,
};
use chrono::{Days, NaiveDate};

/// The rows of one year.
pub(crate) struct World {
    pub(crate) units: Vec<UnitRow>,
    pub(crate) submissions: Vec<SubmissionRow>,
    pub(crate) adoptions: Vec<AdoptionRow>,
    pub(crate) endorsements: Vec<EndorsementRow>,
    pub(crate) assignments: Vec<AssignmentRow>,
    pub(crate) incidents: Vec<IncidentRow>,
}

impl World {
    pub(crate) fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        self.units.iter().for_each(|row| facts.upsert_unit(row));
        self.submissions.iter().for_each(|row| facts.upsert_submission(row));
        self.adoptions.iter().for_each(|row| facts.upsert_adoption(row));
        self.endorsements.iter().for_each(|row| facts.upsert_endorsement(row));
        self.assignments.iter().for_each(|row| facts.upsert_assignment(row));
        self.incidents.iter().for_each(|row| facts.upsert_incident(row));
        facts
    }
}

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

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap_or(0)]
    }

    fn day(&mut self) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
        first.checked_add_days(Days::new(self.below(365))).unwrap_or(first)
    }

    fn id(&mut self, count: usize) -> i64 {
        i64::try_from(self.below(count as u64)).unwrap_or(0) + 1
    }
}

/// That many submissions, a third as many adoptions, and a few of everything else. The same every time.
pub(crate) fn world(categories: &[(String, usize)], submissions: usize) -> World {
    let mut random = Random(2026);
    let units = units(categories);
    let days: Vec<(i64, NaiveDate)> = (0..submissions).map(|_| (random.id(units.len()), random.day())).collect();
    let submission_rows = (1..).zip(&days).map(|(id, (unit, on))| SubmissionRow {
        id,
        unit: *unit,
        kind: random.of(&["dynamic", "special_report", "reference", "meeting"]).to_owned(),
        topic: Some(random.of(&["stability", "economy", "livelihood", "ecology"]).to_owned()),
        submitted_on: *on,
        received: random.below(50) > 0,
        commissioned: random.below(20) == 0,
        urgent: random.below(100) == 0,
        characters: 200 + random.id(2000),
        count: 1,
    });
    let submission_rows: Vec<_> = submission_rows.collect();
    let mut adoptions = Vec::new();
    for id in 1..=submissions / 3 {
        let submission = random.id(submissions);
        let publication = random.of(&[
            "general",
            "general",
            "general",
            "internal",
            "internal",
            "xinjiang_brief",
            "yesterday_brief",
            "state_council",
        ]);
        let class = random.of(&["dynamic", "special_report", "reference"]);
        adoptions.push(AdoptionRow {
            id: i64::try_from(id).unwrap_or(0),
            submission: Some(submission),
            unit: days[usize::try_from(submission - 1).unwrap_or(0)].0,
            publication: publication.to_owned(),
            class: (publication == "internal").then(|| class.to_owned()),
            via: publication.contains('_').then(|| "internal".to_owned()),
            kind: Some("dynamic".to_owned()),
            topic: None,
            characters: 300,
            commissioned: false,
            adopted_on: random.day(),
            count: 1,
        });
    }
    let endorsements = (1..=submissions / 50).map(|id| {
        let submission = random.id(submissions);
        EndorsementRow {
            id: i64::try_from(id).unwrap_or(0),
            submission: Some(submission),
            unit: days[usize::try_from(submission - 1).unwrap_or(0)].0,
            level: random.of(&["prefecture", "prefecture", "region", "state"]).to_owned(),
            rank: None,
            kind: None,
            endorsed_on: random.day(),
            count: 1,
        }
    });
    let endorsements = endorsements.collect();
    let assignments = (1..=submissions / 50).map(|id| AssignmentRow {
        id: i64::try_from(id).unwrap_or(0),
        unit: random.id(units.len()),
        origin: None,
        outcome: random.of(&["answered", "answered", "answered", "late", "missed", "off_topic"]).to_owned(),
        decided_on: Some(random.day()),
        due_on: random.day(),
        count: 1,
    });
    let assignments = assignments.collect();
    let incidents = (1..=submissions / 500).map(|id| IncidentRow {
        id: i64::try_from(id).unwrap_or(0),
        unit: random.id(units.len()),
        submission: Some(random.id(submissions)),
        kind: random.of(&["untrue", "late"]).to_owned(),
        occurred_on: random.day(),
        points: None,
        count: 1,
    });
    let incidents = incidents.collect();
    World { units, submissions: submission_rows, adoptions, endorsements, assignments, incidents }
}

fn units(categories: &[(String, usize)]) -> Vec<UnitRow> {
    let long_ago = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    let members = categories.iter().flat_map(|(category, members)| std::iter::repeat_n(category, *members));
    let unit = |(id, category): (i64, &String)| UnitRow {
        id,
        name: format!("{category} {id}"),
        order: id,
        opened_on: long_ago,
        closed_on: None,
        direct_report: false,
        memberships: vec![Membership { category: category.clone(), first: long_ago, last: None }],
    };
    (1..).zip(members).map(unit).collect()
}
