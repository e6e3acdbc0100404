//! The units' year: how much each hands in, when, and what becomes of it.

use chrono::{DateTime, Duration, Utc};
use entity::refusal::RefusalCode;
use entity::screening::ScreeningReason;
use entity::submission::SubmissionState;

use super::chance::Chance;
use super::editing::Editing;
use super::item::{Beginning, Item};
use super::texts;
use super::world::{Member, World};
use crate::auth::policy::Action;

/// The office takes in what came, twice a working day.
pub(super) const RECEIVING: [i64; 2] = [9 * 60 + 5, 15 * 60 + 35];
const DECLINING: [i64; 1] = [11 * 60 + 20];
const RETURNING: [i64; 1] = [14 * 60 + 20];

/// What becomes of a submission that is not adopted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Handed in and taken in; then declined, or left.
    Ordinary,
    /// Never handed in.
    Kept,
    /// Handed in and taken back.
    Withdrawn,
    /// Refused at receipt; completed the next day, or not.
    Refused { completed: bool },
    /// Sent back; handed in again the next day, or not.
    Returned { again: bool },
}

fn fate(chance: &mut Chance) -> Fate {
    match chance.weighted(&[928, 7, 10, 4, 8, 14, 29]) {
        1 => Fate::Kept,
        2 => Fate::Withdrawn,
        3 => Fate::Refused { completed: false },
        4 => Fate::Refused { completed: true },
        5 => Fate::Returned { again: false },
        6 => Fate::Returned { again: true },
        _ => Fate::Ordinary,
    }
}

/// One stretch of work at a unit's desk: drafted, signed and handed in together.
#[derive(Clone, Copy)]
struct Sitting {
    drafted: DateTime<Utc>,
    signed: DateTime<Utc>,
    handed_in: DateTime<Utc>,
}

impl Sitting {
    fn on(world: &World, day: chrono::NaiveDate, chance: &mut Chance) -> Self {
        let begins =
            if chance.happens(700) { chance.between(8 * 60 + 30, 10 * 60) } else { chance.between(14 * 60, 15 * 60) };
        let drafted = world.calendar.at(day, begins * 60 + chance.between(0, 59));
        let signed = drafted + Duration::seconds(chance.between(30 * 60, 80 * 60));
        Self { drafted, signed, handed_in: signed + Duration::seconds(chance.between(4 * 60, 25 * 60)) }
    }
}

/// Everything that one member writes in the year.
pub(super) fn year(world: &World, editing: &Editing<'_>, member: usize) -> Vec<Item> {
    let mut chance = Chance::of(1_000 + member as u64);
    (1..=12).flat_map(|month| month_of(world, editing, member, month, &mut chance)).collect()
}

fn month_of(world: &World, editing: &Editing<'_>, member: usize, month: u32, chance: &mut Chance) -> Vec<Item> {
    let unit = &world.members[member];
    let count = amount(unit, chance);
    let wanted = adopted_of(unit, count, chance);
    let fates: Vec<Fate> = (0..count).map(|_| fate(chance)).collect();
    let ordinary: Vec<usize> = (0..count).filter(|place| fates[*place] == Fate::Ordinary).collect();
    let mut adopted = vec![false; count];
    for chosen in chance.choose(wanted, ordinary.len()) {
        adopted[ordinary[chosen]] = true;
    }
    let sittings = sittings(world, month, count, chance);
    let mut items = Vec::with_capacity(count);
    for (place, fate) in fates.into_iter().enumerate() {
        let sitting = sittings[place * sittings.len() / count];
        let kind = kind(world, chance);
        let beginning = Beginning { kind, at: sitting.drafted, assignment: None };
        let mut item = Item::draft(world, member, chance, &beginning);
        live(world, &mut item, sitting, fate, chance);
        if adopted[place] {
            editing.adopt(&mut item, chance);
        } else if matches!(fate, Fate::Ordinary | Fate::Returned { again: true }) {
            decline(world, &mut item, chance);
        }
        items.push(item);
    }
    items
}

/// How many a member writes in one month.
fn amount(unit: &Member, chance: &mut Chance) -> usize {
    let exact = unit.quota * unit.diligence * chance.between(960, 1_050);
    usize::try_from((exact + 500_000) / 1_000_000).unwrap_or(0).max(1)
}

/// How many of `count` are adopted; chance decides over the fraction, so small figures come out right over the year.
fn adopted_of(unit: &Member, count: usize, chance: &mut Chance) -> usize {
    let exact = i64::try_from(count).unwrap_or(0) * unit.floor * unit.quality;
    usize::try_from((exact + chance.between(0, 99_999)) / 100_000).unwrap_or(0)
}

/// A unit works on its reports on some days of the month, about six at a time.
fn sittings(world: &World, month: u32, count: usize, chance: &mut Chance) -> Vec<Sitting> {
    let days = world.calendar.month(month);
    let times = count.div_ceil(6).clamp(1, days.len().max(1));
    let day = |time: usize, chance: &mut Chance| days.get((time * days.len() + chance.index(days.len())) / times);
    (0..times).filter_map(|time| day(time, chance).copied().map(|day| Sitting::on(world, day, chance))).collect()
}

/// The first kind that the rulebook declares is the daily bread.
fn kind<'a>(world: &'a World, chance: &mut Chance) -> &'a str {
    const WEIGHTS: [i64; 8] = [58, 13, 7, 5, 8, 4, 5, 2];
    let kinds = world.rules.kinds();
    let weights = &WEIGHTS[..kinds.len().min(WEIGHTS.len())];
    let chosen = if weights.is_empty() { None } else { kinds.get(chance.weighted(weights)) };
    chosen.map_or("", |kind| kind.id.as_str())
}

/// From the draft to the office's inbox, with what can go wrong on the way.
fn live(world: &World, item: &mut Item, sitting: Sitting, fate: Fate, chance: &mut Chance) {
    let officer = item.row.created_by;
    match fate {
        Fate::Kept => {
            if chance.happens(150) {
                item.sign(world, sitting.signed);
            }
        }
        Fate::Withdrawn => {
            item.hand_in(world, sitting.signed, sitting.handed_in);
            // Before the office's next round.
            item.act(
                Action::WithdrawSubmission,
                officer,
                sitting.handed_in + Duration::seconds(chance.between(60, 600)),
            );
        }
        Fate::Refused { completed } => {
            refuse(world, item, sitting, chance);
            if completed && item.row.state == SubmissionState::Refused {
                complete(world, item, chance);
            }
        }
        Fate::Ordinary | Fate::Returned { .. } => {
            item.hand_in(world, sitting.signed, sitting.handed_in);
            receive(world, item, sitting.handed_in);
        }
    }
    if let Fate::Returned { again } = fate
        && item.row.state == SubmissionState::Received
        && let Some(at) = next_day(world, item.row.received_at, &RETURNING)
    {
        let reason =
            [ScreeningReason::NotVerified, ScreeningReason::Incomplete, ScreeningReason::Style][chance.index(3)];
        let comment = Some(chance.pick(&texts::RETURNED).to_owned());
        item.be_screened(Action::ReturnSubmission, world.desk.editor.id, at, (reason, comment));
        if again {
            complete(world, item, chance);
        }
    }
}

/// Hands in without one of the things that receipt asks for.
fn refuse(world: &World, item: &mut Item, sitting: Sitting, chance: &mut Chance) {
    let asked = &world.rules.receipt().requires;
    let missing = if asked.is_empty() { "" } else { asked[chance.index(asked.len())].as_str() };
    let (code, field) = match missing {
        "signatory" => (RefusalCode::NoSignatory, "signatory"),
        "writer" => (RefusalCode::NoWriter, "authors"),
        "contact" => (RefusalCode::NoContact, "contact"),
        // Nothing is asked for, so nothing is refused.
        _ => {
            item.hand_in(world, sitting.signed, sitting.handed_in);
            receive(world, item, sitting.handed_in);
            return;
        }
    };
    match code {
        RefusalCode::NoWriter => item.authors.clear(),
        RefusalCode::NoContact => item.row.contact = None,
        RefusalCode::NoSignatory | RefusalCode::TooLong | RefusalCode::NoEventDay => {}
    }
    if code != RefusalCode::NoSignatory {
        item.sign(world, sitting.signed);
    }
    item.be_refused(code, field, sitting.handed_in);
}

/// Puts right what was wrong on the next working day, and hands in again; not in the next year.
fn complete(world: &World, item: &mut Item, chance: &mut Chance) {
    let Some(last) = item.row.decided_at.or(item.row.submitted_at) else { return };
    let Some(day) = world.calendar.later(world.calendar.day(last), 1) else { return };
    let sitting = Sitting::on(world, day, chance);
    let team = &world.members[item.member].team;
    item.act(Action::UpdateSubmission, team.officer.id, sitting.drafted);
    item.name_what_is_missing(&world.members[item.member]);
    item.hand_in(world, sitting.signed, sitting.handed_in);
    receive(world, item, sitting.handed_in);
}

fn receive(world: &World, item: &mut Item, handed_in: DateTime<Utc>) {
    if let Some(at) = world.calendar.next_routine(handed_in, &RECEIVING) {
        item.act(Action::ReceiveSubmission, world.desk.editor.id, at);
    }
}

/// The first such moment on a working day after that of `at`.
fn next_day(world: &World, at: Option<DateTime<Utc>>, minutes: &[i64]) -> Option<DateTime<Utc>> {
    let day = world.calendar.later(world.calendar.day(at?), 1)?;
    world.calendar.next_routine(world.calendar.at(day, 0), minutes)
}

/// The office screens most of the rest out; some it keeps for a later summary.
fn decline(world: &World, item: &mut Item, chance: &mut Chance) {
    if item.row.state != SubmissionState::Received || chance.happens(320) {
        return;
    }
    let Some(received) = item.row.received_at else { return };
    let days = usize::try_from(chance.between(1, 5)).unwrap_or(1);
    let Some(day) = world.calendar.later(world.calendar.day(received), days) else { return };
    let reasons = [
        (ScreeningReason::LowValue, "信息价值不高，未予采用。"),
        (ScreeningReason::Outdated, "时效性不强。"),
        (ScreeningReason::Duplicate, "同类信息近期已有报送。"),
        (ScreeningReason::OffTopic, "不属于本刊选用范围。"),
    ];
    let (reason, words) = reasons[chance.weighted(&[55, 20, 17, 8])];
    let comment = chance.happens(300).then(|| words.to_owned());
    let at = world.calendar.routine(day, DECLINING[0]);
    item.be_screened(Action::DeclineSubmission, world.desk.editor.id, at, (reason, comment));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::demo::item::check;

    fn counted(items: &[Item]) -> BTreeMap<SubmissionState, usize> {
        let mut counted = BTreeMap::new();
        for item in items {
            *counted.entry(item.row.state).or_default() += 1;
        }
        counted
    }

    #[test]
    fn every_life_follows_the_table_of_moves_and_repeats_itself() {
        let world = World::sample();
        let editing = Editing::unstored(&world);
        for member in [0, 7, 11, world.members.len() - 1] {
            let items = year(&world, &editing, member);
            items.iter().for_each(check);
            let again = year(&world, &editing, member);
            assert!(items.iter().map(|item| &item.row).eq(again.iter().map(|item| &item.row)));
            let counted = counted(&items);
            assert!(counted[&SubmissionState::Declined] > counted[&SubmissionState::Adopted], "{counted:?}");
        }
    }

    #[test]
    fn a_year_brings_about_what_the_quotas_ask_for() {
        let world = World::sample();
        let editing = Editing::unstored(&world);
        let handed_in: usize = (0..world.members.len()).map(|member| year(&world, &editing, member).len()).sum();
        let owed: i64 = world.members.iter().map(|member| member.quota * 12).sum();
        let owed = usize::try_from(owed).unwrap();
        assert!((owed * 9 / 10..owed * 12 / 10).contains(&handed_in), "{handed_in} of {owed}");
    }
}
