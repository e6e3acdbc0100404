//! Every root field of `Query`.

use expect_test::expect_file;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::office::global;

use super::{Outcomes, root_fields};
use crate::authz::cast::{ADMINISTRATORS, ANALYST, OUTSIDERS, SMS_WORKER, STRANGER, cast};
use crate::authz::world::{self, HOME, OTHER_UNIT, UNIT, World};

tests::cases![everybody_asks_every_question, texts_are_for_those_who_may_read_them];

const HEAD: &str = "\
What each query answers to whom, over an office with one object of each kind and one draft of a submission.
The unit, the submissions and everything about them are 阜康市's.
\"found\" is an object or a figure, \"nothing\" is null, rows are counted as far as the caller sees them.
";

/// The selection of a sample of each root field.
fn sample(field: &str, world: &World) -> Option<String> {
    let (network, unit, submission) = (world.id("Network"), world.id("Unit"), world.id("Submission"));
    let page = "first: 100";
    let all = "{ totalCount }";
    let within = format!("network: \"{network}\", {page}");
    let march = format!("network: \"{network}\", period: {{ id: \"2026-03\" }}");
    Some(match field {
        "adoptionFeedback" => {
            format!("adoptionFeedback(network: \"{network}\", unit: \"{unit}\", day: \"2026-03-02\") {{ day }}")
        }
        "adoptionRates" => format!("adoptionRates({march}) {{ rows {{ submitted }} }}"),
        "appeals" => format!("appeals({within}) {all}"),
        "auditTrail" => format!("auditTrail(object: \"{submission}\", {page}) {all}"),
        "silentUnits" => format!("silentUnits(network: \"{network}\", period: \"2026-02\") {{ name }}"),
        "talks" => format!("talks({within}) {all}"),
        "awardPayments" => format!("awardPayments({within}) {all}"),
        "settlements" => format!("settlements({within}) {all}"),
        "awards" => format!("awards({march}) {{ rows {{ rank }} }}"),
        "circular" => format!("circular(id: \"{}\") {{ rows {{ rank }} }}", world.id("Circular")),
        "assignments" => format!("assignments({within}) {all}"),
        "commissionLedger" => format!("commissionLedger({march}) {{ open rows({page}) {all} }}"),
        "analytics" => format!(
            "analytics(input: {{ {march}, measures: [SUBMITTED], rows: [UNIT] }}) {{ rows {{ period {{ label }} }} }}"
        ),
        "analyticsCatalog" => "analyticsCatalog { adoptionWindowDays }".to_owned(),
        "anomalies" => format!(
            "anomalies(network: \"{network}\", period: {{ from: \"2025-10\", to: \"2026-03\" }}) {{ sentence }}"
        ),
        "bottomRanked" => format!("bottomRanked({march}) {{ rows {{ name }} }}"),
        "categoryComparison" => format!("categoryComparison({march}) {{ rows {{ period {{ label }} }} }}"),
        "coverage" => format!("coverage({march}) {{ withoutTopic }}"),
        "consumer" => format!("consumer(id: \"{}\") {{ id }}", world.id("Consumer")),
        "consumers" => format!("consumers({within}) {all}"),
        "deadLetters" => format!("deadLetters(consumer: \"{}\", {page}) {all}", world.id("Consumer")),
        "commissions" => format!("commissions({within}) {all}"),
        "explainAccess" => {
            let (person, action) = (world.id("Person"), "adoptSubmission");
            format!("explainAccess(person: \"{person}\", object: \"{submission}\", action: \"{action}\") {{ allowed }}")
        }
        "chart" => format!(
            "chart(question: {{ analytics: {{ {march}, measures: [SUBMITTED], rows: [CATEGORY] }} }}, \
             chart: {{ kind: RANKING_BARS }}) {{ svg }}"
        ),
        "savedQueries" => format!("savedQueries({within}) {all}"),
        "runSavedQuery" => format!("runSavedQuery(id: \"{}\") {{ digest }}", global("SavedQuery", 1)),
        "exports" => format!("exports({within}) {all}"),
        "endorsements" => format!("endorsements({within}) {all}"),
        "libraryItems" => format!("libraryItems({within}) {all}"),
        "incidents" => format!("incidents({within}) {all}"),
        "keyPoints" => format!("keyPoints({within}) {all}"),
        "leads" => format!("leads({within}) {all}"),
        "network" => "network(code: \"changji\") { id }".to_owned(),
        "judgements" => format!("judgements({within}) {all}"),
        "listedUnits" => format!("listedUnits({march}) {{ rows {{ list }} }}"),
        "quotaProgress" => format!("quotaProgress({march}, unit: \"{unit}\") {{ owed }}"),
        "simulateRulebook" => format!("simulateRulebook({march}, text: \"\") {{ changes {{ difference }} }}"),
        "targets" => format!("targets({within}) {all}"),
        "whyNot" => format!("whyNot({march}, unit: \"{unit}\", rule: \"volume.monthly\") {{ fired }}"),
        "noticeRuns" => format!("noticeRuns({within}) {all}"),
        "notices" => format!("notices({within}) {all}"),
        "charges" => format!("charges({within}) {all}"),
        "networks" => format!("networks({page}) {all}"),
        "node" => format!("node(id: \"{submission}\") {{ id }}"),
        "people" => format!("people(unit: \"{unit}\", {page}) {all}"),
        "ranking" => format!("ranking({march}, category: \"county\") {{ categories {{ rows {{ rank }} }} }}"),
        "resolvePeriods" => format!("resolvePeriods({march}) {{ label }}"),
        "scoreLedger" => format!("scoreLedger({march}, unit: \"{unit}\", {page}) {all}"),
        "scoringNotes" => format!("scoringNotes({march}) {{ kind }}"),
        "staffing" => format!("staffing({within}) {all}"),
        "submission" => format!("submission(id: \"{submission}\") {{ id }}"),
        "submissions" => format!("submissions({within}) {all}"),
        "timeliness" => format!("timeliness({march}) {{ rows {{ period {{ label }} }} }}"),
        "trend" => format!("trend({march}, measure: SUBMITTED) {{ points {{ period {{ label }} }} }}"),
        "trainings" => format!("trainings({within}) {all}"),
        "unit" => format!("unit(id: \"{unit}\") {{ id }}"),
        "units" => format!("units({within}) {all}"),
        "staffingCheck" => format!("staffingCheck(network: \"{network}\") {{ required }}"),
        "officerResults" => format!("officerResults({march}) {{ name }}"),
        "attendanceResults" => format!("attendanceResults({march}) {{ sessions }}"),
        "directReportPoints" => format!("directReportPoints({march}) {{ reported }}"),
        "urgentEvents" => format!("urgentEvents({within}) {all}"),
        "validateRulebook" => "validateRulebook(text: \"\") { isValid }".to_owned(),
        "verifyCircular" => format!("verifyCircular(id: \"{}\") {{ holds }}", world.id("Circular")),
        "viewer" => "viewer { person { id } }".to_owned(),
        _ => return None,
    })
}

/// What came back, in a word.
fn outcome(field: &str, body: &Value) -> String {
    if let Some(code) = body["errors"][0]["extensions"]["code"].as_str() {
        return code.to_owned();
    }
    let answer = &body["data"][field];
    let rows = |count: usize| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    if let Some(count) = answer["totalCount"].as_u64() {
        return rows(usize::try_from(count).unwrap_or(usize::MAX));
    }
    if let Some(list) = answer.as_array().or_else(|| answer["rows"].as_array()) {
        return rows(list.len());
    }
    if let Some(categories) = answer["categories"].as_array() {
        return rows(categories.iter().filter_map(|category| category["rows"].as_array()).map(Vec::len).sum());
    }
    if answer.is_null() { "nothing".to_owned() } else { "found".to_owned() }
}

async fn everybody_asks_every_question(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let world = world::work(&app, &HOME).await;
    let mut outcomes = Outcomes::default();
    for caller in cast(&app, UNIT, OTHER_UNIT, &elsewhere).await {
        let client = caller.client(&app).await;
        for field in root_fields("Query") {
            let selection = sample(&field, &world).unwrap_or_else(|| {
                panic!(
                    "nobody says who may ask `{field}`: add a sample of it to tests/it/authz/operations/questions.rs"
                )
            });
            let answer = client.ask(&format!("{{ {selection} }}"), json!({})).await;
            let outcome = outcome(&field, &answer.body);
            let empty = ["0 rows", "nothing", "NOT_FOUND", "FORBIDDEN"].contains(&outcome.as_str());
            let harmless = ["viewer", "validateRulebook", "analyticsCatalog"].contains(&field.as_str());
            match caller.label {
                STRANGER => assert_eq!(outcome, "UNAUTHENTICATED", "a stranger asks {field}"),
                SMS_WORKER => assert!(empty || harmless, "the SMS worker sees {outcome} in {field}"),
                label
                    if ADMINISTRATORS.contains(&label) && ["submission", "submissions", "node"].contains(&&*field) =>
                {
                    assert!(empty, "the {label} sees {outcome} in {field}");
                }
                label if OUTSIDERS.contains(&label) && ["submission", "node"].contains(&&*field) => {
                    assert_eq!(outcome, "nothing", "the {label} asks {field}");
                }
                _ => {}
            }
            outcomes.note(&field, outcome, caller.label);
        }
    }
    expect_file!["queries.txt"].assert_eq(&outcomes.print(HEAD));
}

async fn texts_are_for_those_who_may_read_them(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let world = world::work(&app, &HOME).await;
    let query = "query($id: ID!) { submission(id: $id) { title body contact } }";
    for caller in cast(&app, UNIT, OTHER_UNIT, &elsewhere).await {
        let client = caller.client(&app).await;
        let answer = client.ask(query, json!({ "id": world.id("Submission") })).await.body;
        let seen = &answer["data"]["submission"];
        if seen.is_null() {
            continue;
        }
        assert_eq!(seen["title"], "春耕备耕有序推进", "{}", caller.label);
        assert_eq!(seen["body"].is_null(), caller.label == ANALYST, "the {} sees {seen}", caller.label);
        assert_eq!(seen["contact"].is_null(), caller.label == ANALYST, "the {} sees {seen}", caller.label);
    }
}
