//! The house rules that no compiler holds: who may depend on whom, what files are called, what they may name.

mod repository;
pub(crate) mod scope;

use std::collections::BTreeSet;

use repository::repository;

tests::cases![
    crates_depend_in_one_direction,
    layers_of_the_server_depend_in_one_direction,
    only_the_shipped_rulebooks_name_an_office,
    modules_are_named_after_what_they_hold,
    files_are_short_and_introduced,
    nothing_names_a_machine_or_a_registry,
];

/// What a crate of the workspace may not know.
struct CrateRule {
    name: &'static str,
    /// The workspace's own crates that it may use.
    own: &'static [&'static str],
    /// Beginnings of the names of other people's crates that it may not use.
    forbidden: &'static [&'static str],
    reason: &'static str,
}

const CRATE_RULES: [CrateRule; 6] = [
    CrateRule {
        name: "entity",
        own: &[],
        forbidden: &["async-graphql", "axum", "polars", "tokio", "jsonwebtoken"],
        reason: "a row knows neither how it is shown, nor who asks, nor what it counts for",
    },
    CrateRule {
        name: "migration",
        own: &[],
        forbidden: &["async-graphql", "axum", "polars", "jsonwebtoken"],
        reason: "a step must still run when today's entities have moved on",
    },
    CrateRule {
        name: "analytics",
        own: &[],
        forbidden: &["sea-orm", "sqlx", "tokio", "async-graphql", "axum", "tower"],
        reason: "scoring is a function: facts and a rulebook in, a ledger and frames out",
    },
    CrateRule {
        name: "api",
        own: &["analytics", "entity", "migration"],
        forbidden: &["polars", "seaography"],
        reason: "the server asks `analytics` for what is counted, and nothing depends on the tests",
    },
    CrateRule {
        name: "sms-worker",
        own: &[],
        forbidden: &["sea-orm", "sqlx", "async-graphql", "polars"],
        reason: "the worker is a client like any other: what it knows of the server stands in the schema",
    },
    CrateRule {
        name: "tests",
        own: &["analytics", "api", "entity", "migration", "sms-worker"],
        forbidden: &["polars"],
        reason: "tests speak to the server through its door",
    },
];

/// What a layer inside the server may not name.
struct LayerRule {
    directory: &'static str,
    forbidden: &'static [&'static str],
    reason: &'static str,
}

const LAYER_RULES: [LayerRule; 3] = [
    LayerRule {
        directory: "api/src/graphql/",
        forbidden: &["polars", "jsonwebtoken"],
        reason: "a resolver translates: counting is `analytics`'s, tokens are `auth`'s",
    },
    LayerRule {
        directory: "api/src/services/",
        forbidden: &["async_graphql", "axum"],
        reason: "a service decides, whoever asks and over whatever wire",
    },
    LayerRule {
        directory: "api/src/auth/",
        forbidden: &["async_graphql"],
        reason: "who may do what does not depend on how it is asked",
    },
];

/// The offices whose rulebooks are built in: their names as they stand in documents and in files.
const OFFICES: [&str; 10] =
    ["昌吉", "changji", "包头", "baotou", "高县", "gaoxian", "长沙", "changsha", "xx市", "xx-city"];

/// The one source file that may name an office.
const SHIPPED_RULEBOOKS: &str = "analytics/src/rulebook/shipped.rs";

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "types"];

/// Past this a stranger does not find their room.
const LONGEST_FILE: usize = 600;

fn crates_depend_in_one_direction() {
    let own_crates: BTreeSet<&str> = CRATE_RULES.iter().map(|rule| rule.name).collect();
    let mut offences = Vec::new();
    for rule in &CRATE_RULES {
        for dependency in repository().dependencies(rule.name) {
            let own = own_crates.contains(dependency.as_str());
            let wrong = if own {
                !rule.own.contains(&dependency.as_str())
            } else {
                rule.forbidden.iter().any(|name| dependency.starts_with(name))
            };
            if wrong {
                offences.push(format!("`{}` depends on `{dependency}`: {}", rule.name, rule.reason));
            }
        }
    }
    report(&offences);
}

fn layers_of_the_server_depend_in_one_direction() {
    let mut offences = Vec::new();
    for rule in &LAYER_RULES {
        for file in repository().sources() {
            if !file.path.starts_with(rule.directory) {
                continue;
            }
            for (number, line) in file.code_lines() {
                for name in rule.forbidden {
                    if names_crate(line, name) {
                        offences.push(format!("{}:{number}: names `{name}`: {}", file.path, rule.reason));
                    }
                }
            }
        }
    }
    report(&offences);
}

/// Whether `crate_name` stands in the line as a word of its own.
fn names_crate(line: &str, crate_name: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == crate_name)
}

fn only_the_shipped_rulebooks_name_an_office() {
    let mut offences = Vec::new();
    for file in repository().sources() {
        if file.path == SHIPPED_RULEBOOKS || file.is_test() {
            continue;
        }
        for (number, line) in file.lines_before_tests() {
            let spelled = line.to_lowercase().replace('_', "-");
            for office in OFFICES {
                if spelled.contains(office) {
                    offences.push(format!(
                        "{}:{number}: names {office}: what differs between offices is data in a rulebook",
                        file.path
                    ));
                }
            }
        }
    }
    report(&offences);
}

fn modules_are_named_after_what_they_hold() {
    let mut offences = Vec::new();
    for file in repository().sources() {
        let path = file.path.trim_end_matches(".rs");
        if let Some(name) = path.split('/').find(|name| EMPTY_NAMES.contains(name)) {
            offences.push(format!("{}: `{name}` could hold anything: name what it does hold", file.path));
        }
    }
    report(&offences);
}

fn files_are_short_and_introduced() {
    let mut offences = Vec::new();
    for file in repository().sources() {
        let lines = file.text.lines().count();
        if lines >= LONGEST_FILE {
            offences.push(format!("{}: {lines} lines: split it, one file per use", file.path));
        }
        if !file.text.starts_with("//!") {
            offences.push(format!(
                "{}: begins without `//!`: say what this is, what it is not, and the one invariant",
                file.path
            ));
        }
    }
    report(&offences);
}

/// The spellings are put together here, so that this file does not offend.
const PLACES: [&str; 13] = [
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers\\"),
    concat!("/wo", "rk/"),
    concat!("registry.npm", "js.org"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("files.python", "hosted.org"),
    concat!("py", "pi.org"),
    concat!("deb.debian", ".org"),
    concat!("security.debian", ".org"),
    concat!("repo.maven.apache", ".org"),
];

fn nothing_names_a_machine_or_a_registry() {
    let mut offences = Vec::new();
    for path in repository().text_files() {
        // Cargo writes this file, and names the registry's index in it by its canonical address.
        if path == "Cargo.lock" {
            continue;
        }
        let Some(text) = repository().read(path) else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            for place in PLACES {
                if begins_in(line, place) {
                    offences.push(format!(
                        "{path}:{}: names {place}: no text here holds a machine's path or a registry's host",
                        index + 1
                    ));
                }
            }
        }
    }
    report(&offences);
}

/// Whether `place` stands in the line and is not the tail of a longer path or host.
fn begins_in(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"._-$}".contains(c))
    })
}

fn report(offences: &[String]) {
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}
