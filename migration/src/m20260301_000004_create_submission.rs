//! Submissions and what happens to them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, date, date_null, text, text_null, timestamp_with_time_zone,
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
                    .table("submission")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(text("kind"))
                    .col(text_null("topic"))
                    .col(text("title"))
                    .col(text("body"))
                    .col(big_integer("characters"))
                    .col(boolean("urgent"))
                    .col(big_integer_null("assignment_id"))
                    .col(text("state"))
                    .col(text_null("contact"))
                    .col(big_integer_null("signatory_id"))
                    .col(timestamp_with_time_zone_null("signed_at"))
                    .col(big_integer("created_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("submitted_at"))
                    .col(date_null("submitted_on"))
                    .col(timestamp_with_time_zone_null("received_at"))
                    .col(timestamp_with_time_zone_null("decided_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_network_id")
                            .from("submission", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_unit_id")
                            .from("submission", "unit_id")
                            .to("unit", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_assignment_id")
                            .from("submission", "assignment_id")
                            .to("commission_assignment", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_signatory_id")
                            .from("submission", "signatory_id")
                            .to("person", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_created_by")
                            .from("submission", "created_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_submission_network_id_state_id")
                    .table("submission")
                    .col("network_id")
                    .col("state")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_submission_unit_id_id")
                    .table("submission")
                    .col("unit_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("submission_author")
                    .col(big_pk_auto("id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer_null("person_id"))
                    .col(text("name"))
                    .col(big_integer("share"))
                    .col(big_integer("position"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_author_submission_id")
                            .from("submission_author", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_author_person_id")
                            .from("submission_author", "person_id")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_submission_author_submission_id_position")
                    .table("submission_author")
                    .col("submission_id")
                    .col("position")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_submission_author_person_id")
                    .table("submission_author")
                    .col("person_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("refusal")
                    .col(big_pk_auto("id"))
                    .col(big_integer("submission_id"))
                    .col(text("code"))
                    .col(text("field"))
                    .col(timestamp_with_time_zone("refused_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_refusal_submission_id")
                            .from("refusal", "submission_id")
                            .to("submission", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_refusal_submission_id").table("refusal").col("submission_id").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("screening")
                    .col(big_pk_auto("id"))
                    .col(big_integer("submission_id"))
                    .col(text("decision"))
                    .col(text("reason"))
                    .col(text_null("comment"))
                    .col(big_integer("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_screening_submission_id")
                            .from("screening", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_screening_decided_by")
                            .from("screening", "decided_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_screening_submission_id").table("screening").col("submission_id").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("adoption")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer("unit_id"))
                    .col(big_integer("publication_id"))
                    .col(big_integer_null("issue_id"))
                    .col(text_null("class"))
                    .col(big_integer_null("via_publication_id"))
                    .col(date("adopted_on"))
                    .col(text_null("evidence"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_adoption_network_id")
                            .from("adoption", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_adoption_submission_id")
                            .from("adoption", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("fk_adoption_unit_id").from("adoption", "unit_id").to("unit", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_adoption_publication_id")
                            .from("adoption", "publication_id")
                            .to("publication", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_adoption_issue_id")
                            .from("adoption", "issue_id")
                            .to("issue", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_adoption_via_publication_id")
                            .from("adoption", "via_publication_id")
                            .to("publication", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_adoption_recorded_by")
                            .from("adoption", "recorded_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_adoption_submission_id_publication_id")
                    .table("adoption")
                    .col("submission_id")
                    .col("publication_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_adoption_network_id_adopted_on")
                    .table("adoption")
                    .col("network_id")
                    .col("adopted_on")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("ix_adoption_issue_id").table("adoption").col("issue_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("sending_up")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer("publication_id"))
                    .col(text("to_level"))
                    .col(date("sent_on"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_sending_up_network_id")
                            .from("sending_up", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_sending_up_submission_id")
                            .from("sending_up", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_sending_up_publication_id")
                            .from("sending_up", "publication_id")
                            .to("publication", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_sending_up_recorded_by")
                            .from("sending_up", "recorded_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_sending_up_submission_id_publication_id_to_level")
                    .table("sending_up")
                    .col("submission_id")
                    .col("publication_id")
                    .col("to_level")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("endorsement")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer_null("adoption_id"))
                    .col(text("leader"))
                    .col(text("level"))
                    .col(text_null("rank"))
                    .col(text("text"))
                    .col(date("endorsed_on"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_endorsement_network_id")
                            .from("endorsement", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_endorsement_submission_id")
                            .from("endorsement", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_endorsement_adoption_id")
                            .from("endorsement", "adoption_id")
                            .to("adoption", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_endorsement_recorded_by")
                            .from("endorsement", "recorded_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_endorsement_submission_id")
                    .table("endorsement")
                    .col("submission_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            ["endorsement", "sending_up", "adoption", "screening", "refusal", "submission_author", "submission"]
        {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
