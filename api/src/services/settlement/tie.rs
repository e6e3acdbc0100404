//! Choosing among those that tie across the last place of an award, where the rulebook leaves it to a person.

use std::collections::BTreeSet;

use analytics::period::Period;
use entity::ids::{NetworkId, SettlementId};
use entity::settlement_line::SettlementOutcome as Outcome;
use entity::tie_decision;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::{Deserialize, Serialize};

use super::draft::{Prepared, prepare};
use super::due::Due;
use super::{check_reason, reason};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};

/// Chooses who wins.
#[derive(Clone, Debug, Serialize)]
pub struct DecideAwardTie {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// The assessment year.
    pub period: Period,
    /// The award, as the rulebook calls it.
    pub award: String,
    /// Ids of the units, or of the submissions, that win.
    pub winners: BTreeSet<i64>,
    /// Why.
    pub reason: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TieOutcome {
    /// The award.
    pub award: String,
    /// How many win by the decision.
    pub winners: usize,
    /// The draft that was open when the decision was made: settle again to apply it.
    pub draft: Option<SettlementId>,
}

impl Command for DecideAwardTie {
    fn name(&self) -> &'static str {
        "decideAwardTie"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Who a line is about: the submission where submissions win, the unit otherwise.
fn about(due: &Due) -> i64 {
    due.submission.map_or(due.unit.0, |submission| submission.0)
}

/// Stores a choice. As many must be chosen as places are left; a later choice takes the place of an earlier one.
pub async fn decide(ctx: &Ctx, command: DecideAwardTie) -> Result<TieOutcome> {
    ctx.network(ctx.reader(), command.network).await?;
    ctx.authorize(Action::DecideAwardTie, Target::network(command.network))?;
    let prepared = prepare(ctx, command.network, command.period).await;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let Prepared { due, .. } = prepared?;
    let why = check_reason(&command.reason)?;
    let tied: Vec<&Due> =
        due.iter().filter(|due| due.award == command.award && due.outcome == Outcome::Undecided).collect();
    let Some(places) = tied.first().map(|due| due.places as usize) else {
        return Err(Error::new(
            Code::WrongState,
            "no tie of this award waits for a decision",
            "该奖项没有待确定的并列名次",
        )
        .at("award"));
    };
    let candidates: BTreeSet<i64> = tied.iter().map(|due| about(due)).collect();
    if command.winners.len() != places || !command.winners.is_subset(&candidates) {
        return Err(Error::invalid(
            "winners",
            format!("choose {places} of the {} that tie", candidates.len()),
            format!("请在并列的 {} 个中确定 {places} 个", candidates.len()),
        )
        .with(serde_json::json!({ "places": places, "tied": candidates.len() })));
    }
    let row = tie_decision::ActiveModel {
        id: NotSet,
        network_id: Set(command.network),
        period: Set(command.period.to_string()),
        award: Set(command.award.clone()),
        winners: Set(serde_json::to_string(&command.winners).map_err(Error::internal)?),
        reason: Set(why),
        decided_by: Set(ctx.actor().id()),
        decided_at: Set(ctx.now()),
    };
    tie_decision::Entity::insert(row).exec_without_returning(write.conn()).await?;
    let open = format!("{}:{}", command.network, command.period);
    let draft = entity::settlement::Entity::find()
        .filter(entity::settlement::Column::DraftOf.eq(open))
        .one(write.conn())
        .await?
        .map(|draft| draft.id);
    write.in_network(command.network);
    write.record(Entry::new(Action::DecideAwardTie.name(), ObjectKind::Network, command.network.0).with(
        serde_json::json!({
            "period": command.period, "award": command.award, "winners": command.winners,
        }),
    ));
    let outcome = TieOutcome { award: command.award, winners: command.winners.len(), draft };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Applies the last choice for each award whose tie is open. A choice that does not fit those that tie now is left aside.
pub(super) async fn apply(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    period: Period,
    due: &mut [Due],
) -> Result<()> {
    let decisions = tie_decision::Entity::find()
        .filter(tie_decision::Column::NetworkId.eq(network))
        .filter(tie_decision::Column::Period.eq(period.to_string()))
        .order_by_desc(tie_decision::Column::Id)
        .all(conn)
        .await?;
    let mut seen = BTreeSet::new();
    for decision in decisions.iter().filter(|decision| seen.insert(decision.award.clone())) {
        let winners: BTreeSet<i64> = serde_json::from_str(&decision.winners).map_err(Error::internal)?;
        let is_tied = |due: &&Due| due.award == decision.award && due.outcome == Outcome::Undecided;
        let tied: BTreeSet<i64> = due.iter().filter(is_tied).map(about).collect();
        let places = due.iter().find(is_tied).map_or(0, |due| due.places as usize);
        if places != winners.len() || !winners.is_subset(&tied) {
            continue;
        }
        for line in due.iter_mut().filter(|due| is_tied(&&**due)) {
            let is_chosen = winners.contains(&about(line));
            line.outcome = if is_chosen { Outcome::Won } else { Outcome::LostTie };
            line.reason = reason::of_choice(&line.reason, is_chosen, &decision.reason);
            if !is_chosen {
                line.amount = 0;
            }
        }
    }
    Ok(())
}
