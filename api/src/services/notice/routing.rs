//! The people behind the words of a rule: whoever leads a unit, whoever answers for it in the office.

use std::collections::{BTreeMap, BTreeSet};

use analytics::rulebook::Addressee;
use chrono::NaiveDate;
use entity::charge::{self, Post};
use entity::ids::{ChargeId, NetworkId, PersonId, UnitId};
use entity::role_grant::{self, Role};
use entity::staffing::{self, Duty};
use entity::{charge_unit, person, unit_category};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};

use crate::error::Result;

/// Who is told about which unit. Only open accounts are in it.
#[derive(Debug, Default)]
pub(crate) struct Routing {
    by_unit: BTreeMap<(Addressee, UnitId), BTreeSet<PersonId>>,
    /// Those who are told about some units.
    charged: BTreeMap<(Addressee, PersonId), BTreeSet<UnitId>>,
    /// Those who are told about every unit.
    everywhere: BTreeMap<Addressee, BTreeSet<PersonId>>,
}

impl Routing {
    /// Reads who holds which role, duty and post on a day.
    pub(crate) async fn load(conn: &impl ConnectionTrait, network: NetworkId, day: NaiveDate) -> Result<Self> {
        let mut routing = Self::default();
        let open = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::DisabledAt.is_null())
            .into_query();
        let leaders = routing.duties(conn, network, day, open.clone()).await?;
        routing.roles(conn, network, &leaders, open.clone()).await?;
        routing.charges(conn, network, open).await?;
        Ok(routing)
    }

    /// 分管领导 and 科长 by the staff list; returns who is in charge of the information work of which unit.
    async fn duties(
        &mut self,
        conn: &impl ConnectionTrait,
        network: NetworkId,
        day: NaiveDate,
        open: sea_orm::sea_query::SelectStatement,
    ) -> Result<BTreeSet<(UnitId, PersonId)>> {
        use staffing::Column as C;

        let rows = staffing::Entity::find()
            .filter(C::NetworkId.eq(network))
            .filter(C::Duty.is_in([Duty::LeaderInCharge, Duty::SectionChief]))
            .filter(C::PersonId.in_subquery(open))
            .filter(C::FirstDay.lte(day))
            .filter(Condition::any().add(C::LastDay.is_null()).add(C::LastDay.gte(day)))
            .all(conn)
            .await?;
        let mut leaders = BTreeSet::new();
        for row in rows {
            let Some(person) = row.person_id else { continue };
            let to = match row.duty {
                Duty::LeaderInCharge => Addressee::LeaderInCharge,
                Duty::SectionChief => Addressee::SectionChief,
                Duty::FullTime | Duty::PartTime | Duty::InvitedExpert | Duty::UrgentContact => continue,
            };
            if to == Addressee::LeaderInCharge {
                leaders.insert((row.unit_id, person));
            }
            self.by_unit.entry((to, row.unit_id)).or_default().insert(person);
        }
        Ok(leaders)
    }

    /// Everybody else by their roles. A leader in charge of the information work is not the main leader.
    async fn roles(
        &mut self,
        conn: &impl ConnectionTrait,
        network: NetworkId,
        leaders: &BTreeSet<(UnitId, PersonId)>,
        open: sea_orm::sea_query::SelectStatement,
    ) -> Result<()> {
        use role_grant::Column as C;

        let members = unit_category::Entity::find()
            .select_only()
            .column(unit_category::Column::UnitId)
            .filter(unit_category::Column::NetworkId.eq(network))
            .into_query();
        let rows = role_grant::Entity::find()
            .filter(C::RevokedAt.is_null())
            .filter(C::PersonId.in_subquery(open))
            .filter(Condition::any().add(C::UnitId.in_subquery(members)).add(C::NetworkId.eq(network)))
            .all(conn)
            .await?;
        for row in rows {
            match (row.role, row.unit_id) {
                (Role::UnitLeader, Some(unit)) if !leaders.contains(&(unit, row.person_id)) => {
                    self.by_unit.entry((Addressee::UnitLeader, unit)).or_default().insert(row.person_id);
                }
                (Role::SectionChief, Some(unit)) => {
                    self.by_unit.entry((Addressee::SectionChief, unit)).or_default().insert(row.person_id);
                }
                (Role::Officer, Some(unit)) => {
                    self.by_unit.entry((Addressee::Officer, unit)).or_default().insert(row.person_id);
                }
                (Role::ChiefEditor, None) => {
                    self.everywhere.entry(Addressee::ChiefEditor).or_default().insert(row.person_id);
                }
                (Role::Editor, None) => {
                    self.everywhere.entry(Addressee::Editor).or_default().insert(row.person_id);
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn charges(
        &mut self,
        conn: &impl ConnectionTrait,
        network: NetworkId,
        open: sea_orm::sea_query::SelectStatement,
    ) -> Result<()> {
        let rows = charge::Entity::find()
            .filter(charge::Column::NetworkId.eq(network))
            .filter(charge::Column::EndedAt.is_null())
            .filter(charge::Column::PersonId.in_subquery(open))
            .all(conn)
            .await?;
        let of_charge = charge_unit::Entity::find()
            .filter(charge_unit::Column::ChargeId.is_in(rows.iter().map(|row| row.id)))
            .all(conn)
            .await?;
        let mut units: BTreeMap<ChargeId, BTreeSet<UnitId>> = BTreeMap::new();
        for row in of_charge {
            units.entry(row.charge_id).or_default().insert(row.unit_id);
        }
        for row in rows {
            let to = match row.post {
                Post::Head => Addressee::Head,
                Post::DeputyHead => Addressee::DeputyHead,
                Post::SecretaryGeneral => Addressee::SecretaryGeneral,
                Post::DeputySecretaryGeneral => Addressee::DeputySecretaryGeneral,
            };
            if row.post.is_over_all() {
                self.everywhere.entry(to).or_default().insert(row.person_id);
            } else {
                let held = units.remove(&row.id).unwrap_or_default();
                self.charged.entry((to, row.person_id)).or_default().extend(held);
            }
        }
        Ok(())
    }

    /// Who is told about a unit in this capacity.
    pub(crate) fn people(&self, to: Addressee, unit: UnitId) -> BTreeSet<PersonId> {
        let held = self.charged.iter().filter(|((as_what, _), units)| *as_what == to && units.contains(&unit));
        let mut people: BTreeSet<PersonId> = held.map(|((_, person), _)| *person).collect();
        people.extend(self.by_unit.get(&(to, unit)).into_iter().flatten());
        people.extend(self.everywhere.get(&to).into_iter().flatten());
        people
    }
}
