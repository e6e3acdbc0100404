//! The parameters of a request, from a JSON body or a query string.

use async_graphql::{Value as ConstValue, Variables};
use axum::http::Uri;
use serde_json::{Map, Value};

use crate::http::{code, operation::Params, refusal::Refusal};

/// Reads the body of a POST.
///
/// # Errors
/// Not JSON, an array, no query, or a parameter of the wrong type.
pub(crate) fn from_body(body: &[u8]) -> Result<Params, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => from_object(fields),
        Ok(Value::Array(_)) => Err(Refusal::new(
            code::BATCH_NOT_ALLOWED,
            "the body is an array; send one operation per request",
            "不支持批量请求，请每次只发送一个操作",
        )),
        Ok(_) => Err(Refusal::new(
            code::MISSING_QUERY,
            "the body is not a JSON object with a `query`",
            "请求体不是含有 query 的 JSON 对象",
        )),
        Err(error) => Err(Refusal::new(
            code::INVALID_JSON,
            format!("the body is not JSON at line {}, column {}", error.line(), error.column()),
            format!("请求体第 {} 行第 {} 列不是合法的 JSON", error.line(), error.column()),
        )),
    }
}

/// Reads the query string of a GET.
///
/// # Errors
/// As [`from_body`]; the same name twice counts as the wrong type.
pub(crate) fn from_uri(uri: &Uri) -> Result<Params, Refusal> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| wrong("query", "a query string in UTF-8", "UTF-8 查询字符串"))?
        .0;
    let mut fields = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "query" | "operationName" => Value::String(text),
            "variables" | "extensions" if text.is_empty() => Value::Null,
            "variables" | "extensions" => serde_json::from_str(&text).map_err(|_| {
                Refusal::new(
                    code::INVALID_JSON,
                    format!("`{name}` is not JSON"),
                    format!("参数 {name} 不是合法的 JSON"),
                )
                .field(name.clone())
            })?,
            _ => continue,
        };
        if fields.contains_key(&name) {
            return Err(wrong(&name, "given once", "只出现一次的参数"));
        }
        fields.insert(name, value);
    }
    from_object(fields)
}

/// Reads the fields that a body, a query string and a `subscribe` payload have in common. Others are not looked at.
///
/// # Errors
/// No query, or a parameter of the wrong type.
pub(crate) fn from_object(mut fields: Map<String, Value>) -> Result<Params, Refusal> {
    let query = match fields.remove("query") {
        Some(Value::String(query)) => query,
        None | Some(Value::Null) => {
            return Err(Refusal::new(
                code::MISSING_QUERY,
                "there is no `query`; send the document as a string",
                "缺少 query 参数，请以字符串发送查询文档",
            )
            .field("query"));
        }
        Some(_) => return Err(wrong("query", "a string", "字符串")),
    };
    let operation_name = match fields.remove("operationName") {
        None | Some(Value::Null) => None,
        // Several clients send an empty name for "none".
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(wrong("operationName", "a string", "字符串")),
    };
    let variables = match fields.remove("variables") {
        None | Some(Value::Null) => Variables::default(),
        // `Variables::from_json` would take what it cannot read for no variables at all.
        Some(Value::Object(variables)) => ConstValue::from_json(Value::Object(variables))
            .map(Variables::from_value)
            .map_err(|_| wrong("variables", "an object of GraphQL values", "由 GraphQL 值组成的对象"))?,
        Some(_) => return Err(wrong("variables", "an object", "对象")),
    };
    match fields.remove("extensions") {
        None | Some(Value::Null | Value::Object(_)) => {}
        Some(_) => return Err(wrong("extensions", "an object", "对象")),
    }
    Ok(Params { query, operation_name, variables })
}

fn wrong(name: &str, expected: &str, expected_zh: &str) -> Refusal {
    Refusal::new(
        code::INVALID_PARAMETER,
        format!("`{name}` must be {expected}"),
        format!("参数 {name} 必须是{expected_zh}"),
    )
    .field(name)
}
