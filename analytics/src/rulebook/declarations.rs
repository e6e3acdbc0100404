//! What a rulebook declares before it rules: levels, categories, publications, kinds, topics, codes, and what receipt asks for.

use std::collections::HashSet;

use super::reader::{At, Reader, Section};
use super::{Category, Code, Deadline, FollowUp, Kind, Named, Publication, Receipt, SignOff};
use crate::expression::Problem;
use crate::expression::scope::Vocabulary;
use crate::scoring::catalogue::CodeSet;

/// Reads an id and declares it; a second declaration is a mistake.
fn declare<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    set: CodeSet,
    vocabulary: &mut Vocabulary,
) -> Option<At<String>> {
    let id = reader.id(section)?;
    if !vocabulary.declare(set, &id.value) {
        reader.duplicate(&id);
    }
    Some(id)
}

pub(super) fn named<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    key: &str,
    set: CodeSet,
    vocabulary: &mut Vocabulary,
) -> Vec<Named> {
    let mut items = Vec::new();
    for section in reader.tables(root, key) {
        reader.only(&section, &["id", "name"]);
        let (id, name) = (declare(reader, &section, set, vocabulary), reader.words(&section, "name"));
        items.extend(id.map(|id| Named { id: id.value, name }));
    }
    items
}

pub(super) fn categories<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &mut Vocabulary,
) -> Vec<Category> {
    let mut categories = Vec::new();
    let mut all_members = HashSet::new();
    for section in reader.tables(root, "category") {
        reader.only(&section, &["id", "name", "members", "direct_report"]);
        let id = declare(reader, &section, CodeSet::Category, vocabulary);
        let name = reader.words(&section, "name");
        let members = reader.texts(&section, "members");
        for member in &members {
            if !all_members.insert(member.value) {
                let problem = Problem::new(
                    format!("{:?} is a member already", member.value),
                    format!("“{}”已列入某一类别", member.value),
                );
                reader.report(member.span.clone(), &member.path, problem);
            }
        }
        let members = members.into_iter().map(|member| member.value.to_owned()).collect();
        let direct_report = reader.flag(&section, "direct_report");
        categories.extend(id.map(|id| Category { id: id.value, name, members, direct_report }));
    }
    categories
}

pub(super) fn publications<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &mut Vocabulary,
) -> Vec<Publication> {
    let mut publications = Vec::new();
    for section in reader.tables(root, "publication") {
        reader.only(&section, &["id", "name", "level", "own", "clause", "outlet", "class"]);
        let id = declare(reader, &section, CodeSet::Publication, vocabulary);
        let name = reader.words(&section, "name");
        let level = reader.text(&section, "level");
        if let Some(level) = &level {
            declared(reader, level, CodeSet::Level, vocabulary);
        }
        let own = reader.flag(&section, "own");
        let clause = reader.optional_words(&section, "clause");
        let outlet = reader.optional_words(&section, "outlet");
        if let Some(outlet) = &outlet {
            // Several publications are of one kind, so a second declaration is no mistake.
            vocabulary.declare(CodeSet::Outlet, outlet);
        }
        let mut classes = Vec::new();
        for class in reader.tables(&section, "class") {
            reader.only(&class, &["id", "name"]);
            let (class_id, name) = (reader.id(&class), reader.words(&class, "name"));
            let Some(class_id) = class_id else { continue };
            if let Some(id) = &id
                && !vocabulary.declare_class(&id.value, &class_id.value)
            {
                reader.duplicate(&class_id);
            }
            classes.push(Named { id: class_id.value, name });
        }
        let (Some(id), Some(level)) = (id, level) else {
            continue;
        };
        publications.push(Publication {
            id: id.value,
            name,
            level: level.value.to_owned(),
            own,
            clause,
            outlet,
            classes,
        });
    }
    publications
}

/// Reports a code that its set does not have.
pub(super) fn declared<'t>(reader: &mut Reader<'t>, code: &At<&'t str>, set: CodeSet, vocabulary: &Vocabulary) -> bool {
    let is_declared = vocabulary.has(set, code.value);
    if !is_declared {
        let problem = Problem::new(
            format!("{:?} is not declared as a {}", code.value, set.code()),
            format!("“{}”未声明为{}代码", code.value, set.code()),
        )
        .hint_nearest(code.value, vocabulary.codes(set).iter().map(String::as_str));
        reader.report(code.span.clone(), &code.path, problem);
    }
    is_declared
}

pub(super) fn kinds<'t>(reader: &mut Reader<'t>, root: &Section<'t>, vocabulary: &mut Vocabulary) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for section in reader.tables(root, "kind") {
        reader.only(&section, &["id", "name", "clause", "max_characters", "sign_off", "deadline"]);
        let id = declare(reader, &section, CodeSet::Kind, vocabulary);
        let name = reader.words(&section, "name");
        let clause = reader.optional_words(&section, "clause");
        let max_characters = reader.optional_integer(&section, "max_characters", 1..1_000_001);
        let sign_off = signers(reader, &section, "sign_off");
        let deadline = deadline(reader, &section);
        kinds.extend(id.map(|id| Kind { id: id.value, name, clause, max_characters, sign_off, deadline }));
    }
    kinds
}

fn signers<'t>(reader: &mut Reader<'t>, section: &Section<'t>, key: &str) -> Vec<String> {
    let signers = Kind::SIGNERS.map(|role| (role, role));
    let roles = reader.texts(section, key);
    roles.iter().filter_map(|role| reader.word(role, &signers)).map(str::to_owned).collect()
}

/// Who signs what is important, or what was asked for from above, whatever its kind.
pub(super) fn sign_offs<'t>(reader: &mut Reader<'t>, root: &Section<'t>, vocabulary: &Vocabulary) -> Vec<SignOff> {
    let mut sign_offs = Vec::new();
    for section in reader.tables(root, "sign_off") {
        reader.only(&section, &["clause", "important", "origins", "by"]);
        let clause = reader.optional_words(&section, "clause");
        let important = reader.flag(&section, "important");
        let origins = reader.texts(&section, "origins");
        for origin in &origins {
            declared(reader, origin, CodeSet::Level, vocabulary);
        }
        let by = signers(reader, &section, "by");
        if section.field("by").is_none() {
            let problem = Problem::new("the key \"by\" is missing", "缺少键“by”").hint("write by = [\"unit_leader\"]");
            reader.report(section.header(), &section.path, problem);
        }
        if important != origins.is_empty() {
            let problem = Problem::new("a sign-off is about one thing", "审签规定须且只能写一种情形")
                .hint("write important = true, or origins = [\"region\"] with the levels whose commissions are meant");
            reader.report(section.header(), &section.path, problem);
        }
        let origins = origins.into_iter().map(|origin| origin.value.to_owned()).collect();
        sign_offs.push(SignOff { important, origins, by, clause });
    }
    sign_offs
}

/// How soon a unit reports what became of a leader's instruction.
pub(super) fn follow_up<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> FollowUp {
    let Some(section) = root.field("follow_up").and_then(|field| reader.table(&field)) else {
        return FollowUp::default();
    };
    reader.only(&section, &["days", "clause"]);
    let days = reader.integer(&section, "days", 1..366).and_then(|days| u32::try_from(days).ok());
    FollowUp { days: days.unwrap_or(FollowUp::default().days), clause: reader.optional_words(&section, "clause") }
}

fn deadline<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> Option<Deadline> {
    let field = section.field("deadline")?;
    let table = reader.table(&field)?;
    reader.only(&table, &["same_day", "days", "next_month_day"]);
    let days = reader.optional_integer(&table, "days", 1..3661);
    let day = reader.optional_integer(&table, "next_month_day", 1..29);
    let choices = [
        reader.flag(&table, "same_day").then_some(Deadline::SameDay),
        days.and_then(|days| u32::try_from(days).ok()).map(Deadline::Days),
        day.and_then(|day| u32::try_from(day).ok()).map(Deadline::NextMonthDay),
    ];
    let mut chosen = choices.into_iter().flatten();
    let (first, second) = (chosen.next(), chosen.next());
    if first.is_none() || second.is_some() {
        let problem = Problem::new("a deadline is one thing", "时限须且只能写一种")
            .hint("write { same_day = true }, { days = 7 } or { next_month_day = 15 }");
        reader.report(field.span, &field.path, problem);
    }
    first
}

pub(super) fn codes<'t>(reader: &mut Reader<'t>, root: &Section<'t>, vocabulary: &mut Vocabulary) -> Vec<Code> {
    let mut codes = Vec::new();
    for section in reader.tables(root, "code") {
        reader.only(&section, &["set", "id", "name"]);
        let name = reader.words(&section, "name");
        let set = reader.text(&section, "set");
        let Some(set) = set.and_then(|set| reader.word(&set, &CodeSet::EXTENSIBLE.map(|set| (set.code(), set)))) else {
            continue;
        };
        let id = declare(reader, &section, set, vocabulary);
        codes.extend(id.map(|id| Code { set: set.code().to_owned(), id: id.value, name }));
    }
    codes
}

pub(super) fn receipt<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> Receipt {
    let Some(section) = root.field("receipt").and_then(|field| reader.table(&field)) else {
        return Receipt::default();
    };
    reader.only(&section, &["requires", "clause"]);
    let known = ["signatory", "writer", "contact"].map(|word| (word, word));
    let requires = reader.texts(&section, "requires");
    let requires = requires.iter().filter_map(|word| reader.word(word, &known)).map(str::to_owned).collect();
    Receipt { requires, clause: reader.optional_words(&section, "clause") }
}
