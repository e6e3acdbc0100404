//! An issue as one document: masthead, number, date, and the items in their order, as Markdown and as HTML.
//!
//! A published issue is for everybody in the network, so its document holds what it printed, also what a reader would not see
//! of the units' work elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};
use entity::ids::{NetworkId, SubmissionId, UnitId};
use entity::issue::{self, IssueState};
use entity::{adoption, publication, submission, unit};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use crate::auth::policy::{Action, Target, allows, roles_for};
use crate::error::Result;
use crate::services::{Ctx, rulebook};

/// An issue as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Name of the publication.
    pub masthead: String,
    /// Who issues it.
    pub publisher: String,
    /// Running number within the year.
    pub number: i64,
    /// The year of the number.
    pub year: i64,
    /// The date printed on it.
    pub date: NaiveDate,
    /// What it contains, in order.
    pub items: Vec<Item>,
}

/// One item of an issue as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Name of the class within the publication.
    pub class: Option<String>,
    /// Headline.
    pub title: String,
    /// The text.
    pub body: String,
    /// The units that reported it.
    pub units: Vec<String>,
}

/// Whether the viewer may read the issue: who reads the network's texts reads all of them, who reads a member's texts reads
/// what was published.
fn may_read(ctx: &Ctx, row: &issue::Model, network: NetworkId) -> bool {
    if allows(ctx.actor(), Action::ReadBodies, Target::network(network)) {
        return true;
    }
    let reads = |role| roles_for(Action::ReadBodies).any(|(reader, _)| reader == role);
    row.state == IssueState::Published
        && ctx.actor().memberships().contains(&network)
        && ctx.actor().grants().iter().any(|grant| grant.unit.is_some() && reads(grant.role))
}

/// The document of an issue that was found in the scope; none for those who may not read texts.
pub async fn of(ctx: &Ctx, row: &issue::Model, publication: &publication::Model) -> Result<Option<Document>> {
    if !may_read(ctx, row, publication.network_id) {
        return Ok(None);
    }
    let conn = ctx.reader();
    let network = super::super::network_row(conn, publication.network_id).await?;
    let rules = rulebook::in_force(ctx, conn, network.id, row.issued_on).await?;
    let declared = rules.publications().iter().find(|declared| declared.id == publication.code);
    let classes = declared.map(|declared| declared.classes.as_slice()).unwrap_or_default();
    let class = |code: &str| classes.iter().find(|class| class.id == code).map(|class| class.name.clone());
    let adoptions = adoption::Entity::find()
        .filter(adoption::Column::IssueId.eq(row.id))
        .order_by_asc(adoption::Column::Position)
        .order_by_asc(adoption::Column::Id)
        .all(conn)
        .await?;
    let ids: Vec<SubmissionId> = adoptions.iter().map(|adoption| adoption.submission_id).collect();
    let parts = submission::Entity::find()
        .filter(submission::Column::MergedIntoId.is_in(ids.iter().copied()))
        .order_by_asc(submission::Column::Id)
        .all(conn)
        .await?;
    let texts = submission::Entity::find().filter(submission::Column::Id.is_in(ids)).all(conn).await?;
    let mut reporters: BTreeMap<SubmissionId, Vec<UnitId>> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.merged_into_id.is_some()) {
        reporters.entry(part.merged_into_id.unwrap_or(part.id)).or_default().push(part.unit_id);
    }
    let texts: BTreeMap<SubmissionId, submission::Model> = texts.into_iter().map(|text| (text.id, text)).collect();
    let all = parts.iter().map(|part| part.unit_id).chain(texts.values().map(|text| text.unit_id));
    let names = unit::Entity::find().filter(unit::Column::Id.is_in(all)).all(conn).await?;
    let names: BTreeMap<UnitId, String> = names.into_iter().map(|unit| (unit.id, unit.name)).collect();
    let items = adoptions.iter().filter_map(|adoption| {
        let text = texts.get(&adoption.submission_id)?;
        let of = reporters.get(&text.id).cloned().unwrap_or_else(|| vec![text.unit_id]);
        let mut units: Vec<String> = Vec::new();
        for name in of.iter().filter_map(|unit| names.get(unit)) {
            if !units.contains(name) {
                units.push(name.clone());
            }
        }
        let class = adoption.class.as_deref().and_then(class);
        Some(Item { class, title: text.title.clone(), body: text.body.clone(), units })
    });
    Ok(Some(Document {
        masthead: publication.name.clone(),
        publisher: network.name,
        number: row.number,
        year: row.year,
        date: row.issued_on,
        items: items.collect(),
    }))
}

impl Document {
    fn number_line(&self) -> String {
        format!("{}年第{}期", self.year, self.number)
    }

    fn date_line(&self) -> String {
        format!("{}年{}月{}日", self.date.year(), self.date.month(), self.date.day())
    }

    /// The document as Markdown. What units wrote stands in it as text: no sign of theirs becomes markup.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# {}\n\n**{}**　{}　{}\n\n---\n",
            plain(&self.masthead),
            self.number_line(),
            plain(&self.publisher),
            self.date_line()
        );
        for (place, item) in (1..).zip(&self.items) {
            let _ = write!(text, "\n## {place}. {}", plain(&item.title));
            if let Some(class) = &item.class {
                let _ = write!(text, "〔{}〕", plain(class));
            }
            text.push_str("\n\n");
            for paragraph in paragraphs(&item.body) {
                let _ = write!(text, "{}\n\n", plain(paragraph));
            }
            let _ = writeln!(text, "（{}）", plain(&item.units.join("、")));
        }
        text
    }

    /// The document as a page of HTML of its own.
    pub fn html(&self) -> String {
        let head = format!("{} {}", self.masthead, self.number_line());
        let mut text = format!(
            "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n\
             <header><h1>{}</h1><p>{}　{}　{}</p></header>\n",
            escaped(&head),
            escaped(&self.masthead),
            self.number_line(),
            escaped(&self.publisher),
            self.date_line()
        );
        for (place, item) in (1..).zip(&self.items) {
            let class = item.class.as_deref().map(|class| format!("〔{}〕", escaped(class))).unwrap_or_default();
            let _ = writeln!(text, "<article>\n<h2>{place}. {}{class}</h2>", escaped(&item.title));
            for paragraph in paragraphs(&item.body) {
                let _ = writeln!(text, "<p>{}</p>", escaped(paragraph));
            }
            let _ = writeln!(text, "<p>（{}）</p>\n</article>", escaped(&item.units.join("、")));
        }
        text.push_str("</body>\n</html>\n");
        text
    }
}

fn paragraphs(body: &str) -> impl Iterator<Item = &str> {
    body.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Text in which Markdown sees no markup.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // As HTML has it: not every reader of Markdown takes a backslash before them.
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            ',' | '%' | ':' | ';' | '"' | '\'' | '/' | '?' | '=' | '@' | '$' => plain.push(c),
            c if c.is_ascii_punctuation() => plain.extend(['\\', c]),
            c => plain.push(c),
        }
    }
    plain
}

/// Text in which HTML sees no markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(title: &str, body: &str) -> Document {
        Document {
            masthead: "政务信息".to_owned(),
            publisher: "州政府办公室".to_owned(),
            number: 12,
            year: 2026,
            date: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(),
            items: vec![Item {
                class: Some("动态".to_owned()),
                title: title.to_owned(),
                body: body.to_owned(),
                units: vec!["甲县".to_owned(), "乙县".to_owned()],
            }],
        }
    }

    #[test]
    fn a_document_has_masthead_number_date_and_items() {
        let text = document("春耕", "第一段。\n\n　　第二段。").markdown();
        assert_eq!(
            text,
            "# 政务信息\n\n**2026年第12期**　州政府办公室　2026年3月2日\n\n---\n\n## 1. 春耕〔动态〕\n\n第一段。\n\n第二段。\n\n（甲县、乙县）\n"
        );
    }

    #[test]
    fn what_a_unit_writes_is_never_markup() {
        let document = document("<script>alert(1)</script>", "# 标题\n[链接](http://x) **粗** <b>&</b>");
        let html = document.html();
        assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("&amp;"), "{html}");
        let markdown = document.markdown();
        assert!(
            markdown.contains("\\# 标题") && markdown.contains("\\[链接\\]\\(") && markdown.contains("\\*\\*粗"),
            "{markdown}"
        );
        assert!(!markdown.contains("<script"), "{markdown}");
    }
}
