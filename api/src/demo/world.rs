//! What the year happens in: the members with their habits, the publications with their issues, the days.
//!
//! All of it comes from the rulebook. Where a rulebook declares no monthly quota or no floor for the adoption rate, a plain
//! assumption stands in, so that any rulebook can be demonstrated.

use analytics::period::PeriodUnit;
use analytics::rulebook::Rulebook;
use entity::ids::{NetworkId, UnitId};
use entity::{publication, unit};

use super::calendar::Calendar;
use super::chance::Chance;
use super::people::{Desk, Team};

const MILLIONTHS: i64 = 1_000_000;

/// Everything that does not change during the year.
pub(super) struct World {
    pub(super) network: NetworkId,
    pub(super) rules: Rulebook,
    pub(super) calendar: Calendar,
    pub(super) members: Vec<Member>,
    pub(super) desk: Desk,
    pub(super) publications: Vec<publication::Model>,
}

/// A unit and its habits.
pub(super) struct Member {
    pub(super) unit: UnitId,
    pub(super) name: String,
    /// Its place in the office's order of units.
    pub(super) order: i64,
    pub(super) team: Team,
    /// Submissions owed per month.
    pub(super) quota: i64,
    /// The adoption rate that is asked for, in percent.
    pub(super) floor: i64,
    /// What is handed in for each thousand owed.
    pub(super) diligence: i64,
    /// What is adopted for each thousand that the floor asks for.
    pub(super) quality: i64,
}

impl Member {
    /// Whether much is asked of it: it is large enough to send people to the office and to hold large trainings.
    pub(super) fn is_large(&self) -> bool {
        self.quota >= 25
    }
}

/// Gives each unit the quota of its category and habits of its own.
pub(super) fn members(rules: &Rulebook, units: Vec<unit::Model>, teams: Vec<Team>) -> Vec<Member> {
    let mut chance = Chance::of(2);
    let with_team = units.into_iter().zip(teams);
    with_team
        .map(|(unit, team)| {
            let category = rules.categories().iter().find(|category| category.members.contains(&unit.name));
            let category = category.map(|category| category.id.as_str()).unwrap_or_default();
            let diligence = match chance.weighted(&[50, 30, 20]) {
                0 => chance.between(1_030, 1_200),
                1 => chance.between(960, 1_060),
                _ => chance.between(600, 920),
            };
            let quality = match chance.weighted(&[45, 30, 25]) {
                0 => chance.between(1_250, 2_300),
                1 => chance.between(900, 1_250),
                _ => chance.between(350, 900),
            };
            let (quota, floor) = (quota(rules, category), floor(rules, category));
            Member { unit: unit.id, name: unit.name, order: unit.position, team, quota, floor, diligence, quality }
        })
        .collect()
}

fn quota(rules: &Rulebook, category: &str) -> i64 {
    let monthly = rules.quotas().iter().filter(|quota| quota.per == PeriodUnit::Month);
    let mut amounts = monthly.flat_map(|quota| &quota.amount).filter(|(of, _)| of == category);
    amounts.next().map_or(10, |(_, amount)| (amount.millionths() / MILLIONTHS).clamp(1, 500))
}

fn floor(rules: &Rulebook, category: &str) -> i64 {
    let parameter = rules.parameters().iter().find(|parameter| parameter.id.ends_with("rate_floor"));
    let amount = parameter.and_then(|parameter| parameter.amount.iter().find(|(of, _)| of == category));
    amount.map_or(10, |(_, amount)| (amount.millionths() / MILLIONTHS).clamp(1, 100))
}

impl World {
    /// The office's own publications.
    pub(super) fn own(&self) -> impl Iterator<Item = &publication::Model> {
        self.publications.iter().filter(|publication| publication.own)
    }

    /// The classes of a publication, by code.
    pub(super) fn classes(&self, of: &publication::Model) -> Vec<&str> {
        let declared = self.rules.publications().iter().find(|declared| declared.id == of.code);
        declared.into_iter().flat_map(|declared| &declared.classes).map(|class| class.id.as_str()).collect()
    }

    /// The own publication through which submissions are sent up: the one that sorts its items, or else the last.
    pub(super) fn way_up(&self) -> Option<&publication::Model> {
        self.own().find(|own| !self.classes(own).is_empty()).or_else(|| self.own().last())
    }

    /// The office's own level and the levels above it, by code, lowest first.
    pub(super) fn levels(&self) -> Vec<&str> {
        let level_of_own = self.own().next().map(|own| own.level.as_str());
        let levels = self.rules.levels().iter().map(|level| level.id.as_str());
        levels.skip_while(|level| level_of_own.is_some_and(|own| own != *level)).collect()
    }

    /// The publications of a level that are not the office's own.
    pub(super) fn higher(&self, level: &str) -> Vec<&publication::Model> {
        self.publications.iter().filter(|publication| !publication.own && publication.level == level).collect()
    }
}

#[cfg(test)]
impl World {
    /// The first built-in office, with people and publications that are not stored.
    pub(super) fn sample() -> Self {
        use entity::ids::{PersonId, PublicationId};

        use super::people::Worker;

        let (id, text) = analytics::rulebook::shipped::all()[0];
        let rules = Rulebook::parse(id, text).unwrap();
        let mut last = 0;
        let mut worker = || {
            last += 1;
            Worker { id: PersonId(last), name: format!("员工{last}") }
        };
        let desk = Desk { editor: worker(), chief: worker(), leader: worker() };
        let names = rules.categories().iter().flat_map(|category| &category.members);
        let units: Vec<unit::Model> = (1..)
            .zip(names)
            .map(|(position, name)| unit::Model {
                id: UnitId(position),
                network_id: NetworkId(1),
                name: name.clone(),
                position,
                direct_report: false,
                opened_on: rules.effective_from(),
                closed_on: None,
                version: 1,
            })
            .collect();
        let teams = units.iter().map(|_| Team { officer: worker(), chief: worker(), leader: worker() }).collect();
        let publications = (1..).zip(rules.publications()).map(|(position, declared)| publication::Model {
            id: PublicationId(position),
            network_id: NetworkId(1),
            code: declared.id.clone(),
            name: declared.name.clone(),
            level: declared.level.clone(),
            own: declared.own,
            position,
        });
        let publications = publications.collect();
        let members = members(&rules, units, teams);
        Self { network: NetworkId(1), calendar: Calendar::new(rules.time_zone()), rules, members, desk, publications }
    }
}
