//! The schema: one file per aggregate, merged here. Resolvers translate; services decide.

pub mod access;
pub mod adoption;
pub mod analytics;
pub mod appeal;
pub mod attendance;
pub mod audit;
pub(crate) mod audited;
pub mod awaiting;
pub mod award;
pub mod changes;
pub mod charge;
pub mod circular;
pub mod closing;
pub mod commission;
pub mod commission_ledger;
pub mod commission_list;
pub mod commissioning;
pub mod consumer;
pub(crate) mod context;
pub mod correction;
pub mod delivery;
pub mod desk;
pub mod drafting;
pub mod endorsement;
pub mod enums;
pub mod errors;
pub mod explanation;
pub mod export;
pub mod feedback;
pub(crate) mod ids;
pub mod import;
pub mod inbox;
pub mod incident;
pub mod judgement;
pub mod key_point;
pub mod ladder;
pub mod lead;
pub mod library;
pub(crate) mod loaders;
pub mod network;
pub mod node;
pub mod notice;
pub mod notice_run;
pub mod page;
mod payload;
pub mod people;
pub mod person;
pub mod progress;
pub mod publication;
pub mod queue;
pub mod rates;
pub mod record;
pub mod revocation;
pub mod rulebook;
pub mod saved_query;
pub mod scalars;
pub mod score;
pub mod screening;
pub mod session;
pub mod settlement;
pub mod settlement_line;
pub mod stream;
pub mod submission;
pub mod succession;
pub mod talk;
pub mod target;
pub mod unit;
pub mod urgent;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, Schema, SchemaBuilder};

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    session::SessionQuery,
    node::NodeQuery,
    network::NetworkQuery,
    unit::UnitQuery,
    person::PersonQuery,
    queue::SubmissionQuery,
    endorsement::EndorsementQuery,
    library::LibraryQuery,
    feedback::FeedbackQuery,
    incident::IncidentQuery,
    urgent::UrgentQuery,
    commission_list::CommissionQuery,
    commission_ledger::CommissionLedgerQuery,
    lead::LeadQuery,
    key_point::KeyPointQuery,
    people::PeopleQuery,
    attendance::AttendanceQuery,
    record::TrainingQuery,
    record::StaffingQuery,
    judgement::JudgementQuery,
    target::TargetQuery,
    score::ScoreQuery,
    award::AwardQuery,
    explanation::ExplanationQuery,
    progress::ProgressQuery,
    analytics::AnalyticsQuery,
    export::ExportQuery,
    saved_query::SavedQueryQuery,
    rulebook::RulebookQuery,
    circular::CircularQuery,
    appeal::AppealQuery,
    settlement::SettlementQuery,
    talk::TalkQuery,
    audit::AuditQuery,
    access::AccessQuery,
    consumer::ConsumerQuery,
    notice_run::NoticeRunQuery,
    charge::ChargeQuery,
);

/// Everything that can be done. A mutation that is refused says why in `userErrors` and changes nothing.
#[derive(MergedObject, Default)]
pub struct Mutation(
    session::SessionMutation,
    network::NetworkMutation,
    unit::UnitMutation,
    succession::SuccessionMutation,
    person::PersonMutation,
    drafting::DraftingMutation,
    screening::ScreeningMutation,
    adoption::AdoptionMutation,
    ladder::LadderMutation,
    revocation::RevocationMutation,
    endorsement::EndorsementMutation,
    desk::DeskMutation,
    library::LibraryMutation,
    publication::IssueMutation,
    incident::IncidentMutation,
    urgent::UrgentMutation,
    commissioning::CommissionMutation,
    lead::LeadMutation,
    key_point::KeyPointMutation,
    people::PeopleMutation,
    record::RecordMutation,
    attendance::AttendanceMutation,
    judgement::JudgementMutation,
    target::TargetMutation,
    rulebook::RulebookMutation,
    closing::ClosingMutation,
    circular::CircularMutation,
    appeal::AppealMutation,
    settlement::SettlementMutation,
    talk::TalkMutation,
    import::ImportMutation,
    export::ExportMutation,
    saved_query::SavedQueryMutation,
    delivery::DeliveryMutation,
    notice_run::NoticeRunMutation,
    charge::ChargeMutation,
    inbox::InboxMutation,
);

/// What can be waited for, over graphql-transport-ws or server-sent events. `…Stream` is durable: nothing is lost. `…Changed` is a
/// hint for screens, and may be lost.
#[derive(MergedSubscription, Default)]
pub struct Subscription(stream::NoticeSubscription, changes::ChangeSubscription);

/// The schema that is served.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// The schema before anything is added to it. Depth and cost are judged at the door, before execution.
pub fn schema_builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<node::Node>()
        .disable_suggestions()
}

/// The schema as text, sorted: what `schema.graphql` holds.
pub fn schema_text() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions();
    let text = schema_builder().finish().sdl_with_options(options);
    format!("{}\n", text.trim_end())
}
