//! Any object by its global id.

use async_graphql::{Context, ID, Interface, Object};
use entity::ids;
use entity::{
    consumer, endorsement, export, incident, judgement, library_item, saved_query, sending_up, settlement_line,
    staffing, target, training,
};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::adoption::{Adoption, SendingUp};
use super::appeal::Appeal;
use super::charge::Charge;
use super::circular::Circular;
use super::closing::Closing;
use super::commission::{Commission, CommissionAssignment};
use super::consumer::Consumer;
use super::context::Reach as _;
use super::endorsement::Endorsement;
use super::errors::OrGraphql as _;
use super::export::Export;
use super::ids::{GlobalId as _, decode};
use super::incident::Incident;
use super::judgement::Judgement;
use super::key_point::{KeyPoint, KeyPointList};
use super::lead::Lead;
use super::library::LibraryItem;
use super::network::Network;
use super::notice::Notice;
use super::notice_run::NoticeRun;
use super::person::Person;
use super::publication::{Issue, Publication};
use super::record::{Staffing, Training};
use super::rulebook::RulebookVersion;
use super::saved_query::SavedQuery;
use super::settlement::AwardSettlement;
use super::settlement_line::SettlementLine;
use super::submission::Submission;
use super::succession::Succession;
use super::talk::Talk;
use super::target::Target;
use super::unit::Unit;
use super::urgent::UrgentEvent;
use crate::error::Error;

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
pub enum Node {
    /// A network.
    Network(Network),
    /// A unit.
    Unit(Unit),
    /// A person.
    Person(Person),
    /// A rulebook version.
    RulebookVersion(RulebookVersion),
    /// A closed period.
    Closing(Closing),
    /// A circular.
    Circular(Circular),
    /// An appeal.
    Appeal(Appeal),
    /// A talk with a unit that is behind.
    Talk(Talk),
    /// A settlement.
    AwardSettlement(AwardSettlement),
    /// A line of a settlement.
    SettlementLine(SettlementLine),
    /// A publication.
    Publication(Publication),
    /// An issue.
    Issue(Issue),
    /// A submission.
    Submission(Submission),
    /// An adoption.
    Adoption(Adoption),
    /// A sending-up.
    SendingUp(SendingUp),
    /// An endorsement.
    Endorsement(Endorsement),
    /// A lead.
    Lead(Lead),
    /// The key points of a period.
    KeyPointList(KeyPointList),
    /// A key point.
    KeyPoint(KeyPoint),
    /// An item of a library.
    LibraryItem(LibraryItem),
    /// A commission.
    Commission(Commission),
    /// A unit's part in a commission.
    CommissionAssignment(CommissionAssignment),
    /// An incident.
    Incident(Incident),
    /// A training.
    Training(Training),
    /// A duty.
    Staffing(Staffing),
    /// A judgement.
    Judgement(Judgement),
    /// A target.
    Target(Target),
    /// An urgent event.
    UrgentEvent(UrgentEvent),
    /// A merger, a split or a closure of units.
    Succession(Succession),
    /// A notice.
    Notice(Notice),
    /// A run of notices.
    NoticeRun(NoticeRun),
    /// Who answers for which units.
    Charge(Charge),
    /// Who sends a network's notices.
    Consumer(Consumer),
    /// An answer as a file.
    Export(Export),
    /// A question with a name.
    SavedQuery(SavedQuery),
}

/// Any object.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id, if the viewer may know of it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> async_graphql::Result<Option<Node>> {
        let service = ctx.service()?;
        let (kind, row) = decode(&id).ok_or_else(|| Error::not_found().at("id")).or_graphql()?;
        let loaders = ctx.loaders()?;
        let (scope, reader) = (service.scope(), service.reader());
        Ok(match kind.as_str() {
            ids::NetworkId::TYPE => loaders.one(ids::NetworkId(row)).await?.map(|row| Network(row).into()),
            ids::UnitId::TYPE => loaders.one(ids::UnitId(row)).await?.map(|row| Unit::of(row).into()),
            ids::PersonId::TYPE => loaders.one(ids::PersonId(row)).await?.map(|row| Person(row).into()),
            ids::RulebookVersionId::TYPE => {
                loaders.one(ids::RulebookVersionId(row)).await?.map(|row| RulebookVersion(row).into())
            }
            ids::ClosingId::TYPE => loaders.one(ids::ClosingId(row)).await?.map(|row| Closing(row).into()),
            ids::TalkId::TYPE => loaders.one(ids::TalkId(row)).await?.map(|row| Talk(row).into()),
            ids::SettlementId::TYPE => {
                loaders.one(ids::SettlementId(row)).await?.map(|row| AwardSettlement(row).into())
            }
            ids::SettlementLineId::TYPE => {
                let select = scope.settlement_lines().filter(settlement_line::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| SettlementLine(row).into())
            }
            ids::AppealId::TYPE => loaders.one(ids::AppealId(row)).await?.map(|row| Appeal(row).into()),
            ids::CircularId::TYPE => loaders.one(ids::CircularId(row)).await?.map(|row| Circular(row).into()),
            ids::PublicationId::TYPE => loaders.one(ids::PublicationId(row)).await?.map(|row| Publication(row).into()),
            ids::IssueId::TYPE => loaders.one(ids::IssueId(row)).await?.map(|row| Issue(row).into()),
            ids::SubmissionId::TYPE => loaders.one(ids::SubmissionId(row)).await?.map(|row| Submission(row).into()),
            ids::AdoptionId::TYPE => loaders.one(ids::AdoptionId(row)).await?.map(|row| Adoption(row).into()),
            ids::LeadId::TYPE => loaders.one(ids::LeadId(row)).await?.map(|row| Lead(row).into()),
            ids::KeyPointListId::TYPE => {
                loaders.one(ids::KeyPointListId(row)).await?.map(|row| KeyPointList(row).into())
            }
            ids::KeyPointId::TYPE => loaders.one(ids::KeyPointId(row)).await?.map(|row| KeyPoint(row).into()),
            ids::CommissionId::TYPE => loaders.one(ids::CommissionId(row)).await?.map(|row| Commission(row).into()),
            ids::CommissionAssignmentId::TYPE => {
                loaders.one(ids::CommissionAssignmentId(row)).await?.map(|row| CommissionAssignment(row).into())
            }
            ids::UrgentEventId::TYPE => loaders.one(ids::UrgentEventId(row)).await?.map(|row| UrgentEvent(row).into()),
            ids::SuccessionId::TYPE => loaders.one(ids::SuccessionId(row)).await?.map(|row| Succession(row).into()),
            ids::SendingUpId::TYPE => {
                let select = scope.sendings_up().filter(sending_up::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| SendingUp(row).into())
            }
            ids::EndorsementId::TYPE => {
                let select = scope.endorsements().filter(endorsement::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Endorsement(row).into())
            }
            ids::LibraryItemId::TYPE => {
                let select = scope.library_items().filter(library_item::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| LibraryItem(row).into())
            }
            ids::IncidentId::TYPE => {
                let select = scope.incidents().filter(incident::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Incident(row).into())
            }
            ids::TrainingId::TYPE => {
                let select = scope.trainings().filter(training::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Training(row).into())
            }
            ids::StaffingId::TYPE => {
                let select = scope.staffing().filter(staffing::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Staffing(row).into())
            }
            ids::JudgementId::TYPE => {
                let select = scope.judgements().filter(judgement::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Judgement(row).into())
            }
            ids::TargetId::TYPE => {
                let select = scope.targets().filter(target::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Target(row).into())
            }
            ids::NoticeId::TYPE => loaders.one(ids::NoticeId(row)).await?.map(|row| Notice(row).into()),
            ids::NoticeRunId::TYPE => loaders.one(ids::NoticeRunId(row)).await?.map(|row| NoticeRun(row).into()),
            ids::ChargeId::TYPE => loaders.one(ids::ChargeId(row)).await?.map(|row| Charge(row).into()),
            ids::ConsumerId::TYPE => {
                let select = scope.consumers().filter(consumer::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Consumer::from(row).into())
            }
            ids::ExportId::TYPE => {
                let select = scope.exports().filter(export::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| Export(row).into())
            }
            ids::SavedQueryId::TYPE => {
                let select = scope.saved_queries().filter(saved_query::Column::Id.eq(row));
                select.one(reader).await.or_graphql()?.map(|row| SavedQuery(row).into())
            }
            _ => None,
        })
    }
}
