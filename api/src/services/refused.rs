//! Refused commands on record: who asked for what, of which object, and why not. It is the only trace that a refused command leaves.
//!
//! A refusal undoes the transaction of its command, so its row is written by itself, when the operation has ended. It stands in a chain of
//! its own: a network's chain tells what was done, and its length is the version of the network's data.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::error::{Code, Error, Result};
use crate::services::Ctx;
use crate::services::audit::{self, Entry, ObjectKind};

tokio::task_local! {
    static HEARD: Mutex<Heard>;
}

/// What was heard of the operation that is being carried out.
#[derive(Default)]
struct Heard {
    field: String,
    object: Option<(ObjectKind, i64)>,
    refusals: Vec<Refusal>,
}

/// One refused command.
pub(crate) struct Refusal {
    /// The field of the operation that stands for it.
    pub(crate) field: String,
    object: Option<(ObjectKind, i64)>,
    details: Value,
}

/// Runs an operation, and hears which of its commands are refused.
pub(crate) async fn listening<F: Future>(operation: F) -> (F::Output, Vec<Refusal>) {
    HEARD
        .scope(Mutex::default(), async {
            let output = operation.await;
            let refusals = HEARD.with(|heard| std::mem::take(&mut lock(heard).refusals));
            (output, refusals)
        })
        .await
}

/// A field of the operation begins.
pub(crate) fn begins(field: &str) {
    hear(|heard| {
        field.clone_into(&mut heard.field);
        heard.object = None;
    });
}

/// The command that the field stands for, as it will be hashed.
pub(crate) fn commands(command: &Value) {
    hear(|heard| heard.object = object_of(command));
}

/// The command is refused. Faults of the server and missing tokens are not refusals.
pub(crate) fn refuses(error: &Error) {
    if matches!(error.code, Code::Unauthenticated | Code::Internal | Code::Unavailable) {
        return;
    }
    let policy = error.details.as_ref().and_then(|details| details.get("policy"));
    let details = serde_json::json!({ "refused": error.code.as_str(), "field": error.field, "policy": policy });
    hear(|heard| {
        let (field, object) = (heard.field.clone(), heard.object);
        heard.refusals.push(Refusal { field, object, details });
    });
}

fn hear(note: impl FnOnce(&mut Heard)) {
    // Outside an operation, as on the command line, nobody listens.
    let _ = HEARD.try_with(|heard| note(&mut lock(heard)));
}

fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts refusals on record.
pub(crate) async fn record(ctx: &Ctx, refusals: Vec<Refusal>) -> Result<()> {
    let actor = ctx.actor().id();
    let entries = refusals.into_iter().map(|refusal| {
        // What names no object is about whoever asked.
        let (kind, id) = refusal.object.unwrap_or((ObjectKind::Person, actor.0));
        let mut action = refusal.field;
        if let Some(first) = action.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Entry::new(Cow::Owned(action), kind, id).with(refusal.details)
    });
    let txn = ctx.state().database().begin().await?;
    audit::append(&txn, audit::REFUSALS, Some(actor), ctx.now(), entries.collect()).await?;
    txn.commit().await?;
    Ok(())
}

/// The object that a command names, the nearest first: a command about a submission names its network too.
fn object_of(command: &Value) -> Option<(ObjectKind, i64)> {
    const FAR: [ObjectKind; 3] = [ObjectKind::Person, ObjectKind::Unit, ObjectKind::Network];
    let near = ObjectKind::ALL.iter().filter(|kind| !FAR.contains(kind));
    near.chain(&FAR).find_map(|kind| {
        let field = match kind {
            ObjectKind::RulebookVersion => "rulebook",
            ObjectKind::RoleGrant => "grant",
            kind => kind.as_str(),
        };
        Some((*kind, command.get(field)?.as_i64()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_about_the_nearest_object_that_it_names() {
        let of = |command: Value| object_of(&command);
        let submission = serde_json::json!({ "network": 1, "unit": 2, "submission": 3 });
        assert_eq!(of(submission), Some((ObjectKind::Submission, 3)));
        assert_eq!(of(serde_json::json!({ "network": 1, "unit": 2 })), Some((ObjectKind::Unit, 2)));
        assert_eq!(of(serde_json::json!({ "network": 1, "unit": null })), Some((ObjectKind::Network, 1)));
        assert_eq!(of(serde_json::json!({ "code": "x" })), None);
    }
}
