//! Rows put straight into the database, when how they got there is not the subject of a case. When it is, `walk`
//! goes through the API instead.
//!
//! These rows leave no audit row behind. Figures that were asked for before do not notice them: build first, ask later.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::commission::{self, CommissionState};
use entity::commission_assignment::{self, AssignmentOutcome, AssignmentState};
use entity::ids::{
    AdoptionId, CommissionAssignmentId, CommissionId, EndorsementId, NetworkId, PersonId, PublicationId, SubmissionId,
    UnitId,
};
use entity::role_grant::{self, Role};
use entity::submission::{self, SubmissionState};
use entity::{adoption, endorsement, person, submission_author};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    sea_query::Expr,
};

use crate::office::{Office, Place};

/// Rows in one statement: PostgreSQL takes 65,535 parameters.
const BATCH: usize = 1_000;

/// A person without a password.
pub async fn person(
    conn: &impl ConnectionTrait,
    login: &str,
    unit: Option<UnitId>,
    created_at: DateTime<Utc>,
) -> PersonId {
    let row = person::ActiveModel {
        id: NotSet,
        unit_id: Set(unit),
        name: Set(login.to_owned()),
        login: Set(login.to_owned()),
        password_hash: Set(None),
        failed_logins: Set(0),
        locked_until: Set(None),
        disabled_at: Set(None),
        created_at: Set(created_at),
        version: Set(1),
    };
    person::Entity::insert(row).exec(conn).await.expect("the login is free").last_insert_id
}

/// A leader's instruction on a submission, recorded today by the network's editor.
pub async fn endorsement(office: &Office, of: &submission::Model) -> EndorsementId {
    let editor = office.holder(Role::Editor, Place::Network(office.network())).await;
    let row = endorsement::ActiveModel {
        id: NotSet,
        network_id: Set(office.network()),
        submission_id: Set(of.id),
        adoption_id: Set(None),
        leader: Set("李领导".to_owned()),
        level: Set("prefecture".to_owned()),
        rank: Set(None),
        leader_rank: Set(None),
        text: Set("请研究。".to_owned()),
        confidential: Set(false),
        confidential_parts: Set(None),
        endorsed_on: Set(office.now().date_naive()),
        recorded_by: Set(editor),
        recorded_at: Set(office.now()),
        follow_up_due_on: Set(None),
        followed_up_on: Set(None),
        follow_up: Set(None),
        follow_up_id: Set(None),
        followed_up_by: Set(None),
        followed_up_at: Set(None),
        revoked_at: Set(None),
        revoked_by: Set(None),
        revoked_because: Set(None),
        version: Set(1),
    };
    endorsement::Entity::insert(row).exec(office.writer()).await.expect("endorsements can be stored").last_insert_id
}

/// A role that a person holds.
pub async fn grant(
    conn: &impl ConnectionTrait,
    person: PersonId,
    role: Role,
    network: Option<NetworkId>,
    unit: Option<UnitId>,
    granted_at: DateTime<Utc>,
) {
    let row = role_grant::ActiveModel {
        id: NotSet,
        person_id: Set(person),
        role: Set(role),
        network_id: Set(network),
        unit_id: Set(unit),
        granted_at: Set(granted_at),
        revoked_at: Set(None),
    };
    role_grant::Entity::insert(row).exec(conn).await.expect("the grant can be stored");
}

/// A submission in any state, handed in on any day.
#[derive(Clone)]
pub struct SubmissionBuilder<'a> {
    office: &'a Office,
    row: submission::Model,
}

impl<'a> SubmissionBuilder<'a> {
    pub(crate) fn new(office: &'a Office, unit: UnitId, officer: PersonId) -> Self {
        let now = office.now();
        let row = submission::Model {
            id: SubmissionId(0),
            network_id: office.network(),
            unit_id: unit,
            kind: "dynamic".to_owned(),
            topic: None,
            title: "春耕备耕有序推进".to_owned(),
            body: "全县春耕备耕工作有序推进。".to_owned(),
            characters: 13,
            urgent: false,
            assignment_id: None,
            state: SubmissionState::Draft,
            contact: Some("0994-3222222".to_owned()),
            signatory_id: None,
            signed_at: None,
            created_by: officer,
            created_at: now,
            submitted_at: None,
            submitted_on: None,
            received_at: None,
            decided_at: None,
            happened_on: None,
            due_on: None,
            late_days: None,
            important: false,
            claimed_by: None,
            claimed_at: None,
            repeats_id: None,
            composite: false,
            merged_into_id: None,
            merged_share: None,
            owned_by_id: None,
            version: 1,
        };
        Self { office, row }
    }

    /// Its kind; `dynamic` if not said.
    #[must_use]
    pub fn kind(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.row.kind);
        self
    }

    /// Its title.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.row.title);
        self
    }

    /// Its state; whatever comes after a hand-in is as if it had been handed in today.
    #[must_use]
    pub fn state(mut self, state: SubmissionState) -> Self {
        self.row.state = state;
        match state {
            SubmissionState::Draft | SubmissionState::Signed | SubmissionState::Withdrawn => self,
            SubmissionState::Submitted
            | SubmissionState::Refused
            | SubmissionState::Received
            | SubmissionState::Returned
            | SubmissionState::Declined
            | SubmissionState::Shortlisted
            | SubmissionState::Merged
            | SubmissionState::Adopted => {
                let today = self.office.now().date_naive();
                self.handed_in(today)
            }
        }
    }

    /// Handed in at noon of a day, and taken in, unless its state says otherwise.
    #[must_use]
    pub fn submitted_on(mut self, day: &str) -> Self {
        if self.row.state == SubmissionState::Draft {
            self.row.state = SubmissionState::Received;
        }
        self.handed_in(date(day))
    }

    fn handed_in(mut self, day: NaiveDate) -> Self {
        // Four in the morning in UTC is noon in China.
        let noon = day.and_time(NaiveTime::from_hms_opt(4, 0, 0).unwrap_or_default()).and_utc();
        self.row.created_at = noon;
        self.row.submitted_at = Some(noon);
        self.row.submitted_on = (self.row.state != SubmissionState::Refused).then_some(day);
        self.row.received_at = (self.row.state != SubmissionState::Submitted).then_some(noon);
        self
    }

    /// Stores it, with one writer.
    pub async fn insert(self) -> submission::Model {
        let (conn, mut row) = (self.office.writer(), self.row);
        let inserted = submission::Entity::insert(unstored(&row)).exec(conn).await.expect("the row can be stored");
        row.id = inserted.last_insert_id;
        let author = submission_author::ActiveModel {
            id: NotSet,
            submission_id: Set(row.id),
            person_id: Set(Some(row.created_by)),
            name: Set("王信息".to_owned()),
            share: Set(1_000_000),
            position: Set(0),
        };
        submission_author::Entity::insert(author).exec(conn).await.expect("the writer can be stored");
        row
    }

    /// Stores `count` of them, alike and without writers.
    pub async fn insert_many(self, count: usize) {
        let row = unstored(&self.row);
        let mut left = count;
        while left > 0 {
            let batch = left.min(BATCH);
            submission::Entity::insert_many(vec![row.clone(); batch])
                .exec_without_returning(self.office.writer())
                .await
                .expect("the rows can be stored");
            left -= batch;
        }
    }
}

fn unstored(row: &submission::Model) -> submission::ActiveModel {
    let mut active: submission::ActiveModel = row.clone().into();
    active = active_with_every_field_set(active);
    active.id = NotSet;
    active
}

/// A model turned into an active one is unchanged throughout; an insert takes what is set.
fn active_with_every_field_set(active: submission::ActiveModel) -> submission::ActiveModel {
    use sea_orm::ActiveModelTrait as _;
    active.reset_all()
}

/// An adoption of a submission, outside any issue.
#[derive(Clone)]
pub struct AdoptionBuilder<'a> {
    office: &'a Office,
    row: adoption::Model,
}

impl<'a> AdoptionBuilder<'a> {
    pub(crate) fn new(
        office: &'a Office,
        submission: &submission::Model,
        publication: PublicationId,
        editor: PersonId,
    ) -> Self {
        let row = adoption::Model {
            id: AdoptionId(0),
            network_id: office.network(),
            submission_id: submission.id,
            unit_id: submission.unit_id,
            publication_id: publication,
            issue_id: None,
            position: 0,
            class: None,
            via_publication_id: None,
            adopted_on: office.now().date_naive(),
            evidence: None,
            recorded_by: editor,
            recorded_at: office.now(),
            revoked_at: None,
            revoked_by: None,
            revoked_because: None,
        };
        Self { office, row }
    }

    /// Its class within the publication.
    #[must_use]
    pub fn class(mut self, class: &str) -> Self {
        self.row.class = Some(class.to_owned());
        self
    }

    /// The own publication through which it was sent up.
    #[must_use]
    pub fn via(mut self, publication: PublicationId) -> Self {
        self.row.via_publication_id = Some(publication);
        self
    }

    /// The day on which it counts.
    #[must_use]
    pub fn on(mut self, day: &str) -> Self {
        self.row.adopted_on = date(day);
        self
    }

    /// Stores it, and marks the submission as adopted.
    pub async fn insert(self) -> adoption::Model {
        use sea_orm::ActiveModelTrait as _;
        let (conn, mut row) = (self.office.writer(), self.row);
        let mut active = adoption::ActiveModel::from(row.clone()).reset_all();
        active.id = NotSet;
        row.id = adoption::Entity::insert(active).exec(conn).await.expect("the row can be stored").last_insert_id;
        submission::Entity::update_many()
            .col_expr(submission::Column::State, Expr::value(SubmissionState::Adopted))
            .filter(submission::Column::Id.eq(row.submission_id))
            .exec(conn)
            .await
            .expect("the submission can be changed");
        row
    }
}

/// A commission of the network to one unit, due at the end of the week, with its assignment in a state.
pub async fn assignment(
    office: &Office,
    unit: UnitId,
    state: AssignmentState,
) -> (commission::Model, commission_assignment::Model) {
    use sea_orm::ActiveModelTrait as _;
    let (conn, now) = (office.writer(), office.now());
    let editor = office.holder(Role::Editor, Place::Network(office.network())).await;
    let due_at = now + TimeDelta::days(4);
    let mut of = commission::Model {
        id: CommissionId(0),
        network_id: office.network(),
        topic: "一季度重点项目开工情况".to_owned(),
        requirement: "请报送开工项目数。".to_owned(),
        origin: None,
        answers_assignment_id: None,
        due_at,
        state: CommissionState::Open,
        issued_by: editor,
        issued_at: now,
        closed_reason: None,
        closed_because: None,
        closed_at: None,
        version: 1,
    };
    let mut active = commission::ActiveModel::from(of.clone()).reset_all();
    active.id = NotSet;
    of.id = commission::Entity::insert(active).exec(conn).await.expect("the row can be stored").last_insert_id;
    let answered = matches!(state, AssignmentState::Answered | AssignmentState::Judged);
    let judged = state == AssignmentState::Judged;
    let mut row = commission_assignment::Model {
        id: CommissionAssignmentId(0),
        commission_id: of.id,
        unit_id: unit,
        due_at,
        state,
        read_at: None,
        fell_due_at: None,
        answered_at: answered.then_some(now),
        outcome: judged.then_some(AssignmentOutcome::Answered),
        decided_on: judged.then(|| now.date_naive()),
        comment: None,
        version: 1,
    };
    let mut active = commission_assignment::ActiveModel::from(row.clone()).reset_all();
    active.id = NotSet;
    let stored = commission_assignment::Entity::insert(active).exec(conn).await;
    row.id = stored.expect("the row can be stored").last_insert_id;
    (of, row)
}

/// A calendar day such as `2026-03-02`.
pub fn date(day: &str) -> NaiveDate {
    day.parse().expect("the case names a calendar day")
}
