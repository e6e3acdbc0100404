//! What an actor sees: a condition on every query of rows.
//!
//! Lists, counts, loaders, `node(id)` and aggregates all start from one of these selects: `graphql` begins no query
//! of its own over these tables, and `services` only a few that are named, with their reasons, in the test that holds
//! the rule (`tests/it/architecture/scope.rs`).

mod outcomes;

use std::collections::BTreeSet;

use entity::ids::{NetworkId, PersonId, UnitId};
use entity::role_grant::Role;
use entity::submission::SubmissionState;
use entity::{
    adoption, appraisal, assessed_person, commission, commission_assignment, echo, endorsement, incident, issue,
    judgement, library_item, network, person, prompt, publication, quality_coefficient, refusal, relay, role_grant,
    rulebook_version, screening, sending_up, staffing, submission, submission_author, succession, target, training,
    training_attendance, unit, unit_category, urgent_event, urgent_report,
};
use entity::{commission_attachment, commission_extension, commission_step};
use entity::{key_point, key_point_answer, key_point_list, lead};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _, Select,
};

use crate::auth::actor::{Actor, Grant};
use crate::auth::policy::{Action, Reach, roles_for};

/// The rows that one actor may see.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Networks seen as a whole.
    networks: BTreeSet<NetworkId>,
    /// Networks of which one of the actor's units is a member.
    memberships: BTreeSet<NetworkId>,
    /// Units whose own work is seen, drafts included.
    own_units: BTreeSet<UnitId>,
    /// Units whose work is seen once it has been handed in.
    charges: BTreeSet<UnitId>,
    /// Networks whose office the actor works in, and so sees what it sends out.
    offices: BTreeSet<NetworkId>,
    /// Networks whose notices the actor sends.
    served: BTreeSet<NetworkId>,
    /// Units that the actor leads.
    led_units: BTreeSet<UnitId>,
    /// The actor, who sees what is sent to them.
    person: Option<PersonId>,
    /// The actor's roles, each with the networks in which it is held.
    roles: BTreeSet<(Role, NetworkId)>,
    /// Configuration is seen everywhere.
    configures: bool,
    /// Networks whose texts are read.
    read_networks: BTreeSet<NetworkId>,
    /// Units whose texts are read.
    read_units: BTreeSet<UnitId>,
    /// Units, people and networks are administered.
    administers: bool,
    /// The audit log is read.
    audits: bool,
}

/// States in which a submission is still the unit's own affair.
const UNSUBMITTED: [SubmissionState; 2] = [SubmissionState::Draft, SubmissionState::Signed];

impl Scope {
    /// The scope of `actor`.
    pub fn of(actor: &Actor) -> Self {
        let mut scope = Self { memberships: actor.memberships().clone(), person: Some(actor.id()), ..Self::default() };
        for grant in actor.grants() {
            match grant.network {
                Some(network) => scope.roles.extend([(grant.role, network)]),
                // A role on a unit is one in every network that the unit works in.
                None if grant.unit.is_some() => {
                    scope.roles.extend(actor.memberships().iter().map(|network| (grant.role, *network)));
                }
                None => {}
            }
            scope.read_texts(grant);
            match grant.role {
                Role::Editor | Role::ChiefEditor => scope.offices.extend(grant.network),
                Role::SmsWorker => scope.served.extend(grant.network),
                Role::UnitLeader => scope.led_units.extend(grant.unit),
                Role::SystemAdministrator => scope.configures = true,
                Role::Officer
                | Role::SectionChief
                | Role::CityLeader
                | Role::Analyst
                | Role::SecurityAdministrator
                | Role::Auditor => {}
            }
            match grant.role {
                Role::Officer | Role::SectionChief | Role::UnitLeader => scope.own_units.extend(grant.unit),
                Role::Editor | Role::ChiefEditor | Role::CityLeader | Role::Analyst => match grant.unit {
                    Some(_) => scope.charges.extend(&grant.subtree),
                    None => scope.networks.extend(grant.network),
                },
                Role::SystemAdministrator | Role::SecurityAdministrator => scope.administers = true,
                Role::Auditor => scope.audits = true,
                Role::SmsWorker => {}
            }
        }
        scope
    }

    /// Texts are read as far as the policy's [`Action::ReadBodies`] reaches.
    fn read_texts(&mut self, grant: &Grant) {
        for (_, reach) in roles_for(Action::ReadBodies).filter(|(role, _)| *role == grant.role) {
            match (reach, grant.unit) {
                (Reach::OwnUnit, unit) => self.read_units.extend(unit),
                (Reach::Held, Some(_)) => self.read_units.extend(&grant.subtree),
                (Reach::Held, None) => self.read_networks.extend(grant.network),
                (Reach::Platform, _) => {}
            }
        }
    }

    /// Of the visible submissions, those whose texts are read.
    pub fn readable(&self) -> Condition {
        Condition::any()
            .add(submission::Column::NetworkId.is_in(self.read_networks.iter().copied()))
            .add(submission::Column::UnitId.is_in(self.read_units.iter().copied()))
    }

    /// Whether `network` is seen as a whole.
    pub fn sees_network(&self, network: NetworkId) -> bool {
        self.networks.contains(&network)
    }

    /// Whether `unit`'s work is seen, its drafts perhaps not.
    pub fn sees_unit(&self, unit: UnitId) -> bool {
        self.own_units.contains(&unit) || self.charges.contains(&unit)
    }

    /// Units on which the actor works or which are in the actor's charge.
    pub fn units_seen(&self) -> impl Iterator<Item = UnitId> {
        self.own_units.union(&self.charges).copied()
    }

    /// Whether the audit log is read.
    pub fn audits(&self) -> bool {
        self.audits
    }

    fn any_network(&self) -> impl Iterator<Item = NetworkId> {
        self.networks.union(&self.memberships).copied()
    }

    /// Networks that the actor works in, or all for the platform's administrators.
    pub fn networks(&self) -> Select<network::Entity> {
        let select = network::Entity::find();
        if self.administers || self.audits {
            select
        } else {
            select.filter(network::Column::Id.is_in(self.any_network()))
        }
    }

    /// Units.
    pub fn units(&self) -> Select<unit::Entity> {
        let select = unit::Entity::find();
        if self.administers {
            return select;
        }
        let members = unit_category::Entity::find()
            .select_only()
            .column(unit_category::Column::UnitId)
            .filter(unit_category::Column::NetworkId.is_in(self.networks.iter().copied()))
            .into_query();
        select.filter(
            Condition::any()
                .add(unit::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(unit::Column::Id.in_subquery(members))
                .add(unit::Column::Id.is_in(self.units_seen())),
        )
    }

    /// Mergers, splits and closures among the units of the actor's networks.
    pub fn successions(&self) -> Select<succession::Entity> {
        let select = succession::Entity::find();
        if self.administers { select } else { select.filter(succession::Column::NetworkId.is_in(self.any_network())) }
    }

    /// Submissions: a unit's own from the first draft, others' once they have been handed in.
    pub fn submissions(&self) -> Select<submission::Entity> {
        let handed_in = Condition::all().add(submission::Column::State.is_not_in(UNSUBMITTED)).add(
            Condition::any()
                .add(submission::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(submission::Column::UnitId.is_in(self.charges.iter().copied())),
        );
        submission::Entity::find().filter(
            Condition::any()
                .add(submission::Column::UnitId.is_in(self.own_units.iter().copied()))
                .add(submission::Column::Id.in_subquery(self.composites()))
                .add(handed_in),
        )
    }

    /// What the office made of a unit's and others' submissions is seen by each of the units.
    fn composites(&self) -> SelectStatement {
        submission::Entity::find()
            .select_only()
            .column(submission::Column::MergedIntoId)
            .filter(submission::Column::UnitId.is_in(self.units_seen()))
            .filter(submission::Column::MergedIntoId.is_not_null())
            .into_query()
    }

    fn submission_ids(&self) -> SelectStatement {
        self.submissions().select_only().column(submission::Column::Id).into_query()
    }

    /// Writers of visible submissions.
    pub fn authors(&self) -> Select<submission_author::Entity> {
        submission_author::Entity::find()
            .filter(submission_author::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Refusals of visible submissions.
    pub fn refusals(&self) -> Select<refusal::Entity> {
        refusal::Entity::find().filter(refusal::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Screening decisions on visible submissions.
    pub fn screenings(&self) -> Select<screening::Entity> {
        screening::Entity::find().filter(screening::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Appraisals of visible submissions.
    pub fn appraisals(&self) -> Select<appraisal::Entity> {
        appraisal::Entity::find().filter(appraisal::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Adoptions of visible submissions.
    pub fn adoptions(&self) -> Select<adoption::Entity> {
        adoption::Entity::find().filter(adoption::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Sendings-up of visible submissions.
    pub fn sendings_up(&self) -> Select<sending_up::Entity> {
        sending_up::Entity::find().filter(sending_up::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Endorsements of visible submissions.
    pub fn endorsements(&self) -> Select<endorsement::Entity> {
        endorsement::Entity::find().filter(endorsement::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Steps from network to network, of which an end is visible.
    pub fn relays(&self) -> Select<relay::Entity> {
        relay::Entity::find().filter(
            Condition::any()
                .add(relay::Column::LowerId.in_subquery(self.submission_ids()))
                .add(relay::Column::UpperId.in_subquery(self.submission_ids())),
        )
    }

    /// What was told of visible submissions from above.
    pub fn echoes(&self) -> Select<echo::Entity> {
        let visible = relay::Entity::find()
            .select_only()
            .column(relay::Column::Id)
            .filter(relay::Column::LowerId.in_subquery(self.submission_ids()))
            .into_query();
        echo::Entity::find().filter(echo::Column::RelayId.in_subquery(visible))
    }

    /// What the libraries of the actor's networks keep: for everybody in them.
    pub fn library_items(&self) -> Select<library_item::Entity> {
        library_item::Entity::find().filter(library_item::Column::NetworkId.is_in(self.any_network()))
    }

    /// Publications of the actor's networks.
    pub fn publications(&self) -> Select<publication::Entity> {
        publication::Entity::find().filter(publication::Column::NetworkId.is_in(self.any_network()))
    }

    /// Issues: all for the office, published ones for its members.
    pub fn issues(&self) -> Select<issue::Entity> {
        let of = |networks: Vec<NetworkId>| {
            publication::Entity::find()
                .select_only()
                .column(publication::Column::Id)
                .filter(publication::Column::NetworkId.is_in(networks))
                .into_query()
        };
        issue::Entity::find().filter(
            Condition::any()
                .add(issue::Column::PublicationId.in_subquery(of(self.networks.iter().copied().collect())))
                .add(
                    Condition::all()
                        .add(issue::Column::State.eq(issue::IssueState::Published))
                        .add(issue::Column::PublicationId.in_subquery(of(self.memberships.iter().copied().collect()))),
                ),
        )
    }

    /// Assignments of the actor's networks and units.
    pub fn assignments(&self) -> Select<commission_assignment::Entity> {
        let commissions = commission::Entity::find()
            .select_only()
            .column(commission::Column::Id)
            .filter(commission::Column::NetworkId.is_in(self.networks.iter().copied()))
            .into_query();
        commission_assignment::Entity::find().filter(
            Condition::any()
                .add(commission_assignment::Column::CommissionId.in_subquery(commissions))
                .add(commission_assignment::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Commissions of the actor's networks, and those that ask one of the actor's units.
    pub fn commissions(&self) -> Select<commission::Entity> {
        let asked = commission_assignment::Entity::find()
            .select_only()
            .column(commission_assignment::Column::CommissionId)
            .filter(commission_assignment::Column::UnitId.is_in(self.units_seen()))
            .into_query();
        commission::Entity::find().filter(
            Condition::any()
                .add(commission::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(commission::Column::Id.in_subquery(asked)),
        )
    }

    fn commission_ids(&self) -> SelectStatement {
        self.commissions().select_only().column(commission::Column::Id).into_query()
    }

    /// The chains of visible commissions.
    pub fn commission_steps(&self) -> Select<commission_step::Entity> {
        commission_step::Entity::find().filter(commission_step::Column::CommissionId.in_subquery(self.commission_ids()))
    }

    /// Attachments of visible commissions.
    pub fn commission_attachments(&self) -> Select<commission_attachment::Entity> {
        commission_attachment::Entity::find()
            .filter(commission_attachment::Column::CommissionId.in_subquery(self.commission_ids()))
    }

    /// Replaced deadlines of visible assignments.
    pub fn commission_extensions(&self) -> Select<commission_extension::Entity> {
        let assignments = self.assignments().select_only().column(commission_assignment::Column::Id).into_query();
        commission_extension::Entity::find().filter(commission_extension::Column::AssignmentId.in_subquery(assignments))
    }

    /// Leads: all for the office, a section's own for the section.
    pub fn leads(&self) -> Select<lead::Entity> {
        lead::Entity::find().filter(
            Condition::any()
                .add(lead::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(lead::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Key points of the actor's networks: the office's, and those of its members' network.
    pub fn key_point_lists(&self) -> Select<key_point_list::Entity> {
        key_point_list::Entity::find().filter(key_point_list::Column::NetworkId.is_in(self.any_network()))
    }

    /// The points of those lists.
    pub fn key_points(&self) -> Select<key_point::Entity> {
        let lists = self.key_point_lists().select_only().column(key_point_list::Column::Id).into_query();
        key_point::Entity::find().filter(key_point::Column::ListId.in_subquery(lists))
    }

    /// Answers to key points: by visible submissions that have been handed in and not taken back.
    pub fn key_point_answers(&self) -> Select<key_point_answer::Entity> {
        let handed_in = self
            .submissions()
            .filter(submission::Column::SubmittedOn.is_not_null())
            .filter(submission::Column::State.ne(SubmissionState::Withdrawn))
            .select_only()
            .column(submission::Column::Id)
            .into_query();
        key_point_answer::Entity::find().filter(key_point_answer::Column::SubmissionId.in_subquery(handed_in))
    }

    /// Incidents.
    pub fn incidents(&self) -> Select<incident::Entity> {
        incident::Entity::find().filter(
            Condition::any()
                .add(incident::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(incident::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Urgent events.
    pub fn urgent_events(&self) -> Select<urgent_event::Entity> {
        urgent_event::Entity::find().filter(
            Condition::any()
                .add(urgent_event::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(urgent_event::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Parts of the reporting of visible urgent events.
    pub fn urgent_reports(&self) -> Select<urgent_report::Entity> {
        let events = self.urgent_events().select_only().column(urgent_event::Column::Id).into_query();
        urgent_report::Entity::find().filter(urgent_report::Column::EventId.in_subquery(events))
    }

    /// Prompts to direct-report points.
    pub fn prompts(&self) -> Select<prompt::Entity> {
        prompt::Entity::find().filter(
            Condition::any()
                .add(prompt::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(prompt::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Who took part in visible trainings, and in others from the actor's units.
    pub fn attendances(&self) -> Select<training_attendance::Entity> {
        let trainings = self.trainings().select_only().column(training::Column::Id).into_query();
        training_attendance::Entity::find().filter(
            Condition::any()
                .add(training_attendance::Column::TrainingId.in_subquery(trainings))
                .add(training_attendance::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Trainings.
    pub fn trainings(&self) -> Select<training::Entity> {
        training::Entity::find().filter(
            Condition::any()
                .add(training::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(training::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Staffing.
    pub fn staffing(&self) -> Select<staffing::Entity> {
        staffing::Entity::find().filter(
            Condition::any()
                .add(staffing::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(staffing::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Judgements.
    pub fn judgements(&self) -> Select<judgement::Entity> {
        judgement::Entity::find().filter(
            Condition::any()
                .add(judgement::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(judgement::Column::UnitId.is_in(self.units_seen())),
        )
    }

    /// Quality coefficients of visible submissions.
    pub fn quality_coefficients(&self) -> Select<quality_coefficient::Entity> {
        quality_coefficient::Entity::find()
            .filter(quality_coefficient::Column::SubmissionId.in_subquery(self.submission_ids()))
    }

    /// Targets: all for the office; for a member its own, and those that are not any single unit's.
    pub fn targets(&self) -> Select<target::Entity> {
        target::Entity::find().filter(
            Condition::any()
                .add(target::Column::NetworkId.is_in(self.networks.iter().copied()))
                .add(target::Column::UnitId.is_in(self.units_seen()))
                .add(
                    Condition::all()
                        .add(target::Column::UnitId.is_null())
                        .add(target::Column::NetworkId.is_in(self.memberships.iter().copied())),
                ),
        )
    }

    /// Which visible units stand for a person.
    pub fn assessed_people(&self) -> Select<assessed_person::Entity> {
        let units = self.units().select_only().column(unit::Column::Id).into_query();
        assessed_person::Entity::find().filter(assessed_person::Column::UnitId.in_subquery(units))
    }

    /// Rulebook versions: drafts for the office only.
    pub fn rulebook_versions(&self) -> Select<rulebook_version::Entity> {
        rulebook_version::Entity::find().filter(
            Condition::any().add(rulebook_version::Column::NetworkId.is_in(self.networks.iter().copied())).add(
                Condition::all()
                    .add(rulebook_version::Column::State.eq(rulebook_version::RulebookState::Active))
                    .add(rulebook_version::Column::NetworkId.is_in(self.memberships.iter().copied())),
            ),
        )
    }

    /// People: colleagues, the people of the office's networks, everybody for the administrators.
    pub fn people(&self) -> Select<person::Entity> {
        let select = person::Entity::find();
        if self.administers || self.audits {
            return select;
        }
        let units = self.units().select_only().column(unit::Column::Id).into_query();
        let holders = role_grant::Entity::find()
            .select_only()
            .column(role_grant::Column::PersonId)
            .filter(role_grant::Column::NetworkId.is_in(self.networks.iter().copied()))
            .into_query();
        select.filter(
            Condition::any()
                .add(person::Column::UnitId.in_subquery(units))
                .add(person::Column::Id.in_subquery(holders)),
        )
    }
}
