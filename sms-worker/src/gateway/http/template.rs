//! Texts with placeholders: `{key}`, `{phone}`, `{text}`, `{template}`, `{parameters}`, `{param.NAME}`, `{secret.NAME}`.
//!
//! A value is written as the place asks for: inside a JSON string, as part of a form or a URL, or as it is. `{parameters}` in
//! JSON is the object itself; `{parameters.text}` is the object as a text, which some gateways ask for.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::config::Encoding;
use crate::gateway::Message;
use crate::secret::Secret;

/// What may stand in a template.
pub(super) struct Values<'a> {
    message: Option<&'a Message>,
    parameters: Value,
    secrets: &'a BTreeMap<String, Secret>,
}

impl<'a> Values<'a> {
    /// Everything that belongs to a message.
    pub(super) fn of(message: &'a Message, secrets: &'a BTreeMap<String, Secret>) -> Self {
        let parameters = serde_json::from_str(&message.parameters).unwrap_or(Value::Null);
        Self { message: Some(message), parameters, secrets }
    }

    /// Secrets alone, where there is no message.
    pub(super) fn secrets(secrets: &'a BTreeMap<String, Secret>) -> Self {
        Self { message: None, parameters: Value::Null, secrets }
    }

    fn find(&self, name: &str) -> anyhow::Result<String> {
        if let Some(name) = name.strip_prefix("secret.") {
            let secret = self.secrets.get(name);
            return Ok(secret.with_context(|| format!("there is no secret {name}"))?.expose().to_owned());
        }
        let message = self.message.with_context(|| format!("{{{name}}} has no meaning here"))?;
        if let Some(name) = name.strip_prefix("param.") {
            // A template of the gateway may have values that this notice has not.
            return Ok(match &self.parameters[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
        }
        Ok(match name {
            "key" => message.key.clone(),
            "phone" => message.phone.expose().to_owned(),
            "text" => message.text.clone(),
            "template" => message.template.clone(),
            "parameters" | "parameters.text" => message.parameters.clone(),
            _ => bail!("{{{name}}} is no placeholder"),
        })
    }
}

/// Fills a template. Braces that do not enclose a name, as in JSON, stay.
pub(super) fn fill(template: &str, values: &Values<'_>, encoding: Encoding) -> anyhow::Result<String> {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        text.push_str(before);
        let inside = &from[1..];
        let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).unwrap_or(inside.len());
        if end == 0 || !inside[end..].starts_with('}') {
            text.push('{');
            rest = inside;
            continue;
        }
        let name = &inside[..end];
        let value = values.find(name)?;
        if name == "parameters" && encoding == Encoding::Json {
            text.push_str(&value);
        } else {
            text.push_str(&write(&value, encoding));
        }
        rest = &inside[end + 1..];
    }
    text.push_str(rest);
    Ok(text)
}

fn write(value: &str, encoding: Encoding) -> String {
    match encoding {
        Encoding::Text => value.to_owned(),
        Encoding::Form => url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        Encoding::Json => {
            let quoted = Value::from(value).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            key: "zxs1.2.3.1".to_owned(),
            phone: Secret::new("13900000001"),
            text: "【县办】\"好\"".to_owned(),
            template: "SMS_1".to_owned(),
            parameters: r#"{"unit":"阜康市","rank":3}"#.to_owned(),
        }
    }

    #[test]
    fn values_are_written_as_their_place_asks_for() {
        let secrets = BTreeMap::from([("token".to_owned(), Secret::new("a b"))]);
        let message = message();
        let values = Values::of(&message, &secrets);
        for (template, encoding, expected) in [
            (
                r#"{"to":"{phone}","text":"{text}","p":{parameters},"q":"{parameters.text}","n":{}}"#,
                Encoding::Json,
                r#"{"to":"13900000001","text":"【县办】\"好\"","p":{"unit":"阜康市","rank":3},"q":"{\"unit\":\"阜康市\",\"rank\":3}","n":{}}"#,
            ),
            (
                "u={param.unit}&r={param.rank}&x={param.none}&t={secret.token}",
                Encoding::Form,
                "u=%E9%98%9C%E5%BA%B7%E5%B8%82&r=3&x=&t=a+b",
            ),
            ("Bearer {secret.token}", Encoding::Text, "Bearer a b"),
            ("{key}/{template}", Encoding::Text, "zxs1.2.3.1/SMS_1"),
        ] {
            assert_eq!(fill(template, &values, encoding).unwrap(), expected);
        }
    }

    #[test]
    fn a_mistake_in_a_template_is_told() {
        let (message, secrets) = (message(), BTreeMap::new());
        for (template, expected) in [("{colour}", "colour"), ("{secret.none}", "no secret none")] {
            let error = fill(template, &Values::of(&message, &secrets), Encoding::Text).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(fill("{phone}", &Values::secrets(&secrets), Encoding::Text).is_err());
    }
}
