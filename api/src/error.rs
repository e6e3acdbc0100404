//! What can go wrong, as clients see it: a stable code, the field, and what to do, in Chinese and English.
//!
//! Codes are listed and explained in `docs/errors.md`; a test compares that page with [`Code`].

use std::borrow::Cow;

use sea_orm::{DbErr, SqlErr};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, retryable: $retryable:literal;)*) => {
        /// Why something was refused. Codes never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code as clients read it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Whether the same request may succeed when it is sent again.
            pub fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)* }
            }
        }
    };
}

codes! {
    /// No valid token came with the request.
    Unauthenticated = "UNAUTHENTICATED", retryable: false;
    /// Login and password do not belong together.
    BadCredentials = "BAD_CREDENTIALS", retryable: false;
    /// Too many wrong passwords; the account opens again by itself.
    AccountLocked = "ACCOUNT_LOCKED", retryable: true;
    /// The caller sees the object but may not do this to it.
    Forbidden = "FORBIDDEN", retryable: false;
    /// There is no such object, or the caller may not know of it.
    NotFound = "NOT_FOUND", retryable: false;
    /// An id of another type was given.
    WrongIdType = "WRONG_ID_TYPE", retryable: false;
    /// A value cannot be accepted; `field` names it.
    Invalid = "INVALID", retryable: false;
    /// The object is in a state in which this cannot be done.
    WrongState = "WRONG_STATE", retryable: false;
    /// It would change a closed period; `details.closedThrough` is the last closed day.
    PeriodClosed = "PERIOD_CLOSED", retryable: false;
    /// The object has changed since it was read; `details.currentVersion` is its version.
    VersionConflict = "VERSION_CONFLICT", retryable: false;
    /// The idempotency key was used before for another request.
    KeyReused = "KEY_REUSED", retryable: false;
    /// There is already one of these.
    AlreadyExists = "ALREADY_EXISTS", retryable: false;
    /// Two roles exclude each other.
    RolesExclude = "ROLES_EXCLUDE", retryable: false;
    /// The rulebook has mistakes; `details.mistakes` lists them.
    RulebookInvalid = "RULEBOOK_INVALID", retryable: false;
    /// The submission must be signed by somebody else than the caller's role.
    SignOffRequired = "SIGN_OFF_REQUIRED", retryable: false;
    /// Another editor works on the submission; `details.until` says how long at most.
    Claimed = "CLAIMED", retryable: true;
    /// The material is marked confidential and does not belong in this system; nothing was stored.
    Confidential = "CONFIDENTIAL", retryable: false;
    /// The server cannot do this now; try again.
    Unavailable = "UNAVAILABLE", retryable: true;
    /// A fault of the server; the trace id finds it in the log.
    Internal = "INTERNAL", retryable: true;
}

/// A refusal or a fault.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// Path of the input field concerned.
    pub field: Option<Cow<'static, str>>,
    /// What is wrong and what to do, in English.
    pub message: Cow<'static, str>,
    /// The same in Chinese.
    pub message_zh: Cow<'static, str>,
    /// More for programs, depending on the code.
    pub details: Option<serde_json::Value>,
    /// The cause, for the log only.
    #[source]
    pub source: Option<anyhow::Error>,
}

/// What services return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A refusal with its messages.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>, message_zh: impl Into<Cow<'static, str>>) -> Self {
        Self { code, field: None, message: message.into(), message_zh: message_zh.into(), details: None, source: None }
    }

    /// The same refusal, about the input field at `path`.
    #[must_use]
    pub fn at(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(path.into());
        self
    }

    /// The same refusal, with details for programs.
    #[must_use]
    pub fn with(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }

    /// The same refusal, with the id of the policy that decided: `policy/…` for roles, `moves/…` for states, `rulebook/…` for an
    /// office's own rules.
    #[must_use]
    pub fn under(mut self, policy: impl Into<String>) -> Self {
        let details = self.details.get_or_insert_with(|| serde_json::json!({}));
        if let Some(details) = details.as_object_mut() {
            details.insert("policy".to_owned(), policy.into().into());
        }
        self
    }

    /// A value that cannot be accepted.
    pub fn invalid(
        field: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
        message_zh: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Code::Invalid, message, message_zh).at(field)
    }

    /// No such object, as far as the caller may know.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is no such object; check the id", "没有找到该对象，请核对编号")
    }

    /// Seen, but not allowed.
    pub fn forbidden() -> Self {
        Self::new(
            Code::Forbidden,
            "your roles do not allow this; ask your administrator",
            "您的角色无权进行此操作，请联系管理员",
        )
    }

    /// No token, or one that is not valid any more.
    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "sign in and send the access token", "请先登录并携带访问令牌")
    }

    /// Somebody was faster.
    pub fn version_conflict(current: i64) -> Self {
        Self::new(
            Code::VersionConflict,
            format!("the object has changed; read it again (version {current}) and repeat"),
            format!("对象已被他人修改，请刷新后重试（当前版本 {current}）"),
        )
        .at("expectedVersion")
        .with(serde_json::json!({ "currentVersion": current }))
    }

    /// A fault of ours; the cause goes to the log, never to the client.
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(
            Code::Internal,
            "internal error; quote the trace id to the operator",
            "系统内部错误，请将追踪编号告知运维人员",
        );
        error.source = Some(source.into());
        error
    }
}

impl From<DbErr> for Error {
    /// A database error that nobody translated is a fault, except that the database is busy.
    fn from(error: DbErr) -> Self {
        if matches!(error, DbErr::ConnectionAcquire(_)) {
            let mut busy = Self::new(Code::Unavailable, "the database is busy; try again", "数据库繁忙，请稍后重试");
            busy.source = Some(error.into());
            return busy;
        }
        Self::internal(error)
    }
}

/// Translates a broken unique constraint into a refusal; anything else stays a fault.
pub(crate) fn on_unique(error: DbErr, refusal: impl FnOnce() -> Error) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => refusal(),
        _ => error.into(),
    }
}
