//! Units change: names over time, mergers, splits and closures, and what undoes them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{SuccessionId, UnitId};
use entity::{succession as row, succession_link, unit_name};
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::context::Reach as _;
use super::errors::settle;
use super::ids::GlobalId;
use super::loaders::Rows;
use super::payload::payloads;
use super::scalars::Date;
use super::unit::Unit;
use crate::error::{Error, Result};
use crate::services::succession::{self, Known, rename, undo};

/// Former names of a unit, oldest first; those of a visible unit are visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NamesOf(pub(crate) UnitId);

/// What a unit ended in or came out of, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LinksOf(pub(crate) UnitId);

/// Who ended and who came after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LinksIn(pub(crate) SuccessionId);

impl Loader<NamesOf> for Rows {
    type Value = Vec<unit_name::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[NamesOf]) -> std::result::Result<HashMap<NamesOf, Self::Value>, Self::Error> {
        let select = unit_name::Entity::find()
            .filter(unit_name::Column::UnitId.is_in(keys.iter().map(|key| key.0)))
            .order_by_asc(unit_name::Column::FirstDay);
        let mut found: HashMap<NamesOf, Self::Value> = HashMap::new();
        for row in select.all(self.reader()).await? {
            found.entry(NamesOf(row.unit_id)).or_default().push(row);
        }
        Ok(found)
    }
}

impl Loader<SuccessionId> for Rows {
    type Value = row::Model;
    type Error = Arc<DbErr>;

    async fn load(
        &self,
        keys: &[SuccessionId],
    ) -> std::result::Result<HashMap<SuccessionId, Self::Value>, Self::Error> {
        let select = self.scope().successions().filter(row::Column::Id.is_in(keys.iter().copied()));
        Ok(select.all(self.reader()).await?.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl Loader<LinksOf> for Rows {
    type Value = Vec<succession_link::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[LinksOf]) -> std::result::Result<HashMap<LinksOf, Self::Value>, Self::Error> {
        let units: Vec<UnitId> = keys.iter().map(|key| key.0).collect();
        let select = succession_link::Entity::find()
            .filter(
                sea_orm::Condition::any()
                    .add(succession_link::Column::PredecessorId.is_in(units.iter().copied()))
                    .add(succession_link::Column::SuccessorId.is_in(units.iter().copied())),
            )
            .order_by_asc(succession_link::Column::Id);
        let mut found: HashMap<LinksOf, Self::Value> = HashMap::new();
        for row in select.all(self.reader()).await? {
            for unit in [Some(row.predecessor_id), row.successor_id].into_iter().flatten() {
                found.entry(LinksOf(unit)).or_default().push(row.clone());
            }
        }
        Ok(found)
    }
}

impl Loader<LinksIn> for Rows {
    type Value = Vec<succession_link::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[LinksIn]) -> std::result::Result<HashMap<LinksIn, Self::Value>, Self::Error> {
        let select = succession_link::Entity::find()
            .filter(succession_link::Column::SuccessionId.is_in(keys.iter().map(|key| key.0)))
            .order_by_asc(succession_link::Column::Id);
        let mut found: HashMap<LinksIn, Self::Value> = HashMap::new();
        for row in select.all(self.reader()).await? {
            found.entry(LinksIn(row.succession_id)).or_default().push(row);
        }
        Ok(found)
    }
}

/// What can happen to units.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "row::SuccessionKind")]
pub enum SuccessionKind {
    /// Several became one.
    Merged,
    /// One became several.
    Split,
    /// One ended, and nobody stands in for it.
    Closed,
}

/// A merger, a split or a closure of units, from a day on.
#[derive(Clone)]
pub struct Succession(pub(crate) row::Model);

/// A merger, a split or a closure of units, from a day on.
#[Object]
impl Succession {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// What happened.
    async fn kind(&self) -> SuccessionKind {
        self.0.kind.into()
    }

    /// First day on which the units before do not exist any more.
    async fn first_day(&self) -> Date {
        Date(self.0.first_day)
    }

    /// The units that ended, as far as the viewer may see them.
    async fn predecessors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        let links = ctx.loaders()?.many(LinksIn(self.0.id)).await?;
        visible(ctx, links.iter().map(|link| link.predecessor_id)).await
    }

    /// The units that came after, as far as the viewer may see them.
    async fn successors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        let links = ctx.loaders()?.many(LinksIn(self.0.id)).await?;
        visible(ctx, links.iter().filter_map(|link| link.successor_id)).await
    }

    /// The unit that bears the record of those that ended, if the viewer may see it.
    async fn heir(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        let links = ctx.loaders()?.many(LinksIn(self.0.id)).await?;
        match links.iter().filter(|link| link.heir).find_map(|link| link.successor_id) {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// When it was undone; what was undone counts for nothing.
    async fn undone_at(&self) -> Option<DateTime<Utc>> {
        self.0.undone_at
    }
}

/// Each unit once, in the order in which they are named.
async fn visible(ctx: &Context<'_>, ids: impl Iterator<Item = UnitId>) -> async_graphql::Result<Vec<Unit>> {
    let mut seen = BTreeSet::new();
    let ids: Vec<UnitId> = ids.filter(|id| seen.insert(*id)).collect();
    Ok(ctx.loaders()?.each(ids).await?.into_iter().map(Unit::of).collect())
}

/// What a unit went through, those that were undone too, oldest first.
pub(crate) async fn successions(ctx: &Context<'_>, unit: UnitId) -> async_graphql::Result<Vec<Succession>> {
    let mut ids: Vec<SuccessionId> =
        ctx.loaders()?.many(LinksOf(unit)).await?.iter().map(|link| link.succession_id).collect();
    ids.dedup();
    Ok(ctx.loaders()?.each(ids).await?.into_iter().map(Succession).collect())
}

/// The units directly before (`after` false) or after a unit.
pub(crate) async fn neighbours(ctx: &Context<'_>, unit: UnitId, after: bool) -> async_graphql::Result<Vec<Unit>> {
    let links = ctx.loaders()?.many(LinksOf(unit)).await?;
    let rows = ctx.loaders()?.each(links.iter().map(|link| link.succession_id)).await?;
    let standing: BTreeSet<_> = rows.iter().filter(|row| row.undone_at.is_none()).map(|row| row.id).collect();
    let mut ids = Vec::new();
    for link in links.iter().filter(|link| standing.contains(&link.succession_id)) {
        if after && link.predecessor_id == unit {
            ids.extend(link.successor_id);
        } else if !after && link.successor_id == Some(unit) {
            ids.push(link.predecessor_id);
        }
    }
    visible(ctx, ids.into_iter()).await
}

/// The name of a unit on a day.
pub(crate) async fn name_on(
    ctx: &Context<'_>,
    unit: &entity::unit::Model,
    day: NaiveDate,
) -> async_graphql::Result<String> {
    let former = ctx.loaders()?.many(NamesOf(unit.id)).await?;
    let held = former.iter().find(|name| day <= name.last_day);
    Ok(held.map_or_else(|| unit.name.clone(), |name| name.name.clone()))
}

/// A name that a unit had once.
pub struct FormerName(pub(crate) unit_name::Model);

/// A name that a unit had once.
#[Object]
impl FormerName {
    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// First day of the name.
    async fn first_day(&self) -> Date {
        Date(self.0.first_day)
    }

    /// Last day of the name.
    async fn last_day(&self) -> Date {
        Date(self.0.last_day)
    }
}

/// Another name from a day on.
#[derive(InputObject)]
pub struct RenameUnitInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which unit.
    unit: ID,
    /// The version that you read.
    expected_version: i64,
    /// Its new name, unique in the network.
    name: String,
    /// First day of the new name, today at the latest; earlier days keep the earlier name.
    first_day: Date,
}

/// A unit at the version that you read.
#[derive(InputObject)]
pub struct KnownUnitInput {
    /// Which unit.
    unit: ID,
    /// The version that you read.
    expected_version: i64,
}

/// A unit that comes after another: one that exists, or one to be set up. Give `unit`, or `name` and `category`.
#[derive(InputObject)]
pub struct SuccessorInput {
    /// A unit that exists.
    unit: Option<ID>,
    /// Name of a unit to be set up, unique in the network.
    name: Option<String>,
    /// Code of its category.
    category: Option<String>,
    /// The unit above it.
    parent: Option<ID>,
}

impl SuccessorInput {
    fn successor(self) -> Result<succession::Successor> {
        let parent = GlobalId::parse_optional(self.parent.as_ref(), "into.parent")?;
        match (self.unit, self.name, self.category) {
            (Some(unit), None, None) => Ok(succession::Successor::Known(GlobalId::parse(&unit, "into.unit")?)),
            (None, Some(name), Some(category)) => {
                Ok(succession::Successor::Founded(succession::Founded { name, category, parent }))
            }
            _ => Err(Error::invalid(
                "into",
                "give a unit that exists, or the name and the category of one to be set up",
                "请选择现有单位，或填写新设单位的名称和类别",
            )),
        }
    }
}

/// Units that become one.
#[derive(InputObject)]
pub struct MergeUnitsInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The units that end, 1 to 20.
    units: Vec<KnownUnitInput>,
    /// The unit that comes after them and bears their record.
    into: SuccessorInput,
    /// First day on which it stands in for them.
    first_day: Date,
}

/// A unit that becomes several.
#[derive(InputObject)]
pub struct SplitUnitInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The unit that ends.
    unit: ID,
    /// The version that you read.
    expected_version: i64,
    /// The units that come after it, two or more.
    into: Vec<SuccessorInput>,
    /// Which of them bears its record, counted from 0.
    #[graphql(default)]
    heir: u32,
    /// First day on which they stand in for it.
    first_day: Date,
}

/// A unit that ends.
#[derive(InputObject)]
pub struct CloseUnitInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The unit that ends.
    unit: ID,
    /// The version that you read.
    expected_version: i64,
    /// The last day on which it exists.
    last_day: Date,
}

/// A merger, a split or a closure to be taken back.
#[derive(InputObject)]
pub struct UndoSuccessionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which.
    succession: ID,
    /// The version that you read.
    expected_version: i64,
}

payloads! {
    /// What came of renaming a unit.
    RenameUnitPayload {
        /// The unit.
        unit: Unit,
    }
    /// What came of merging, splitting or closing units, or of undoing that.
    SuccessionPayload {
        /// The merger, the split or the closure.
        succession: Succession,
    }
}

async fn succeeded(
    ctx: &Context<'_>,
    result: Result<succession::SuccessionOutcome>,
) -> async_graphql::Result<SuccessionPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => SuccessionPayload {
            succession: ctx.loaders()?.one(outcome.succession).await?.map(Succession),
            user_errors: Vec::new(),
        },
        Err(errors) => SuccessionPayload::refused(errors),
    })
}

/// Renaming, merging, splitting and closing units.
#[derive(Default)]
pub struct SuccessionMutation;

#[Object]
impl SuccessionMutation {
    /// Gives a unit another name from a day on; earlier days keep the earlier name. For system administrators.
    async fn rename_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RenameUnitInput,
    ) -> async_graphql::Result<RenameUnitPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = rename::RenameUnit {
                idempotency_key: input.idempotency_key,
                unit: GlobalId::parse(&input.unit, "unit")?,
                expected_version: input.expected_version,
                name: input.name,
                first_day: input.first_day.0,
            };
            rename::rename(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => RenameUnitPayload {
                unit: ctx.loaders()?.one(outcome.unit).await?.map(Unit::of),
                user_errors: Vec::new(),
            },
            Err(errors) => RenameUnitPayload::refused(errors),
        })
    }

    /// Merges units into one from a day on. No fact moves: questions about figures choose for whom it counts. For system
    /// administrators.
    async fn merge_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: MergeUnitsInput,
    ) -> async_graphql::Result<SuccessionPayload> {
        let service = ctx.service()?;
        let run = async {
            let units = input.units.iter().map(|known| {
                let unit = GlobalId::parse(&known.unit, "units.unit")?;
                Ok(Known { unit, expected_version: known.expected_version })
            });
            let command = succession::MergeUnits {
                idempotency_key: input.idempotency_key,
                units: units.collect::<Result<_>>()?,
                into: input.into.successor()?,
                first_day: input.first_day.0,
            };
            succession::merge(service, command).await
        };
        succeeded(ctx, run.await).await
    }

    /// Splits a unit into several from a day on, one of which bears its record. For system administrators.
    async fn split_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SplitUnitInput,
    ) -> async_graphql::Result<SuccessionPayload> {
        let service = ctx.service()?;
        let run = async {
            let unit = GlobalId::parse(&input.unit, "unit")?;
            let command = succession::SplitUnit {
                idempotency_key: input.idempotency_key,
                unit: Known { unit, expected_version: input.expected_version },
                into: input.into.into_iter().map(SuccessorInput::successor).collect::<Result<_>>()?,
                heir: usize::try_from(input.heir).unwrap_or(usize::MAX),
                first_day: input.first_day.0,
            };
            succession::split(service, command).await
        };
        succeeded(ctx, run.await).await
    }

    /// Closes a unit for which nobody stands in. For system administrators.
    async fn close_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CloseUnitInput,
    ) -> async_graphql::Result<SuccessionPayload> {
        let service = ctx.service()?;
        let run = async {
            let unit = GlobalId::parse(&input.unit, "unit")?;
            let command = succession::CloseUnit {
                idempotency_key: input.idempotency_key,
                unit: Known { unit, expected_version: input.expected_version },
                last_day: input.last_day.0,
            };
            succession::close(service, command).await
        };
        succeeded(ctx, run.await).await
    }

    /// Takes a merger, a split or a closure back: the units before exist again. For system administrators.
    async fn undo_succession(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UndoSuccessionInput,
    ) -> async_graphql::Result<SuccessionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = undo::UndoSuccession {
                idempotency_key: input.idempotency_key,
                succession: GlobalId::parse(&input.succession, "succession")?,
                expected_version: input.expected_version,
            };
            undo::undo(service, command).await
        };
        succeeded(ctx, run.await).await
    }
}
