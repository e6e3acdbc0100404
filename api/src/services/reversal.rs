//! What a correction means for closed periods (冲正): nothing in them changes, and the difference is a line of its own today.
//!
//! The difference is found by scoring the year twice: with the fact as the closing holds it, and as it is on record now. So caps, gates,
//! shares and quotas are heard, and every unit whose score would have been another one gets its line. What was corrected before
//! of the same fact is taken off.

use std::collections::BTreeMap;

use analytics::facts::{AdoptionRow, EndorsementRow, FactKind};
use analytics::period::Span;
use analytics::rulebook::Currency;
use analytics::scoring::{Line, Scored, score as scored_anew};
use chrono::NaiveDate;
use entity::ids::{AdoptionId, EndorsementId, NetworkId, RulebookVersionId, SubmissionId, UnitId};
use entity::reversal;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};

use crate::error::Result;
use crate::services::facts::{Snapshot, load};
use crate::services::{Ctx, closing, local_day, score};

/// What was corrected or revoked.
#[derive(Clone, Copy, Debug)]
pub(in crate::services) enum Corrected {
    /// An adoption.
    Adoption(AdoptionId),
    /// An endorsement.
    Endorsement(EndorsementId),
}

impl Corrected {
    fn fact(self) -> (FactKind, i64) {
        match self {
            Self::Adoption(id) => (FactKind::Adoption, id.0),
            Self::Endorsement(id) => (FactKind::Endorsement, id.0),
        }
    }
}

/// The fact in the place of the one that is held.
enum Instead {
    Adoption(AdoptionRow),
    Endorsement(EndorsementRow),
    Nothing,
}

/// What a unit gets, in millionths and in fen, and the line that this corrects.
struct Difference {
    unit: i64,
    points: i64,
    money: i64,
    line: Option<Line>,
}

/// Puts the differences on record that a correction makes to closed periods of a network; in the transaction of the correction, after
/// it. Without a closing that holds the fact there are none: figures follow what is on record.
pub(in crate::services) async fn settle(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    network: NetworkId,
    submission: SubmissionId,
    corrected: Corrected,
) -> Result<()> {
    if closing::closings(conn, network).await?.through().is_none() {
        return Ok(());
    }
    let snapshot = ctx.facts(network).await?;
    let (kind, id) = corrected.fact();
    let held = snapshot.facts.day(kind, id).filter(|_| snapshot.facts.is_frozen(kind, id));
    let Some(day) = held else { return Ok(()) };
    let instead = match corrected {
        Corrected::Adoption(id) => load::adoption_now(conn, id).await?.map(Instead::Adoption),
        Corrected::Endorsement(id) => {
            load::endorsement_now(conn, id, &snapshot.versions).await?.map(Instead::Endorsement)
        }
    };
    let year = snapshot.versions.year_of(day);
    let base = score::scored_year(&snapshot, year).await?;
    let of = snapshot.clone();
    let instead = instead.unwrap_or(Instead::Nothing);
    let found = score::compute(move || differences(&of, &base, (kind, id), instead, year)).await?;
    let before = known(conn, network, corrected, year).await?;
    let today = local_day(&snapshot.network, ctx.now());
    let units = found.iter().map(|row| row.unit).chain(before.keys().copied());
    let units: std::collections::BTreeSet<i64> = units.collect();
    for unit in units {
        let row = found.iter().find(|row| row.unit == unit);
        let (told_points, told_money) = before.get(&unit).copied().unwrap_or_default();
        let points = row.map_or(0, |row| row.points) - told_points;
        let money = row.map_or(0, |row| row.money) - told_money;
        if points == 0 && money == 0 {
            continue;
        }
        let line = row.and_then(|row| row.line.as_ref());
        let stored = stored(&snapshot, submission, corrected, (unit, points, money), line, (day, today));
        let stored =
            reversal::ActiveModel { recorded_by: Set(ctx.actor().id()), recorded_at: Set(ctx.now()), ..stored };
        reversal::Entity::insert(stored).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// How every unit's year differs with the other fact in the place of the one that is held.
fn differences(
    of: &Snapshot,
    base: &Scored,
    (kind, id): (FactKind, i64),
    instead: Instead,
    year: Span,
) -> Vec<Difference> {
    let mut facts = of.facts.clone();
    facts.thaw(kind, id);
    match instead {
        Instead::Adoption(row) => facts.upsert_adoption(&row),
        Instead::Endorsement(row) => facts.upsert_endorsement(&row),
        Instead::Nothing if kind == FactKind::Adoption => drop(facts.remove_adoption(id)),
        Instead::Nothing => drop(facts.remove_endorsement(id)),
    }
    let then = scored_anew(&of.versions, &facts, year);
    let units = of.facts.units().keys().copied();
    let difference = |unit: i64| {
        let points = then.total(unit, year).millionths() - base.total(unit, year).millionths();
        let money = then.money(unit, year).fen() - base.money(unit, year).fen();
        (points != 0 || money != 0).then(|| {
            let currencies = [Currency::Points, Currency::Money];
            let of_fact = |scored: &Scored| {
                let lines = currencies.iter().flat_map(|currency| scored.lines(unit, year, *currency));
                lines.into_iter().find(|line| line.facts.iter().any(|fact| (fact.kind, fact.id) == (kind, id)))
            };
            Difference { unit, points, money, line: of_fact(base).or_else(|| of_fact(&then)) }
        })
    };
    units.filter_map(difference).collect()
}

/// What corrections of the same fact gave before, by unit.
async fn known(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    corrected: Corrected,
    year: Span,
) -> Result<BTreeMap<i64, (i64, i64)>> {
    let of = match corrected {
        Corrected::Adoption(id) => reversal::Column::AdoptionId.eq(id),
        Corrected::Endorsement(id) => reversal::Column::EndorsementId.eq(id),
    };
    let rows = reversal::Entity::find()
        .filter(reversal::Column::NetworkId.eq(network))
        .filter(of)
        .filter(reversal::Column::LineDay.between(year.first, year.last))
        .all(conn)
        .await?;
    let mut sums: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.unit_id.0).or_default();
        *sum = (sum.0 + row.points, sum.1 + row.money);
    }
    Ok(sums)
}

/// A row for a unit. Where no line rests on the fact, as when a quota was met because of it, the line stands for the fact itself.
fn stored(
    snapshot: &Snapshot,
    submission: SubmissionId,
    corrected: Corrected,
    (unit, points, money): (i64, i64, i64),
    line: Option<&Line>,
    (day, today): (NaiveDate, NaiveDate),
) -> reversal::ActiveModel {
    let (kind, id) = corrected.fact();
    let version = snapshot.versions.on_or_first(day);
    let version = line.map(|line| line.version).or_else(|| version.map(|version| version.id)).unwrap_or_default();
    let (adoption, endorsement) = match corrected {
        Corrected::Adoption(id) => (Some(id), None),
        Corrected::Endorsement(id) => (None, Some(id)),
    };
    reversal::ActiveModel {
        id: NotSet,
        network_id: Set(snapshot.network.id),
        unit_id: Set(UnitId(unit)),
        submission_id: Set(submission),
        adoption_id: Set(adoption),
        endorsement_id: Set(endorsement),
        line: Set(line.map_or_else(|| format!("{}:{id}", kind.code()), |line| line.key.clone())),
        line_day: Set(line.map_or(day, |line| line.day)),
        rulebook_id: Set(RulebookVersionId(version)),
        rule: Set(line.map_or_else(|| kind.code().to_owned(), |line| line.rule.clone())),
        clause: Set(line.map(|line| line.clause.clone()).unwrap_or_default()),
        title: Set(line.map_or_else(|| "更正".to_owned(), |line| line.title.clone())),
        points: Set(points),
        money: Set(money),
        counts_on: Set(today),
        recorded_by: NotSet,
        recorded_at: NotSet,
    }
}
