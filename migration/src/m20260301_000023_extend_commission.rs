//! Where a commission came from, what is attached to it, how its deadlines moved and why it was struck off.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The new columns of a table, one statement each: SQLite takes no more at a time.
async fn add(manager: &SchemaManager<'_>, table: &'static str, columns: Vec<ColumnDef>) -> Result<(), DbErr> {
    for mut column in columns {
        manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
    }
    Ok(())
}

async fn drop(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    for column in columns {
        manager.alter_table(Table::alter().table(table).drop_column(*column).to_owned()).await?;
    }
    Ok(())
}

fn reference(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let commission = vec![
            big_integer_null("answers_assignment_id"),
            text_null("closed_reason"),
            timestamp_with_time_zone_null("closed_at"),
        ];
        add(manager, "commission", commission).await?;
        // Until now only what had been completed could be struck off.
        let closed = Query::update()
            .table("commission")
            .value("closed_reason", "completed")
            .value("closed_at", Expr::col("due_at"))
            .and_where(Expr::col("state").eq("closed"))
            .to_owned();
        manager.execute(closed).await?;
        let assignment = vec![
            timestamp_with_time_zone_null("read_at"),
            timestamp_with_time_zone_null("fell_due_at"),
            text_null("comment"),
        ];
        add(manager, "commission_assignment", assignment).await?;
        let indices = [
            ("ix_commission_answers_assignment_id", "commission", vec!["answers_assignment_id"]),
            ("ix_commission_network_id_due_at", "commission", vec!["network_id", "due_at"]),
            ("ix_commission_assignment_due_at", "commission_assignment", vec!["due_at"]),
        ];
        for (name, table, columns) in indices {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("commission_step")
                    .col(big_pk_auto("id"))
                    .col(big_integer("commission_id"))
                    .col(big_integer("position"))
                    .col(text_null("level"))
                    .col(text("issuer"))
                    .col(text_null("reference"))
                    .col(timestamp_with_time_zone("due_at"))
                    .col(big_integer_null("assignment_id"))
                    .foreign_key(&mut reference("commission_step", "commission_id", "commission"))
                    .foreign_key(&mut reference("commission_step", "assignment_id", "commission_assignment"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("commission_attachment")
                    .col(big_pk_auto("id"))
                    .col(big_integer("commission_id"))
                    .col(text("name"))
                    .col(text_null("url"))
                    .col(text_null("file_number"))
                    .col(text_null("sha256"))
                    .foreign_key(&mut reference("commission_attachment", "commission_id", "commission"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("commission_extension")
                    .col(big_pk_auto("id"))
                    .col(big_integer("assignment_id"))
                    .col(timestamp_with_time_zone("old_due_at"))
                    .col(timestamp_with_time_zone("new_due_at"))
                    .col(text("reason"))
                    .col(big_integer("set_by"))
                    .col(timestamp_with_time_zone("set_at"))
                    .foreign_key(&mut reference("commission_extension", "assignment_id", "commission_assignment"))
                    .foreign_key(&mut reference("commission_extension", "set_by", "person"))
                    .to_owned(),
            )
            .await?;
        let lookups = [
            ("ix_commission_step_commission_id", "commission_step", "commission_id"),
            ("ix_commission_step_assignment_id", "commission_step", "assignment_id"),
            ("ix_commission_attachment_commission_id", "commission_attachment", "commission_id"),
            ("ix_commission_extension_assignment_id", "commission_extension", "assignment_id"),
        ];
        for (name, table, column) in lookups {
            manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["commission_extension", "commission_attachment", "commission_step"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        let indices = [
            ("ix_commission_assignment_due_at", "commission_assignment"),
            ("ix_commission_network_id_due_at", "commission"),
            ("ix_commission_answers_assignment_id", "commission"),
        ];
        for (name, table) in indices {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        drop(manager, "commission_assignment", &["comment", "fell_due_at", "read_at"]).await?;
        drop(manager, "commission", &["closed_at", "closed_reason", "answers_assignment_id"]).await
    }
}
