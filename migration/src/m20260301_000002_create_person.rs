//! People, what they may do, and how they sign in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
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
                    .table("person")
                    .col(big_pk_auto("id"))
                    .col(big_integer_null("unit_id"))
                    .col(text("name"))
                    .col(text("login"))
                    .col(text_null("password_hash"))
                    .col(big_integer("failed_logins"))
                    .col(timestamp_with_time_zone_null("locked_until"))
                    .col(timestamp_with_time_zone_null("disabled_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create().name("fk_person_unit_id").from("person", "unit_id").to("unit", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("uq_person_login").table("person").col("login").unique().to_owned())
            .await?;
        manager
            .create_index(Index::create().name("ix_person_unit_id").table("person").col("unit_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("role_grant")
                    .col(big_pk_auto("id"))
                    .col(big_integer("person_id"))
                    .col(text("role"))
                    .col(big_integer_null("network_id"))
                    .col(big_integer_null("unit_id"))
                    .col(timestamp_with_time_zone("granted_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_role_grant_person_id")
                            .from("role_grant", "person_id")
                            .to("person", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_role_grant_network_id")
                            .from("role_grant", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_role_grant_unit_id")
                            .from("role_grant", "unit_id")
                            .to("unit", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_role_grant_person_id").table("role_grant").col("person_id").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("refresh_token")
                    .col(big_pk_auto("id"))
                    .col(big_integer("person_id"))
                    .col(text("family"))
                    .col(text("token_hash"))
                    .col(timestamp_with_time_zone("issued_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_refresh_token_person_id")
                            .from("refresh_token", "person_id")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_refresh_token_token_hash")
                    .table("refresh_token")
                    .col("token_hash")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_refresh_token_family").table("refresh_token").col("family").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_refresh_token_person_id").table("refresh_token").col("person_id").to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["refresh_token", "role_grant", "person"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
