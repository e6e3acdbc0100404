//! What comes of the work: notices and who they go to, closings, circulars, payments, talks, and files of figures.

use entity::notice::NoticeState;
use entity::settlement::SettlementState;
use entity::{
    appeal, charge, circular, closing, consumer, export, notice, notice_run, saved_query, settlement, settlement_line,
    talk,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _, Select,
};

use super::Scope;

impl Scope {
    /// Notices: all of an office's, those that were sent to the actor, and those that tell of a unit to its leaders.
    pub fn notices(&self) -> Select<notice::Entity> {
        let sent =
            Condition::all().add(notice::Column::State.is_not_in([NoticeState::Planned, NoticeState::Cancelled]));
        notice::Entity::find().filter(
            Condition::any()
                .add(notice::Column::NetworkId.is_in(self.offices.iter().copied()))
                .add(sent.clone().add(notice::Column::RecipientId.is_in(self.person)))
                .add(sent.add(notice::Column::UnitId.is_in(self.led_units.iter().copied()))),
        )
    }

    /// Runs of notices: the office's.
    pub fn notice_runs(&self) -> Select<notice_run::Entity> {
        notice_run::Entity::find().filter(notice_run::Column::NetworkId.is_in(self.offices.iter().copied()))
    }

    /// Who answers for which units: the office's, and all for the administrators.
    pub fn charges(&self) -> Select<charge::Entity> {
        let select = charge::Entity::find();
        if self.administers {
            return select;
        }
        select.filter(charge::Column::NetworkId.is_in(self.offices.iter().copied()))
    }

    /// Consumers: the office's, and all for whoever configures the platform.
    pub fn consumers(&self) -> Select<consumer::Entity> {
        let select = consumer::Entity::find();
        if self.configures {
            return select;
        }
        select.filter(consumer::Column::NetworkId.is_in(self.offices.iter().copied()))
    }

    /// Consumers for which the actor sends notices.
    pub fn served_consumers(&self) -> Select<consumer::Entity> {
        consumer::Entity::find().filter(consumer::Column::NetworkId.is_in(self.served.iter().copied()))
    }

    /// Closings: for the office and its members.
    pub fn closings(&self) -> Select<closing::Entity> {
        closing::Entity::find().filter(closing::Column::NetworkId.is_in(self.any_network()))
    }

    /// Appeals of the actor's networks and units.
    pub fn appeals(&self) -> Select<appeal::Entity> {
        appeal::Entity::find().filter(
            Condition::any()
                .add(appeal::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(appeal::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Saved queries: everybody's own, and those of a network that are shared with one of the actor's roles in it.
    pub fn saved_queries(&self) -> Select<saved_query::Entity> {
        let shared = self.roles.iter().fold(Condition::any(), |any, (role, network)| {
            let column = saved_query::Column::SharedWith;
            let shared = column.contains(saved_query::marked(*role));
            any.add(Condition::all().add(saved_query::Column::NetworkId.eq(*network)).add(shared))
        });
        saved_query::Entity::find()
            .filter(Condition::any().add(saved_query::Column::PersonId.is_in(self.person)).add(shared))
    }

    /// Exports: everybody's own.
    pub fn exports(&self) -> Select<export::Entity> {
        export::Entity::find().filter(export::Column::PersonId.is_in(self.person))
    }

    /// Settlements: all of the office's, and for members those that were approved.
    pub fn settlements(&self) -> Select<settlement::Entity> {
        let approved = settlement::Column::State.is_in([SettlementState::Approved, SettlementState::Reversed]);
        settlement::Entity::find().filter(
            Condition::any().add(settlement::Column::NetworkId.is_in(self.networks.iter().copied())).add(
                Condition::all()
                    .add(settlement::Column::NetworkId.is_in(self.memberships.iter().copied()))
                    .add(approved),
            ),
        )
    }

    /// Lines of settlements: all of the office's, of an approved one those of the actor's units and the actor's own.
    pub fn settlement_lines(&self) -> Select<settlement_line::Entity> {
        let visible = self.settlements().select_only().column(settlement::Column::Id).into_query();
        let mine = Condition::any()
            .add(settlement_line::Column::UnitId.is_in(self.units_seen()))
            .add(settlement_line::Column::PersonId.is_in(self.person));
        settlement_line::Entity::find().filter(
            Condition::any()
                .add(settlement_line::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(Condition::all().add(settlement_line::Column::SettlementId.in_subquery(visible)).add(mine)),
        )
    }

    /// Lines of approved settlements.
    pub fn paid_lines(&self) -> Select<settlement_line::Entity> {
        let approved = self
            .settlements()
            .filter(settlement::Column::State.is_in([SettlementState::Approved, SettlementState::Reversed]))
            .select_only()
            .column(settlement::Column::Id)
            .into_query();
        self.settlement_lines().filter(settlement_line::Column::SettlementId.in_subquery(approved))
    }

    /// Talks: the office's, and those with the actor's units.
    pub fn talks(&self) -> Select<talk::Entity> {
        talk::Entity::find().filter(
            Condition::any()
                .add(talk::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(talk::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Circulars: published to the office and its members, every row of them.
    pub fn circulars(&self) -> Select<circular::Entity> {
        circular::Entity::find().filter(circular::Column::NetworkId.is_in(self.any_network()))
    }
}
