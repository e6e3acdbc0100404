//! The audit log: append-only, one chain of hashes per network, one for the platform, and one for commands that were refused.
//!
//! The head of a chain is locked while rows are appended, so the sequence has no gaps and grows in the order
//! of commits; that is why it also serves as the data version of the chain's network.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, PersonId};
use entity::{audit, audit_head};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::services::facts::history;

/// The chain for acts that belong to no network.
pub const PLATFORM: i64 = 0;
/// The chain for commands that were refused.
pub const REFUSALS: i64 = -1;
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Rows per statement: PostgreSQL takes 65,535 parameters in one.
const CHUNK: usize = 1_000;
/// Rows per query while a chain is verified.
const PAGE: u64 = 1_000;

/// What kind of object an audit row is about; facts are refreshed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the table of its name")]
pub enum ObjectKind {
    Network,
    Unit,
    Person,
    RoleGrant,
    RulebookVersion,
    Submission,
    Issue,
    Commission,
    Lead,
    KeyPointList,
    Incident,
    Training,
    Staffing,
    Judgement,
    Target,
    AssessedPerson,
    ImportBatch,
    NoticeRun,
    Notice,
    Consumer,
    FailureCode,
    Closing,
    Circular,
    Charge,
    Calendar,
    Appeal,
    Settlement,
    Talk,
    UrgentEvent,
    Prompt,
    Export,
    SavedQuery,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Network,
        Self::Unit,
        Self::Person,
        Self::RoleGrant,
        Self::RulebookVersion,
        Self::Submission,
        Self::Issue,
        Self::Commission,
        Self::Lead,
        Self::KeyPointList,
        Self::Incident,
        Self::Training,
        Self::Staffing,
        Self::Judgement,
        Self::Target,
        Self::AssessedPerson,
        Self::ImportBatch,
        Self::NoticeRun,
        Self::Notice,
        Self::Consumer,
        Self::FailureCode,
        Self::Closing,
        Self::Circular,
        Self::Charge,
        Self::Calendar,
        Self::Appeal,
        Self::Settlement,
        Self::Talk,
        Self::UrgentEvent,
        Self::Prompt,
        Self::Export,
        Self::SavedQuery,
    ];

    /// Its name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Unit => "unit",
            Self::Person => "person",
            Self::RoleGrant => "role_grant",
            Self::RulebookVersion => "rulebook_version",
            Self::Submission => "submission",
            Self::Issue => "issue",
            Self::Commission => "commission",
            Self::Lead => "lead",
            Self::KeyPointList => "key_point_list",
            Self::Incident => "incident",
            Self::Training => "training",
            Self::Staffing => "staffing",
            Self::Judgement => "judgement",
            Self::Target => "target",
            Self::AssessedPerson => "assessed_person",
            Self::ImportBatch => "import_batch",
            Self::NoticeRun => "notice_run",
            Self::Notice => "notice",
            Self::Consumer => "consumer",
            Self::FailureCode => "failure_code",
            Self::Closing => "closing",
            Self::Circular => "circular",
            Self::Charge => "charge",
            Self::Calendar => "calendar",
            Self::Appeal => "appeal",
            Self::Settlement => "settlement",
            Self::Talk => "talk",
            Self::UrgentEvent => "urgent_event",
            Self::Prompt => "prompt",
            Self::Export => "export",
            Self::SavedQuery => "saved_query",
        }
    }
}

/// One act to be put on record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What was done.
    pub action: Cow<'static, str>,
    /// To what kind of object.
    pub kind: ObjectKind,
    /// To which one.
    pub id: i64,
    /// State before.
    pub from: Option<String>,
    /// State after.
    pub to: Option<String>,
    /// More, for readers of the log; never a text of a submission, a password or a phone number.
    pub details: serde_json::Value,
}

impl Entry {
    /// An act without states or details.
    pub fn new(action: impl Into<Cow<'static, str>>, kind: ObjectKind, id: i64) -> Self {
        Self { action: action.into(), kind, id, from: None, to: None, details: serde_json::Value::Null }
    }

    /// The same act, as a move between two states.
    #[must_use]
    pub fn moved(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.from = Some(from.into());
        self.to = Some(to.into());
        self
    }

    /// The same act, with details.
    #[must_use]
    pub fn with(mut self, details: serde_json::Value) -> Self {
        self.details = details;
        self
    }
}

/// The chain of a network, or the platform's.
pub fn chain(network: Option<NetworkId>) -> i64 {
    network.map_or(PLATFORM, |id| id.0)
}

/// Appends `entries` to `chain` within the caller's transaction, and returns the last sequence.
pub(crate) async fn append(
    txn: &impl ConnectionTrait,
    chain: i64,
    actor: Option<PersonId>,
    at: DateTime<Utc>,
    entries: Vec<Entry>,
) -> Result<i64> {
    append_all(txn, chain, entries.into_iter().map(|entry| (at, actor, entry))).await
}

/// Appends acts of several people, oldest first. The chain's end moves once, however many there are: PostgreSQL keeps every
/// version of a row until the transaction ends, and reads through all of them to find the last.
pub(crate) async fn append_all(
    txn: &impl ConnectionTrait,
    chain: i64,
    acts: impl ExactSizeIterator<Item = (DateTime<Utc>, Option<PersonId>, Entry)> + Send,
) -> Result<i64> {
    let (mut sequence, mut previous) = lock_head(txn, chain).await?;
    let mut rows = Vec::with_capacity(acts.len());
    let mut touched = Vec::with_capacity(acts.len());
    for (at, actor, entry) in acts {
        sequence += 1;
        touched.push((sequence, entry.kind, entry.id));
        let mut row = audit::Model {
            id: entity::ids::AuditId(0),
            chain,
            sequence,
            at,
            actor_id: actor,
            action: entry.action.into_owned(),
            object_kind: entry.kind.as_str().to_owned(),
            object_id: entry.id,
            from_state: entry.from,
            to_state: entry.to,
            details: if entry.details == serde_json::Value::Null { String::new() } else { entry.details.to_string() },
            previous_hash: previous.clone(),
            hash: String::new(),
        };
        row.hash = digest(&row);
        previous.clone_from(&row.hash);
        let mut active: audit::ActiveModel = row.into();
        active.id = NotSet;
        rows.push(active);
    }
    for part in rows.chunks(CHUNK) {
        audit::Entity::insert_many(part.to_vec()).exec_without_returning(txn).await?;
    }
    audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Sequence, Expr::value(sequence))
        .col_expr(audit_head::Column::Hash, Expr::value(previous))
        .filter(audit_head::Column::Chain.eq(chain))
        .exec(txn)
        .await?;
    history::keep(txn, chain, touched.into_iter()).await?;
    Ok(sequence)
}

/// Takes the chain's end for this transaction, and returns the last sequence: nobody appends until the transaction ends.
pub(crate) async fn hold(txn: &impl ConnectionTrait, chain: i64) -> Result<i64> {
    Ok(lock_head(txn, chain).await?.0)
}

/// Takes the chain's end for this transaction; writers of the same chain wait for each other here.
async fn lock_head(txn: &impl ConnectionTrait, chain: i64) -> Result<(i64, String)> {
    let first = audit_head::ActiveModel { chain: Set(chain), sequence: Set(0), hash: Set(GENESIS.to_owned()) };
    audit_head::Entity::insert(first)
        .on_conflict(OnConflict::column(audit_head::Column::Chain).do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Sequence, Expr::col(audit_head::Column::Sequence).add(0))
        .filter(audit_head::Column::Chain.eq(chain))
        .exec(txn)
        .await?;
    let head = audit_head::Entity::find_by_id(chain).one(txn).await?;
    let head = head.ok_or_else(|| Error::internal(anyhow::anyhow!("audit chain {chain} has no head")))?;
    Ok((head.sequence, head.hash))
}

/// The last sequence of a chain; 0 while nothing happened in it.
pub async fn last_sequence(conn: &impl ConnectionTrait, chain: i64) -> Result<i64> {
    Ok(audit_head::Entity::find_by_id(chain).one(conn).await?.map_or(0, |head| head.sequence))
}

/// The digest of a row: every field with its length, so that no two rows read the same, after the previous hash.
fn digest(row: &audit::Model) -> String {
    let mut hash = Sha256::new();
    let mut put = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    put(&row.previous_hash);
    put(&row.chain.to_string());
    put(&row.sequence.to_string());
    put(&row.at.timestamp_micros().to_string());
    put(&row.actor_id.map(|id| id.to_string()).unwrap_or_default());
    put(&row.action);
    put(&row.object_kind);
    put(&row.object_id.to_string());
    put(row.from_state.as_deref().unwrap_or_default());
    put(row.to_state.as_deref().unwrap_or_default());
    put(&row.details);
    hex(&hash.finalize())
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The first place at which a chain does not hold: a row changed, removed, added or swapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenChain {
    /// Which chain.
    pub chain: i64,
    /// The sequence at which it breaks.
    pub sequence: i64,
}

/// Recomputes every chain, and returns how many rows were read or where the first break is.
pub async fn verify(conn: &impl ConnectionTrait) -> Result<std::result::Result<u64, BrokenChain>> {
    let mut count = 0;
    let known = audit_head::Entity::find().select_only().column(audit_head::Column::Chain).into_query();
    let headless = audit::Entity::find().filter(audit::Column::Chain.not_in_subquery(known)).one(conn).await?;
    if let Some(row) = headless {
        return Ok(Err(BrokenChain { chain: row.chain, sequence: 1 }));
    }
    for head in audit_head::Entity::find().order_by_asc(audit_head::Column::Chain).all(conn).await? {
        let (mut sequence, mut previous) = (0, GENESIS.to_owned());
        loop {
            let rows = audit::Entity::find()
                .filter(audit::Column::Chain.eq(head.chain))
                .filter(audit::Column::Sequence.gt(sequence))
                .order_by_asc(audit::Column::Sequence)
                .limit(PAGE)
                .all(conn)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                sequence += 1;
                if row.sequence != sequence || row.previous_hash != previous || digest(&row) != row.hash {
                    return Ok(Err(BrokenChain { chain: head.chain, sequence }));
                }
                previous = row.hash;
                count += 1;
            }
        }
        if sequence != head.sequence || previous != head.hash {
            return Ok(Err(BrokenChain { chain: head.chain, sequence: sequence + 1 }));
        }
    }
    Ok(Ok(count))
}
