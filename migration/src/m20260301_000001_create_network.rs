//! Networks, units, and the rulebooks they live by.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, boolean, date, date_null, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(clippy::too_many_lines, reason = "a list of tables reads best in one piece")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("network")
                    .col(big_pk_auto("id"))
                    .col(text("code"))
                    .col(text("name"))
                    .col(text("time_zone"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("uq_network_code").table("network").col("code").unique().to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("unit")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("name"))
                    .col(big_integer("position"))
                    .col(boolean("direct_report"))
                    .col(date("opened_on"))
                    .col(date_null("closed_on"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create().name("fk_unit_network_id").from("unit", "network_id").to("network", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_unit_network_id_name")
                    .table("unit")
                    .col("network_id")
                    .col("name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("unit_parent")
                    .col(big_pk_auto("id"))
                    .col(big_integer("unit_id"))
                    .col(big_integer("parent_id"))
                    .col(date("first_day"))
                    .col(date_null("last_day"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_unit_parent_unit_id")
                            .from("unit_parent", "unit_id")
                            .to("unit", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_unit_parent_parent_id")
                            .from("unit_parent", "parent_id")
                            .to("unit", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_unit_parent_unit_id_first_day")
                    .table("unit_parent")
                    .col("unit_id")
                    .col("first_day")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_unit_parent_parent_id").table("unit_parent").col("parent_id").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("unit_category")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(text("category"))
                    .col(date("first_day"))
                    .col(date_null("last_day"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_unit_category_network_id")
                            .from("unit_category", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_unit_category_unit_id")
                            .from("unit_category", "unit_id")
                            .to("unit", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_unit_category_network_id_unit_id_first_day")
                    .table("unit_category")
                    .col("network_id")
                    .col("unit_id")
                    .col("first_day")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_unit_category_unit_id").table("unit_category").col("unit_id").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("rulebook_version")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("number"))
                    .col(text("state"))
                    .col(date("effective_from"))
                    .col(text("title"))
                    .col(text("text"))
                    .col(text("sha256"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("activated_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_rulebook_version_network_id")
                            .from("rulebook_version", "network_id")
                            .to("network", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_rulebook_version_network_id_number")
                    .table("rulebook_version")
                    .col("network_id")
                    .col("number")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("publication")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("code"))
                    .col(text("name"))
                    .col(text("level"))
                    .col(boolean("own"))
                    .col(big_integer("position"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_publication_network_id")
                            .from("publication", "network_id")
                            .to("network", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_publication_network_id_code")
                    .table("publication")
                    .col("network_id")
                    .col("code")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("issue")
                    .col(big_pk_auto("id"))
                    .col(big_integer("publication_id"))
                    .col(big_integer("number"))
                    .col(big_integer("year"))
                    .col(date("issued_on"))
                    .col(text("state"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_issue_publication_id")
                            .from("issue", "publication_id")
                            .to("publication", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_issue_publication_id_year_number")
                    .table("issue")
                    .col("publication_id")
                    .col("year")
                    .col("number")
                    .unique()
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["issue", "publication", "rulebook_version", "unit_category", "unit_parent", "unit", "network"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
