//! Whether a page of another site may call.

use axum::http::{HeaderMap, header};

/// Where a request was started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin<'a> {
    /// By no page: a program, which sends no `Origin`.
    None,
    /// By a page of this server.
    Own,
    /// By a page on the operator's list.
    Allowed(&'a str),
    /// By any other page.
    Foreign,
}

impl<'a> Origin<'a> {
    /// Reads the headers.
    pub(crate) fn of(headers: &'a HeaderMap, allowed: &[String]) -> Self {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Self::None;
        };
        let Ok(origin) = origin.to_str() else {
            return Self::Foreign;
        };
        if allowed.iter().any(|allowed| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
            return Self::Allowed(origin);
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        if host.is_some_and(|host| is_same_host(origin, host)) { Self::Own } else { Self::Foreign }
    }
}

/// Compares host and port. The scheme cannot be compared: behind a proxy we do not know under which one we are seen.
fn is_same_host(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let bare = |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_ascii_lowercase();
    bare(authority) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_and_listed_pages_are_let_in() {
        let allowed = ["https://info.example.gov.cn/".to_owned()];
        for (origin, host, expected) in [
            (None, "a:8080", Origin::None),
            (Some("http://a:8080"), "a:8080", Origin::Own),
            (Some("http://A:8080"), "a:8080", Origin::Own),
            (Some("https://a"), "a:443", Origin::Own),
            (Some("https://a:443"), "a", Origin::Own),
            (Some("http://a:8081"), "a:8080", Origin::Foreign),
            (Some("http://a.evil:8080"), "a:8080", Origin::Foreign),
            (Some("null"), "a:8080", Origin::Foreign),
            (Some("file://"), "", Origin::Foreign),
            (Some("https://info.example.gov.cn"), "a", Origin::Allowed("https://info.example.gov.cn")),
            (Some("https://info.example.gov.cn.evil"), "a", Origin::Foreign),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(Origin::of(&headers, &allowed), expected, "{origin:?} {host}");
        }
    }
}
