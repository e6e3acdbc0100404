//! What an HTTP gateway's answer means.

use serde_json::Value;

use crate::config::AnswerConfig;
use crate::gateway::Answer;
use crate::http::Reply;
use crate::secret;

/// The longest words that are passed on, in characters.
const LONGEST: usize = 60;

/// Reads an answer. A server's fault whose body says nothing may have happened before or after the message was taken: that is
/// no answer.
pub(super) fn read(config: &AnswerConfig, reply: &Reply, key: &str) -> Answer {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
    let text = config.text.as_deref().and_then(|place| scalar(&body, place)).map(|text| short(&text));
    let fine = (200..300).contains(&reply.status);
    let code = match &config.code {
        Some(place) => scalar(&body, place),
        None => Some(reply.status.to_string()),
    };
    match code {
        Some(code) if config.success.contains(&code) || (config.code.is_none() && fine) => {
            Answer::Taken(config.id.as_deref().map_or_else(Vec::new, |place| ids(&body, place, key)))
        }
        Some(code) if config.code.is_some() => Answer::Refused { code: short(&code), text },
        // 503 and 429 are said before anything is taken.
        _ if (400..500).contains(&reply.status) || reply.status == 503 => {
            Answer::Refused { code: format!("HTTP_{}", reply.status), text }
        }
        _ => Answer::Unanswered(format!("an answer of status {} that says nothing", reply.status)),
    }
}

fn ids(body: &Value, place: &str, key: &str) -> Vec<String> {
    match body.pointer(place) {
        Some(Value::Array(list)) => list.iter().filter_map(plain).collect(),
        Some(one) => plain(one).into_iter().collect(),
        // Some gateways know a message by our id only.
        None => vec![key.to_owned()],
    }
}

/// The text or number that stands at a place.
pub(super) fn scalar(body: &Value, place: &str) -> Option<String> {
    body.pointer(place).and_then(plain)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// What the server keeps of a gateway's words.
pub(super) fn short(text: &str) -> String {
    secret::hide(text).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> AnswerConfig {
        AnswerConfig {
            code: Some("/code".to_owned()),
            success: vec!["0".to_owned(), "OK".to_owned()],
            id: Some("/data/id".to_owned()),
            text: Some("/message".to_owned()),
        }
    }

    fn told(config: &AnswerConfig, status: u16, body: &str) -> Answer {
        read(config, &Reply { status, body: body.to_owned() }, "key")
    }

    #[test]
    fn codes_decide_whatever_the_status() {
        let config = config();
        let taken = |ids: &[&str]| Answer::Taken(ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(told(&config, 200, r#"{"code":0,"data":{"id":17}}"#), taken(&["17"]));
        assert_eq!(told(&config, 200, r#"{"code":"OK","data":{"id":["a","b"]}}"#), taken(&["a", "b"]));
        assert_eq!(told(&config, 200, r#"{"code":"OK"}"#), taken(&["key"]));
        let refused =
            Answer::Refused { code: "isv.AMOUNT_NOT_ENOUGH".to_owned(), text: Some("余额不足".to_owned()) };
        assert_eq!(told(&config, 400, r#"{"code":"isv.AMOUNT_NOT_ENOUGH","message":"余额不足"}"#), refused);
    }

    #[test]
    fn an_answer_that_says_nothing_is_none() {
        for status in [200, 302, 500, 502, 504] {
            assert!(matches!(told(&config(), status, "<html>"), Answer::Unanswered(_)), "{status}");
        }
        for status in [400, 403, 429, 503] {
            let refused = Answer::Refused { code: format!("HTTP_{status}"), text: None };
            assert_eq!(told(&config(), status, "<html>"), refused);
        }
    }

    #[test]
    fn without_a_code_the_status_decides() {
        let config = AnswerConfig { code: None, success: Vec::new(), id: None, text: None };
        assert_eq!(told(&config, 202, ""), Answer::Taken(Vec::new()));
        assert_eq!(told(&config, 404, ""), Answer::Refused { code: "HTTP_404".to_owned(), text: None });
    }
}
