//! How the tables came to be: one step per file, up and down, on SQLite and on PostgreSQL.
//!
//! Append-only. A step never depends on `entity`: it must still run when today's rows look different.

pub use sea_orm_migration::{MigratorTrait, prelude::MigrationTrait};

mod m20260301_000001_create_network;
mod m20260301_000002_create_person;
mod m20260301_000003_create_commission;
mod m20260301_000004_create_submission;
mod m20260301_000005_create_incident;
mod m20260301_000006_create_import;
mod m20260301_000007_create_audit;
mod m20260301_000008_create_closing;
mod m20260301_000009_create_circular;
mod m20260301_000010_create_appeal;
mod m20260301_000012_create_judgement;
mod m20260301_000013_create_target;
mod m20260301_000014_create_assessed_person;
mod m20260301_000015_extend_submission;
mod m20260301_000016_create_appraisal;
mod m20260301_000017_index_submission;
mod m20260301_000018_create_similarity;
mod m20260301_000019_extend_endorsement;
mod m20260301_000020_arrange_issue;
mod m20260301_000021_create_library_item;
mod m20260301_000023_extend_commission;
mod m20260301_000024_create_lead;
mod m20260301_000025_create_key_point;
mod m20260301_000027_decide_incidents;
mod m20260301_000028_create_urgent_event;
mod m20260301_000029_place_officers;
mod m20260301_000031_link_networks;
mod m20260301_000032_create_relay;
mod m20260301_000033_own_events;
mod m20260301_000034_create_succession;
mod m20260301_000037_create_fact_history;
mod m20260301_000041_create_notice;
mod m20260301_000042_create_outbox;
mod m20260301_000043_create_person_phone;
mod m20260301_000046_plan_notices;
mod m20260301_000047_create_calendar;
mod m20260301_000048_create_charge;
mod m20260301_000053_create_export;
mod m20260301_000054_create_saved_query;
mod m20260301_000056_create_settlement;
mod m20260301_000057_create_talk;
mod m20260301_000066_create_repetition;
mod m20260301_000067_revoke_adoption;

/// All steps, in order.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260301_000001_create_network::Migration),
            Box::new(m20260301_000002_create_person::Migration),
            Box::new(m20260301_000003_create_commission::Migration),
            Box::new(m20260301_000004_create_submission::Migration),
            Box::new(m20260301_000005_create_incident::Migration),
            Box::new(m20260301_000006_create_import::Migration),
            Box::new(m20260301_000007_create_audit::Migration),
            Box::new(m20260301_000008_create_closing::Migration),
            Box::new(m20260301_000009_create_circular::Migration),
            Box::new(m20260301_000010_create_appeal::Migration),
            Box::new(m20260301_000012_create_judgement::Migration),
            Box::new(m20260301_000013_create_target::Migration),
            Box::new(m20260301_000014_create_assessed_person::Migration),
            Box::new(m20260301_000015_extend_submission::Migration),
            Box::new(m20260301_000016_create_appraisal::Migration),
            Box::new(m20260301_000017_index_submission::Migration),
            Box::new(m20260301_000018_create_similarity::Migration),
            Box::new(m20260301_000019_extend_endorsement::Migration),
            Box::new(m20260301_000020_arrange_issue::Migration),
            Box::new(m20260301_000021_create_library_item::Migration),
            Box::new(m20260301_000023_extend_commission::Migration),
            Box::new(m20260301_000024_create_lead::Migration),
            Box::new(m20260301_000025_create_key_point::Migration),
            Box::new(m20260301_000027_decide_incidents::Migration),
            Box::new(m20260301_000028_create_urgent_event::Migration),
            Box::new(m20260301_000029_place_officers::Migration),
            Box::new(m20260301_000031_link_networks::Migration),
            Box::new(m20260301_000032_create_relay::Migration),
            Box::new(m20260301_000033_own_events::Migration),
            Box::new(m20260301_000034_create_succession::Migration),
            Box::new(m20260301_000037_create_fact_history::Migration),
            Box::new(m20260301_000041_create_notice::Migration),
            Box::new(m20260301_000042_create_outbox::Migration),
            Box::new(m20260301_000043_create_person_phone::Migration),
            Box::new(m20260301_000046_plan_notices::Migration),
            Box::new(m20260301_000047_create_calendar::Migration),
            Box::new(m20260301_000048_create_charge::Migration),
            Box::new(m20260301_000053_create_export::Migration),
            Box::new(m20260301_000054_create_saved_query::Migration),
            Box::new(m20260301_000056_create_settlement::Migration),
            Box::new(m20260301_000057_create_talk::Migration),
            Box::new(m20260301_000066_create_repetition::Migration),
            Box::new(m20260301_000067_revoke_adoption::Migration),
        ]
    }
}
