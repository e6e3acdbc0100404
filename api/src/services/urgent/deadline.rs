//! When the parts of an urgent report fall due. Pure: an event, what was reported of it, and the rules.

use analytics::rulebook::Urgent;
use chrono::{DateTime, TimeDelta, Utc};
use entity::urgent_event::{self, UrgentState};
use entity::urgent_report::{self, UrgentStage};

/// A part that is expected, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which part.
    pub stage: UrgentStage,
    /// Until when, if the rules say so.
    pub at: Option<DateTime<Utc>>,
}

/// The part that is expected next; none once the reporting is closed.
pub fn next_due(event: &urgent_event::Model, reports: &[urgent_report::Model], rules: Option<&Urgent>) -> Option<Due> {
    if event.state == UrgentState::Closed {
        return None;
    }
    let stage = match (reports.is_empty(), event.ended_at) {
        (true, _) => UrgentStage::First,
        (false, None) => UrgentStage::FollowUp,
        (false, Some(_)) => UrgentStage::Final,
    };
    let at = due_at(event, reports, rules, stage);
    // While an event lasts, nothing is expected where the rules ask for no follow-ups.
    (stage != UrgentStage::FollowUp || at.is_some()).then_some(Due { stage, at })
}

/// Until when a part is due: the first report after the event, a follow-up after the report before it while the event lasts, the final
/// report after the event's end.
pub(super) fn due_at(
    event: &urgent_event::Model,
    reports: &[urgent_report::Model],
    rules: Option<&Urgent>,
    stage: UrgentStage,
) -> Option<DateTime<Utc>> {
    let rules = rules?;
    let (from, span) = match stage {
        UrgentStage::First => (Some(event.occurred_at), Some(rules.first)),
        UrgentStage::FollowUp if event.ended_at.is_some() => (None, None),
        UrgentStage::FollowUp => (reports.last().map(|report| report.reported_at), rules.follow_up),
        UrgentStage::Final => (event.ended_at, rules.closing),
    };
    from?.checked_add_signed(span?)
}

/// Seconds after a deadline; 0 in time.
pub(super) fn late_by(due_at: DateTime<Utc>, at: DateTime<Utc>) -> i64 {
    (at - due_at).max(TimeDelta::zero()).num_seconds()
}

#[cfg(test)]
mod tests {
    use entity::ids::{NetworkId, PersonId, UnitId, UrgentEventId, UrgentReportId};

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn event() -> urgent_event::Model {
        urgent_event::Model {
            id: UrgentEventId(1),
            network_id: NetworkId(1),
            unit_id: UnitId(1),
            title: String::new(),
            place: String::new(),
            occurred_at: at(0),
            ended_at: None,
            state: UrgentState::Open,
            closed_because: None,
            opened_by: PersonId(1),
            opened_at: at(0),
            version: 1,
        }
    }

    fn reported(stage: UrgentStage, hour: i64) -> urgent_report::Model {
        urgent_report::Model {
            id: UrgentReportId(hour),
            event_id: UrgentEventId(1),
            stage,
            submission_id: None,
            head_submission_id: None,
            text: None,
            due_at: None,
            reported_at: at(hour),
            late_by: None,
            reported_by: PersonId(1),
        }
    }

    fn rules() -> Urgent {
        let hours = TimeDelta::hours;
        Urgent {
            clause: None,
            first: hours(2),
            follow_up: Some(hours(24)),
            closing: Some(hours(72)),
            missed_after: hours(24),
        }
    }

    #[test]
    fn each_part_has_its_own_beginning() {
        let (mut event, rules) = (event(), rules());
        let due = |event: &urgent_event::Model, reports: &[urgent_report::Model]| {
            next_due(event, reports, Some(&rules)).map(|due| (due.stage, due.at))
        };
        assert_eq!(due(&event, &[]), Some((UrgentStage::First, Some(at(2)))));
        let mut reports = vec![reported(UrgentStage::First, 3)];
        assert_eq!(due(&event, &reports), Some((UrgentStage::FollowUp, Some(at(27)))));
        reports.push(reported(UrgentStage::FollowUp, 20));
        assert_eq!(due(&event, &reports), Some((UrgentStage::FollowUp, Some(at(44)))));
        event.ended_at = Some(at(30));
        assert_eq!(due(&event, &reports), Some((UrgentStage::Final, Some(at(102)))));
        assert_eq!(due_at(&event, &reports, Some(&rules), UrgentStage::FollowUp), None);
        event.state = UrgentState::Closed;
        assert_eq!(due(&event, &reports), None);
    }

    #[test]
    fn without_rules_parts_are_expected_at_no_time() {
        let mut event = event();
        assert_eq!(next_due(&event, &[], None), Some(Due { stage: UrgentStage::First, at: None }));
        let reports = [reported(UrgentStage::First, 3)];
        assert_eq!(next_due(&event, &reports, None), None);
        event.ended_at = Some(at(5));
        assert_eq!(next_due(&event, &reports, None), Some(Due { stage: UrgentStage::Final, at: None }));
    }

    #[test]
    fn the_last_second_is_in_time() {
        assert_eq!(late_by(at(2), at(2)), 0);
        assert_eq!(late_by(at(2), at(1)), 0);
        assert_eq!(late_by(at(2), at(2) + TimeDelta::seconds(1)), 1);
    }
}
