//! What awaits somebody: assignments to answer and to judge, commissions to close.

use entity::commission::{self, CommissionState};
use entity::commission_assignment::{self, AssignmentState};
use entity::ids::NetworkId;
use sea_orm::{ColumnTrait as _, Condition, QueryFilter as _, QuerySelect as _, QueryTrait as _, Select};

use super::standing::{AWAITED, Standing};
use crate::services::Ctx;

fn of_open_commissions(ctx: &Ctx, networks: Option<Vec<NetworkId>>) -> Select<commission_assignment::Entity> {
    let mut open = ctx.scope().commissions().filter(commission::Column::State.eq(CommissionState::Open));
    if let Some(networks) = networks {
        open = open.filter(commission::Column::NetworkId.is_in(networks));
    }
    let open = open.select_only().column(commission::Column::Id).into_query();
    ctx.scope().assignments().filter(commission_assignment::Column::CommissionId.in_subquery(open))
}

/// Assignments that wait for the unit's answer.
pub fn to_answer(ctx: &Ctx) -> Select<commission_assignment::Entity> {
    of_open_commissions(ctx, None).filter(commission_assignment::Column::State.is_in(AWAITED))
}

/// Assignments that can be judged: answered, or overdue.
pub fn to_judge(ctx: &Ctx, networks: Vec<NetworkId>) -> Select<commission_assignment::Entity> {
    let ripe = Standing::any(&[Standing::Answered, Standing::Overdue], ctx.now());
    of_open_commissions(ctx, Some(networks)).filter(ripe)
}

/// Commissions on which every assignment has been decided.
pub fn to_close(ctx: &Ctx) -> Select<commission::Entity> {
    let decided = [AssignmentState::Judged, AssignmentState::Excused];
    let undecided = ctx
        .scope()
        .assignments()
        .filter(Condition::all().add(commission_assignment::Column::State.is_not_in(decided)))
        .select_only()
        .column(commission_assignment::Column::CommissionId)
        .into_query();
    ctx.scope().commissions().filter(commission::Column::Id.not_in_subquery(undecided))
}
