//! What is due for a period by its published results: the awards of the year, and every line of the ledger of money.

use std::collections::{BTreeMap, BTreeSet};

use analytics::period::Span;
use analytics::rulebook::Currency;
use analytics::scoring::{Amount, AwardLine, AwardOutcome, Line, Scored};
use chrono::NaiveDate;
use entity::ids::{PersonId, RulebookVersionId, SubmissionId, UnitId};
use entity::settlement_line::{SettlementLineKind, SettlementOutcome};
use entity::{adoption, assessed_person, person, submission, submission_author};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::reason;
use crate::error::{Error, Result};
use crate::services::facts::Snapshot;

/// The shares of all who wrote an article add up to this.
const SHARES: i64 = 1_000_000;
/// Ids in one `IN (…)`.
const CHUNK: usize = 5_000;

/// A payment or a title that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) key: String,
    pub(super) kind: SettlementLineKind,
    pub(super) award: String,
    pub(super) rulebook: RulebookVersionId,
    pub(super) clause: String,
    pub(super) title: String,
    pub(super) category: Option<String>,
    pub(super) unit: UnitId,
    pub(super) submission: Option<SubmissionId>,
    pub(super) person: Option<PersonId>,
    pub(super) person_name: Option<String>,
    pub(super) editor: Option<String>,
    pub(super) share: Option<i64>,
    pub(super) rank: Option<i64>,
    pub(super) points: Option<i64>,
    pub(super) day: NaiveDate,
    pub(super) amount: i64,
    pub(super) outcome: SettlementOutcome,
    pub(super) tie: Option<&'static str>,
    pub(super) places: u32,
    pub(super) reason: String,
    pub(super) bars: Vec<reason::Bar>,
}

/// What the results say, before anybody is named.
pub(super) struct Results {
    awards: Vec<AwardLine>,
    money: Vec<Line>,
}

/// Reads the results of a span: awards if it is the whole assessment year, and the ledger of money of every unit.
pub(super) fn results(scored: &Scored, units: &[i64], span: Span) -> Results {
    let awards = if span == scored.year() { scored.awards(span) } else { Vec::new() };
    let money = units.iter().flat_map(|unit| scored.lines(*unit, span, Currency::Money)).collect();
    Results { awards, money }
}

/// Everything that is due, the awards first, each with whom it concerns and why.
pub(super) async fn due(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    results: Results,
    span: Span,
) -> Result<Vec<Due>> {
    let items = results.awards.iter().filter_map(|line| line.submission);
    let about: BTreeSet<i64> = results.money.iter().filter_map(|line| line.submission).chain(items.clone()).collect();
    let known = Known {
        snapshot,
        writers: writers(conn, &about).await?,
        titles: titles(conn, &about).await?,
        editors: editors(conn, &items.collect()).await?,
        members: members(conn, snapshot).await?,
        handed_on: handed_on(snapshot, &results.money),
    };
    let mut due: Vec<Due> = results.awards.iter().flat_map(|line| known.award(line, span.last)).collect();
    for line in &results.money {
        due.extend(known.reward(line)?);
    }
    Ok(known.without_passing_on(due))
}

/// What names are taken from.
struct Known<'a> {
    snapshot: &'a Snapshot,
    writers: BTreeMap<i64, Vec<submission_author::Model>>,
    titles: BTreeMap<i64, String>,
    editors: BTreeMap<i64, String>,
    /// Members that stand for a person.
    members: BTreeMap<i64, PersonId>,
    /// Submissions, each with its rule, whose money the ledger itself hands on to members.
    handed_on: BTreeSet<(i64, i64)>,
}

impl Known<'_> {
    fn name(&self, unit: i64) -> &str {
        self.snapshot.facts.units().get(&unit).map_or("", |unit| unit.name.as_str())
    }

    /// The line of an award; money for a submission is split among its writers.
    fn award(&self, line: &AwardLine, day: NaiveDate) -> Vec<Due> {
        let outcome = match line.outcome {
            AwardOutcome::Wins => SettlementOutcome::Won,
            AwardOutcome::MovesUp => SettlementOutcome::MovedUp,
            AwardOutcome::PassedOver => SettlementOutcome::PassedOver,
            AwardOutcome::Undecided => SettlementOutcome::Undecided,
            AwardOutcome::LosesTie => SettlementOutcome::LostTie,
        };
        let about = line.submission.map_or_else(|| format!("unit:{}", line.unit), |id| format!("submission:{id}"));
        let writers = line.submission.and_then(|id| self.writers.get(&id));
        let names = writers.map(|all| all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("、"));
        let passed: Vec<&str> = line.in_place_of.iter().map(|unit| self.name(*unit)).collect();
        let title = line.submission.and_then(|id| self.titles.get(&id)).map(String::as_str);
        // What a tied place would get is due only once somebody has chosen; the draft adds it then.
        let money = if line.outcome == AwardOutcome::PassedOver || line.outcome == AwardOutcome::LosesTie {
            0
        } else {
            line.money.fen()
        };
        let whole = Due {
            key: format!("award:{}@{day}:{about}", line.award),
            kind: SettlementLineKind::Award,
            award: line.award.clone(),
            rulebook: RulebookVersionId(line.version),
            clause: line.clause.clone(),
            title: line.title.clone(),
            category: Some(line.category.clone()),
            unit: UnitId(line.unit),
            submission: line.submission.map(SubmissionId),
            person: self.members.get(&line.unit).copied().filter(|_| line.submission.is_none()),
            person_name: names,
            editor: line.submission.and_then(|id| self.editors.get(&id).cloned()),
            share: None,
            rank: Some(i64::from(line.rank)),
            points: Some(line.points.millionths()),
            day,
            amount: money,
            outcome,
            tie: line.at_the_cut.then(|| line.ties.code()),
            places: line.places,
            reason: reason::of_award(line, title, &passed),
            bars: line.bars.iter().map(reason::Bar::from).collect(),
        };
        match writers.filter(|_| money > 0) {
            Some(writers) => split(&whole, writers),
            None => vec![whole],
        }
    }

    /// Leaves out what the ledger gives a unit and takes away again, because members are paid instead; what stays with the unit, if anything does,
    /// is one line.
    fn without_passing_on(&self, due: Vec<Due>) -> Vec<Due> {
        let passed_on = |due: &Due| {
            let pair = (due.unit.0, due.submission?.0);
            (due.kind == SettlementLineKind::Reward && due.person.is_none() && self.handed_on.contains(&pair))
                .then_some(pair)
        };
        let mut left: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for line in &due {
            if let Some(pair) = passed_on(line) {
                *left.entry(pair).or_default() += line.amount;
            }
        }
        due.into_iter()
            .filter_map(|mut line| {
                let Some(pair) = passed_on(&line) else { return Some(line) };
                line.amount = left.remove(&pair).filter(|amount| *amount != 0)?;
                Some(line)
            })
            .collect()
    }

    /// The lines of a reward: one for each writer of the article, by the shares that they declared, unless the ledger hands it on itself.
    fn reward(&self, line: &Line) -> Result<Vec<Due>> {
        let Amount::Money(money) = line.amount else {
            return Err(Error::internal(anyhow::anyhow!("a line of points in the ledger of money")));
        };
        let title = line.submission.and_then(|id| self.titles.get(&id)).map(String::as_str);
        let whole = Due {
            key: line.key.clone(),
            kind: SettlementLineKind::Reward,
            award: line.rule.clone(),
            rulebook: RulebookVersionId(line.version),
            clause: line.clause.clone(),
            title: line.title.clone(),
            category: None,
            unit: UnitId(line.unit),
            submission: line.submission.map(SubmissionId),
            person: self.members.get(&line.unit).copied(),
            person_name: None,
            editor: None,
            share: None,
            rank: None,
            points: None,
            day: line.day,
            amount: money.fen(),
            outcome: SettlementOutcome::Earned,
            tie: None,
            places: 0,
            reason: reason::of_reward(line, title),
            bars: Vec::new(),
        };
        let writers = line.submission.and_then(|id| self.writers.get(&id));
        let is_handed_on = line.submission.is_some_and(|id| self.handed_on.contains(&(line.unit, id)));
        Ok(match writers.filter(|_| !is_handed_on && whole.person.is_none()) {
            Some(writers) => split(&whole, writers),
            None => vec![whole],
        })
    }
}

/// One payment for each writer. The amounts are cut where the shares add up to, so that they always make the whole to the fen.
fn split(whole: &Due, writers: &[submission_author::Model]) -> Vec<Due> {
    let mut before = 0;
    let mut shares = 0;
    let mut lines = Vec::with_capacity(writers.len());
    for (place, writer) in writers.iter().enumerate() {
        shares += writer.share;
        let until = if place + 1 == writers.len() { whole.amount } else { part(whole.amount, shares) };
        let mut line = whole.clone();
        line.key = format!("{}#{}", whole.key, writer.position);
        line.person = writer.person_id;
        line.person_name = Some(writer.name.clone());
        line.share = Some(writer.share);
        line.amount = until - before;
        if writers.len() > 1 {
            line.reason = reason::shared(&whole.reason, whole.amount, writer.share);
        }
        before = until;
        lines.push(line);
    }
    lines
}

/// The part of an amount that belongs to so many millionths, half a fen away from zero.
pub(super) fn part(amount: i64, share: i64) -> i64 {
    let product = i128::from(amount) * i128::from(share);
    let rounded = (product + product.signum() * i128::from(SHARES / 2)) / i128::from(SHARES);
    i64::try_from(rounded).unwrap_or(amount)
}

/// Where the ledger itself hands money on to members, by unit and submission: the unit's own line and what takes it away from there.
fn handed_on(snapshot: &Snapshot, money: &[Line]) -> BTreeSet<(i64, i64)> {
    let is_share = |line: &&Line| {
        let version = snapshot.versions.all().iter().find(|version| version.id == line.version);
        version.is_some_and(|version| version.rulebook.adjustments().iter().any(|other| other.id == line.rule))
    };
    let pays_on = |line: &&Line| {
        let version = snapshot.versions.all().iter().find(|version| version.id == line.version);
        version.is_some_and(|version| version.rulebook.hands_on(&line.rule))
    };
    let shared: BTreeSet<i64> = money.iter().filter(is_share).filter_map(|line| line.submission).collect();
    let of_rules = money.iter().filter(pays_on).filter_map(|line| Some((line.unit, line.submission?)));
    let of_shares = money.iter().filter(is_share).filter_map(|line| Some((line.unit, line.submission?)));
    of_rules.filter(|(_, submission)| shared.contains(submission)).chain(of_shares).collect()
}

async fn writers(
    conn: &impl ConnectionTrait,
    ids: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, Vec<submission_author::Model>>> {
    let mut writers: BTreeMap<i64, Vec<submission_author::Model>> = BTreeMap::new();
    let ids: Vec<i64> = ids.iter().copied().collect();
    for ids in ids.chunks(CHUNK) {
        let select = submission_author::Entity::find()
            .filter(submission_author::Column::SubmissionId.is_in(ids.iter().copied()))
            .order_by_asc(submission_author::Column::SubmissionId)
            .order_by_asc(submission_author::Column::Position)
            .order_by_asc(submission_author::Column::Id);
        for row in select.all(conn).await? {
            writers.entry(row.submission_id.0).or_default().push(row);
        }
    }
    Ok(writers)
}

async fn titles(conn: &impl ConnectionTrait, ids: &BTreeSet<i64>) -> Result<BTreeMap<i64, String>> {
    let mut titles = BTreeMap::new();
    let ids: Vec<i64> = ids.iter().copied().collect();
    for ids in ids.chunks(CHUNK) {
        let select = submission::Entity::find().filter(submission::Column::Id.is_in(ids.iter().copied()));
        titles.extend(select.all(conn).await?.into_iter().map(|row| (row.id.0, row.title)));
    }
    Ok(titles)
}

/// Who edited: whoever adopted a submission first.
async fn editors(conn: &impl ConnectionTrait, ids: &BTreeSet<i64>) -> Result<BTreeMap<i64, String>> {
    let select = adoption::Entity::find()
        .filter(adoption::Column::SubmissionId.is_in(ids.iter().copied()))
        .order_by_desc(adoption::Column::Id);
    let by: BTreeMap<i64, PersonId> =
        select.all(conn).await?.into_iter().map(|row| (row.submission_id.0, row.recorded_by)).collect();
    let people = person::Entity::find().filter(person::Column::Id.is_in(by.values().copied())).all(conn).await?;
    let names: BTreeMap<PersonId, String> = people.into_iter().map(|row| (row.id, row.name)).collect();
    Ok(by.into_iter().filter_map(|(item, editor)| Some((item, names.get(&editor)?.clone()))).collect())
}

/// The members that stand for persons; the last word counts.
async fn members(conn: &impl ConnectionTrait, snapshot: &Snapshot) -> Result<BTreeMap<i64, PersonId>> {
    let select = assessed_person::Entity::find()
        .filter(assessed_person::Column::NetworkId.eq(snapshot.network.id))
        .order_by_asc(assessed_person::Column::Id);
    Ok(select.all(conn).await?.into_iter().map(|row| (row.unit_id.0, row.person_id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_rounded_half_up_and_whole_shares_are_the_whole() {
        assert_eq!(part(100_000, 333_333), 33_333);
        assert_eq!(part(100_000, SHARES), 100_000);
        assert_eq!(part(1, 500_000), 1);
        assert_eq!(part(-1, 500_000), -1);
        assert_eq!(part(-1_000, 250_000), -250);
    }
}
