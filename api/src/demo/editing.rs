//! The office's year: issues of its own publications, what they adopt, what goes further up, and what leaders write on it.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc, Weekday};
use entity::ids::{EndorsementId, IssueId, PublicationId, SendingUpId, SubmissionId};
use entity::issue::{self, IssueState};
use entity::submission::SubmissionState;
use entity::{endorsement, publication, sending_up};
use sea_orm::ConnectionTrait;

use super::acts::Act;
use super::calendar::YEAR;
use super::chance::Chance;
use super::item::Item;
use super::names;
use super::rows::{fresh, insert};
use super::texts;
use super::world::World;
use crate::auth::policy::Action;
use crate::services::audit::{Entry, ObjectKind};

/// The issues of the year, and the acts that made them.
pub(super) struct Editing<'a> {
    world: &'a World,
    issues: Vec<issue::Model>,
}

/// Opens the issues: the first own publication appears twice a week, the others once. The last of each is still open.
pub(super) async fn open_issues<'a>(
    conn: &impl ConnectionTrait,
    world: &'a World,
) -> anyhow::Result<(Editing<'a>, Vec<Act>)> {
    let mut issues = plan(world);
    let ids = insert::<issue::Entity, _>(conn, issues.iter().map(|row| fresh!(issue, row.clone())).collect()).await?;
    let mut acts = Vec::new();
    for (row, id) in issues.iter_mut().zip(ids) {
        row.id = id;
        put_on_record(world, row, &mut acts);
    }
    Ok((Editing { world, issues }, acts))
}

fn plan(world: &World) -> Vec<issue::Model> {
    let mut issues = Vec::new();
    for (place, publication) in world.own().enumerate() {
        let weekdays: &[Weekday] = if place == 0 { &[Weekday::Tue, Weekday::Fri] } else { &[Weekday::Thu] };
        let mut days: Vec<NaiveDate> = weekdays.iter().flat_map(|weekday| world.calendar.each(*weekday)).collect();
        days.sort_unstable();
        let last = days.last().copied();
        for (number, day) in (1..).zip(days) {
            let open = Some(day) == last;
            issues.push(issue::Model {
                id: IssueId(0),
                publication_id: publication.id,
                number,
                year: i64::from(YEAR),
                issued_on: day,
                state: if open { IssueState::Open } else { IssueState::Published },
                version: if open { 1 } else { 3 },
            });
        }
    }
    issues
}

fn put_on_record(world: &World, row: &issue::Model, acts: &mut Vec<Act>) {
    let entry = |action: Action| Entry::new(action.name(), ObjectKind::Issue, row.id.0);
    let (editor, chief) = (world.desk.editor.id, world.desk.chief.id);
    let opened = world.calendar.routine(row.issued_on, 9 * 60 + 20);
    acts.push(Act::new(opened, editor, entry(Action::CreateIssue)));
    if row.state == IssueState::Published {
        let at = |minute| world.calendar.routine(row.issued_on, minute);
        acts.push(Act::new(at(15 * 60), chief, entry(Action::ApproveIssue).moved("open", "approved")));
        acts.push(Act::new(at(16 * 60), chief, entry(Action::PublishIssue).moved("approved", "published")));
    }
}

impl Editing<'_> {
    /// The issues before they are stored.
    #[cfg(test)]
    pub(super) fn unstored(world: &World) -> Editing<'_> {
        Editing { world, issues: plan(world) }
    }

    /// Has an item that was taken in adopted, and all that may follow. Near the end of the year nothing may be left to adopt it.
    pub(super) fn adopt(&self, item: &mut Item, chance: &mut Chance) {
        let own: Vec<&publication::Model> = self.world.own().collect();
        let Some((first, others)) = own.split_first() else { return };
        let mut chosen = Vec::new();
        match (others.is_empty(), chance.weighted(&[66, 25, 9])) {
            (true, _) | (_, 0) => chosen.push(*first),
            (_, 1) => chosen.push(others[chance.index(others.len())]),
            _ => chosen.extend([*first, others[chance.index(others.len())]]),
        }
        let Some(received) = item.row.received_at else { return };
        let mut issues: Vec<_> = chosen.iter().filter_map(|of| self.next_issue(of, received, chance)).collect();
        issues.sort_unstable_by_key(|(at, _, _)| *at);
        for (at, issue, of) in issues {
            let mut adoption = item.adoption(self.world, issue.issued_on, at);
            adoption.publication_id = of.id;
            adoption.issue_id = Some(issue.id);
            adoption.class = self.class(of, &item.row.kind, chance);
            item.be_adopted(Action::AdoptSubmission, adoption);
        }
        if item.row.state == SubmissionState::Adopted {
            self.follow(item, chance);
        }
    }

    /// An issue that is compiled after `received`, with the moment of its compilation: the next, or the one after it.
    fn next_issue<'p>(
        &self,
        of: &'p publication::Model,
        received: DateTime<Utc>,
        chance: &mut Chance,
    ) -> Option<(DateTime<Utc>, &issue::Model, &'p publication::Model)> {
        let minute = 10 * 60 + of.position % 8 * 12;
        let issues = self.issues.iter().filter(|issue| issue.publication_id == of.id);
        let moments = issues.map(|issue| (self.world.calendar.routine(issue.issued_on, minute), issue, of));
        let mut later = moments.filter(|(at, _, _)| *at > received);
        let next = later.next();
        if chance.happens(150) { later.next().or(next) } else { next }
    }

    /// The class named like the item's kind, or one of the first classes.
    fn class(&self, of: &publication::Model, kind: &str, chance: &mut Chance) -> Option<String> {
        let classes = self.world.classes(of);
        let same = classes.iter().find(|class| **class == kind).copied();
        let usual = || classes.get(chance.weighted(&[8, 3, 1])).or(classes.first()).copied();
        same.or_else(usual).map(str::to_owned)
    }

    /// What follows an adoption: leaders write on it, it is sent up, it is adopted and written on higher up.
    fn follow(&self, item: &mut Item, chance: &mut Chance) {
        let levels = self.world.levels();
        let Some((home, above)) = levels.split_first() else { return };
        let way_up = self.world.way_up();
        let through = way_up.filter(|way| item.adoptions.iter().any(|adoption| adoption.publication_id == way.id));
        let last = item.adoptions.len() - 1;
        if chance.happens(if through.is_some() { 90 } else { 12 }) {
            self.endorse(item, last, home, chance);
        }
        let (Some(way), Some(next)) = (through, above.first()) else { return };
        if !chance.happens(420) || !self.send_up(item, way.id, next, chance) {
            return;
        }
        // One level after the other, ever more rarely.
        for (level, per_mille) in above.iter().zip([300, 240, 150]) {
            if !chance.happens(per_mille) || !self.adopt_higher(item, way.id, level, chance) {
                return;
            }
            if chance.happens(320) {
                let adoption = item.adoptions.len() - 1;
                self.endorse(item, adoption, level, chance);
            }
        }
    }

    /// A working day between `from` and `to` days after the last thing that happened to the item.
    fn after(&self, item: &Item, from: i64, to: i64, chance: &mut Chance) -> Option<NaiveDate> {
        let adopted = item.adoptions.iter().map(|row| row.recorded_at);
        let written = item.endorsements.iter().map(|(_, row)| row.recorded_at);
        let last = adopted.chain(item.sendings.iter().map(|row| row.recorded_at)).chain(written).max()?;
        let days = usize::try_from(chance.between(from, to)).ok()?;
        self.world.calendar.later(self.world.calendar.day(last), days)
    }

    fn send_up(&self, item: &mut Item, way: PublicationId, level: &str, chance: &mut Chance) -> bool {
        let Some(day) = self.after(item, 1, 3, chance) else { return false };
        item.be_sent_up(sending_up::Model {
            id: SendingUpId(0),
            network_id: self.world.network,
            submission_id: SubmissionId(0),
            publication_id: way,
            to_level: level.to_owned(),
            sent_on: day,
            recorded_by: self.world.desk.editor.id,
            recorded_at: self.world.calendar.routine(day, 16 * 60 + 30),
        });
        true
    }

    fn adopt_higher(&self, item: &mut Item, way: PublicationId, level: &str, chance: &mut Chance) -> bool {
        let publications = self.world.higher(level);
        if publications.is_empty() {
            return false;
        }
        let of = publications[chance.index(publications.len())];
        let recorded = self.after(item, 4, 15, chance);
        let Some(day) = recorded else { return false };
        let number = i64::from(day.ordinal()) * 2 / 3 + 1;
        let mut adoption = item.adoption(self.world, day, self.world.calendar.routine(day, 17 * 60));
        adoption.publication_id = of.id;
        adoption.via_publication_id = Some(way);
        adoption.class = self.class(of, &item.row.kind, chance);
        adoption.evidence = Some(format!("《{}》{YEAR}年第{number}期", of.name));
        item.be_adopted(Action::RecordAdoption, adoption);
        true
    }

    fn endorse(&self, item: &mut Item, adoption: usize, level: &str, chance: &mut Chance) {
        let Some(day) = self.after(item, 1, 6, chance) else { return };
        let desk = &self.world.desk;
        let home = self.world.levels().first() == Some(&level);
        // The office's own leader writes in person; for the others the editor keeps the record.
        let in_person = home && chance.happens(500);
        let leader = if in_person { desk.leader.name.clone() } else { names::person(chance) };
        let rank = if chance.happens(350) { "主要领导" } else { "分管领导" };
        item.be_endorsed(
            adoption,
            endorsement::Model {
                id: EndorsementId(0),
                network_id: self.world.network,
                submission_id: SubmissionId(0),
                adoption_id: None,
                leader,
                level: level.to_owned(),
                rank: Some(if in_person { "分管领导" } else { rank }.to_owned()),
                text: chance.pick(&texts::ENDORSED).to_owned(),
                endorsed_on: day,
                recorded_by: if in_person { desk.leader.id } else { desk.editor.id },
                recorded_at: self.world.calendar.routine(day, 17 * 60 + 30),
                leader_rank: None,
                confidential: false,
                confidential_parts: None,
                follow_up_due_on: Some(self.world.rules.follow_up().due_on(day)),
                followed_up_on: None,
                follow_up: None,
                follow_up_id: None,
                followed_up_by: None,
                followed_up_at: None,
                revoked_at: None,
                revoked_by: None,
                revoked_because: None,
                version: 1,
            },
        );
    }
}
