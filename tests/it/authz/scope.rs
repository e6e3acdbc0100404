//! Nothing of one network is seen from another, through any list, any id and any figure.

use entity::role_grant::Role;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::{Office, Place};
use tests::{builders, walk};

use super::lists::{LISTS, known_nodes, walk_list};
use super::world::{self, AWAY, Customs, HOME, TODAY, UNIT, UNIT_ELSEWHERE, World};

tests::cases![
    nobody_sees_the_other_network,
    an_id_of_the_other_network_opens_nothing,
    who_works_in_two_networks_does_not_mix_them,
];

/// Everybody who holds a role in an office.
async fn staff(office: &Office, customs: &Customs) -> Vec<(Role, Client)> {
    let mut staff = Vec::new();
    for role in [Role::Officer, Role::SectionChief, Role::UnitLeader, Role::CityLeader, Role::Analyst] {
        staff.push((role, office.on_unit(role, customs.unit).await));
    }
    for role in [Role::Editor, Role::ChiefEditor, Role::CityLeader, Role::Analyst, Role::SmsWorker] {
        staff.push((role, office.on_network(role).await));
    }
    staff
}

async fn nobody_sees_the_other_network(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let home_world = world::work(&app, &HOME).await;
    let away_world = world::work(&elsewhere, &AWAY).await;
    look_across(&app, &HOME, &home_world, &away_world).await;
    look_across(&elsewhere, &AWAY, &away_world, &home_world).await;
}

/// Nobody of `office` finds anything of the foreign world.
async fn look_across(office: &Office, customs: &Customs, own: &World, foreign: &World) {
    let ids: Vec<String> = foreign.objects().map(|(_, id)| id.to_owned()).collect();
    for (role, client) in staff(office, customs).await {
        let known = known_nodes(&client, &ids).await;
        let known: Vec<_> = foreign.objects().filter(|(_, id)| known.contains(*id)).map(|(kind, _)| kind).collect();
        assert!(known.is_empty(), "{role:?} finds {known:?} of the other network");
        for (field, of_network, _) in LISTS {
            let networks =
                if of_network { [Some(own.id("Network")), Some(foreign.id("Network"))] } else { [None, None] };
            for network in networks {
                let rows = walk_list(&client, field, network).await;
                let leaked = rows.iter().find(|id| ids.contains(id));
                assert!(leaked.is_none(), "{role:?} sees {leaked:?} of the other network in {field}");
                assert!(network != Some(foreign.id("Network")) || rows.is_empty(), "{role:?} sees rows in {field}");
            }
        }
        for figure in ["ranking", "adoptionRates", "awards"] {
            let query = format!(
                "query($network: ID!) {{ {figure}(network: $network, period: {{ id: \"2026-03\" }}) {{ meta {{ partial }} }} }}"
            );
            client.expect_code(&query, json!({ "network": foreign.id("Network") }), "NOT_FOUND").await;
        }
        let ledger = "query($network: ID!, $unit: ID!) {
            scoreLedger(network: $network, unit: $unit, period: { id: \"2026-03\" }, first: 1) { totalCount } }";
        let mixed = json!({ "network": own.id("Network"), "unit": foreign.id("Unit") });
        client.expect_code(ledger, mixed, "NOT_FOUND").await;
    }
}

async fn an_id_of_the_other_network_opens_nothing(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let own = world::work(&app, &HOME).await;
    let foreign = world::work(&elsewhere, &AWAY).await;
    let (editor, officer) = (app.editor().await, app.officer(UNIT).await);

    let submissions = "query($network: ID!, $where: SubmissionWhere) {
        submissions(network: $network, where: $where, first: 10) { totalCount } }";
    for filter in [json!({ "units": [foreign.id("Unit")] }), json!({ "adoptedBy": foreign.id("Publication") })] {
        let variables = json!({ "network": own.id("Network"), "where": filter });
        assert_eq!(editor.gql(submissions, variables).await["submissions"]["totalCount"], 0);
    }
    let people = "query($unit: ID!) { people(unit: $unit, first: 10) { totalCount } }";
    assert_eq!(editor.gql(people, json!({ "unit": foreign.id("Unit") })).await["people"]["totalCount"], 0);

    let content = walk::content();
    let drafts = [(own.id("Network"), foreign.id("Unit")), (foreign.id("Network"), own.id("Unit"))];
    for (network, unit) in drafts {
        let input = json!({ "network": network, "unit": unit, "content": content });
        walk::refused(&officer, "createSubmission", input, "NOT_FOUND").await;
    }
    let input = json!({
        "network": own.id("Network"), "unit": own.id("Unit"), "content": content,
        "assignment": foreign.id("CommissionAssignment"),
    });
    walk::refused(&officer, "createSubmission", input, "NOT_FOUND").await;
    let publication = json!({ "publication": foreign.id("Publication"), "date": TODAY });
    walk::refused(&editor, "createIssue", publication, "NOT_FOUND").await;

    let row = app.submission(UNIT).await.submitted_on(TODAY).insert().await;
    let item = json!({ "id": tests::office::global("Submission", row.id.0), "version": row.version });
    let strange_issue = walk::on(&item, json!({ "issue": foreign.id("Issue") }));
    walk::refused(&editor, "adoptSubmission", strange_issue, "NOT_FOUND").await;
    let strange_publication = json!({ "publication": foreign.id("Publication"), "toLevel": "region", "sentOn": TODAY });
    walk::refused(&editor, "sendUpSubmission", walk::on(&item, strange_publication), "NOT_FOUND").await;
    let strange_adoption = json!({
        "leader": "张市长", "level": "prefecture", "text": "请阅处", "endorsedOn": TODAY,
        "adoption": foreign.id("Adoption"),
    });
    walk::refused(&editor, "endorseSubmission", walk::on(&item, strange_adoption), "NOT_FOUND").await;
}

/// An editor of both networks knows the units of both, but a unit counts only in the network of which it is a member.
async fn who_works_in_two_networks_does_not_mix_them(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let person = app.holder(Role::Editor, Place::Network(app.network())).await;
    builders::grant(app.writer(), person, Role::Editor, Some(elsewhere.network()), None, app.now()).await;
    let editor = app.sign_in(person).await;
    let mixed = json!({ "network": app.network_id(), "unit": elsewhere.unit_id(UNIT_ELSEWHERE).await });
    let with = |more: Value| walk::merged(mixed.clone(), more);

    let incident = with(json!({ "kind": "LATE", "evidence": "值班记录", "occurredOn": TODAY }));
    let training = with(json!({ "kind": "SESSION", "title": "培训", "heldOn": TODAY, "attendees": 9 }));
    let staffing = with(json!({ "name": "王信息", "duty": "PART_TIME", "firstDay": TODAY }));
    for (mutation, input) in [("recordIncident", incident), ("recordTraining", training), ("recordStaffing", staffing)]
    {
        let error = walk::refused(&editor, mutation, input, "INVALID").await;
        assert_eq!(error["field"], "unit", "{mutation}");
    }
    let commission = json!({
        "network": app.network_id(), "units": [mixed["unit"]],
        "topic": "春耕", "requirement": "报送进度", "dueAt": "2026-03-09T18:00:00+08:00",
    });
    let error = walk::refused(&editor, "issueCommission", commission, "INVALID").await;
    assert_eq!(error["field"], "units");
}
