//! Files that are fetched by a link: what there is, who may have it, and the link itself.
//!
//! A link holds a ticket that is bound to the person and the session in which it was asked for. When it is followed, the
//! person is loaded anew and the file is looked for in their scope: what somebody may not see any more, an older link does
//! not give them. To serve another kind of file, add it to [`File`] with the function that makes its [`Download`].

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use entity::ids::{CircularId, ExportId, PersonId, SettlementId};

use crate::auth::actor::Actor;
use crate::auth::ticket::Ticket;
use crate::error::{Error, Result};
use crate::services::circular::document;
use crate::services::settlement::payout;
use crate::services::{Ctx, export};
use crate::state::AppState;

/// A file that can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// An export.
    Export(ExportId),
    /// The manifest of an export.
    Manifest(ExportId),
    /// A circular as an official document.
    Circular(CircularId, document::Format),
    /// The list by which a settlement is paid.
    Payouts(SettlementId, payout::Format),
}

/// Its name in links: `export-7`.
impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Export(id) => write!(f, "export-{id}"),
            Self::Manifest(id) => write!(f, "manifest-{id}"),
            Self::Circular(id, document::Format::Docx) => write!(f, "circular-docx-{id}"),
            Self::Circular(id, document::Format::Html) => write!(f, "circular-html-{id}"),
            Self::Payouts(id, payout::Format::Csv) => write!(f, "payouts-csv-{id}"),
            Self::Payouts(id, payout::Format::Xlsx) => write!(f, "payouts-xlsx-{id}"),
        }
    }
}

impl FromStr for File {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let (kind, id) = name.rsplit_once('-').ok_or_else(Error::not_found)?;
        let id = id.parse().map_err(|_| Error::not_found())?;
        match kind {
            "export" => Ok(Self::Export(ExportId(id))),
            "manifest" => Ok(Self::Manifest(ExportId(id))),
            "circular-docx" => Ok(Self::Circular(CircularId(id), document::Format::Docx)),
            "circular-html" => Ok(Self::Circular(CircularId(id), document::Format::Html)),
            "payouts-csv" => Ok(Self::Payouts(SettlementId(id), payout::Format::Csv)),
            "payouts-xlsx" => Ok(Self::Payouts(SettlementId(id), payout::Format::Xlsx)),
            _ => Err(Error::not_found()),
        }
    }
}

/// A file as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// What it is to be called.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Where a file can be fetched for a few minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Path and query on this server.
    pub url: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// A link for whoever asks in the session.
pub fn link(ctx: &Ctx, session: &str, file: File) -> Result<Link> {
    let ticket = Ticket::new(file.to_string(), ctx.actor().id(), session, ctx.now());
    let text = ticket.write(ctx.state().keys())?;
    Ok(Link { url: format!("/exports/{file}?ticket={text}"), expires_at: ticket.expires_at() })
}

/// A link that was followed, with whoever followed it.
pub struct Opened {
    ctx: Ctx,
    file: File,
}

/// Opens a link: its ticket must be good and for this file.
pub async fn open(state: &AppState, name: &str, ticket: &str) -> Result<Opened> {
    let now = state.clock().now();
    let ticket = Ticket::read(state.keys(), ticket, now)?;
    if ticket.file != name {
        return Err(Error::unauthenticated());
    }
    let actor = Actor::in_session(state.database().reader(), ticket.person, &ticket.session, now).await?;
    Ok(Opened { ctx: Ctx::new(state.clone(), actor), file: name.parse()? })
}

impl Opened {
    /// On whose behalf.
    pub fn person(&self) -> PersonId {
        self.ctx.actor().id()
    }

    /// The file.
    pub async fn follow(&self) -> Result<Download> {
        match self.file {
            File::Export(id) => export::file(&self.ctx, id).await,
            File::Manifest(id) => export::manifest(&self.ctx, id).await,
            File::Circular(id, format) => document::of(&self.ctx, id, format).await,
            File::Payouts(id, format) => payout::file(&self.ctx, id, format).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for file in [
            File::Export(ExportId(7)),
            File::Manifest(ExportId(12)),
            File::Circular(CircularId(3), document::Format::Html),
            File::Payouts(SettlementId(4), payout::Format::Xlsx),
        ] {
            assert_eq!(file.to_string().parse::<File>().unwrap(), file);
        }
        for bad in ["", "export", "export-", "export-x", "other-1"] {
            assert!(bad.parse::<File>().is_err(), "{bad}");
        }
    }
}
