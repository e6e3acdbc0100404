//! What an adoption rate divides.

use super::figures::known_count;
use super::reader::{Reader, Section};
use super::{Count, Rates};
use crate::expression::{Expression, Node, Op, Problem};
use crate::facts::FactKind;

/// Without a `[rates]` table, what was received is held against the different items that were adopted.
pub(super) fn rates<'t>(reader: &mut Reader<'t>, root: &Section<'t>, counts: &[Count]) -> Option<Rates> {
    let Some(field) = root.field("rates") else {
        return Some(default_rates());
    };
    let section = reader.table(&field)?;
    reader.only(&section, &["submitted", "adopted"]);
    let submitted = rate_count(reader, &section, "submitted", FactKind::Submission, counts);
    let adopted = rate_count(reader, &section, "adopted", FactKind::Adoption, counts);
    Some(Rates { submitted: submitted?, adopted: adopted? })
}

fn rate_count<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    key: &str,
    on: FactKind,
    counts: &[Count],
) -> Option<Count> {
    let id = reader.text(section, key)?;
    let count = known_count(reader, &id, counts)?;
    if count.on == on && count.share.is_none() && (on == FactKind::Submission || count.distinct) {
        return Some(count.clone());
    }
    let problem = match on {
        FactKind::Adoption => Problem::new(
            "a rate needs a count of adoptions by different submissions",
            "采用率须使用按信息去重的采用计数",
        )
        .hint("the count has on = \"adoption\" and distinct = \"submission\""),
        _ => Problem::new(format!("a rate needs a count of {on}s here"), format!("此处须使用{}计数", on.name_zh())),
    };
    reader.report(id.span, &id.path, problem);
    None
}

fn default_rates() -> Rates {
    let received = Node::boolean(Op::Column { name: "received".to_owned(), stored: "received".to_owned() }, false);
    let count = |id: &str, name: &str, on, distinct, filter| Count {
        id: id.to_owned(),
        name: name.to_owned(),
        on,
        distinct,
        share: None,
        filter,
    };
    Rates {
        submitted: count("submitted", "报送", FactKind::Submission, false, Some(Expression { root: received })),
        adopted: count("adopted", "采用", FactKind::Adoption, true, None),
    }
}
