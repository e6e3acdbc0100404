//! Writes the year: all of it or nothing, in one transaction.

use analytics::rulebook::Rulebook;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use entity::ids::NetworkId;
use entity::{adoption, endorsement, publication, refusal, screening, sending_up, submission, submission_author, unit};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::acts::{Act, record};
use super::calendar::{Calendar, YEAR};
use super::item::Item;
use super::rows::{fresh, insert, store};
use super::world::{World, members};
use super::{commissions, editing, outreach, people, records, submissions};
use crate::services::audit::{PLATFORM, chain};
use crate::services::facts::history::keep_everything;
use crate::services::network::found;
use crate::state::AppState;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What the network is made from.
pub(super) struct Charter<'a> {
    pub(super) code: &'a str,
    pub(super) name: &'a str,
    pub(super) rulebook: &'a str,
    pub(super) rules: Rulebook,
}

/// Founds the network and fills its year.
pub(super) async fn fill<F: Fn(&str)>(
    state: &AppState,
    charter: Charter<'_>,
    progress: &F,
) -> anyhow::Result<NetworkId> {
    let calendar = Calendar::new(charter.rules.time_zone());
    // Two weeks before the year begins.
    let founding =
        NaiveDate::from_ymd_opt(YEAR - 1, 12, 16).map_or_else(|| state.clock().now(), |day| calendar.at(day, 36_000));
    let txn = state.database().begin().await?;
    progress(&format!("founding {}", charter.name));
    let founded = found(&txn, charter.code, charter.name, charter.rulebook.to_owned(), founding).await?;
    let mut acts: Vec<Act> =
        founded.entries.into_iter().map(|entry| Act { at: founding, actor: None, entry }).collect();
    let network = founded.network;
    let (world, on_platform) = populate(&txn, network, charter, calendar, founding, &mut acts).await?;
    record(&txn, PLATFORM, on_platform, |_| ()).await?;
    acts.append(&mut records::trainings(&txn, &world).await?);
    acts.append(&mut records::staff(&txn, &world).await?);
    let mut items = plan(&txn, &world, &mut acts, progress).await?;
    submit(&txn, &mut items, &mut acts, progress).await?;
    acts.append(&mut outreach::key_points(&txn, &world, &items).await?);
    acts.append(&mut records::incidents(&txn, &world, &items).await?);
    follow(&txn, items, progress).await?;
    put_on_record(&txn, network, acts, progress).await?;
    keep_everything(&txn, network).await?;
    progress("committing");
    txn.commit().await?;
    Ok(network)
}

/// Appends everything to the network's chain.
async fn put_on_record<F: Fn(&str)>(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    acts: Vec<Act>,
    progress: &F,
) -> anyhow::Result<()> {
    let all = thousands(acts.len());
    let mut told = 0;
    let done = |count: usize| {
        if count >= told {
            progress(&format!("putting on record: {} of {all} acts", thousands(count)));
            told = count + 500;
        }
    };
    record(conn, chain(Some(network)), acts, done).await
}

/// Engages the people.
async fn populate(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    charter: Charter<'_>,
    calendar: Calendar,
    at: DateTime<Utc>,
    acts: &mut Vec<Act>,
) -> anyhow::Result<(World, Vec<Act>)> {
    let units = unit::Entity::find()
        .filter(unit::Column::NetworkId.eq(network))
        .order_by_asc(unit::Column::Position)
        .all(conn)
        .await?;
    let publications = publication::Entity::find()
        .filter(publication::Column::NetworkId.eq(network))
        .order_by_asc(publication::Column::Position)
        .all(conn)
        .await?;
    let mut engaged = people::engage(conn, (network, charter.code), &units, at).await?;
    acts.append(&mut engaged.on_network);
    let members = members(&charter.rules, units, engaged.teams);
    let world = World { network, rules: charter.rules, calendar, members, desk: engaged.desk, publications };
    Ok((world, engaged.on_platform))
}

/// Plans every submission, in the order in which they are drafted.
async fn plan<F: Fn(&str)>(
    conn: &impl ConnectionTrait,
    world: &World,
    acts: &mut Vec<Act>,
    progress: &F,
) -> anyhow::Result<Vec<Item>> {
    let (editing, mut issued) = editing::open_issues(conn, world).await?;
    let commissions = commissions::issue(conn, world).await?;
    let mut items = commissions.answers(world, &editing);
    for (place, member) in world.members.iter().enumerate() {
        progress(&format!("planning the year of {}: unit {} of {}", member.name, place + 1, world.members.len()));
        items.append(&mut submissions::year(world, &editing, place));
    }
    acts.append(&mut issued);
    acts.append(&mut outreach::leads(conn, world, &commissions.own).await?);
    acts.append(&mut commissions.into_acts());
    items.sort_by_key(|item| (item.row.created_at, item.member));
    Ok(items)
}

/// Stores the submissions with their writers, month by month.
async fn submit<F: Fn(&str)>(
    conn: &impl ConnectionTrait,
    items: &mut [Item],
    acts: &mut Vec<Act>,
    progress: &F,
) -> anyhow::Result<()> {
    let all = items.len();
    let mut stored = 0;
    for month in items.chunk_by_mut(|one, other| one.row.created_at.month() == other.row.created_at.month()) {
        let name = month.first().map_or("", |item| MONTHS[item.row.created_at.month0() as usize % MONTHS.len()]);
        for part in month.chunks_mut(1_000) {
            progress(&format!("filling {name}: {} of {} submissions", thousands(stored), thousands(all)));
            let rows = part.iter().map(|item| fresh!(submission, item.row.clone())).collect();
            let ids = insert::<submission::Entity, _>(conn, rows).await?;
            for (item, id) in part.iter_mut().zip(ids) {
                acts.append(&mut item.stored_as(id));
            }
            let authors = part.iter().flat_map(|item| &item.authors);
            let authors = authors.map(|row| fresh!(submission_author, row.clone())).collect();
            store::<submission_author::Entity, _>(conn, authors).await?;
            stored += part.len();
        }
    }
    Ok(())
}

/// Stores what the office and the leaders did with them.
async fn follow<F: Fn(&str)>(conn: &impl ConnectionTrait, mut items: Vec<Item>, progress: &F) -> anyhow::Result<()> {
    let (mut refusals, mut screenings, mut sendings) = (Vec::new(), Vec::new(), Vec::new());
    let (mut adoptions, mut endorsements) = (Vec::new(), Vec::new());
    for item in &mut items {
        refusals.extend(item.refusals.drain(..).map(|row| fresh!(refusal, row)));
        screenings.extend(item.screenings.drain(..).map(|row| fresh!(screening, row)));
        sendings.extend(item.sendings.drain(..).map(|row| fresh!(sending_up, row)));
        endorsements.extend(item.endorsements.drain(..).map(|(of, row)| (adoptions.len() + of, row)));
        adoptions.extend(item.adoptions.drain(..).map(|row| fresh!(adoption, row)));
    }
    progress(&format!("filling in {} decisions of the office", thousands(screenings.len() + adoptions.len())));
    store::<refusal::Entity, _>(conn, refusals).await?;
    store::<screening::Entity, _>(conn, screenings).await?;
    store::<sending_up::Entity, _>(conn, sendings).await?;
    let ids = insert::<adoption::Entity, _>(conn, adoptions).await?;
    let endorsements = endorsements.into_iter().map(|(of, mut row)| {
        row.adoption_id = ids.get(of).copied();
        fresh!(endorsement, row)
    });
    store::<endorsement::Entity, _>(conn, endorsements.collect()).await
}

/// A number with commas.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!([0, 999, 1_000, 21_840].map(thousands), ["0", "999", "1,000", "21,840"]);
    }
}
