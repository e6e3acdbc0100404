//! Whoever reads rows reads them through the scope: a query that begins elsewhere is named here, with its reason.

use super::{report, repository};

tests::cases![queries_begin_in_the_scope];

/// Tables of which nobody sees everything.
const SCOPED: &[&str] = &[
    "adoption",
    "appraisal",
    "appeal",
    "charge",
    "circular",
    "closing",
    "assessed_person",
    "commission",
    "commission_assignment",
    "consumer",
    "echo",
    "commission_attachment",
    "commission_extension",
    "commission_step",
    "endorsement",
    "export",
    "incident",
    "issue",
    "judgement",
    "key_point",
    "key_point_answer",
    "key_point_list",
    "lead",
    "library_item",
    "network",
    "notice",
    "notice_run",
    "person",
    "prompt",
    "publication",
    "quality_coefficient",
    "refusal",
    "relay",
    "rulebook_version",
    "saved_query",
    "screening",
    "settlement",
    "settlement_line",
    "sending_up",
    "staffing",
    "submission",
    "submission_author",
    "talk",
    "target",
    "succession",
    "training",
    "training_attendance",
    "unit",
    "urgent_event",
    "urgent_report",
    // What a GraphQL file calls the table that it is named after.
    "row",
];

/// Queries of those tables that begin outside the scope: the file, the table, and why that shows nobody anything.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("api/src/auth/scope/", "", "this is the scope"),
    ("api/src/auth/actor.rs", "person", "loads the caller, before there is a scope"),
    ("api/src/auth/standing.rs", "person", "asks which accounts were closed, for open sockets"),
    (
        "api/src/services/access.rs",
        "",
        "for security administrators; of an object it tells where it belongs, not what it says",
    ),
    ("api/src/services/facts/", "", "the facts are whole; what is shown of them is cut by the scope afterwards"),
    ("api/src/services/session.rs", "person", "whoever signs in has no scope yet"),
    ("api/src/services/mod.rs", "network", "time zone and code of a network whose id the caller holds already"),
    ("api/src/services/rulebook.rs", "rulebook_version", "the rules in force and the next number, shown to nobody"),
    ("api/src/services/unit.rs", "unit", "the last position, shown to nobody"),
    ("api/src/services/issue/", "", "the last number, and what belongs to an issue that was found in the scope"),
    ("api/src/services/import/", "unit", "names that a file is compared with, after the right to import was checked"),
    (
        "api/src/services/attendance.rs",
        "",
        "who is named already at a training that was found in the scope, and kinds of trainings; whom it counts comes from the scope",
    ),
    (
        "api/src/services/closing.rs",
        "",
        "the closed days and what fell due in them, of a network that was found in the scope",
    ),
    ("api/src/services/circular/", "circular", "results that were published, of a network that was found in the scope"),
    (
        "api/src/services/settlement/",
        "",
        "what is due and what was paid in a network whose awards the caller may settle",
    ),
    (
        "api/src/services/ladder/",
        "",
        "the way of a submission that was found in the scope; of other networks it shows names, as they were told",
    ),
    (
        "api/src/services/succession/",
        "",
        "what units that were found in the scope ended in, and who stands in for whom",
    ),
    (
        "api/src/services/commission/",
        "",
        "parts of a commission that was found in the scope, and what falls due, for reminders",
    ),
    ("api/src/services/key_point.rs", "key_point", "the last position in a list, shown to nobody"),
    (
        "api/src/services/library.rs",
        "submission",
        "narrows what the library shows, which is for everybody in the network",
    ),
    ("api/src/graphql/loaders.rs", "", "texts that a library keeps for everybody, found in the scope of the library"),
    ("api/src/services/search/", "submission", "texts without an index, put into it and shown to nobody"),
    ("api/src/services/submission/", "", "parts of a submission that was found in the scope"),
    ("api/src/graphql/ladder.rs", "network", "names of the networks at the ends of a visible step"),
    ("api/src/services/urgent/", "", "the deadlines of all, and parts of an event that was found in the scope"),
    (
        "api/src/services/staffing.rs",
        "staffing",
        "whether a unit has a contact already, after the right to record was checked",
    ),
    ("api/src/services/people/import.rs", "", "what a list is compared with, after the right to record was checked"),
    ("api/src/graphql/audit.rs", "row", "the right to read the log was checked, or the object was found in the scope"),
    ("api/src/services/delivery/", "", "moves what is in the stream of a consumer that was found in the scope"),
    (
        "api/src/services/notice/",
        "",
        "brings about what is due in whole networks and for their people; an inbox is the caller's own",
    ),
    ("api/src/demo/", "", "fills and finds the demonstration, for whoever started the server"),
    ("api/src/cli/", "network", "for whoever can start the server"),
];

fn queries_begin_in_the_scope() {
    let mut offences = Vec::new();
    for file in repository().sources() {
        if !file.path.starts_with("api/src/") || file.is_test() {
            continue;
        }
        for (number, line) in file.lines_before_tests() {
            let Some(table) = begun(line) else { continue };
            let allowed =
                ELSEWHERE.iter().any(|(place, of, _)| file.path.starts_with(place) && (of.is_empty() || *of == table));
            if !allowed {
                offences.push(format!(
                    "{}:{number}: begins a query of `{table}`: begin it in the scope (`ctx.scope()`), or name it in \
                     tests/it/architecture/scope.rs with the reason why it shows nobody anything",
                    file.path
                ));
            }
        }
    }
    report(&offences);
}

/// The scoped table of which a query begins in this line.
fn begun(line: &str) -> Option<&str> {
    let (before, _) = line.split_once("::Entity::find")?;
    let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    SCOPED.iter().find(|table| **table == name || **table == name.trim_end_matches("_row")).copied()
}
