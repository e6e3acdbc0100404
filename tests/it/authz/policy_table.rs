//! The policy as a grid of roles and actions, for people to read: `policy_table.txt`. A change of the policy is a change
//! of that file.

use std::fmt::Write as _;

use api::auth::actor::Actor;
use api::auth::policy::{Action, Target, allows};
use entity::role_grant::Role;
use entity::unit_parent;
use expect_test::expect_file;
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, EntityTrait as _};
use tests::app::TestApp;
use tests::builders::date;
use tests::office::Place;

use super::world;

tests::cases![the_policy_is_the_printed_one];

const HEAD: &str = "\
Who may do what.

  unit     for the unit on which the role is held
  subtree  for the unit on which the role is held and every unit below it
  network  for the network on which the role is held and every unit in it
  all      everywhere
  .        not at all

A city leader and an analyst hold their role on a network, or on units in their charge (\"units\").

";

/// The columns: heading, role, and whether it is held on a unit, a network or the platform.
const COLUMNS: [(&str, Role, Held); 13] = [
    ("officer", Role::Officer, Held::Unit),
    ("section chief", Role::SectionChief, Held::Unit),
    ("unit leader", Role::UnitLeader, Held::Unit),
    ("editor", Role::Editor, Held::Network),
    ("chief editor", Role::ChiefEditor, Held::Network),
    ("city leader", Role::CityLeader, Held::Network),
    ("city leader (units)", Role::CityLeader, Held::Unit),
    ("analyst", Role::Analyst, Held::Network),
    ("analyst (units)", Role::Analyst, Held::Unit),
    ("SMS worker", Role::SmsWorker, Held::Network),
    ("system admin.", Role::SystemAdministrator, Held::Platform),
    ("security admin.", Role::SecurityAdministrator, Held::Platform),
    ("auditor", Role::Auditor, Held::Platform),
];

#[derive(Clone, Copy)]
enum Held {
    Unit,
    Network,
    Platform,
}

/// What an action can be aimed at, from near to far.
struct Targets {
    own_unit: Target,
    unit_below: Target,
    other_unit: Target,
    own_network: Target,
    unit_elsewhere: Target,
    other_network: Target,
    platform: Target,
}

async fn the_policy_is_the_printed_one(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let [own, below, other] = [world::UNIT, "木垒县", world::OTHER_UNIT];
    let [own, below, other] = [app.unit(own).await, app.unit(below).await, app.unit(other).await];
    let row = unit_parent::ActiveModel {
        id: NotSet,
        unit_id: Set(below),
        parent_id: Set(own),
        first_day: Set(date("2026-01-01")),
        last_day: Set(None),
    };
    unit_parent::Entity::insert(row).exec(app.writer()).await.expect("a unit can stand below another");
    let targets = Targets {
        own_unit: Target::unit(app.network(), own),
        unit_below: Target::unit(app.network(), below),
        other_unit: Target::unit(app.network(), other),
        own_network: Target::network(app.network()),
        unit_elsewhere: Target::unit(elsewhere.network(), elsewhere.unit(world::UNIT_ELSEWHERE).await),
        other_network: Target::network(elsewhere.network()),
        platform: Target::platform(),
    };
    let mut actors = Vec::new();
    for (_, role, held) in COLUMNS {
        let place = match held {
            Held::Unit => Place::Unit(own),
            Held::Network => Place::Network(app.network()),
            Held::Platform => Place::Platform,
        };
        let person = app.holder(role, place).await;
        let actor = Actor::find(app.writer(), person, app.now()).await.expect("actors can be read");
        actors.push(actor.expect("the account is open"));
    }
    expect_file!["policy_table.txt"].assert_eq(&grid(&actors, &targets));
}

fn grid(actors: &[Actor], targets: &Targets) -> String {
    let first = Action::ALL.iter().map(|action| action.name().len()).max().unwrap_or_default();
    let mut text = HEAD.to_owned();
    let _ = write!(text, "{:first$}", "");
    for (heading, _, _) in COLUMNS {
        let _ = write!(text, " | {heading}");
    }
    text.push('\n');
    for action in Action::ALL {
        let _ = write!(text, "{:first$}", action.name());
        for ((heading, _, _), actor) in COLUMNS.iter().zip(actors) {
            let _ = write!(text, " | {:width$}", reach(actor, *action, targets), width = heading.len());
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// How far an action reaches, as a word; a reach that has no word is a mistake.
fn reach(actor: &Actor, action: Action, targets: &Targets) -> &'static str {
    let reached = [
        targets.own_unit,
        targets.unit_below,
        targets.other_unit,
        targets.own_network,
        targets.unit_elsewhere,
        targets.other_network,
        targets.platform,
    ]
    .map(|target| allows(actor, action, target));
    match reached {
        [false, false, false, false, false, false, false] => ".",
        [true, false, false, false, false, false, false] => "unit",
        [true, true, false, false, false, false, false] => "subtree",
        [true, true, true, true, false, false, false] => "network",
        [true, true, true, true, true, true, true] => "all",
        other => panic!("{} reaches {other:?}, which has no word", action.name()),
    }
}
