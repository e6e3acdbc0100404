//! Global ids: the type and the row, so that an id can be asked for by itself and a wrong one is recognised.

use async_graphql::ID;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::ids;

use crate::error::{Code, Error, Result};

/// A typed row id that clients see as an opaque global id.
pub(crate) trait GlobalId: Copy {
    /// Name of the GraphQL type.
    const TYPE: &'static str;

    /// From the row id.
    fn from_row(id: i64) -> Self;

    /// To the row id.
    fn row(self) -> i64;

    /// As clients see it.
    fn global(self) -> ID {
        encode(Self::TYPE, self.row())
    }

    /// From what a client sent as `field`.
    fn parse(id: &ID, field: &'static str) -> Result<Self> {
        let (kind, row) = decode(id).ok_or_else(|| Error::not_found().at(field))?;
        if kind == Self::TYPE {
            return Ok(Self::from_row(row));
        }
        Err(Error::new(
            Code::WrongIdType,
            format!("an id of a {} belongs here, this is one of a {kind}", Self::TYPE),
            format!("此处应为 {} 的编号，收到的是 {kind} 的编号", Self::TYPE),
        )
        .at(field)
        .with(serde_json::json!({ "expected": Self::TYPE, "got": kind })))
    }

    /// From what a client may have sent.
    fn parse_optional(id: Option<&ID>, field: &'static str) -> Result<Option<Self>> {
        id.map(|id| Self::parse(id, field)).transpose()
    }
}

macro_rules! global {
    ($($id:ident = $name:literal,)*) => {
        $(impl GlobalId for ids::$id {
            const TYPE: &'static str = $name;

            fn from_row(id: i64) -> Self {
                Self(id)
            }

            fn row(self) -> i64 {
                self.0
            }
        })*
    };
}

global! {
    NetworkId = "Network",
    UnitId = "Unit",
    PersonId = "Person",
    RulebookVersionId = "RulebookVersion",
    PublicationId = "Publication",
    IssueId = "Issue",
    SubmissionId = "Submission",
    AdoptionId = "Adoption",
    SendingUpId = "SendingUp",
    EndorsementId = "Endorsement",
    LeadId = "Lead",
    KeyPointListId = "KeyPointList",
    KeyPointId = "KeyPoint",
    CommissionId = "Commission",
    CommissionAssignmentId = "CommissionAssignment",
    IncidentId = "Incident",
    TrainingId = "Training",
    StaffingId = "Staffing",
    JudgementId = "Judgement",
    TargetId = "Target",
    UrgentEventId = "UrgentEvent",
    PromptId = "Prompt",
    LibraryItemId = "LibraryItem",
    RoleGrantId = "RoleGrant",
    ImportBatchId = "ImportBatch",
    ClosingId = "Closing",
    CircularId = "Circular",
    AppealId = "Appeal",
    SettlementId = "AwardSettlement",
    SettlementLineId = "SettlementLine",
    TalkId = "Talk",
    SuccessionId = "Succession",
    ExportId = "Export",
    SavedQueryId = "SavedQuery",
    AuditId = "AuditEntry",
    ChargeId = "Charge",
    NoticeRunId = "NoticeRun",
    NoticeId = "Notice",
    ConsumerId = "Consumer",
    FailureCodeId = "FailureCode",
    OutboxEventId = "NoticeEvent",
}

/// A global id.
pub(crate) fn encode(kind: &str, row: i64) -> ID {
    ID(BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}:{row}")))
}

/// The type and the row of a global id.
pub(crate) fn decode(id: &ID) -> Option<(String, i64)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(id.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (kind, row) = text.split_once(':')?;
    let row: i64 = row.parse().ok()?;
    // One object has one id: "+7" and "07" are not other spellings of 7.
    (row.to_string() == text[kind.len() + 1..]).then(|| (kind.to_owned(), row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_type_is_named() {
        let unit = ids::UnitId(7).global();
        assert_eq!(ids::UnitId::parse(&unit, "unit").unwrap(), ids::UnitId(7));
        let error = ids::SubmissionId::parse(&unit, "submission").unwrap_err();
        assert_eq!(error.code, Code::WrongIdType);
        assert_eq!(error.details.unwrap(), serde_json::json!({ "expected": "Submission", "got": "Unit" }));
    }

    #[test]
    fn garbage_is_not_found() {
        for bad in ["", "7", "!!", "VW5pdDo", "VW5pdDorNw"] {
            assert_eq!(ids::UnitId::parse(&ID(bad.to_owned()), "unit").unwrap_err().code, Code::NotFound);
        }
    }
}
