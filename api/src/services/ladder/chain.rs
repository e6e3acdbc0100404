//! The whole way of an item: where it came from, who adopted it, where it was sent up, what came back, and what each step was worth.
//!
//! What happened above is shown as it was told, so that nobody needs to see the network above to read the chain.

use std::collections::BTreeMap;

use analytics::facts::FactKind;
use analytics::points::Points;
use analytics::rulebook::Currency;
use analytics::scoring::Amount;
use chrono::NaiveDate;
use entity::ids::{AdoptionId, EndorsementId, NetworkId, SendingUpId, SubmissionId};
use entity::{adoption, echo, endorsement, network, publication, relay, sending_up, submission, unit};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::{HEIGHT, relay_to, relays_from};
use crate::error::{Code, Error, Result};
use crate::services::{Ctx, local_day, network_row, score};

/// What happened at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// A unit handed it in.
    Submission,
    /// A publication took it up.
    Adoption,
    /// The office sent it on.
    SendingUp,
    /// A leader wrote on it.
    Endorsement,
}

/// One step of the way.
#[derive(Clone, Debug)]
pub struct Step {
    /// What happened.
    pub kind: StepKind,
    /// How many networks stand below the one in which it happened.
    pub height: usize,
    /// The network in which it happened.
    pub network: NetworkId,
    /// What people call that network.
    pub network_name: String,
    /// The unit that handed it in.
    pub unit_name: Option<String>,
    /// Printed name of the publication that adopted it, or through which it went up.
    pub publication: Option<String>,
    /// Code of the level that adopted it, or to which it went, or of the leader.
    pub level: Option<String>,
    /// Local day.
    pub day: NaiveDate,
    /// The submission in that network.
    pub submission: Option<SubmissionId>,
    /// The adoption as this network keeps it.
    pub adoption: Option<AdoptionId>,
    /// The sending-up.
    pub sending_up: Option<SendingUpId>,
    /// The endorsement as this network keeps it.
    pub endorsement: Option<EndorsementId>,
    /// Where it can be read.
    pub evidence: Option<String>,
    /// What it gave in this network; none for those who may not read figures.
    pub points: Option<Points>,
}

/// The way of an item.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The steps, by day, from below to above.
    pub steps: Vec<Step>,
    /// Everything that the item gave or took in this network; none for those who may not read figures.
    pub points: Option<Points>,
}

/// The chain of a submission that the actor may see.
pub async fn of(ctx: &Ctx, row: &submission::Model) -> Result<Chain> {
    let conn = ctx.reader();
    let worth = worth(ctx, row).await?;
    let mut steps = below(conn, row).await?;
    let base = steps.iter().filter(|step| step.kind == StepKind::Submission).count();
    let home = network_row(conn, row.network_id).await?;
    steps.push(handed_in(conn, row, &home, base).await?);
    let mut here = Here { row, home, base, worth, above: above(conn, row.id).await?, told: told(conn, row.id).await? };
    steps.extend(here.adoptions(conn).await?);
    steps.extend(here.sendings(conn).await?);
    steps.extend(here.endorsements(conn).await?);
    steps.extend(here.rumours(conn).await?);
    steps.sort_by_key(|step| (step.day, step.height, step.kind, step.adoption, step.endorsement));
    Ok(Chain { steps, points: here.worth.map(|worth| worth.total) })
}

/// Where it came from, from the first network on.
async fn below(conn: &impl ConnectionTrait, row: &submission::Model) -> Result<Vec<Step>> {
    let mut relays: Vec<relay::Model> = Vec::new();
    let mut item = row.id;
    while let Some(step) = relay_to(conn, item).await?.filter(|_| relays.len() < HEIGHT) {
        item = step.lower_id;
        relays.push(step);
    }
    let mut steps = Vec::new();
    for (height, step) in relays.iter().rev().enumerate() {
        let network = network_row(conn, step.lower_network_id).await?;
        let item = submission::Entity::find_by_id(step.lower_id).one(conn).await?.ok_or_else(Error::not_found)?;
        steps.push(handed_in(conn, &item, &network, height).await?);
        let day = local_day(&network, step.relayed_at);
        steps.push(Step { level: Some(step.to_level.clone()), ..bare(StepKind::SendingUp, height, &network, day) });
    }
    Ok(steps)
}

async fn handed_in(
    conn: &impl ConnectionTrait,
    item: &submission::Model,
    network: &network::Model,
    height: usize,
) -> Result<Step> {
    let unit = unit::Entity::find_by_id(item.unit_id).one(conn).await?;
    let day = item.submitted_on.unwrap_or_else(|| local_day(network, item.created_at));
    Ok(Step {
        unit_name: unit.map(|unit| unit.name),
        submission: Some(item.id),
        ..bare(StepKind::Submission, height, network, day)
    })
}

fn bare(kind: StepKind, height: usize, network: &network::Model, day: NaiveDate) -> Step {
    Step {
        kind,
        height,
        network: network.id,
        network_name: network.name.clone(),
        unit_name: None,
        publication: None,
        level: None,
        day,
        submission: None,
        adoption: None,
        sending_up: None,
        endorsement: None,
        evidence: None,
        points: None,
    }
}

/// The networks above through which it went, the nearest first.
async fn above(conn: &impl ConnectionTrait, item: SubmissionId) -> Result<Vec<network::Model>> {
    let mut networks = Vec::new();
    let mut level = vec![item];
    while !level.is_empty() && networks.len() < HEIGHT {
        let mut next = Vec::new();
        for item in level {
            for step in relays_from(conn, item).await? {
                networks.push(network_row(conn, step.upper_network_id).await?);
                next.push(step.upper_id);
            }
        }
        level = next;
    }
    Ok(networks)
}

/// What came back from above.
async fn told(conn: &impl ConnectionTrait, item: SubmissionId) -> Result<Vec<echo::Model>> {
    let relays: Vec<_> = relays_from(conn, item).await?.into_iter().map(|step| step.id).collect();
    Ok(echo::Entity::find().filter(echo::Column::RelayId.is_in(relays)).all(conn).await?)
}

struct Here<'a> {
    row: &'a submission::Model,
    home: network::Model,
    base: usize,
    worth: Option<Worth>,
    above: Vec<network::Model>,
    told: Vec<echo::Model>,
}

impl Here<'_> {
    /// A step of this network, or of the one above in which it happened.
    fn step(&self, kind: StepKind, told: Option<&echo::Model>, day: NaiveDate) -> Step {
        let source = told.and_then(|echo| self.above.iter().position(|network| network.id == echo.source_network_id));
        match source {
            Some(place) => bare(kind, self.base + place + 1, &self.above[place], day),
            None => bare(kind, self.base, &self.home, day),
        }
    }

    fn points(&self, kind: FactKind, id: i64) -> Option<Points> {
        self.worth.as_ref().map(|worth| worth.by_fact.get(&(kind, id)).copied().unwrap_or_default())
    }

    async fn adoptions(&mut self, conn: &impl ConnectionTrait) -> Result<Vec<Step>> {
        let rows = adoption::Entity::find().filter(adoption::Column::SubmissionId.eq(self.row.id)).all(conn).await?;
        let mut steps = Vec::new();
        for row in rows {
            let publication = publication::Entity::find_by_id(row.publication_id).one(conn).await?;
            let told = self.told.iter().find(|echo| echo.adoption_id == Some(row.id));
            let printed = told.and_then(|echo| echo.publication.clone());
            steps.push(Step {
                publication: printed.or_else(|| publication.as_ref().map(|publication| publication.name.clone())),
                level: publication.map(|publication| publication.level),
                adoption: Some(row.id),
                points: self.points(FactKind::Adoption, row.id.0),
                evidence: row.evidence,
                ..self.step(StepKind::Adoption, told, row.adopted_on)
            });
        }
        Ok(steps)
    }

    async fn sendings(&self, conn: &impl ConnectionTrait) -> Result<Vec<Step>> {
        let rows = sending_up::Entity::find().filter(sending_up::Column::SubmissionId.eq(self.row.id));
        let mut steps = Vec::new();
        for row in rows.all(conn).await? {
            let publication = publication::Entity::find_by_id(row.publication_id).one(conn).await?;
            steps.push(Step {
                publication: publication.map(|publication| publication.name),
                level: Some(row.to_level),
                sending_up: Some(row.id),
                points: self.points(FactKind::SendingUp, row.id.0),
                ..self.step(StepKind::SendingUp, None, row.sent_on)
            });
        }
        Ok(steps)
    }

    async fn endorsements(&self, conn: &impl ConnectionTrait) -> Result<Vec<Step>> {
        let rows = endorsement::Entity::find().filter(endorsement::Column::SubmissionId.eq(self.row.id));
        let mut steps = Vec::new();
        for row in rows.all(conn).await? {
            let told = self.told.iter().find(|echo| echo.endorsement_id == Some(row.id));
            steps.push(Step {
                level: Some(row.level),
                endorsement: Some(row.id),
                points: self.points(FactKind::Endorsement, row.id.0),
                ..self.step(StepKind::Endorsement, told, row.endorsed_on)
            });
        }
        Ok(steps)
    }

    /// What was told and has no place in this network's rulebook.
    async fn rumours(&self, conn: &impl ConnectionTrait) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        for echo in &self.told {
            if echo.adoption_id.is_some() || echo.endorsement_id.is_some() {
                continue;
            }
            let (kind, day, level) = match (echo.source_adoption_id, echo.source_endorsement_id) {
                (Some(id), _) => {
                    let row = adoption::Entity::find_by_id(id).one(conn).await?.ok_or_else(Error::not_found)?;
                    (StepKind::Adoption, row.adopted_on, None)
                }
                (None, Some(id)) => {
                    let row = endorsement::Entity::find_by_id(id).one(conn).await?.ok_or_else(Error::not_found)?;
                    (StepKind::Endorsement, row.endorsed_on, Some(row.level))
                }
                (None, None) => continue,
            };
            steps.push(Step {
                publication: echo.publication.clone(),
                level,
                points: self.worth.as_ref().map(|_| Points::ZERO),
                ..self.step(kind, Some(echo), day)
            });
        }
        Ok(steps)
    }
}

/// What an item gave in its own network.
struct Worth {
    by_fact: BTreeMap<(FactKind, i64), Points>,
    total: Points,
}

/// Every line about the submission, of each assessment year in which something happened to it.
async fn worth(ctx: &Ctx, row: &submission::Model) -> Result<Option<Worth>> {
    let mut worth = Worth { by_fact: BTreeMap::new(), total: Points::ZERO };
    let Some(mut day) = row.submitted_on else { return Ok(Some(worth)) };
    let today = local_day(&network_row(ctx.reader(), row.network_id).await?, ctx.now());
    let snapshot = ctx.facts(row.network_id).await?;
    let as_reported = score::Attribution::AsReported;
    while day <= today {
        let year = snapshot.versions.year_of(day);
        let lines = match score::lines(ctx, row.network_id, row.unit_id, year, Currency::Points, as_reported).await {
            Ok(lines) => lines,
            Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        for line in lines.iter().filter(|line| line.submission == Some(row.id.0)) {
            let Amount::Points(points) = line.amount else { continue };
            worth.total = worth.total.checked_add(points).unwrap_or(worth.total);
            // A line that several facts share is the first one's.
            if let Some(fact) = line.facts.first() {
                let sum = worth.by_fact.entry((fact.kind, fact.id)).or_default();
                *sum = sum.checked_add(points).unwrap_or(*sum);
            }
        }
        let Some(next) = year.last.succ_opt() else { break };
        day = next;
    }
    Ok(Some(worth))
}
