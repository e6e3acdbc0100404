//! What the clock brings about: runs that are due, and runs for which it has become too late.
//!
//! A pass looks at everything that has become due since the last one, however long ago that was, and returns when the next thing will
//! be. Each run is a transaction of its own, and the table holds that there is one; so a pass that is cut short, or two at once,
//! leave neither a gap nor a repetition.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use analytics::period::Period;
use analytics::rulebook::{NoticeRule, Release, Subject};
use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::NetworkId;
use entity::notice_run::{self, RunState};
use entity::notice_watch;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::calendar::Calendar;
use super::compose::{Composed, Values, compose};
use super::happened::{self, Occasion};
use super::routing::Routing;
use super::run::{self, Key};
use super::schedule;
use crate::error::Result;
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::circular::published;
use crate::services::facts::Snapshot;
use crate::services::{delivery, local_day, time_zone};
use crate::state::AppState;

/// How far a pass looks back behind the last one: a calendar that was imported meanwhile may have moved things.
const BACK: TimeDelta = TimeDelta::days(40);
/// The same for what happened: longer than any time in which nothing goes out.
const HAPPENED: TimeDelta = TimeDelta::days(15);

/// One network at the moment of a pass.
struct Desk<'a> {
    state: &'a AppState,
    snapshot: Arc<Snapshot>,
    calendar: &'a Calendar,
    routing: Routing,
    /// Runs that there are, by rule and period.
    known: HashSet<(String, String)>,
    now: DateTime<Utc>,
}

/// Brings about what is due, in every network; returns when something will be due next.
pub async fn pass(state: &AppState) -> Result<Option<DateTime<Utc>>> {
    let reader = state.database().reader();
    let calendar = Calendar::load(reader).await?;
    let watches = notice_watch::Entity::find().order_by_asc(notice_watch::Column::NetworkId).all(reader).await?;
    let mut next = None;
    for watch in watches {
        // One network that cannot be looked at does not keep the others waiting.
        match look(state, &calendar, &watch).await {
            Ok(due) => next = earlier(next, due),
            Err(error) => {
                tracing::error!(%error, cause = ?error.source, network = watch.network_id.0, "cannot look at what is due");
                next = earlier(next, Some(state.clock().now() + TimeDelta::minutes(1)));
            }
        }
    }
    Ok(next)
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}

async fn look(state: &AppState, calendar: &Calendar, watch: &notice_watch::Model) -> Result<Option<DateTime<Utc>>> {
    let (reader, now, id) = (state.database().reader(), state.clock().now(), watch.network_id);
    let snapshot = state.facts().current(state, id).await?;
    let today = local_day(&snapshot.network, now);
    let Some(rulebook) = super::rulebook(&snapshot, today).cloned() else { return Ok(None) };
    let from = (watch.looked_until - BACK).max(watch.since);
    let desk = Desk {
        state,
        calendar,
        routing: Routing::load(reader, id, today).await?,
        known: known(reader, id, from - BACK).await?,
        snapshot,
        now,
    };
    let begun = desk.begun()?;
    let mut next = None;
    for rule in rulebook.notices() {
        // What came before the rule is none of its business.
        let from = from.max(begun.get(&rule.id).copied().unwrap_or(now));
        let due = if rule.kind.subject().is_periodic() {
            desk.periods(rule, from).await?
        } else {
            let from = from.max(watch.looked_until - HAPPENED);
            desk.occasions(rule, from).await?
        };
        next = earlier(next, due);
    }
    next = earlier(next, desk.open_runs().await?);
    notice_watch::Entity::update_many()
        .col_expr(notice_watch::Column::LookedUntil, Expr::value(now))
        .filter(notice_watch::Column::NetworkId.eq(id))
        .filter(notice_watch::Column::LookedUntil.lt(now))
        .exec(state.database().writer())
        .await?;
    Ok(next)
}

/// The runs that were due lately.
async fn known(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    from: DateTime<Utc>,
) -> Result<HashSet<(String, String)>> {
    let rows: Vec<(String, String)> = notice_run::Entity::find()
        .select_only()
        .column(notice_run::Column::Rule)
        .column(notice_run::Column::Period)
        .filter(notice_run::Column::NetworkId.eq(network))
        .filter(notice_run::Column::DueAt.gte(from))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

impl Desk<'_> {
    /// When each rule first came into force.
    fn begun(&self) -> Result<BTreeMap<String, DateTime<Utc>>> {
        let mut begun: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for version in &self.snapshot.rulebooks {
            let Some(at) = version.activated_at else { continue };
            for rule in self.state.rulebooks().parse(version)?.notices() {
                let first = begun.entry(rule.id.clone()).or_insert(at);
                *first = at.min(*first);
            }
        }
        Ok(begun)
    }

    fn network(&self) -> NetworkId {
        self.snapshot.network.id
    }

    fn is_known(&self, rule: &NoticeRule, period: &str) -> bool {
        self.known.contains(&(rule.id.clone(), period.to_owned()))
    }

    fn is_late(&self, rule: &NoticeRule, due: DateTime<Utc>) -> bool {
        self.now > due + rule.late_after
    }

    /// Why it was too late.
    fn lateness(&self, rule: &NoticeRule, due: DateTime<Utc>) -> String {
        let zone = time_zone(&self.snapshot.network);
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
        format!("应于 {} 发送，至 {} 未能发送，已过时效", local(due), local(due + rule.late_after))
    }

    /// Runs at the end of periods.
    async fn periods(&self, rule: &NoticeRule, from: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let zone = time_zone(&self.snapshot.network);
        let (dues, next) = schedule::dues(rule, self.calendar, zone, from, self.now);
        for due in dues {
            let period = due.period.to_string();
            if self.is_known(rule, &period) {
                continue;
            }
            self.period(rule, due.period, due.at).await?;
        }
        Ok(next)
    }

    async fn period(&self, rule: &NoticeRule, period: Period, due_at: DateTime<Utc>) -> Result<()> {
        let reader = self.state.database().reader();
        let mut key =
            Key { network: self.network(), rule, period: period.to_string(), due_at, circular: None, drafted_by: None };
        if self.is_late(rule, due_at) {
            let late = self.lateness(rule, due_at);
            return self.store(&key, RunState::SkippedLate, Some(late), Composed::default()).await;
        }
        if rule.kind.subject() == Subject::Day {
            let (abouts, shared) = happened::on_day(reader, &self.snapshot, rule, period.first_day()).await?;
            let composed = compose(rule, &abouts, &shared, &self.routing);
            return self.draft(&key, composed).await;
        }
        let Some(results) = published(reader, self.network(), period).await? else {
            let waits = format!("{} 的结果尚未发布", super::results::name(period));
            return self.store(&key, RunState::Waiting, Some(waits), Composed::default()).await;
        };
        key.circular = Some(results.circular.id);
        let composed = run::prepare(reader, &self.snapshot, rule, &results, self.now).await?;
        self.draft(&key, composed).await
    }

    /// Stores a run with its texts, and lets it go if nobody has to approve it.
    async fn draft(&self, key: &Key<'_>, composed: Composed) -> Result<()> {
        let (state, reason) = after_drafting(key.rule, &composed);
        self.store(key, state, reason, composed).await
    }

    /// What happened, each a run of its own that goes out by itself or waits for approval.
    async fn occasions(&self, rule: &NoticeRule, from: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let reader = self.state.database().reader();
        let zone = time_zone(&self.snapshot.network);
        let (occasions, mut next) = happened::between(reader, &self.snapshot, rule, from..self.now).await?;
        for occasion in occasions {
            if self.is_known(rule, &occasion.key) {
                continue;
            }
            let due_at = if rule.at_once { occasion.at } else { self.calendar.next_sending(occasion.at, zone) };
            if due_at > self.now {
                next = earlier(next, Some(due_at));
                continue;
            }
            self.occasion(rule, occasion, due_at).await?;
        }
        Ok(next)
    }

    async fn occasion(&self, rule: &NoticeRule, occasion: Occasion, due_at: DateTime<Utc>) -> Result<()> {
        if occasion.about.category.as_ref().is_some_and(|category| !rule.categories.contains(category)) {
            return Ok(());
        }
        let key = Key { network: self.network(), rule, period: occasion.key, due_at, circular: None, drafted_by: None };
        // Lateness counts from when it happened: a night in between is no excuse for reminding after the deadline.
        if self.is_late(rule, occasion.at) {
            let late = self.lateness(rule, occasion.at);
            return self.store(&key, RunState::SkippedLate, Some(late), Composed::default()).await;
        }
        let composed = compose(rule, &[occasion.about], &Values::new(), &self.routing);
        let (state, reason) = after_drafting(rule, &composed);
        let txn = self.state.database().begin().await?;
        if let Some((assignment, due)) = occasion.awaited
            && !happened::is_awaited(&txn, assignment, due).await?
        {
            return Ok(());
        }
        self.store_in(txn, &key, state, reason, composed).await
    }

    async fn store(&self, key: &Key<'_>, state: RunState, reason: Option<String>, composed: Composed) -> Result<()> {
        let txn = self.state.database().begin().await?;
        self.store_in(txn, key, state, reason, composed).await
    }

    async fn store_in(
        &self,
        txn: sea_orm::DatabaseTransaction,
        key: &Key<'_>,
        state: RunState,
        reason: Option<String>,
        composed: Composed,
    ) -> Result<()> {
        let Some(id) = run::insert(&txn, key, state, reason, &composed.gaps, self.now).await? else { return Ok(()) };
        let notices = run::write_texts(&txn, key.network, id, 1, composed, self.now).await?;
        let releases = state == RunState::Released;
        if releases {
            let at = run::not_before(Some(key.rule), self.calendar, &self.snapshot, self.now);
            delivery::hand_over(&txn, &notices, self.now, at).await?;
        }
        let action = match state {
            RunState::Released => "ReleaseNotices",
            RunState::SkippedLate => "SkipNotices",
            RunState::Waiting | RunState::Draft | RunState::Approved | RunState::Recalled => "DraftNotices",
        };
        let entry = Entry::new(action, ObjectKind::NoticeRun, id.0)
            .with(serde_json::json!({ "rule": key.rule.id, "period": key.period, "notices": notices.len() }));
        self.commit(txn, entry, releases).await
    }

    async fn commit(&self, txn: sea_orm::DatabaseTransaction, entry: Entry, releases: bool) -> Result<()> {
        let (database, events) = (self.state.database(), self.state.events());
        audit::append(&txn, audit::chain(Some(self.network())), None, self.now, vec![entry]).await?;
        if releases {
            database.notify(&txn, vec![events.relay_payload()]).await?;
        }
        txn.commit().await?;
        if releases {
            events.ring_relay();
        }
        Ok(())
    }

    /// Runs that wait for results, and those that have waited for a person until it was too late. Returns when that will be so next.
    async fn open_runs(&self) -> Result<Option<DateTime<Utc>>> {
        let rows = notice_run::Entity::find()
            .filter(notice_run::Column::NetworkId.eq(self.network()))
            .filter(notice_run::Column::State.is_in([RunState::Waiting, RunState::Draft, RunState::Approved]))
            .filter(notice_run::Column::DueAt.is_not_null())
            .filter(notice_run::Column::DraftedBy.is_null())
            .order_by_asc(notice_run::Column::Id)
            .all(self.state.database().reader())
            .await?;
        let today = local_day(&self.snapshot.network, self.now);
        let mut next = None;
        for row in rows {
            let (Some(rule), Some(due_at)) = (super::rule(&self.snapshot, &row.rule, today), row.due_at) else {
                continue;
            };
            if self.is_late(rule, due_at) {
                self.skip(rule, &row, due_at).await?;
                continue;
            }
            next = earlier(next, Some(due_at + rule.late_after + TimeDelta::seconds(1)));
            if row.state == RunState::Waiting {
                self.fill(rule, &row, due_at).await?;
            }
        }
        Ok(next)
    }

    async fn skip(&self, rule: &NoticeRule, row: &notice_run::Model, due_at: DateTime<Utc>) -> Result<()> {
        let why = match row.state {
            RunState::Waiting => "；结果未发布",
            RunState::Draft => "；未获批准",
            RunState::Approved | RunState::Released | RunState::Recalled | RunState::SkippedLate => "；未发出",
        };
        let reason = format!("{}{why}", self.lateness(rule, due_at));
        let txn = self.state.database().begin().await?;
        run::call_back(&txn, row.id, &reason).await?;
        run::change(&txn, row, RunState::SkippedLate, |update| {
            update.col_expr(notice_run::Column::Reason, Expr::value(reason.clone()))
        })
        .await?;
        self.commit(txn, Entry::new("SkipNotices", ObjectKind::NoticeRun, row.id.0), false).await
    }

    /// Gives a run that waited for results its texts, once they are published.
    async fn fill(&self, rule: &NoticeRule, row: &notice_run::Model, due_at: DateTime<Utc>) -> Result<()> {
        let reader = self.state.database().reader();
        let Ok(period) = row.period.parse::<Period>() else { return Ok(()) };
        let Some(results) = published(reader, self.network(), period).await? else { return Ok(()) };
        let composed = run::prepare(reader, &self.snapshot, rule, &results, self.now).await?;
        let (state, reason) = after_drafting(rule, &composed);
        let txn = self.state.database().begin().await?;
        run::change(&txn, row, state, |update| {
            update
                .col_expr(notice_run::Column::Reason, Expr::value(reason))
                .col_expr(notice_run::Column::CircularId, Expr::value(results.circular.id.0))
                .col_expr(notice_run::Column::Gaps, Expr::value(serde_json::json!(composed.gaps).to_string()))
                .col_expr(
                    notice_run::Column::ReleasedAt,
                    Expr::value((state == RunState::Released).then_some(self.now)),
                )
        })
        .await?;
        let notices = run::write_texts(&txn, self.network(), row.id, row.template_version, composed, self.now).await?;
        let releases = state == RunState::Released;
        if releases {
            let at = run::not_before(Some(rule), self.calendar, &self.snapshot, self.now.max(due_at));
            delivery::hand_over(&txn, &notices, self.now, at).await?;
        }
        let action = if releases { "ReleaseNotices" } else { "DraftNotices" };
        let entry =
            Entry::new(action, ObjectKind::NoticeRun, row.id.0).moved("waiting", format!("{state:?}").to_lowercase());
        self.commit(txn, entry, releases).await
    }
}

/// A run that has nothing to tell is over; one that nobody has to approve goes out. Where people are missing, a person looks at it.
fn after_drafting(rule: &NoticeRule, composed: &Composed) -> (RunState, Option<String>) {
    match (rule.release, composed.notices.is_empty()) {
        (_, true) if composed.gaps.is_empty() => (RunState::Released, Some("没有需要告知的事项".to_owned())),
        (Release::Auto, true) => (RunState::Released, Some("应告知的人员均未登记".to_owned())),
        (Release::Auto, false) => (RunState::Released, None),
        (Release::Approved, _) => (RunState::Draft, None),
    }
}
