//! What the demonstration has told: the results of a month, drafted, approved, released; a queue of text messages, and full inboxes.

use analytics::period::Period;
use anyhow::Context as _;
use entity::ids::{NetworkId, NoticeRunId, PersonId};
use entity::role_grant::Role;
use entity::{notice, notice_watch, person};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::{calendar, people};
use crate::auth::actor::Actor;
use crate::services::circular::{self, PublishCircular};
use crate::services::facts::Snapshot;
use crate::services::notice::run::{self, ApproveNotices, DraftNotices, ReleaseNotices};
use crate::services::{Ctx, phone};
use crate::state::AppState;

/// Whoever holds a role of the office.
pub(super) async fn ctx(state: &AppState, code: &str, role: Role) -> anyhow::Result<Ctx> {
    let login = people::login(code, None, role);
    let reader = state.database().reader();
    let person = person::Entity::find().filter(person::Column::Login.eq(&login)).one(reader).await?;
    let person = person.with_context(|| format!("the office has an account {login}"))?;
    let actor = Actor::find(reader, person.id, state.clock().now()).await?.context("the account is open")?;
    Ok(Ctx::new(state.clone(), actor))
}

/// Tells the units of a month, if the rulebook tells of months; what else the year would have told lies in the past.
pub(super) async fn tell(state: &AppState, network: NetworkId, code: &str) -> anyhow::Result<()> {
    let now = state.clock().now();
    notice_watch::Entity::update_many()
        .col_expr(notice_watch::Column::Since, Expr::value(now))
        .col_expr(notice_watch::Column::LookedUntil, Expr::value(now))
        .filter(notice_watch::Column::NetworkId.eq(network))
        .exec(state.database().writer())
        .await?;
    let (editor, chief) = (ctx(state, code, Role::Editor).await?, ctx(state, code, Role::ChiefEditor).await?);
    let period: Period = format!("{}-03", calendar::YEAR).parse()?;
    let facts = editor.facts(network).await?;
    let Some(rule) = of_months(&facts, period) else { return Ok(()) };
    let key = |act: &str| format!("demonstration-{act}");
    circular::publish(&chief, PublishCircular { idempotency_key: key("publish-month"), network, period }).await?;
    let drafted = DraftNotices { idempotency_key: key("draft"), network, rule, period, expected_version: None };
    let drafted = run::draft(&editor, drafted).await?.run;
    give_numbers(state, drafted).await?;
    let approval = ApproveNotices { idempotency_key: key("approve"), run: drafted, expected_version: 1 };
    run::approve(&chief, approval).await?;
    let release = ReleaseNotices { idempotency_key: key("release"), run: drafted, expected_version: 2 };
    run::release(&editor, release).await?;
    Ok(())
}

/// The first rule that tells of the results of months.
fn of_months(facts: &Snapshot, period: Period) -> Option<String> {
    let version = facts.versions.on_or_first(period.last_day())?;
    let of_months = version.rulebook.notices().iter().find(|rule| {
        matches!(rule.schedule, analytics::rulebook::Schedule::AfterClose { on, .. } if on == period.unit())
            && rule.list.is_none()
    });
    of_months.map(|rule| rule.id.clone())
}

/// Invented numbers for whoever is told, except the last of them: one is missing, as it is in an office.
async fn give_numbers(state: &AppState, run: NoticeRunId) -> anyhow::Result<()> {
    let mut told: Vec<PersonId> = notice::Entity::find()
        .select_only()
        .column(notice::Column::RecipientId)
        .distinct()
        .filter(notice::Column::RunId.eq(run))
        .order_by_asc(notice::Column::RecipientId)
        .into_tuple()
        .all(state.database().reader())
        .await?;
    told.pop();
    let numbers: Vec<_> =
        told.into_iter().enumerate().map(|(place, person)| (person, format!("139{place:08}"))).collect();
    phone::keep_all(state, &numbers).await?;
    Ok(())
}
