//! Officers on every level, who took part in trainings, and prompts to direct-report points.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, date, date_null, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn to(table: &str, column: &str, target: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(target), "id")
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("staffing", text_null("level")),
            ("staffing", text_null("post")),
            ("staffing", big_integer("version").default(1).to_owned()),
            ("training", date_null("began_on")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        manager
            .create_index(Index::create().name("ix_staffing_person_id").table("staffing").col("person_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("training_attendance")
                    .col(big_pk_auto("id"))
                    .col(big_integer("training_id"))
                    .col(big_integer_null("person_id"))
                    .col(text("name"))
                    .col(big_integer("unit_id"))
                    .col(boolean("completed"))
                    .foreign_key(&mut to("training_attendance", "training_id", "training"))
                    .foreign_key(&mut to("training_attendance", "person_id", "person"))
                    .foreign_key(&mut to("training_attendance", "unit_id", "unit"))
                    .to_owned(),
            )
            .await?;
        for column in ["training_id", "person_id"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("ix_training_attendance_{column}"))
                        .table("training_attendance")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("prompt")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(text("text"))
                    .col(date("first_day"))
                    .col(date("last_day"))
                    .col(big_integer("prompted_by"))
                    .col(timestamp_with_time_zone("prompted_at"))
                    .foreign_key(&mut to("prompt", "network_id", "network"))
                    .foreign_key(&mut to("prompt", "unit_id", "unit"))
                    .foreign_key(&mut to("prompt", "prompted_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_prompt_network_id_unit_id")
                    .table("prompt")
                    .col("network_id")
                    .col("unit_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["prompt", "training_attendance"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.drop_index(Index::drop().name("ix_staffing_person_id").table("staffing").to_owned()).await?;
        for (table, column) in
            [("training", "began_on"), ("staffing", "version"), ("staffing", "post"), ("staffing", "level")]
        {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
