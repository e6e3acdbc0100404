//! Why somebody may do something to an object, or why not: the table of the policy read backwards.
//!
//! For security administrators, who see no business data: an object is known here by its id, its network, its unit and its state.

use entity::ids::{
    CommissionAssignmentId, CommissionId, IncidentId, IssueId, NetworkId, PersonId, PublicationId, RulebookVersionId,
    StaffingId, SubmissionId, TrainingId, UnitId,
};
use entity::{
    commission, commission_assignment, incident, issue, network, person, publication, rulebook_version, staffing,
    submission, training, unit,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::auth::actor::{Actor, Grant};
use crate::auth::policy::{self, Action, Reach, Target};
use crate::auth::scope::Scope;
use crate::error::{Code, Error, Result};
use crate::services::Ctx;
use crate::services::submission::{draft, moves};

/// An object that can be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the table of its name")]
pub enum Object {
    Network(NetworkId),
    Unit(UnitId),
    Person(PersonId),
    Publication(PublicationId),
    Issue(IssueId),
    Submission(SubmissionId),
    Commission(CommissionId),
    CommissionAssignment(CommissionAssignmentId),
    Incident(IncidentId),
    Training(TrainingId),
    Staffing(StaffingId),
    RulebookVersion(RulebookVersionId),
}

/// One role that the person holds, and what it does for the action.
#[derive(Clone, Debug)]
pub struct Held {
    /// The grant.
    pub grant: Grant,
    /// How far the role reaches for this action; none if the policy does not give the action to the role.
    pub reach: Option<Reach>,
    /// Whether it reaches the object.
    pub covers: bool,
}

/// Why, or why not.
#[derive(Debug)]
pub struct Explanation {
    /// Whether the action would be carried out now, by roles, sight and state.
    pub allowed: bool,
    /// Whether the person may know of the object at all.
    pub visible: bool,
    /// What refuses it.
    pub refusal: Option<Error>,
    /// What the person holds.
    pub held: Vec<Held>,
}

/// Explains what `person` may do to `object`.
pub async fn explain(ctx: &Ctx, person: PersonId, object: Object, action: Action) -> Result<Explanation> {
    ctx.authorize(Action::ExplainAccess, Target::platform())?;
    let known = ctx.scope().people().filter(person::Column::Id.eq(person)).one(ctx.reader()).await?;
    known.ok_or_else(|| Error::not_found().at("person"))?;
    let Some(actor) = Actor::find(ctx.reader(), person, ctx.now()).await? else {
        let closed = Error::new(Code::Forbidden, "the account is closed", "该账号已停用");
        return Ok(Explanation { allowed: false, visible: false, refusal: Some(closed), held: Vec::new() });
    };
    let aim = aim(ctx, &Scope::of(&actor), object).await?;
    let held = actor.grants().iter().map(|grant| {
        let reach = policy::roles_for(action).find(|(role, _)| *role == grant.role).map(|(_, reach)| reach);
        Held { reach, covers: policy::covers(grant, action, aim.target), grant: grant.clone() }
    });
    let held = held.collect();
    let verdict = match &aim.submission {
        Some(row) if moves::MOVES.iter().any(|step| step.action == action) => {
            let rules = draft::rules(ctx, ctx.reader(), row).await?;
            moves::may(&actor, action, row, &rules)
        }
        _ => policy::authorize(&actor, action, aim.target),
    };
    let refusal = if aim.visible { verdict.err() } else { Some(Error::not_found()) };
    Ok(Explanation { allowed: refusal.is_none(), visible: aim.visible, refusal, held })
}

/// What an action on an object is aimed at.
struct Aim {
    target: Target,
    visible: bool,
    submission: Option<submission::Model>,
}

async fn aim(ctx: &Ctx, scope: &Scope, object: Object) -> Result<Aim> {
    let conn = ctx.reader();
    let gone = || Error::not_found().at("object");
    /// The row whoever asks, and whether the person sees it.
    macro_rules! find {
        ($table:ident, $scope:ident, $id:expr) => {{
            let row = $table::Entity::find_by_id($id).one(conn).await?.ok_or_else(gone)?;
            let seen = scope.$scope().filter($table::Column::Id.eq($id)).one(conn).await?.is_some();
            (row, seen)
        }};
    }
    let (target, visible) = match object {
        Object::Network(id) => {
            let (row, seen) = find!(network, networks, id);
            (Target::network(row.id), seen)
        }
        Object::Unit(id) => {
            let (row, seen) = find!(unit, units, id);
            (Target::unit(row.network_id, row.id), seen)
        }
        Object::Person(id) => {
            let (_, seen) = find!(person, people, id);
            (Target::platform(), seen)
        }
        Object::Publication(id) => {
            let (row, seen) = find!(publication, publications, id);
            (Target::network(row.network_id), seen)
        }
        Object::Issue(id) => {
            let (row, seen) = find!(issue, issues, id);
            let of = publication::Entity::find_by_id(row.publication_id).one(conn).await?.ok_or_else(gone)?;
            (Target::network(of.network_id), seen)
        }
        Object::Submission(id) => {
            let (row, seen) = find!(submission, submissions, id);
            return Ok(Aim { target: moves::target(&row), visible: seen, submission: Some(row) });
        }
        Object::Commission(id) => {
            let (row, seen) = find!(commission, commissions, id);
            (Target::network(row.network_id), seen)
        }
        Object::CommissionAssignment(id) => {
            let (row, seen) = find!(commission_assignment, assignments, id);
            let of = commission::Entity::find_by_id(row.commission_id).one(conn).await?.ok_or_else(gone)?;
            (Target::unit(of.network_id, row.unit_id), seen)
        }
        Object::Incident(id) => {
            let (row, seen) = find!(incident, incidents, id);
            (Target::unit(row.network_id, row.unit_id), seen)
        }
        Object::Training(id) => {
            let (row, seen) = find!(training, trainings, id);
            (Target::unit(row.network_id, row.unit_id), seen)
        }
        Object::Staffing(id) => {
            let (row, seen) = find!(staffing, staffing, id);
            (Target::unit(row.network_id, row.unit_id), seen)
        }
        Object::RulebookVersion(id) => {
            let (row, seen) = find!(rulebook_version, rulebook_versions, id);
            (Target::network(row.network_id), seen)
        }
    };
    Ok(Aim { target, visible, submission: None })
}
