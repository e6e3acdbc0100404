//! A circular as an official document (公文): what it says is drawn from what was frozen, so that it is the same text, and the same bytes, on each
//! rendering.
//!
//! `content` says what stands in it; `docx` and `html` set it in the layout of official documents. Neither asks the database anything.

mod content;
mod docx;
mod html;

use std::collections::BTreeMap;

use analytics::period::Period;
use analytics::scoring::{AwardLine, Scored};
use entity::circular;
use entity::ids::CircularId;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use self::content::{Content, Subject};
use crate::error::{Error, Result};
use crate::services::download::Download;
use crate::services::{Ctx, local_day, score};
use crate::state::AppState;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A text document in the layout of GB/T 9704 and GB/T 33476.2.
    Docx,
    /// A page of its own, in the same layout when it is printed.
    Html,
}

impl Format {
    /// How its file name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Html => "html",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// The document of a circular that the actor may know of.
pub async fn of(ctx: &Ctx, id: CircularId, format: Format) -> Result<Download> {
    let row = super::find(ctx, id).await?;
    render(ctx.state(), &row, format).await
}

/// The document of a circular.
pub async fn render(state: &AppState, row: &circular::Model, format: Format) -> Result<Download> {
    let content = read(state, row).await?;
    let file_name = format!("{}.{}", content.title, format.extension());
    let bytes = match format {
        Format::Docx => docx::write(&content).map_err(Error::internal)?,
        Format::Html => html::write(&content).into_bytes(),
    };
    Ok(Download { file_name, media_type: format.media_type(), bytes })
}

/// Reads what the document of a circular says.
async fn read(state: &AppState, row: &circular::Model) -> Result<Content> {
    let conn = state.database().reader();
    let network = crate::services::network_row(conn, row.network_id).await?;
    let (published, scored) = super::frozen(state, row).await?;
    let snapshot = state.facts().current(state, row.network_id).await?;
    let period: Period = row.period.parse().map_err(Error::internal)?;
    let span = period.span();
    let awards = score::compute(move || awards(&scored, span)).await?;
    let names: BTreeMap<i64, String> = published.rows.iter().map(|row| (row.unit.0, row.name.clone())).collect();
    let version = snapshot.versions.on_or_first(span.last);
    let listings = version.map_or_else(Vec::new, |version| version.rulebook.lists().to_vec());
    let basis = version.map(|version| version.rulebook.title().to_owned()).unwrap_or_default();
    let number = number(conn, row, &network).await?;
    let day = local_day(&network, row.published_at);
    let previous = super::previous(conn, row).await?;
    let subject = Subject {
        network: &network.name,
        basis: &basis,
        period,
        number,
        day,
        circular: row,
        rows: &published.rows,
        previous: previous.as_ref().map(|previous| previous.rows.as_slice()),
        awards: &awards,
        names: &names,
        listings: &listings,
    };
    content::of(&subject)
}

/// The awards of the whole assessment year; none for a shorter period.
fn awards(scored: &Scored, span: analytics::period::Span) -> Vec<AwardLine> {
    if span == scored.year() { scored.awards(span) } else { Vec::new() }
}

/// The running number of a circular within the local year in which it was published.
async fn number(conn: &impl ConnectionTrait, row: &circular::Model, network: &entity::network::Model) -> Result<u64> {
    use chrono::Datelike as _;
    let before = circular::Entity::find()
        .filter(circular::Column::NetworkId.eq(row.network_id))
        .filter(circular::Column::Id.lt(row.id));
    let year = local_day(network, row.published_at).year();
    let first = analytics::period::Period::containing(
        analytics::period::PeriodUnit::Year,
        local_day(network, row.published_at),
    );
    let zone = crate::services::time_zone(network);
    let begin = first.first_day().and_hms_opt(0, 0, 0).and_then(|moment| moment.and_local_timezone(zone).earliest());
    let Some(begin) = begin else { return Err(Error::internal(anyhow::anyhow!("the year {year} has no beginning"))) };
    let earlier = before.filter(circular::Column::PublishedAt.gte(begin.to_utc())).count(conn).await?;
    Ok(earlier + 1)
}
