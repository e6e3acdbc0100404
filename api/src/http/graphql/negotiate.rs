//! Which media types a request speaks and may be answered in.

use axum::http::{HeaderMap, header};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the status says how the operation went.
    Response,
    /// `application/json`: 200 whenever the request was understood as GraphQL.
    Json,
}

impl Media {
    /// The header's value.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// How well one range of an `Accept` header fits a media type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    /// 3 for the type itself, 2 for `application/*`, 1 for `*/*`, 0 when nothing fits.
    exactness: u8,
    /// Thousandths.
    quality: u16,
}

/// The media type to answer in; `None` when the client accepts neither.
///
/// Without a header, and where only a wildcard fits, it is `application/json`, which every client reads. Of two that
/// are named with equal weight it is `application/graphql-response+json`.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut response = Weight::default();
    let mut json = Weight::default();
    let mut is_empty = true;
    for range in
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() {
            continue;
        }
        is_empty = false;
        let Some(quality) = quality(parts) else {
            continue;
        };
        let (for_response, for_json) = match name.as_str() {
            "application/graphql-response+json" => (3, 0),
            "application/json" => (0, 3),
            "application/*" => (2, 2),
            "*/*" => (1, 1),
            _ => continue,
        };
        for (weight, exactness) in [(&mut response, for_response), (&mut json, for_json)] {
            if exactness > weight.exactness {
                *weight = Weight { exactness, quality };
            }
        }
    }
    if is_empty {
        return Some(Media::Json);
    }
    match (response.quality, json.quality) {
        (0, 0) => None,
        (better, worse) if better > worse => Some(Media::Response),
        (worse, better) if better > worse => Some(Media::Json),
        _ if response.exactness == 3 => Some(Media::Response),
        _ => Some(Media::Json),
    }
}

/// Whether the client asks for a stream of events.
pub(crate) fn wants_events(headers: &HeaderMap) -> bool {
    let ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    ranges.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("text/event-stream"))
            && quality(parts).is_some_and(|quality| quality > 0)
    })
}

/// The quality among the parameters of a range, in thousandths; `None` when the range asks for another encoding
/// than UTF-8 or says nothing that can be read.
fn quality<'a>(parameters: impl Iterator<Item = &'a str>) -> Option<u16> {
    let mut quality = 1000;
    for parameter in parameters.filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => {
                let value: f32 = value.trim().parse().ok()?;
                if !(0.0..=1.0).contains(&value) {
                    return None;
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between 0 and 1000 by the line above"
                )]
                let thousandths = (value * 1000.0).round() as u16;
                quality = thousandths;
            }
            "charset" if !is_utf8(value) => return None,
            _ => {}
        }
    }
    Some(quality)
}

/// Whether a body may be read: JSON in UTF-8, not compressed.
pub(crate) fn is_plain_json(headers: &HeaderMap) -> bool {
    let compressed = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    let Ok(only) = only.to_str() else {
        return false;
    };
    let mut parts = only.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts
        .filter_map(|parameter| parameter.split_once('='))
        .all(|(name, value)| !name.trim().eq_ignore_ascii_case("charset") || is_utf8(value));
    is_json && is_utf8 && !compressed
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_is_read_as_the_table_says() {
        use Media::{Json, Response};
        let both = "application/graphql-response+json, application/json";
        for (accept, expected) in [
            (None, Some(Json)),
            (Some(""), Some(Json)),
            (Some("*/*"), Some(Json)),
            (Some("application/*"), Some(Json)),
            (Some("application/json"), Some(Json)),
            (Some("application/json; charset=utf-8"), Some(Json)),
            (Some("application/json; charset=gbk"), None),
            (Some("APPLICATION/GraphQL-Response+JSON"), Some(Response)),
            (Some("application/graphql-response+json; charset=\"UTF-8\""), Some(Response)),
            (Some(both), Some(Response)),
            (Some("application/json, application/graphql-response+json"), Some(Response)),
            (Some("application/json, application/graphql-response+json;q=0.9"), Some(Json)),
            (Some("application/graphql-response+json, */*;q=0.1"), Some(Response)),
            (Some("application/graphql-response+json;q=0, */*"), Some(Json)),
            (Some("application/json;q=0, */*;q=0.5"), Some(Response)),
            (Some("application/json;q=0"), None),
            (Some("text/html"), None),
            (Some("text/html, */*;q=0.8"), Some(Json)),
            (Some("application/json;q=2"), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            assert_eq!(accepted(&headers), expected, "{accept:?}");
        }
    }

    #[test]
    fn only_plain_json_is_read() {
        for (content_type, encoding, expected) in [
            (Some("application/json"), None, true),
            (Some("application/json; charset=utf-8"), None, true),
            (Some("Application/JSON;charset=\"UTF-8\""), None, true),
            (Some("application/json"), Some("identity"), true),
            (Some("application/json"), Some("gzip"), false),
            (Some("application/json; charset=gb18030"), None, false),
            (Some("application/jsonp"), None, false),
            (Some("application/graphql"), None, false),
            (Some("application/x-www-form-urlencoded"), None, false),
            (Some("multipart/form-data; boundary=x"), None, false),
            (Some("text/plain"), None, false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(content_type) = content_type {
                headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            }
            if let Some(encoding) = encoding {
                headers.insert(header::CONTENT_ENCODING, encoding.parse().unwrap());
            }
            assert_eq!(is_plain_json(&headers), expected, "{content_type:?} {encoding:?}");
        }
    }
}
