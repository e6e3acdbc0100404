//! The tables: up, down and up again, and equal to what the entities describe.
//!
//! The comparison lets the database itself describe both: the tables that the migrations made, and those that
//! it makes from the entities.

use std::collections::BTreeMap;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Schema, Statement};
use tests::database::TestDatabase;

tests::cases![up_down_and_up_again, tables_match_the_entities];

/// Column names to what the database says of them.
type Columns = BTreeMap<String, Column>;

/// Table names to their columns.
type Tables = BTreeMap<String, Columns>;

/// What rows must agree on with their table.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    kind: String,
    nullable: bool,
    primary_key: bool,
}

async fn up_down_and_up_again(database: TestDatabase) {
    let db = database.connect().await;
    let migrated = tables(&db).await;
    assert!(!migrated.is_empty());

    Migrator::down(&db, None).await.expect("every step goes down");
    assert_eq!(tables(&db).await, Tables::new(), "going down leaves something behind");

    Migrator::up(&db, None).await.expect("every step goes up again");
    assert_eq!(tables(&db).await, migrated);
}

async fn tables_match_the_entities(database: TestDatabase) {
    let db = database.connect().await;
    let migrated = tables(&db).await;
    Migrator::down(&db, None).await.expect("every step goes down");
    create_from_entities(&db).await;
    let described = tables(&db).await;

    let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&migrated), names(&described), "left the migrated tables, right the entities listed in this file");
    let mut differences = Vec::new();
    for (table, columns) in &migrated {
        let described = &described[table];
        for name in columns.keys().chain(described.keys()) {
            let (left, right) = (columns.get(name), described.get(name));
            if left != right {
                differences.push(format!("{table}.{name}: migrated {left:?}, entity {right:?}"));
            }
        }
    }
    differences.dedup();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Makes the tables from the entities: a new entity is added to this list.
async fn create_from_entities(db: &DatabaseConnection) {
    Schema::new(db.get_database_backend())
        .builder()
        .register(entity::adoption::Entity)
        .register(entity::appraisal::Entity)
        .register(entity::appeal::Entity)
        .register(entity::assessed_person::Entity)
        .register(entity::audit::Entity)
        .register(entity::audit_head::Entity)
        .register(entity::calendar_day::Entity)
        .register(entity::charge::Entity)
        .register(entity::charge_unit::Entity)
        .register(entity::circular::Entity)
        .register(entity::closing::Entity)
        .register(entity::closing_fact::Entity)
        .register(entity::commission::Entity)
        .register(entity::commission_assignment::Entity)
        .register(entity::consumer::Entity)
        .register(entity::echo::Entity)
        .register(entity::commission_attachment::Entity)
        .register(entity::commission_extension::Entity)
        .register(entity::commission_step::Entity)
        .register(entity::endorsement::Entity)
        .register(entity::export::Entity)
        .register(entity::export_file::Entity)
        .register(entity::fact_history::Entity)
        .register(entity::failure_code::Entity)
        .register(entity::gateway_message::Entity)
        .register(entity::idempotency::Entity)
        .register(entity::import_batch::Entity)
        .register(entity::incident::Entity)
        .register(entity::issue::Entity)
        .register(entity::judgement::Entity)
        .register(entity::key_point::Entity)
        .register(entity::key_point_answer::Entity)
        .register(entity::key_point_list::Entity)
        .register(entity::lead::Entity)
        .register(entity::library_item::Entity)
        .register(entity::network::Entity)
        .register(entity::notice::Entity)
        .register(entity::notice_attempt::Entity)
        .register(entity::notice_receipt::Entity)
        .register(entity::notice_run::Entity)
        .register(entity::notice_watch::Entity)
        .register(entity::outbox_event::Entity)
        .register(entity::outbox_head::Entity)
        .register(entity::person::Entity)
        .register(entity::person_phone::Entity)
        .register(entity::prompt::Entity)
        .register(entity::publication::Entity)
        .register(entity::quality_coefficient::Entity)
        .register(entity::refresh_token::Entity)
        .register(entity::refusal::Entity)
        .register(entity::relay::Entity)
        .register(entity::repetition::Entity)
        .register(entity::reversal::Entity)
        .register(entity::role_grant::Entity)
        .register(entity::rulebook_version::Entity)
        .register(entity::saved_query::Entity)
        .register(entity::saved_query_version::Entity)
        .register(entity::screening::Entity)
        .register(entity::sending_up::Entity)
        .register(entity::settlement::Entity)
        .register(entity::settlement_line::Entity)
        .register(entity::similarity::Entity)
        .register(entity::staffing::Entity)
        .register(entity::submission::Entity)
        .register(entity::submission_author::Entity)
        .register(entity::succession::Entity)
        .register(entity::succession_link::Entity)
        .register(entity::submission_band::Entity)
        .register(entity::submission_text::Entity)
        .register(entity::talk::Entity)
        .register(entity::tally::Entity)
        .register(entity::target::Entity)
        .register(entity::tie_decision::Entity)
        .register(entity::training::Entity)
        .register(entity::training_attendance::Entity)
        .register(entity::unit::Entity)
        .register(entity::unit_category::Entity)
        .register(entity::unit_name::Entity)
        .register(entity::unit_parent::Entity)
        .register(entity::urgent_event::Entity)
        .register(entity::urgent_report::Entity)
        .apply(db)
        .await
        .expect("the entities describe tables that can be made");
}

/// Every table but the list of applied steps and the indexes of texts.
async fn tables(db: &DatabaseConnection) -> Tables {
    let query = match db.get_database_backend() {
        DbBackend::Sqlite => {
            r#"SELECT t.name AS "table", c.name AS "column", c.type AS kind,
                   c."notnull" = 0 AND c.pk = 0 AS nullable, c.pk > 0 AS primary_key
               FROM sqlite_schema t JOIN pragma_table_info(t.name) c
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'"#
        }
        _ => {
            r#"SELECT c.relname::text AS "table", a.attname::text AS "column",
                   format_type(a.atttypid, NULL) AS kind, NOT a.attnotnull AS nullable,
                   COALESCE(a.attnum = ANY (i.indkey), FALSE) AS primary_key
               FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
               WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"#
        }
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), query))
        .await
        .expect("both databases describe themselves");
    let mut tables = Tables::new();
    for row in rows {
        let text = |column: &str| row.try_get::<String>("", column).expect("a text column");
        let flag = |column: &str| row.try_get::<bool>("", column).expect("a truth value");
        let table = text("table");
        // Each database indexes texts in its own way; no entity describes that.
        if table == "seaql_migrations" || table.starts_with("submission_fts") {
            continue;
        }
        let column =
            Column { kind: family(&text("kind")), nullable: flag("nullable"), primary_key: flag("primary_key") };
        tables.entry(table).or_default().insert(text("column"), column);
    }
    tables
}

/// Lengths are the services' matter, and text is text: `varchar(16)`, `character varying` and `text` hold the
/// same Rust type.
fn family(kind: &str) -> String {
    let kind = kind.to_lowercase();
    let (name, _) = kind.split_once('(').unwrap_or((&kind, ""));
    match name.trim() {
        "varchar" | "character varying" | "char" | "character" => "text".to_owned(),
        name => name.to_owned(),
    }
}
