//! Typed ids: an id of one table cannot be handed to another.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// Id of a row of `network`.
    NetworkId,
    /// Id of a row of `unit`.
    UnitId,
    /// Id of a row of `unit_parent`.
    UnitParentId,
    /// Id of a row of `unit_name`.
    UnitNameId,
    /// Id of a row of `succession`.
    SuccessionId,
    /// Id of a row of `succession_link`.
    SuccessionLinkId,
    /// Id of a row of `unit_category`.
    UnitCategoryId,
    /// Id of a row of `rulebook_version`.
    RulebookVersionId,
    /// Id of a row of `publication`.
    PublicationId,
    /// Id of a row of `issue`.
    IssueId,
    /// Id of a row of `person`.
    PersonId,
    /// Id of a row of `role_grant`.
    RoleGrantId,
    /// Id of a row of `refresh_token`.
    RefreshTokenId,
    /// Id of a row of `commission`.
    CommissionId,
    /// Id of a row of `commission_assignment`.
    CommissionAssignmentId,
    /// Id of a row of `commission_step`.
    CommissionStepId,
    /// Id of a row of `commission_attachment`.
    CommissionAttachmentId,
    /// Id of a row of `commission_extension`.
    CommissionExtensionId,
    /// Id of a row of `lead`.
    LeadId,
    /// Id of a row of `key_point_list`.
    KeyPointListId,
    /// Id of a row of `key_point`.
    KeyPointId,
    /// Id of a row of `key_point_answer`.
    KeyPointAnswerId,
    /// Id of a row of `submission`.
    SubmissionId,
    /// Id of a row of `submission_author`.
    SubmissionAuthorId,
    /// Id of a row of `refusal`.
    RefusalId,
    /// Id of a row of `screening`.
    ScreeningId,
    /// Id of a row of `similarity`.
    SimilarityId,
    /// Id of a row of `reversal`.
    ReversalId,
    /// Id of a row of `repetition`.
    RepetitionId,
    /// Id of a row of `library_item`.
    LibraryItemId,
    /// Id of a row of `appraisal`.
    AppraisalId,
    /// Id of a row of `adoption`.
    AdoptionId,
    /// Id of a row of `sending_up`.
    SendingUpId,
    /// Id of a row of `endorsement`.
    EndorsementId,
    /// Id of a row of `relay`.
    RelayId,
    /// Id of a row of `echo`.
    EchoId,
    /// Id of a row of `incident`.
    IncidentId,
    /// Id of a row of `training`.
    TrainingId,
    /// Id of a row of `staffing`.
    StaffingId,
    /// Id of a row of `judgement`.
    JudgementId,
    /// Id of a row of `quality_coefficient`.
    QualityCoefficientId,
    /// Id of a row of `target`.
    TargetId,
    /// Id of a row of `assessed_person`.
    AssessedPersonId,
    /// Id of a row of `training_attendance`.
    TrainingAttendanceId,
    /// Id of a row of `urgent_event`.
    UrgentEventId,
    /// Id of a row of `urgent_report`.
    UrgentReportId,
    /// Id of a row of `prompt`.
    PromptId,
    /// Id of a row of `import_batch`.
    ImportBatchId,
    /// Id of a row of `tally`.
    TallyId,
    /// Id of a row of `notice_run`.
    NoticeRunId,
    /// Id of a row of `notice`.
    NoticeId,
    /// Id of a row of `notice_attempt`.
    NoticeAttemptId,
    /// Id of a row of `gateway_message`.
    GatewayMessageId,
    /// Id of a row of `notice_receipt`.
    NoticeReceiptId,
    /// Id of a row of `outbox_event`.
    OutboxEventId,
    /// Id of a row of `consumer`.
    ConsumerId,
    /// Id of a row of `failure_code`.
    FailureCodeId,
    /// Id of a row of `charge`.
    ChargeId,
    /// Id of a row of `charge_unit`.
    ChargeUnitId,
    /// Id of a row of `closing`.
    ClosingId,
    /// Id of a row of `closing_fact`.
    ClosingFactId,
    /// Id of a row of `circular`.
    CircularId,
    /// Id of a row of `appeal`.
    AppealId,
    /// Id of a row of `export`.
    ExportId,
    /// Id of a row of `saved_query`.
    SavedQueryId,
    /// Id of a row of `settlement`.
    SettlementId,
    /// Id of a row of `settlement_line`.
    SettlementLineId,
    /// Id of a row of `talk`.
    TalkId,
    /// Id of a row of `tie_decision`.
    TieDecisionId,
    /// Id of a row of `fact_history`.
    FactHistoryId,
    /// Id of a row of `audit`.
    AuditId,
}
