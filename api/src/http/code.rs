//! Every code with which the door refuses, its HTTP status, and what it means: the source of the error catalogue.

use axum::http::StatusCode;

/// Who is at fault, and so which status a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The HTTP request itself: the status is sent whatever the client accepts.
    Transport,
    /// The GraphQL document or its execution: the status is sent with `application/graphql-response+json`,
    /// and 200 with `application/json`, as GraphQL over HTTP prescribes for older clients.
    Document,
}

/// One code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The stable name in `extensions.code`.
    pub name: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// Whose fault it is.
    pub stage: Stage,
    /// When it is used and what the client should do, one sentence for the catalogue.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($constant:ident $status:ident $stage:ident $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $constant: Code = Code {
                name: stringify!($constant),
                status: StatusCode::$status,
                stage: Stage::$stage,
                meaning: $meaning,
            };
        )*
        /// Every code of the door, in reading order.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    NOT_ACCEPTABLE NOT_ACCEPTABLE Transport "The `Accept` header excludes both media types; accept `application/graphql-response+json` or `application/json`.";
    UNSUPPORTED_MEDIA_TYPE UNSUPPORTED_MEDIA_TYPE Transport "The body is not `application/json` in UTF-8, or it is compressed; send plain JSON.";
    BODY_TOO_LARGE PAYLOAD_TOO_LARGE Transport "The body is longer than the server reads; split the request.";
    BODY_TIMEOUT REQUEST_TIMEOUT Transport "The body did not arrive in time; send it again on a better line.";
    BODY_UNREADABLE BAD_REQUEST Transport "The connection broke while the body arrived; send it again.";
    INVALID_JSON BAD_REQUEST Transport "The body, or the `variables` of a GET, is not valid JSON; correct it.";
    BATCH_NOT_ALLOWED BAD_REQUEST Transport "The body is an array; send one operation per request.";
    MISSING_QUERY BAD_REQUEST Transport "There is no `query`; send the document as a string.";
    INVALID_PARAMETER BAD_REQUEST Transport "`query`, `operationName`, `variables` or `extensions` has the wrong JSON type, or a WebSocket handshake lacks a header; see `field`.";
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED Transport "The method does not fit: GET runs queries only, POST runs queries and mutations.";
    ORIGIN_NOT_ALLOWED FORBIDDEN Transport "The page's origin is not on the server's list; ask the operator to add it.";
    UNAUTHENTICATED UNAUTHORIZED Transport "There is no valid token; log in, or refresh the token, and send `Authorization: Bearer …`.";
    FORBIDDEN FORBIDDEN Transport "The caller is known and may not do this.";
    NO_SUCH_FILE NOT_FOUND Transport "The link leads to nothing that is still kept; ask for a new one.";
    RATE_LIMITED TOO_MANY_REQUESTS Transport "Too many operations; wait for `details.retryAfterSeconds`.";
    OVERLOADED SERVICE_UNAVAILABLE Transport "The server has too much to do; try again later.";
    DOCUMENT_TOO_LARGE BAD_REQUEST Document "The query text is too long; shorten it or split it.";
    VARIABLES_TOO_LARGE BAD_REQUEST Document "The variables are too large; send fewer rows per request.";
    ARGUMENTS_TOO_LARGE BAD_REQUEST Document "Put in everywhere they are used, the variables are too large; use a large variable once.";
    DOCUMENT_TOO_DEEP BAD_REQUEST Document "The document is nested too deeply; select fewer levels per request.";
    TOO_MANY_TOKENS BAD_REQUEST Document "The document has too many words and signs; split it.";
    NAME_TOO_LONG BAD_REQUEST Document "A name in the document is too long; shorten it.";
    TOO_MANY_ALIASES BAD_REQUEST Document "There are too many aliases; use a list field or several requests.";
    TOO_MANY_DIRECTIVES BAD_REQUEST Document "There are too many directives; choose fields when the document is written.";
    TOO_MANY_SPREADS BAD_REQUEST Document "There are too many fragment spreads; join the fragments.";
    TOO_MANY_OPERATIONS BAD_REQUEST Document "The document has too many operations, or the socket runs too many at once; send them apart.";
    TOO_MANY_ROOT_FIELDS BAD_REQUEST Document "The operation has too many root fields; split it.";
    TOO_MANY_CREDENTIALS BAD_REQUEST Document "At most one login or token refresh per operation; send them apart.";
    SYNTAX_ERROR BAD_REQUEST Document "The document is not GraphQL; correct it at `locations`.";
    UNKNOWN_FRAGMENT BAD_REQUEST Document "A fragment is spread that the document does not define; define it.";
    UNUSED_FRAGMENT BAD_REQUEST Document "A fragment is defined and never spread; remove it.";
    FRAGMENT_CYCLE BAD_REQUEST Document "Fragments spread each other in a circle; break it.";
    UNKNOWN_FIELD BAD_REQUEST Document "The type has no such field; look it up in the schema.";
    UNKNOWN_TYPE BAD_REQUEST Document "A variable is declared with a type the schema does not have.";
    FIELD_CONFLICT BAD_REQUEST Document "Two selections with the same name differ in field or arguments; give one an alias.";
    UNKNOWN_OPERATION BAD_REQUEST Document "`operationName` names no operation of the document, or is needed to choose one.";
    SUBSCRIPTION_ROOT_FIELD BAD_REQUEST Document "A subscription selects exactly one root field, directly.";
    SUBSCRIPTION_NEEDS_SOCKET BAD_REQUEST Document "Subscriptions run over graphql-transport-ws at the same address, or as server-sent events.";
    INTROSPECTION_DISABLED BAD_REQUEST Document "The caller may not read the schema from the server; log in, or use schema.graphql.";
    TOO_COMPLEX BAD_REQUEST Document "The operation costs more than one operation may; ask for smaller pages or fewer fields.";
    INVALID_DOCUMENT BAD_REQUEST Document "The document or its variables do not fit the schema; the message says where.";
    BAD_INPUT BAD_REQUEST Document "An argument's value was refused; the message says why.";
    DEADLINE_EXCEEDED SERVICE_UNAVAILABLE Document "The operation took too long and was stopped; ask for less. Repeat a mutation only with its `idempotencyKey`.";
    INTERNAL INTERNAL_SERVER_ERROR Document "The server failed; report `traceId` to the operator.";
}
