//! The library of excellent manuscripts (优稿库): adopted submissions that the office keeps for its units to learn from.

use entity::ids::{LibraryItemId, SubmissionId};
use entity::library_item;
use entity::submission::{self, SubmissionState};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::Action;
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::{find, moves};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day};

/// Longest comment.
pub const COMMENT_CHARACTERS: usize = 500;

/// Puts an adopted submission into the library.
#[derive(Clone, Debug, Serialize)]
pub struct AddToLibrary {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// What is good about it.
    pub comment: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LibraryOutcome {
    /// The item.
    pub item: LibraryItemId,
}

impl Command for AddToLibrary {
    fn name(&self) -> &'static str {
        "addToLibrary"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Keeps an adopted submission, with a comment, for everybody in the network to read.
pub async fn add(ctx: &Ctx, command: AddToLibrary) -> Result<LibraryOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    ctx.authorize(Action::AddToLibrary, moves::target(&row))?;
    if row.state != SubmissionState::Adopted {
        return Err(Error::new(
            Code::WrongState,
            "only what a publication has adopted comes into the library",
            "只有已采用的信息可以入优稿库",
        ));
    }
    let comment = command.comment.trim().to_owned();
    if !(1..=COMMENT_CHARACTERS).contains(&comment.chars().count()) {
        return Err(Error::invalid(
            "comment",
            "say in 1 to 500 characters what is good about it",
            "请用 1 至 500 个字写明入选理由",
        ));
    }
    let network = ctx.network(write.conn(), row.network_id).await?;
    let item = library_item::ActiveModel {
        id: NotSet,
        network_id: Set(row.network_id),
        submission_id: Set(row.id),
        comment: Set(comment),
        added_on: Set(local_day(&network, ctx.now())),
        added_by: Set(ctx.actor().id()),
        added_at: Set(ctx.now()),
    };
    let taken = || Error::new(Code::AlreadyExists, "it is in the library already", "该信息已在优稿库中");
    let id = library_item::Entity::insert(item)
        .exec(write.conn())
        .await
        .map_err(|error| on_unique(error, taken))?
        .last_insert_id;
    write.in_network(row.network_id);
    write.record(Entry::new(Action::AddToLibrary.name(), ObjectKind::Submission, row.id.0));
    let outcome = LibraryOutcome { item: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Ids of submissions of these kinds, on these topics. It is narrowed by the library's own scope, which is everybody's in the network.
pub(crate) fn about(kinds: Option<Vec<String>>, topics: Option<Vec<String>>) -> SelectStatement {
    let mut select = submission::Entity::find().select_only().column(submission::Column::Id);
    if let Some(kinds) = kinds {
        select = select.filter(submission::Column::Kind.is_in(kinds));
    }
    if let Some(topics) = topics {
        select = select.filter(submission::Column::Topic.is_in(topics));
    }
    select.into_query()
}
