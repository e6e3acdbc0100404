//! What the screening desk knows of a submission: its event and deadline, who works on it, what it repeats, what it went into.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, boolean, date_null, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite changes one column at a time.
        for column in columns() {
            manager.alter_table(Table::alter().table("submission").add_column(column).to_owned()).await?;
        }
        for column in INDEXED {
            let index = Index::create().name(index(column)).table("submission").col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in INDEXED {
            manager.drop_index(Index::drop().name(index(column)).table("submission").to_owned()).await?;
        }
        for mut column in columns().into_iter().rev() {
            let name = column.take().get_column_name();
            manager.alter_table(Table::alter().table("submission").drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}

/// Columns by which rows are looked up.
const INDEXED: [&str; 2] = ["repeats_id", "merged_into_id"];

fn index(column: &str) -> String {
    format!("ix_submission_{column}")
}

fn columns() -> Vec<ColumnDef> {
    vec![
        date_null("happened_on"),
        date_null("due_on"),
        big_integer_null("late_days"),
        boolean("important").default(false).take(),
        big_integer_null("claimed_by"),
        timestamp_with_time_zone_null("claimed_at"),
        big_integer_null("repeats_id"),
        boolean("composite").default(false).take(),
        big_integer_null("merged_into_id"),
        big_integer_null("merged_share"),
    ]
}
