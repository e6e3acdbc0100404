//! A GraphQL answer on its way out: errors made safe, cost added, one shape for HTTP and the socket.

use std::{collections::BTreeMap, time::Duration};

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::http::StatusCode;
use serde::{Serialize, ser::SerializeMap};
use serde_json::json;

use super::{
    code::{self, Stage},
    refusal::Refusal,
    trace::TraceId,
};

/// The most characters of a message that came from the library: it repeats what the caller wrote.
const MESSAGE_CHARACTERS: usize = 400;

/// The cost that stands in every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Of this operation; 0 when it was refused before it was counted.
    pub(crate) operation: u64,
    /// The most one operation may cost.
    pub(crate) limit: u64,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) errors: Vec<ServerError>,
    /// Absent when nothing was executed: then the answer has no `data` entry at all.
    pub(crate) data: Option<Value>,
    /// How many errors were left out.
    pub(crate) errors_left_out: usize,
    pub(crate) cost: Cost,
    pub(crate) extensions: BTreeMap<String, Value>,
    /// The status for `application/graphql-response+json`.
    pub(crate) status: StatusCode,
    pub(crate) stage: Stage,
    pub(crate) retry_after: Option<Duration>,
}

impl Answer {
    /// An answer that is only a refusal.
    pub(crate) fn refused(refusal: Refusal, cost: Cost) -> Self {
        Self::refused_all(vec![refusal], cost)
    }

    /// An answer of several refusals; the first decides the status.
    pub(crate) fn refused_all(refusals: Vec<Refusal>, cost: Cost) -> Self {
        let first = refusals.first();
        Self {
            status: first.map_or(StatusCode::INTERNAL_SERVER_ERROR, Refusal::status),
            stage: first.map_or(Stage::Document, Refusal::stage),
            retry_after: first.and_then(Refusal::wait),
            errors: refusals.into_iter().map(Refusal::into_error).collect(),
            data: None,
            errors_left_out: 0,
            cost,
            extensions: BTreeMap::new(),
        }
    }

    /// The answer to a fault that left nothing else.
    pub(crate) fn failed(cost: Cost, trace: TraceId) -> Self {
        let refusal = Refusal::new(code::INTERNAL, String::new(), String::new());
        Self { errors: vec![fault(trace)], ..Self::refused(refusal, cost) }
    }

    /// What the library answered, made safe to show.
    pub(crate) fn executed(response: Response, cost: Cost, most_errors: usize, trace: TraceId) -> Self {
        let was_executed = !is_request_error(&response);
        let found = response.errors.len();
        let errors: Vec<_> = response
            .errors
            .into_iter()
            .take(most_errors)
            .map(|error| presentable(error, was_executed, trace))
            .collect();
        let status = if was_executed { status_of(&response.data, &errors) } else { StatusCode::BAD_REQUEST };
        Self {
            errors_left_out: found - errors.len(),
            errors,
            data: was_executed.then_some(response.data),
            cost,
            extensions: response.extensions,
            status,
            stage: Stage::Document,
            retry_after: None,
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.errors.is_empty() {
            map.serialize_entry("errors", &self.errors)?;
        }
        if let Some(data) = &self.data {
            map.serialize_entry("data", data)?;
        }
        let mut extensions = json!({ "cost": { "operation": self.cost.operation, "limit": self.cost.limit } });
        if self.errors_left_out > 0 {
            extensions["errorsLeftOut"] = json!(self.errors_left_out);
        }
        for (name, value) in &self.extensions {
            extensions[name] = serde_json::to_value(value).map_err(serde::ser::Error::custom)?;
        }
        map.serialize_entry("extensions", &extensions)?;
        map.end()
    }
}

/// Whether the library refused the document: its own refusals carry no path, those of a resolver always do.
pub(crate) fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty() && code_of(error).is_none())
}

/// With no data at all and a lack of rights as the cause, the status says so; in every other case the operation ran.
fn status_of(data: &Value, errors: &[ServerError]) -> StatusCode {
    if *data != Value::Null {
        return StatusCode::OK;
    }
    match errors.first().and_then(code_of) {
        Some("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
        Some("FORBIDDEN") => StatusCode::FORBIDDEN,
        _ => StatusCode::OK,
    }
}

/// The `code` of an error, if it has one.
pub(crate) fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// An error as a client may see it.
///
/// An error with a code was made to be shown. The library's own have none: those about the document or an argument
/// are shown with a code, without the near names it knows; everything else is a fault of ours, of which a client
/// sees only the trace id, and the log the rest.
fn presentable(error: ServerError, was_executed: bool, trace: TraceId) -> ServerError {
    if code_of(&error).is_some() {
        return error;
    }
    let about_input = error.source.is_none()
        && ["Failed to parse \"", "Expected input type \"", "Invalid value for argument"]
            .iter()
            .any(|start| error.message.starts_with(start));
    if was_executed && !about_input {
        return internal(&error, trace);
    }
    let code = if was_executed { code::BAD_INPUT } else { code::INVALID_DOCUMENT };
    let message = shortened(&error.message);
    let in_chinese = if was_executed { "参数值不符合要求" } else { "查询与接口定义不符" };
    let shown = Refusal::new(code, message.clone(), format!("{in_chinese}：{message}")).into_error();
    ServerError { locations: error.locations, path: error.path, ..shown }
}

/// Logs a fault and makes the error that stands for it.
pub(crate) fn internal(error: &ServerError, trace: TraceId) -> ServerError {
    tracing::error!(request.id = %trace, path = ?error.path, error = %error.message, "a resolver failed");
    ServerError { locations: error.locations.clone(), path: error.path.clone(), ..fault(trace) }
}

/// The error of a fault of ours.
pub(crate) fn fault(trace: TraceId) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code::INTERNAL.name);
    extensions.set("messageZh", format!("服务器内部错误，请将编号 {trace} 告知管理员"));
    extensions.set("traceId", trace.to_string());
    let mut error = ServerError::new(format!("internal error; report {trace} to the operator"), None);
    error.extensions = Some(extensions);
    error
}

fn shortened(message: &str) -> String {
    let message = message.split(" Did you mean").next().unwrap_or_default();
    let mut characters = message.chars();
    let mut short: String = characters.by_ref().take(MESSAGE_CHARACTERS).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
