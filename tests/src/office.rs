//! One network of a server, and its people: a client for each role, made when a case first asks for it.

use api::services;
use api::state::AppState;
use axum::Router;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::ids::{NetworkId, PersonId, PublicationId, UnitId};
use entity::notice_run::{self, RunState};
use entity::role_grant::Role;
use entity::{network, notice, person, publication, unit};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveEnum as _, ColumnTrait as _, DatabaseConnection, EntityTrait as _, QueryFilter as _};

use crate::builders::{self, AdoptionBuilder, SubmissionBuilder};
use crate::client::Client;

/// One network of a server.
#[derive(Clone)]
pub struct Office {
    state: AppState,
    router: Router,
    network: NetworkId,
}

/// Where a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a unit.
    Unit(UnitId),
    /// On a network.
    Network(NetworkId),
    /// On the platform.
    Platform,
}

impl Office {
    /// The network with this code.
    pub(crate) async fn find(state: &AppState, router: &Router, code: &str) -> Self {
        let row = network::Entity::find()
            .filter(network::Column::Code.eq(code))
            .one(state.database().reader())
            .await
            .expect("networks can be read")
            .unwrap_or_else(|| panic!("there is no network {code}"));
        Self { state: state.clone(), router: router.clone(), network: row.id }
    }

    /// Another network of the same server.
    pub async fn neighbour(&self, code: &str) -> Self {
        Self::find(&self.state, &self.router, code).await
    }

    pub(crate) fn router(&self) -> &Router {
        &self.router
    }

    /// The connection that writes, for rows that no request can bring about.
    pub fn writer(&self) -> &DatabaseConnection {
        self.state.database().writer()
    }

    /// The server's time.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.state.clock().now()
    }

    /// 信息员 of a unit.
    pub async fn officer(&self, unit: &str) -> Client {
        self.on_unit(Role::Officer, unit).await
    }

    /// 科室负责人 of a unit.
    pub async fn section_chief(&self, unit: &str) -> Client {
        self.on_unit(Role::SectionChief, unit).await
    }

    /// 主要领导 or 分管领导 of a unit.
    pub async fn leader(&self, unit: &str) -> Client {
        self.on_unit(Role::UnitLeader, unit).await
    }

    /// 信息科.
    pub async fn editor(&self) -> Client {
        self.on_network(Role::Editor).await
    }

    /// 办公室领导.
    pub async fn chief_editor(&self) -> Client {
        self.on_network(Role::ChiefEditor).await
    }

    /// 市领导, over the whole network.
    pub async fn city_leader(&self) -> Client {
        self.on_network(Role::CityLeader).await
    }

    /// An analyst of the whole network.
    pub async fn analyst(&self) -> Client {
        self.on_network(Role::Analyst).await
    }

    /// The machine that sends notices.
    pub async fn sms_worker(&self) -> Client {
        self.on_network(Role::SmsWorker).await
    }

    /// 系统管理员.
    pub async fn system_administrator(&self) -> Client {
        self.client(Role::SystemAdministrator, Place::Platform).await
    }

    /// 安全管理员.
    pub async fn security_administrator(&self) -> Client {
        self.client(Role::SecurityAdministrator, Place::Platform).await
    }

    /// 审计员.
    pub async fn auditor(&self) -> Client {
        self.client(Role::Auditor, Place::Platform).await
    }

    /// Whoever holds a role on a unit of this network.
    pub async fn on_unit(&self, role: Role, unit: &str) -> Client {
        self.client(role, Place::Unit(self.unit(unit).await)).await
    }

    /// Whoever holds a role on this network.
    pub async fn on_network(&self, role: Role) -> Client {
        self.client(role, Place::Network(self.network)).await
    }

    /// Whoever holds a role somewhere, with a fresh access token; the same person each time.
    pub async fn client(&self, role: Role, place: Place) -> Client {
        let person = self.holder(role, place).await;
        self.sign_in(person).await
    }

    /// A client of a person, with a fresh access token and no password asked.
    pub async fn sign_in(&self, person: PersonId) -> Client {
        let session = services::session::open_for(&self.state, person).await.expect("a session can be opened");
        Client::signed_in(self.router.clone(), session.access_token)
    }

    /// Whoever carries this access token.
    pub fn bearer(&self, access_token: &str) -> Client {
        Client::signed_in(self.router.clone(), access_token)
    }

    /// Whoever holds a role somewhere: one person for each role and place.
    pub async fn holder(&self, role: Role, place: Place) -> PersonId {
        let (label, unit, network) = match place {
            Place::Unit(unit) => (format!("unit{unit}"), Some(unit), None),
            Place::Network(network) => (format!("network{network}"), None, Some(network)),
            Place::Platform => ("platform".to_owned(), None, None),
        };
        let login = format!("{}.{label}", role.to_value());
        let known = person::Entity::find()
            .filter(person::Column::Login.eq(&login))
            .one(self.state.database().reader())
            .await
            .expect("people can be read");
        if let Some(person) = known {
            return person.id;
        }
        let person = builders::person(self.writer(), &login, unit, self.now()).await;
        builders::grant(self.writer(), person, role, network, unit, self.now()).await;
        person
    }

    /// A submission of a unit, written as a row.
    pub async fn submission(&self, unit: &str) -> SubmissionBuilder<'_> {
        let unit = self.unit(unit).await;
        let officer = self.holder(Role::Officer, Place::Unit(unit)).await;
        SubmissionBuilder::new(self, unit, officer)
    }

    /// An adoption of a submission by a publication of this network, written as a row.
    pub async fn adoption(&self, submission: &entity::submission::Model, publication: &str) -> AdoptionBuilder<'_> {
        let publication = self.publication(publication).await;
        let editor = self.holder(Role::Editor, Place::Network(self.network)).await;
        AdoptionBuilder::new(self, submission, publication, editor)
    }

    /// The network's row id.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The network's global id.
    pub fn network_id(&self) -> String {
        global("Network", self.network.0)
    }

    /// The global id of the consumer of the network's text messages.
    pub async fn consumer_id(&self) -> String {
        crate::notices::consumer(&self.state, self.network).await
    }

    /// A run of notices without texts, as a row.
    pub async fn notice_run(&self, period: &str, state: RunState) -> i64 {
        let row = notice_run::ActiveModel {
            id: NotSet,
            network_id: Set(self.network),
            rule: Set("by.hand".to_owned()),
            kind: Set("result".to_owned()),
            period: Set(period.to_owned()),
            state: Set(state),
            reason: Set(None),
            template_version: Set(1),
            circular_id: Set(None),
            due_at: Set(None),
            drafted_by: Set(None),
            gaps: Set("[]".to_owned()),
            created_at: Set(self.now()),
            approved_by: Set(None),
            approved_at: Set(None),
            released_at: Set(None),
            version: Set(1),
        };
        notice_run::Entity::insert(row).exec(self.writer()).await.expect("the period is free").last_insert_id.0
    }

    /// A notice that was sent to somebody, with its run.
    pub async fn told(&self, period: &str, to: PersonId) -> (i64, i64) {
        let run = crate::notices::release(&self.state, self.network, period, &[to]).await.expect("the period is free");
        let notice = notice::Entity::find()
            .filter(notice::Column::RunId.eq(run))
            .one(self.state.database().reader())
            .await
            .expect("notices can be read")
            .expect("the run has a notice");
        (run.0, notice.id.0)
    }

    /// A unit's row id, by its name.
    pub async fn unit(&self, name: &str) -> UnitId {
        unit::Entity::find()
            .filter(unit::Column::NetworkId.eq(self.network))
            .filter(unit::Column::Name.eq(name))
            .one(self.state.database().reader())
            .await
            .expect("units can be read")
            .unwrap_or_else(|| panic!("the network has no unit {name}"))
            .id
    }

    /// A unit's global id, by its name.
    pub async fn unit_id(&self, name: &str) -> String {
        global("Unit", self.unit(name).await.0)
    }

    /// A publication's row id, by its code.
    pub async fn publication(&self, code: &str) -> PublicationId {
        publication::Entity::find()
            .filter(publication::Column::NetworkId.eq(self.network))
            .filter(publication::Column::Code.eq(code))
            .one(self.state.database().reader())
            .await
            .expect("publications can be read")
            .unwrap_or_else(|| panic!("the network has no publication {code}"))
            .id
    }

    /// A publication's global id, by its code.
    pub async fn publication_id(&self, code: &str) -> String {
        global("Publication", self.publication(code).await.0)
    }
}

/// The global id of a row.
pub fn global(kind: &str, row: i64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}:{row}"))
}
