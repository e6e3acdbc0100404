//! Tickets: signed links, good for a few minutes, to one file for one person in one session.
//!
//! A browser that follows a link sends no `Authorization` header, so the link itself says on whose behalf it is followed.
//! It is no access token, and nothing but its file can be had for it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use entity::ids::PersonId;
use serde::{Deserialize, Serialize};

use crate::auth::token::TokenKeys;
use crate::error::{Error, Result};

/// How long a link can be followed.
pub const TICKET_LIFETIME: Duration = Duration::minutes(5);
const PURPOSE: &str = "zhengxin-ticket";

/// What a ticket says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The file's name in the link.
    pub file: String,
    /// On whose behalf.
    pub person: PersonId,
    /// The session in which the link was asked for; with it the link ends.
    pub session: String,
    /// When it ends, in seconds.
    until: i64,
}

impl Ticket {
    /// A ticket from `now` on.
    pub fn new(file: String, person: PersonId, session: &str, now: DateTime<Utc>) -> Self {
        Self { file, person, session: session.to_owned(), until: (now + TICKET_LIFETIME).timestamp() }
    }

    /// When it ends.
    pub fn expires_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.until, 0).unwrap_or_default()
    }

    /// The ticket as it stands in a link.
    pub fn write(&self, keys: &TokenKeys) -> Result<String> {
        let text = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).map_err(Error::internal)?);
        let signature = BASE64_URL_SAFE_NO_PAD.encode(keys.sign(PURPOSE, text.as_bytes()));
        Ok(format!("{text}.{signature}"))
    }

    /// Reads a ticket, or refuses it: forged, expired, or not a ticket at all.
    pub fn read(keys: &TokenKeys, text: &str, now: DateTime<Utc>) -> Result<Self> {
        let (text, signature) = text.split_once('.').ok_or_else(Error::unauthenticated)?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| Error::unauthenticated())?;
        if !keys.signed(PURPOSE, text.as_bytes(), &signature) {
            return Err(Error::unauthenticated());
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::unauthenticated())?;
        let ticket: Self = serde_json::from_slice(&bytes).map_err(|_| Error::unauthenticated())?;
        if now >= ticket.expires_at() { Err(Error::unauthenticated()) } else { Ok(ticket) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_for_its_file_and_its_time_only() {
        let keys = TokenKeys::from_seed([1; 32]);
        let noon = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ticket = Ticket::new("export-7".to_owned(), PersonId(3), "s", noon);
        let text = ticket.write(&keys).unwrap();
        assert_eq!(Ticket::read(&keys, &text, noon).unwrap(), ticket);
        assert!(Ticket::read(&keys, &text, noon + TICKET_LIFETIME).is_err());
        assert!(Ticket::read(&TokenKeys::from_seed([2; 32]), &text, noon).is_err());
        let (body, signature) = text.split_once('.').unwrap();
        let plain = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
        let other = BASE64_URL_SAFE_NO_PAD.encode(plain.replace("export-7", "export-8"));
        assert!(Ticket::read(&keys, &format!("{other}.{signature}"), noon).is_err());
        let (token, _) = keys.issue(PersonId(3), "s", noon).unwrap();
        for bad in [token.as_str(), "", ".", "a.b"] {
            assert!(Ticket::read(&keys, bad, noon).is_err(), "{bad}");
        }
        assert!(keys.verify(&text, noon).is_err());
    }
}
