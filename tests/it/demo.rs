//! The demonstration, as a script sees it: a process that prints one line of JSON, and an office behind it that is alive.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::database::{Backend, TestDatabase};
use tests::figures::{millionths, text};
use tests::server::Server;
use tests::wire::{self, Reply};
use tokio::task::spawn_blocking;

tests::cases![one_line_of_json_opens_a_whole_office, a_second_start_finds_the_same_office];

/// How long the first start may take: a year of an office is written.
const FILLING: Duration = Duration::from_secs(50);

/// The year that is shown.
const YEAR: &str = "2025";

const ROLES: [&str; 11] = [
    "OFFICER",
    "SECTION_CHIEF",
    "UNIT_LEADER",
    "EDITOR",
    "CHIEF_EDITOR",
    "CITY_LEADER",
    "ANALYST",
    "SMS_WORKER",
    "SYSTEM_ADMINISTRATOR",
    "SECURITY_ADMINISTRATOR",
    "AUDITOR",
];

/// A demonstration that is ready.
struct Demo {
    server: Server,
    said: Value,
    address: SocketAddr,
}

impl Demo {
    /// Starts it on a free port, on an embedded database unless another is named.
    fn start(directory: &TempDir, database_url: Option<&str>) -> Self {
        let data = directory.path().join("data");
        let data = data.to_str().expect("temporary paths are text");
        let mut arguments = vec!["demo", "--json", "--listen", "127.0.0.1:0", "--data-dir", data];
        if let Some(url) = database_url {
            arguments.extend(["--database-url", url]);
        }
        let server = Server::start(directory.path(), arguments);
        let line = server.line(FILLING);
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|err| panic!("{err}: {line}"));
        let url = text(&said["url"]);
        let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/graphql"));
        let address = address.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("no address: {url}"));
        Self { server, said, address }
    }

    /// The access token of a role.
    fn token(&self, role: &str) -> &str {
        text(&self.said["tokens"][role]["accessToken"])
    }

    /// Asks as a role.
    fn ask(&self, role: &str, query: &str, mut variables: Value) -> Reply {
        variables["network"] = self.said["network"]["id"].clone();
        wire::ask(self.address, Some(self.token(role)), query, &variables).expect("the server answers")
    }

    /// Asks as a role, and wants data.
    fn data(&self, role: &str, query: &str, variables: Value) -> Value {
        let reply = self.ask(role, query, variables);
        let mut answer = reply.json();
        assert!(answer["errors"].is_null(), "{role}: {}", reply.body);
        answer["data"].take()
    }

    /// The ranking of the year as a role sees it.
    fn ranking(&self, role: &str) -> Value {
        self.data(role, RANKING, json!({ "period": YEAR }))["ranking"]["categories"].take()
    }
}

const RANKING: &str = "query($network: ID!, $period: PeriodId!) { ranking(network: $network, period: { id: $period }) {
    categories { category { id } size rows { rank score unit { id name } } }
} }";

async fn one_line_of_json_opens_a_whole_office(database: TestDatabase) {
    // A newcomer names no database; PostgreSQL has to be named.
    let url = (database.backend() == Backend::Postgres).then(|| database.url().to_owned());
    spawn_blocking(move || {
        let directory = TempDir::new().unwrap();
        let demo = Demo::start(&directory, url.as_deref());
        the_line_names_what_a_script_needs(&demo);
        every_role_is_who_it_says(&demo);
        figures_are_alive(&demo);
        everybody_sees_their_part(&demo);
        a_refresh_token_gives_the_next_pair(&demo);
        let (ended, rest) = demo.server.stop();
        assert_eq!(rest, Vec::<String>::new(), "one line, and nothing else");
        assert!(ended.success() || !cfg!(target_os = "linux"), "{ended}");
    })
    .await
    .unwrap_or_else(|err| std::panic::resume_unwind(err.into_panic()));
}

fn the_line_names_what_a_script_needs(demo: &Demo) {
    let (said, address) = (&demo.said, demo.address);
    assert_eq!(said["wsUrl"], format!("ws://{address}/graphql"));
    assert_eq!(said["ideUrl"], format!("http://{address}/ide"));
    let network =
        demo.data("EDITOR", "query($network: ID!) { node(id: $network) { ... on Network { code } } }", json!({}));
    assert_eq!(network["node"]["code"], said["network"]["code"]);
    let tokens = said["tokens"].as_object().expect("tokens by role");
    assert_eq!(tokens.len(), ROLES.len());
    let ide = wire::send(address, "GET /ide", &[("Accept-Encoding", "gzip")], b"").expect("the server answers");
    assert_eq!(ide.status, 200);
}

fn every_role_is_who_it_says(demo: &Demo) {
    for role in ROLES {
        let viewer = demo.data(role, "{ viewer { person { name } roles { role } } }", json!({}))["viewer"].take();
        assert_eq!(viewer["roles"], json!([{ "role": role }]));
        assert!(!text(&viewer["person"]["name"]).is_empty(), "{role}");
    }
    let stranger = wire::ask(demo.address, None, "{ viewer { person { name } } }", &json!({})).unwrap();
    assert_eq!(stranger.code(), "UNAUTHENTICATED");
}

fn figures_are_alive(demo: &Demo) {
    let categories = demo.ranking("EDITOR");
    let categories = categories.as_array().unwrap();
    let sizes: Vec<_> = categories.iter().map(|part| part["size"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [7, 3, 38, 27]);
    for category in categories {
        let scores: Vec<_> =
            category["rows"].as_array().unwrap().iter().map(|row| millionths(text(&row["score"]))).collect();
        assert!(scores.first() > scores.last(), "{}: {scores:?}", category["category"]);
    }
    let notes = demo.data(
        "EDITOR",
        "query($network: ID!, $period: PeriodId!) { scoringNotes(network: $network, period: { id: $period }) { message } }",
        json!({ "period": YEAR }),
    );
    assert_eq!(notes["scoringNotes"], json!([]));
    let rates = demo.data(
        "EDITOR",
        "query($network: ID!, $period: PeriodId!) { adoptionRates(network: $network, period: { id: $period }, by: NETWORK) {
            rows { submitted adoptedItems }
        } }",
        json!({ "period": YEAR }),
    );
    let row = &rates["adoptionRates"]["rows"][0];
    let (submitted, adopted) = (row["submitted"].as_u64().unwrap(), row["adoptedItems"].as_u64().unwrap());
    assert!(submitted > 10_000 && adopted > 500 && adopted < submitted, "{adopted} of {submitted}");

    // The best unit's points lead to its submissions and to clauses.
    let best = &categories[0]["rows"][0];
    let ledger = "query($network: ID!, $unit: ID!, $period: PeriodId!, $after: String) {
        scoreLedger(network: $network, unit: $unit, period: { id: $period }, first: 100, after: $after) {
            nodes { points clause submission { title } } pageInfo { hasNextPage endCursor }
        }
    }";
    let (mut sum, mut after, mut led) = (0, Value::Null, false);
    loop {
        let variables = json!({ "unit": best["unit"]["id"], "period": YEAR, "after": after });
        let mut page = demo.data("EDITOR", ledger, variables)["scoreLedger"].take();
        for line in page["nodes"].as_array().unwrap() {
            sum += millionths(text(&line["points"]));
            assert!(!text(&line["clause"]).is_empty());
            led |= !text(&line["submission"]["title"]).is_empty();
        }
        after = page["pageInfo"]["endCursor"].take();
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
    }
    assert_eq!(sum, millionths(text(&best["score"])));
    assert!(led);
}

fn everybody_sees_their_part(demo: &Demo) {
    let whole = demo.ranking("EDITOR");
    for role in ["CHIEF_EDITOR", "CITY_LEADER", "ANALYST"] {
        assert_eq!(demo.ranking(role), whole, "{role}");
    }
    for role in ["OFFICER", "SECTION_CHIEF", "UNIT_LEADER"] {
        let own = demo.ranking(role);
        assert_eq!(own.as_array().map(Vec::len), Some(1), "{role}");
        assert_eq!(own[0]["rows"].as_array().map(Vec::len), Some(1), "{role}");
    }
    for role in ["SMS_WORKER", "SYSTEM_ADMINISTRATOR", "SECURITY_ADMINISTRATOR", "AUDITOR"] {
        let code = demo.ask(role, RANKING, json!({ "period": YEAR })).code();
        assert!(code == "FORBIDDEN" || code == "NOT_FOUND", "{role}: {code}");
    }
    let count = "query($network: ID!) { submissions(network: $network, first: 1) { totalCount } }";
    let seen = |role: &str| demo.data(role, count, json!({}))["submissions"]["totalCount"].as_u64().unwrap();
    assert!(seen("EDITOR") > 10_000 && seen("OFFICER") > 100 && seen("OFFICER") < seen("EDITOR") / 10);
    let acts = demo.data("AUDITOR", "{ auditTrail(first: 1) { totalCount } }", json!({}));
    assert!(acts["auditTrail"]["totalCount"].as_u64().unwrap() > 10_000);
}

fn a_refresh_token_gives_the_next_pair(demo: &Demo) {
    let query =
        "mutation($token: String!) { refreshToken(input: { refreshToken: $token }) { session { accessToken } } }";
    let variables = json!({ "token": demo.said["tokens"]["EDITOR"]["refreshToken"] });
    let answer = wire::ask(demo.address, None, query, &variables).unwrap().json();
    let token = text(&answer["data"]["refreshToken"]["session"]["accessToken"]);
    let viewer = wire::ask(demo.address, Some(token), "{ viewer { roles { role } } }", &json!({})).unwrap().json();
    assert_eq!(viewer["data"]["viewer"]["roles"], json!([{ "role": "EDITOR" }]));
}

fn a_second_start_finds_the_same_office() {
    let directory = TempDir::new().unwrap();
    let first = Demo::start(&directory, None);
    let (ranking, network) = (first.ranking("EDITOR"), first.said["network"].clone());
    // An end without a word: what was acknowledged is in the file.
    drop(first);

    let second = Demo::start(&directory, None);
    assert_eq!(second.said["network"], network);
    assert_eq!(second.ranking("EDITOR"), ranking);
}
