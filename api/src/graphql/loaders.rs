//! Rows by key, loaded for a whole page at a time.
//!
//! One loader per request, because what it returns depends on who is asking: every query starts from the
//! caller's scope.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use chrono::NaiveDate;
use entity::ids::{
    AdoptionId, CommissionAssignmentId, CommissionId, IssueId, NetworkId, NoticeId, PersonId, PublicationId,
    RulebookVersionId, SubmissionId, UnitId, UrgentEventId,
};
use entity::ids::{AppealId, ChargeId, CircularId, ClosingId, NoticeRunId, SettlementId, TalkId};
use entity::ids::{KeyPointId, KeyPointListId, LeadId};
use entity::{
    adoption, appraisal, assessed_person, commission, commission_assignment, endorsement, incident, issue,
    library_item, network, notice, person, person_phone, publication, quality_coefficient, refusal, repetition,
    rulebook_version, screening, sending_up, similarity, staffing, submission, submission_author, unit, unit_category,
    unit_parent, urgent_event, urgent_report,
};
use entity::{appeal, charge, circular, closing, notice_run, settlement, talk};
use entity::{commission_attachment, commission_extension, commission_step};
use entity::{key_point, key_point_answer, key_point_list, lead};
use sea_orm::{
    ColumnTrait as _, Condition, DatabaseConnection, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};

use super::errors::graphql_error;
use crate::auth::scope::Scope;
use crate::error::Error;
use crate::services::Ctx;

/// The loaders of one request.
pub(crate) struct Loaders(DataLoader<Rows>);

/// Loads rows within a scope.
pub(crate) struct Rows {
    scope: Scope,
    reader: DatabaseConnection,
}

impl Loaders {
    /// Loaders for whoever `ctx` stands for.
    pub(crate) fn new(ctx: &Ctx) -> Self {
        let rows = Rows { scope: ctx.scope().clone(), reader: ctx.reader().clone() };
        Self(DataLoader::new(rows, TokioSpawner::current(), TokioTimer::default()))
    }

    /// The value of `key`, if the caller may see it.
    pub(crate) async fn one<K>(&self, key: K) -> async_graphql::Result<Option<<Rows as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Rows: Loader<K, Error = Arc<DbErr>>,
    {
        self.0.load_one(key).await.map_err(|error| unreadable(&error))
    }

    /// The values of several keys, asked for together, in the order of the keys; what the caller may not see is left out.
    pub(crate) async fn each<K>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> async_graphql::Result<Vec<<Rows as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Rows: Loader<K, Error = Arc<DbErr>>,
    {
        let keys: Vec<K> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.0.load_many(keys.iter().cloned()).await.map_err(|error| unreadable(&error))?;
        Ok(keys.iter().filter_map(|key| found.get(key).cloned()).collect())
    }

    /// The rows of `key`; none if the caller may not see them.
    pub(crate) async fn many<K, V>(&self, key: K) -> async_graphql::Result<Vec<V>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Rows: Loader<K, Error = Arc<DbErr>, Value = Vec<V>>,
    {
        Ok(self.one(key).await?.unwrap_or_default())
    }
}

fn unreadable(error: &Arc<DbErr>) -> async_graphql::Error {
    graphql_error(Error::internal(anyhow::anyhow!("{error}")))
}

impl Rows {
    /// What the caller sees.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The connection to read from.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }
}

/// Rows by their own id.
macro_rules! by_id {
    ($($key:ident => $table:ident from $scope:ident;)*) => {
        $(impl Loader<$key> for Rows {
            type Value = $table::Model;
            type Error = Arc<DbErr>;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Self::Error> {
                let select = self.scope.$scope().filter($table::Column::Id.is_in(keys.iter().copied()));
                Ok(select.all(&self.reader).await?.into_iter().map(|row| (row.id, row)).collect())
            }
        })*
    };
}

by_id! {
    NetworkId => network from networks;
    UnitId => unit from units;
    PersonId => person from people;
    SubmissionId => submission from submissions;
    AdoptionId => adoption from adoptions;
    PublicationId => publication from publications;
    IssueId => issue from issues;
    LeadId => lead from leads;
    KeyPointListId => key_point_list from key_point_lists;
    KeyPointId => key_point from key_points;
    CommissionId => commission from commissions;
    CommissionAssignmentId => commission_assignment from assignments;
    RulebookVersionId => rulebook_version from rulebook_versions;
    ClosingId => closing from closings;
    CircularId => circular from circulars;
    AppealId => appeal from appeals;
    SettlementId => settlement from settlements;
    TalkId => talk from talks;
    UrgentEventId => urgent_event from urgent_events;
    NoticeId => notice from notices;
    NoticeRunId => notice_run from notice_runs;
    ChargeId => charge from charges;
}

/// Rows by the id of what they belong to, in the order of their own ids or of `$order`.
macro_rules! by_parent {
    ($($(#[doc = $doc:literal])+ $key:ident($parent:ident) => $table:ident by $column:ident from $scope:ident ordered $order:ident;)*) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $key(pub(crate) $parent);

        impl Loader<$key> for Rows {
            type Value = Vec<$table::Model>;
            type Error = Arc<DbErr>;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Self::Error> {
                let select = self
                    .scope
                    .$scope()
                    .filter($table::Column::$column.is_in(keys.iter().map(|key| key.0)))
                    .order_by_asc($table::Column::$order)
                    .order_by_asc($table::Column::Id);
                let mut found: HashMap<$key, Self::Value> = HashMap::new();
                for row in select.all(&self.reader).await? {
                    found.entry($key(parent_of::$key(&row))).or_default().push(row);
                }
                Ok(found)
            }
        })*
    };
}

by_parent! {
    /// Writers of a submission.
    AuthorsOf(SubmissionId) => submission_author by SubmissionId from authors ordered Position;
    /// Refusals of a submission.
    RefusalsOf(SubmissionId) => refusal by SubmissionId from refusals ordered Id;
    /// Screening decisions on a submission.
    ScreeningsOf(SubmissionId) => screening by SubmissionId from screenings ordered Id;
    /// Appraisals of a submission.
    AppraisalsOf(SubmissionId) => appraisal by SubmissionId from appraisals ordered Id;
    /// Parts of a composite.
    PartsOf(SubmissionId) => submission by MergedIntoId from submissions ordered Id;
    /// Adoptions of a submission.
    AdoptionsOf(SubmissionId) => adoption by SubmissionId from adoptions ordered AdoptedOn;
    /// Sendings-up of a submission.
    SendingsOf(SubmissionId) => sending_up by SubmissionId from sendings_up ordered SentOn;
    /// Endorsements of a submission.
    EndorsementsOf(SubmissionId) => endorsement by SubmissionId from endorsements ordered EndorsedOn;
    /// Second reports of a submission's event.
    SecondReportsOf(SubmissionId) => submission by OwnedById from submissions ordered Id;
    /// Quality coefficients that were decided for a submission; the last one counts.
    CoefficientsOf(SubmissionId) => quality_coefficient by SubmissionId from quality_coefficients ordered Id;
    /// Adoptions in an issue.
    AdoptionsIn(IssueId) => adoption by IssueId from adoptions ordered Position;
    /// The chain by which a commission came.
    StepsOf(CommissionId) => commission_step by CommissionId from commission_steps ordered Position;
    /// Attachments of a commission.
    AttachmentsOf(CommissionId) => commission_attachment by CommissionId from commission_attachments ordered Id;
    /// Replaced deadlines of an assignment.
    ExtensionsOf(CommissionAssignmentId) => commission_extension by AssignmentId from commission_extensions ordered Id;
    /// Submissions that answer an assignment.
    AnswersOf(CommissionAssignmentId) => submission by AssignmentId from submissions ordered Id;
    /// Commissions of networks below that answer an assignment.
    PassedOnAs(CommissionAssignmentId) => commission by AnswersAssignmentId from commissions ordered Id;
    /// Assignments of a commission.
    AssignmentsOf(CommissionId) => commission_assignment by CommissionId from assignments ordered Id;
    /// The points of a list.
    KeyPointsOf(KeyPointListId) => key_point by ListId from key_points ordered Position;
    /// Answers to a key point.
    AnswersTo(KeyPointId) => key_point_answer by KeyPointId from key_point_answers ordered Id;
    /// Key points that a submission answers.
    AnswersWith(SubmissionId) => key_point_answer by SubmissionId from key_point_answers ordered Id;
    /// Publications of a network.
    PublicationsOf(NetworkId) => publication by NetworkId from publications ordered Position;
    /// Who does a unit's information work.
    StaffOf(UnitId) => staffing by UnitId from staffing ordered FirstDay;
    /// Duties of a person.
    DutiesOf(PersonId) => staffing by PersonId from staffing ordered FirstDay;
    /// Incidents in the reporting of an urgent event.
    IncidentsOf(UrgentEventId) => incident by UrgentEventId from incidents ordered Id;
    /// Parts of the reporting of an urgent event.
    ReportsOf(UrgentEventId) => urgent_report by EventId from urgent_reports ordered Id;
    /// Closings of a network.
    ClosingsOf(NetworkId) => closing by NetworkId from closings ordered LastDay;
    /// Rulebook versions of a network.
    RulebooksOf(NetworkId) => rulebook_version by NetworkId from rulebook_versions ordered Number;
}

/// Reads the parent of a row.
#[expect(non_snake_case, reason = "each is named like its key, so that the macro finds it")]
mod parent_of {
    use entity::ids::{CommissionAssignmentId, KeyPointId, KeyPointListId};
    use entity::ids::{CommissionId, IssueId, NetworkId, PersonId, SubmissionId, UnitId, UrgentEventId};

    use super::{
        adoption, appraisal, commission_assignment, endorsement, incident, publication, quality_coefficient, refusal,
        rulebook_version, screening, sending_up, staffing, submission, submission_author, urgent_report,
    };

    use super::{
        closing, commission, commission_attachment, commission_extension, commission_step, key_point, key_point_answer,
    };

    macro_rules! read {
        ($($key:ident: $table:ident.$field:ident -> $parent:ident;)*) => {
            $(pub(super) fn $key(row: &$table::Model) -> $parent {
                row.$field
            })*
        };
    }

    read! {
        AuthorsOf: submission_author.submission_id -> SubmissionId;
        RefusalsOf: refusal.submission_id -> SubmissionId;
        ScreeningsOf: screening.submission_id -> SubmissionId;
        AppraisalsOf: appraisal.submission_id -> SubmissionId;
        AdoptionsOf: adoption.submission_id -> SubmissionId;
        SendingsOf: sending_up.submission_id -> SubmissionId;
        EndorsementsOf: endorsement.submission_id -> SubmissionId;
        CoefficientsOf: quality_coefficient.submission_id -> SubmissionId;
        StepsOf: commission_step.commission_id -> CommissionId;
        AttachmentsOf: commission_attachment.commission_id -> CommissionId;
        ExtensionsOf: commission_extension.assignment_id -> CommissionAssignmentId;
        KeyPointsOf: key_point.list_id -> KeyPointListId;
        AnswersTo: key_point_answer.key_point_id -> KeyPointId;
        AnswersWith: key_point_answer.submission_id -> SubmissionId;
        AssignmentsOf: commission_assignment.commission_id -> CommissionId;
        PublicationsOf: publication.network_id -> NetworkId;
        RulebooksOf: rulebook_version.network_id -> NetworkId;
        ClosingsOf: closing.network_id -> NetworkId;
        ReportsOf: urgent_report.event_id -> UrgentEventId;
        StaffOf: staffing.unit_id -> UnitId;
    }

    pub(super) fn DutiesOf(row: &staffing::Model) -> PersonId {
        row.person_id.unwrap_or(PersonId(0))
    }

    pub(super) fn IncidentsOf(row: &incident::Model) -> UrgentEventId {
        row.urgent_event_id.unwrap_or(UrgentEventId(0))
    }

    pub(super) fn SecondReportsOf(row: &submission::Model) -> SubmissionId {
        row.owned_by_id.unwrap_or(SubmissionId(0))
    }

    pub(super) fn AnswersOf(row: &submission::Model) -> CommissionAssignmentId {
        row.assignment_id.unwrap_or(CommissionAssignmentId(0))
    }

    pub(super) fn PassedOnAs(row: &commission::Model) -> CommissionAssignmentId {
        row.answers_assignment_id.unwrap_or(CommissionAssignmentId(0))
    }

    pub(super) fn PartsOf(row: &submission::Model) -> SubmissionId {
        row.merged_into_id.unwrap_or(SubmissionId(0))
    }

    pub(super) fn AdoptionsIn(row: &adoption::Model) -> IssueId {
        row.issue_id.unwrap_or(IssueId(0))
    }
}

/// The appeal against a line of a network's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AppealAgainst(pub(crate) NetworkId, pub(crate) String);

impl Loader<AppealAgainst> for Rows {
    type Value = appeal::Model;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[AppealAgainst]) -> Result<HashMap<AppealAgainst, Self::Value>, Self::Error> {
        let select = self
            .scope
            .appeals()
            .filter(appeal::Column::NetworkId.is_in(keys.iter().map(|key| key.0)))
            .filter(appeal::Column::Line.is_in(keys.iter().map(|key| key.1.as_str())));
        let rows = select.all(&self.reader).await?;
        Ok(rows.into_iter().map(|row| (AppealAgainst(row.network_id, row.line.clone()), row)).collect())
    }
}

/// Categories of a unit; those of a visible unit are visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CategoriesOf(pub(crate) UnitId);

impl Loader<CategoriesOf> for Rows {
    type Value = Vec<unit_category::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[CategoriesOf]) -> Result<HashMap<CategoriesOf, Self::Value>, Self::Error> {
        let rows = unit_category::Entity::find()
            .filter(unit_category::Column::UnitId.is_in(keys.iter().map(|key| key.0)))
            .order_by_asc(unit_category::Column::FirstDay)
            .all(&self.reader)
            .await?;
        let mut found: HashMap<CategoriesOf, Self::Value> = HashMap::new();
        for row in rows {
            found.entry(CategoriesOf(row.unit_id)).or_default().push(row);
        }
        Ok(found)
    }
}

/// The person whom a unit stands for, as far as the unit is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PersonOf(pub(crate) UnitId);

impl Loader<PersonOf> for Rows {
    type Value = PersonId;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[PersonOf]) -> Result<HashMap<PersonOf, Self::Value>, Self::Error> {
        let units = keys.iter().map(|key| key.0);
        let select = self.scope.assessed_people().filter(assessed_person::Column::UnitId.is_in(units));
        Ok(select.all(&self.reader).await?.into_iter().map(|row| (PersonOf(row.unit_id), row.person_id)).collect())
    }
}

/// Parents of a unit over time; shown as far as the parents themselves are visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ParentsOf(pub(crate) UnitId);

impl Loader<ParentsOf> for Rows {
    type Value = Vec<unit_parent::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[ParentsOf]) -> Result<HashMap<ParentsOf, Self::Value>, Self::Error> {
        let rows = unit_parent::Entity::find()
            .filter(unit_parent::Column::UnitId.is_in(keys.iter().map(|key| key.0)))
            .order_by_asc(unit_parent::Column::FirstDay)
            .all(&self.reader)
            .await?;
        let mut found: HashMap<ParentsOf, Self::Value> = HashMap::new();
        for row in rows {
            found.entry(ParentsOf(row.unit_id)).or_default().push(row);
        }
        Ok(found)
    }
}

/// The sealed phone number of a person; that of a visible person may be asked for, and is masked for each viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PhoneOf(pub(crate) PersonId);

impl Loader<PhoneOf> for Rows {
    type Value = person_phone::Model;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[PhoneOf]) -> Result<HashMap<PhoneOf, Self::Value>, Self::Error> {
        let rows = person_phone::Entity::find()
            .filter(person_phone::Column::PersonId.is_in(keys.iter().map(|key| key.0)))
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(|row| (PhoneOf(row.person_id), row)).collect())
    }
}

/// The part of an urgent report that an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ThreadOf(pub(crate) SubmissionId);

impl Loader<ThreadOf> for Rows {
    type Value = urgent_report::Model;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[ThreadOf]) -> Result<HashMap<ThreadOf, Self::Value>, Self::Error> {
        let rows = self
            .scope
            .urgent_reports()
            .filter(urgent_report::Column::SubmissionId.is_in(keys.iter().map(|key| key.0)))
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().filter_map(|row| Some((ThreadOf(row.submission_id?), row))).collect())
    }
}

/// Units that were members of a network in the days from one to another, in the office's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MembersDuring {
    /// Of which network.
    pub(crate) network: NetworkId,
    /// First day.
    pub(crate) first: NaiveDate,
    /// Last day.
    pub(crate) last: NaiveDate,
}

impl Loader<MembersDuring> for Rows {
    type Value = Vec<unit::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[MembersDuring]) -> Result<HashMap<MembersDuring, Self::Value>, Self::Error> {
        let mut found = HashMap::new();
        for key in keys {
            let members = unit_category::Entity::find()
                .select_only()
                .column(unit_category::Column::UnitId)
                .filter(unit_category::Column::NetworkId.eq(key.network))
                .filter(unit_category::Column::FirstDay.lte(key.last))
                .filter(unit_category::Column::LastDay.is_null().or(unit_category::Column::LastDay.gte(key.first)))
                .into_query();
            let units = self.scope.units().filter(unit::Column::Id.in_subquery(members));
            let units = units.order_by_asc(unit::Column::Position).order_by_asc(unit::Column::Id);
            found.insert(*key, units.all(&self.reader).await?);
        }
        Ok(found)
    }
}

/// What a submission says again, and what says it again; shown as far as the others are visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SimilaritiesOf(pub(crate) SubmissionId);

impl Loader<SimilaritiesOf> for Rows {
    type Value = Vec<similarity::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[SimilaritiesOf]) -> Result<HashMap<SimilaritiesOf, Self::Value>, Self::Error> {
        let ids = || keys.iter().map(|key| key.0);
        let of = Condition::any()
            .add(similarity::Column::SubmissionId.is_in(ids()))
            .add(similarity::Column::OtherId.is_in(ids()));
        let rows = similarity::Entity::find()
            .filter(of)
            .order_by_desc(similarity::Column::Likeness)
            .order_by_asc(similarity::Column::Id)
            .all(&self.reader)
            .await?;
        let mut found: HashMap<SimilaritiesOf, Self::Value> = HashMap::new();
        for row in rows {
            for id in [row.submission_id, row.other_id] {
                found.entry(SimilaritiesOf(id)).or_default().push(row.clone());
            }
        }
        Ok(found)
    }
}

/// The last decision on whether a submission repeats another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RepetitionOf(pub(crate) SubmissionId);

impl Loader<RepetitionOf> for Rows {
    type Value = repetition::Model;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[RepetitionOf]) -> Result<HashMap<RepetitionOf, Self::Value>, Self::Error> {
        let rows = repetition::Entity::find()
            .filter(repetition::Column::SubmissionId.is_in(keys.iter().map(|key| key.0)))
            .order_by_asc(repetition::Column::Id)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(|row| (RepetitionOf(row.submission_id), row)).collect())
    }
}

/// The text of a submission that a library keeps, with its unit; asked only for items of a library that the caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeptText(pub(crate) SubmissionId);

impl Loader<KeptText> for Rows {
    type Value = (submission::Model, unit::Model);
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[KeptText]) -> Result<HashMap<KeptText, Self::Value>, Self::Error> {
        let kept = self.scope.library_items().select_only().column(library_item::Column::SubmissionId).into_query();
        let rows = submission::Entity::find()
            .filter(submission::Column::Id.is_in(keys.iter().map(|key| key.0)))
            .filter(submission::Column::Id.in_subquery(kept))
            .all(&self.reader)
            .await?;
        let units = unit::Entity::find().filter(unit::Column::Id.is_in(rows.iter().map(|row| row.unit_id)));
        let units: HashMap<UnitId, unit::Model> =
            units.all(&self.reader).await?.into_iter().map(|unit| (unit.id, unit)).collect();
        let with_unit = |row: submission::Model| {
            let unit = units.get(&row.unit_id)?.clone();
            Some((KeptText(row.id), (row, unit)))
        };
        Ok(rows.into_iter().filter_map(with_unit).collect())
    }
}
