//! Everybody who can stand at the door: one caller for each role and each way of being somebody else's.

use entity::ids::PersonId;
use entity::role_grant::Role;
use tests::app::TestApp;
use tests::client::Client;
use tests::office::{Office, Place};

/// Somebody at the door, as the printed tables call them.
pub(super) struct Caller {
    /// Who it is.
    pub(super) label: &'static str,
    person: Option<PersonId>,
}

/// The label of whoever has no account.
pub(super) const STRANGER: &str = "stranger";
/// The label of the machine that sends notices.
pub(super) const SMS_WORKER: &str = "SMS worker";
/// The label of whoever reads figures but no texts.
pub(super) const ANALYST: &str = "analyst";
/// The labels of those who hold no role in any office.
pub(super) const ADMINISTRATORS: [&str; 3] = ["system administrator", "security administrator", "auditor"];
/// The labels of those who do not know of the unit's work.
pub(super) const OUTSIDERS: [&str; 2] = ["officer of another unit", "editor of another network"];

/// Everybody, in the order of the printed tables. The unit is the one whose work the tables are about.
pub(super) async fn cast(app: &TestApp, unit: &str, other_unit: &str, elsewhere: &Office) -> Vec<Caller> {
    let place = Place::Unit(app.unit(unit).await);
    let other_place = Place::Unit(app.unit(other_unit).await);
    let network = Place::Network(app.network());
    let other_network = Place::Network(elsewhere.network());
    let roles = [
        ("officer", Role::Officer, place),
        ("section chief", Role::SectionChief, place),
        ("unit leader", Role::UnitLeader, place),
        (OUTSIDERS[0], Role::Officer, other_place),
        ("editor", Role::Editor, network),
        ("chief editor", Role::ChiefEditor, network),
        ("city leader", Role::CityLeader, network),
        ("city leader in charge of the unit", Role::CityLeader, place),
        (ANALYST, Role::Analyst, network),
        (SMS_WORKER, Role::SmsWorker, network),
        (OUTSIDERS[1], Role::Editor, other_network),
        (ADMINISTRATORS[0], Role::SystemAdministrator, Place::Platform),
        (ADMINISTRATORS[1], Role::SecurityAdministrator, Place::Platform),
        (ADMINISTRATORS[2], Role::Auditor, Place::Platform),
    ];
    let mut callers = vec![Caller { label: STRANGER, person: None }];
    for (label, role, place) in roles {
        callers.push(Caller { label, person: Some(app.holder(role, place).await) });
    }
    callers
}

impl Caller {
    /// A client with a fresh session, or none for the stranger.
    pub(super) async fn client(&self, app: &TestApp) -> Client {
        match self.person {
            Some(person) => app.sign_in(person).await,
            None => app.stranger(),
        }
    }
}
