//! Checks that a tariff has no gap and no overlap.

use super::adjustments::selection;
use super::declarations::declared;
use super::reader::{At, Reader, Section};
use super::{On, Rule, Tariff};
use crate::expression::scope::{Scope, Vocabulary};
use crate::expression::{Node, Op, Problem, Range, Type, can_hold};
use crate::facts::FactKind;
use crate::scoring::catalogue::CodeSet;

/// Reports, for each `[[tariff]]`, publications and classes that no rule pays, and pairs of rules that pay the same adoption.
pub(super) fn check<'t>(reader: &mut Reader<'t>, root: &Section<'t>, vocabulary: &Vocabulary, rules: &[Rule]) {
    for section in reader.tables(root, "tariff") {
        reader.only(&section, &["rules", "publications"]);
        let publications = reader.texts(&section, "publications");
        let are_known: Vec<bool> = publications
            .iter()
            .map(|publication| declared(reader, publication, CodeSet::Publication, vocabulary))
            .collect();
        let Some((selection, _)) = selection(reader, &section, rules, None) else {
            continue;
        };
        if are_known.contains(&false) {
            continue;
        }
        let names = publications.iter().map(|publication| publication.value.to_owned()).collect();
        let tariff = Tariff { rules: selection, publications: names };
        gaps_and_overlaps(reader, &section, &tariff, &publications, vocabulary, rules);
    }
}

fn gaps_and_overlaps<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    tariff: &Tariff,
    places: &[At<&'t str>],
    vocabulary: &Vocabulary,
    rules: &[Rule],
) {
    let scope = Scope::of_fact(vocabulary, FactKind::Adoption);
    let is_chosen = |rule: &&Rule| tariff.rules.has(&rule.id) && rule.on == On::Fact(FactKind::Adoption);
    let chosen: Vec<&Rule> = rules.iter().filter(is_chosen).collect();
    let applies = |rules: &[&Rule], more: Vec<Node>| {
        let filters = rules.iter().filter_map(|rule| rule.filter.as_ref().map(|filter| filter.root.clone()));
        let parts: Vec<Node> = filters.chain(more).collect();
        parts.is_empty() || can_hold(&Node::boolean(Op::And(parts), false), &scope)
    };
    for (publication, place) in tariff.publications.iter().zip(places) {
        let classes = vocabulary.classes(publication);
        let class_of = |class: &String| vec![is("class", CodeSet::Class, class)];
        let cases: Vec<(Option<&String>, Vec<Node>)> = match classes {
            [] => vec![(None, Vec::new())],
            _ => classes.iter().map(|class| (Some(class), class_of(class))).collect(),
        };
        for (class, more) in cases {
            let here = || {
                let publication = is("publication", CodeSet::Publication, publication);
                std::iter::once(publication).chain(more.clone()).collect::<Vec<_>>()
            };
            let name = class.map_or_else(|| publication.clone(), |class| format!("{publication}/{class}"));
            let paying: Vec<&Rule> = chosen.iter().copied().filter(|rule| applies(&[*rule], here())).collect();
            if paying.is_empty() {
                let problem = Problem::new(
                    format!("no rule of this tariff gives anything for {name}"),
                    format!("计分表缺项:{name} 无对应规则"),
                );
                reader.report(place.span.clone(), &place.path, problem);
            }
            for (index, first) in paying.iter().enumerate() {
                if let Some(second) = paying[index + 1..].iter().find(|second| applies(&[*first, **second], here())) {
                    let problem = Problem::new(
                        format!("{:?} and {:?} both pay an adoption by {name}", first.id, second.id),
                        format!("计分表重叠:“{}”与“{}”均对 {name} 计分", first.id, second.id),
                    )
                    .hint("narrow one of them, or join them under [[combine]] and leave them out here");
                    reader.report(section.header(), &section.path, problem);
                }
            }
        }
    }
}

/// The condition that a code column holds the code.
fn is(name: &str, set: CodeSet, code: &str) -> Node {
    let op = Op::Column { name: name.to_owned(), stored: name.to_owned() };
    let column = Node { op, of: Type::Code(set), range: Range::exactly(0), nullable: false };
    Node::boolean(Op::OneOf(Box::new(column), vec![code.to_owned()]), false)
}
