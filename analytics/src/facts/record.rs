//! Rows as they were put into the facts, so that they can be kept and put in again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    AdoptionRow, AssignmentRow, CreditRow, EndorsementRow, Facts, IncidentRow, ItemRow, JudgementRow, NamingRow,
    ParentageRow, ReversalRow, SendingUpRow, StaffingRow, StepRow, SubmissionRow, TaskRow, TrainingRow, UnitRow,
};

macro_rules! rows {
    ($($field:ident: $row:ident, $upsert:ident, $since:expr;)*) => {
        /// Rows of every kind.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "each holds the rows of its kind")]
        pub struct FactRows {
            $(#[serde(default, skip_serializing_if = "Vec::is_empty")] pub $field: Vec<$row>,)*
        }

        impl FactRows {
            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                true $(&& self.$field.is_empty())*
            }

            /// Puts them into the facts.
            pub fn put_into(&self, facts: &mut Facts) {
                $(self.$field.iter().for_each(|row| facts.$upsert(row));)*
            }

            /// Those that can have been known on a day: what happened later is left out.
            #[must_use]
            pub fn known_on(mut self, day: NaiveDate) -> Self {
                $(self.$field.retain(|row| { let since: fn(&$row) -> Option<NaiveDate> = $since; since(row).is_none_or(|since| since <= day) });)*
                self
            }
        }
    };
}

rows! {
    units: UnitRow, upsert_unit, |_| None;
    parents: ParentageRow, upsert_parentage, |_| None;
    submissions: SubmissionRow, upsert_submission, |row| Some(row.submitted_on);
    adoptions: AdoptionRow, upsert_adoption, |row| Some(row.adopted_on);
    sendings_up: SendingUpRow, upsert_sending_up, |row| Some(row.sent_on);
    endorsements: EndorsementRow, upsert_endorsement, |row| Some(row.endorsed_on);
    assignments: AssignmentRow, upsert_assignment, |row| row.decided_on;
    incidents: IncidentRow, upsert_incident, |row| Some(row.occurred_on);
    trainings: TrainingRow, upsert_training, |row| Some(row.held_on);
    staffings: StaffingRow, upsert_staffing, |row| Some(row.first);
    judgements: JudgementRow, upsert_judgement, |row| Some(row.judged_on);
    steps: StepRow, upsert_step, |row| Some(row.on);
    items: ItemRow, upsert_item, |_| None;
    credits: CreditRow, upsert_credit, |_| None;
    namings: NamingRow, upsert_naming, |_| None;
    tasks: TaskRow, upsert_task, |row| Some(row.first);
    reversals: ReversalRow, upsert_reversal, |row| Some(row.day);
}

impl Facts {
    /// No facts yet; the rows that are put in are kept as they are, for [`recorded`](Self::recorded).
    pub fn recording() -> Self {
        Self { record: Some(Box::default()), ..Self::default() }
    }

    /// The rows that were put in since the recording began.
    pub fn recorded(&self) -> Option<&FactRows> {
        self.record.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_can_be_put_in_again_from_text() {
        let mut facts = Facts::recording();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (id, on) in [(1, "2026-03-01"), (2, "2026-04-01")] {
            facts.upsert_training(&TrainingRow {
                id,
                unit: 1,
                kind: "session".to_owned(),
                held_on: day(on),
                attendees: 30,
                planned: true,
                completed: true,
                on_time: true,
                violation: false,
                count: 1,
            });
        }
        let rows = facts.recorded().unwrap().clone();
        let mut again = Facts::recording();
        rows.put_into(&mut again);
        assert_eq!(again.recorded(), Some(&rows));
        assert_eq!(rows.known_on(day("2026-03-31")).trainings.len(), 1);
    }
}
