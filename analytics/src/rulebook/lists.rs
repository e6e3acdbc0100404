//! Reads the lists that are made at the end of periods, and what decides between units of equal points.

use std::collections::HashSet;

use super::adjustment::{Behind, Listing};
use super::figures::{Figures, period_units};
use super::reader::{Reader, Section};
use super::rules::figures_fit;
use crate::expression::Problem;
use crate::expression::check::Wanted;
use crate::expression::scope::{Scope, Vocabulary};

pub(super) fn read<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    figures: &Figures,
    ids: &mut HashSet<String>,
) -> Vec<Listing> {
    let scope = Scope::of_period(vocabulary, figures.late_columns());
    let mut lists = Vec::new();
    for section in reader.tables(root, "list") {
        reader.only(&section, &["id", "clause", "title", "on", "periods", "where", "bottom", "talk"]);
        let id = reader.rule_id(&section, ids);
        let (clause, title) = (reader.words(&section, "clause"), reader.words(&section, "title"));
        let unit = reader.text(&section, "on").and_then(|unit| reader.word(&unit, &period_units()));
        let periods = reader.optional_integer(&section, "periods", 1..54).and_then(|number| u32::try_from(number).ok());
        let bottom = reader.optional_integer(&section, "bottom", 1..1001).and_then(|number| u32::try_from(number).ok());
        let filter = reader.expression(&section, "where", &scope, Wanted::Condition);
        if let (Some(unit), Some(filter)) = (unit, &filter) {
            figures_fit(reader, &section, filter, unit, figures, &scope);
        }
        if section.field("where").is_none() && bottom.is_none() {
            let problem =
                Problem::new("a list needs a condition, or a number of last places", "名单须写 where 或 bottom");
            reader.report(section.header(), &section.path, problem);
        }
        let talk = reader.optional_text(&section, "talk");
        let talk = talk.and_then(|talk| reader.word(&talk, &Behind::ALL.map(|behind| (behind.code(), behind))));
        if let (Some(id), Some(unit)) = (id, unit) {
            lists.push(Listing { id, clause, title, unit, periods: periods.unwrap_or(1), bottom, filter, talk });
        }
    }
    lists
}

/// `[ranking] tie_break = ["adopted_items"]`: counts and sums of points, the first one first.
pub(super) fn tie_break<'t>(reader: &mut Reader<'t>, root: &Section<'t>, figures: &Figures) -> Vec<String> {
    let Some(section) = root.field("ranking").and_then(|field| reader.table(&field)) else {
        return Vec::new();
    };
    reader.only(&section, &["tie_break"]);
    figure_names(reader, &section, "tie_break", figures)
}

/// Counts and sums of points by their ids.
pub(super) fn figure_names<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    key: &str,
    figures: &Figures,
) -> Vec<String> {
    let known: Vec<&str> = figures
        .counts
        .iter()
        .map(|count| count.id.as_str())
        .chain(figures.earned.iter().map(|earned| earned.id.as_str()))
        .collect();
    let mut chosen = Vec::new();
    for text in reader.texts(section, key) {
        if known.contains(&text.value) {
            chosen.push(text.value.to_owned());
            continue;
        }
        let problem = Problem::new(
            format!("there is no count and no sum of points {:?}", text.value),
            format!("没有名为“{}”的计数或积分合计", text.value),
        )
        .hint_nearest(text.value, known.iter().copied());
        reader.report(text.span, &text.path, problem);
    }
    chosen
}
