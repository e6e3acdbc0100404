//! People: four levels of officers taken over from a list, whom units must have, what each officer brought in, and the silent
//! direct-report points (直报点).

use std::fmt::Write as _;

use analytics::rulebook::shipped;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::Office;
use tests::walk;

tests::cases![
    a_list_of_officers_is_taken_over_once,
    every_wrong_cell_is_named_and_nothing_is_written,
    three_thousand_officers_of_four_levels,
    who_is_missing_is_named,
    an_officer_is_held_against_the_own_quota,
    a_person_knows_the_duties_and_a_unit_its_people,
    a_silent_point_is_prompted,
    who_took_part_is_counted_per_person_and_unit,
    attendance_is_checked_and_nobody_is_named_twice,
    units_and_people_are_listed_by_pinyin_and_by_strokes,
];

async fn office(app: &TestApp, rulebook: &str) -> Office {
    app.found("elsewhere", shipped::find(rulebook).expect("the rulebook is shipped")).await
}

async fn import(editor: &Client, office: &Office, list: &str, dry_run: bool) -> Value {
    let input = json!({
        "network": office.network_id(), "contentBase64": BASE64_STANDARD.encode(list), "dryRun": dry_run,
    });
    let selection = "report { rows added ended unchanged problems { row column value message } }";
    walk::act(editor, "startPeopleImport", selection, input).await["report"].take()
}

fn counts(report: &Value) -> [i64; 4] {
    ["rows", "added", "ended", "unchanged"].map(|count| report[count].as_i64().unwrap())
}

async fn staff(client: &Client, office: &Office, unit: &str) -> Vec<Value> {
    let query = "query($id: ID!) { unit(id: $id) { staffing(on: \"2026-03-02\") { name duty level post lastDay } } }";
    let answer = client.gql(query, json!({ "id": office.unit_id(unit).await })).await;
    answer["unit"]["staffing"].as_array().unwrap().clone()
}

async fn a_list_of_officers_is_taken_over_once(app: TestApp) {
    let office = office(&app, "changsha").await;
    let editor = office.editor().await;
    let list = "单位,姓名,职责,层级,岗位,起始日期,截止日期\n\
        岳麓区,王一,信息科长,区县(市),,2026-01-01,\n\
        岳麓区,李二,兼职信息员,street,橘子洲街道,2026/1/5,\n\
        中南大学,陈教授,特邀信息员,,,2026.2.1,\n";
    assert_eq!(counts(&import(&editor, &office, list, true).await), [3, 3, 0, 0]);
    assert_eq!(staff(&editor, &office, "岳麓区").await, Vec::<Value>::new());
    assert_eq!(counts(&import(&editor, &office, list, false).await), [3, 3, 0, 0]);
    let here = staff(&editor, &office, "岳麓区").await;
    let second = json!({
        "name": "李二", "duty": "PART_TIME", "level": "street", "post": "橘子洲街道", "lastDay": null,
    });
    assert_eq!((here.len(), &here[1]), (2, &second));
    // The same list again changes nothing, not even the state of the data.
    let before = tests::figures::data_version(&editor, &office, "2026").await;
    assert_eq!(counts(&import(&editor, &office, list, false).await), [3, 0, 0, 3]);
    assert_eq!(tests::figures::data_version(&editor, &office, "2026").await, before);
    // A later list says who left.
    let later = "单位,姓名,职责,层级,岗位,起始日期,截止日期\n岳麓区,李二,兼职信息员,街道(乡镇),橘子洲街道,2026-01-05,2026-02-28\n";
    assert_eq!(counts(&import(&editor, &office, later, false).await), [1, 0, 1, 0]);
    assert_eq!(staff(&editor, &office, "岳麓区").await.len(), 1);
}

async fn every_wrong_cell_is_named_and_nothing_is_written(app: TestApp) {
    let office = office(&app, "changsha").await;
    let editor = office.editor().await;
    let list = "单位,姓名,职责,层级,起始日期,截止日期,账号\n\
        无此区,王一,信息科长,,2026-01-01,,\n\
        岳麓区,,信息科长,,2026-01-01,,\n\
        岳麓区,王三,通讯员,,2026-01-01,,\n\
        岳麓区,王四,信息科长,乡,2026-01-01,,\n\
        岳麓区,王五,信息科长,,一月一日,,\n\
        岳麓区,王六,信息科长,,2026-01-01,2025-12-31,\n\
        岳麓区,王七,信息科长,,2026-01-01,,nobody.there\n\
        岳麓区,王八,紧急信息专人,,2026-01-01,,\n\
        岳麓区,王九,信息科长,,2026-01-01,,\n\
        岳麓区,王九,信息科长,,2026-01-01,,\n";
    let report = import(&editor, &office, list, false).await;
    let cells: Vec<_> =
        report["problems"].as_array().unwrap().iter().map(|one| (one["row"].clone(), one["column"].clone())).collect();
    let wanted = [
        (2, "单位"),
        (3, "姓名"),
        (4, "职责"),
        (5, "层级"),
        (6, "起始日期"),
        (7, "截止日期"),
        (8, "账号"),
        (9, "账号"),
        (11, "姓名"),
    ];
    assert_eq!(cells, wanted.map(|(row, column)| (json!(row), json!(column))));
    assert_eq!(staff(&editor, &office, "岳麓区").await, Vec::<Value>::new());
    let report = import(&editor, &office, "单位,姓名\n岳麓区,王一\n", false).await;
    assert_eq!(report["problems"].as_array().unwrap().len(), 2);
}

async fn three_thousand_officers_of_four_levels(app: TestApp) {
    let office = office(&app, "changsha").await;
    let editor = office.editor().await;
    let mut list = "单位,姓名,职责,层级,岗位,起始日期\n".to_owned();
    let districts = ["芙蓉区", "天心区", "岳麓区", "开福区", "雨花区", "望城区", "长沙县", "浏阳市", "宁乡市"];
    for number in 0..3_000 {
        let level = ["city", "district", "street", "community"][number % 4];
        let _ =
            writeln!(list, "{},信息员{number},兼职信息员,{level},第{}站,2026-01-01", districts[number % 9], number / 9);
    }
    assert_eq!(counts(&import(&editor, &office, &list, false).await), [3_000, 3_000, 0, 0]);
    assert_eq!(counts(&import(&editor, &office, &list, false).await), [3_000, 0, 0, 3_000]);
    let query = "query($network: ID!) { staffing(network: $network, first: 1) { totalCount } }";
    let answer = editor.gql(query, json!({ "network": office.network_id() })).await;
    assert_eq!(answer["staffing"]["totalCount"], 3_000);
}

async fn who_is_missing_is_named(app: TestApp) {
    let editor = app.editor().await;
    let query = "query($network: ID!, $missing: Boolean!) { staffingCheck(network: $network, onlyMissing: $missing) {
        unit { name } title clause duties required found missing people { name }
    } }";
    let ask = async |client: &Client, missing: bool| {
        let answer = client.gql(query, json!({ "network": app.network_id(), "missing": missing })).await;
        answer["staffingCheck"].as_array().unwrap().clone()
    };
    let all = ask(&editor, false).await.len();
    assert_eq!(ask(&editor, true).await.len(), all);
    for (name, duty) in [("马主任", "LEADER_IN_CHARGE"), ("王一", "FULL_TIME")] {
        let input = json!({
            "network": app.network_id(), "unit": app.unit_id("阜康市").await, "name": name, "duty": duty,
            "firstDay": "2026-01-01",
        });
        walk::act(&editor, "recordStaffing", "", input).await;
    }
    assert_eq!(ask(&editor, true).await.len(), all - 1);
    // A county has two full-time officers: one is missing. The unit asks for itself.
    let officer = app.officer("阜康市").await;
    let own = ask(&officer, false).await;
    assert_eq!(own.len(), 2);
    assert_eq!(
        (&own[0]["found"], &own[0]["missing"], &own[0]["people"][0]["name"]),
        (&json!(1), &json!(0), &json!("马主任"))
    );
    assert_eq!((&own[1]["required"], &own[1]["found"], &own[1]["missing"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(own[1]["duties"], json!(["full_time"]));
}

async fn an_officer_is_held_against_the_own_quota(app: TestApp) {
    let office = office(&app, "gaoxian").await;
    let editor = office.editor().await;
    let query = "query($network: ID!) { units(network: $network, first: 1) { nodes { id name } } }";
    let first = editor.gql(query, json!({ "network": office.network_id() })).await["units"]["nodes"][0].take();
    let name = tests::figures::text(&first["name"]).to_owned();
    let input = json!({
        "network": office.network_id(), "unit": first["id"], "name": "王信息", "duty": "PART_TIME", "firstDay": "2026-01-01",
    });
    walk::act(&editor, "recordStaffing", "", input).await;
    for day in ["2026-01-10", "2026-02-10", "2026-02-11"] {
        let row = office.submission(&name).await.submitted_on(day).insert().await;
        if day == "2026-01-10" {
            // The writer has no account: the name says who it is.
            use sea_orm::sea_query::Expr;
            use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
            entity::submission_author::Entity::update_many()
                .col_expr(entity::submission_author::Column::PersonId, Expr::value(None::<i64>))
                .filter(entity::submission_author::Column::SubmissionId.eq(row.id))
                .exec(office.writer())
                .await
                .unwrap();
        }
    }
    let query = "query($network: ID!, $period: PeriodInput!) { officerResults(network: $network, period: $period) {
        name person { name } itemsWritten itemsAdopted points quota attainment
    } }";
    let variables = json!({ "network": office.network_id(), "period": { "from": "2026-01", "to": "2026-02" } });
    let rows = editor.gql(query, variables).await["officerResults"].take();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");
    let named = rows.iter().find(|row| row["person"].is_null()).unwrap();
    // Four items a month, two months; one item was written.
    assert_eq!(
        (&named["itemsWritten"], &named["quota"], &named["attainment"]),
        (&json!("1"), &json!(8), &json!("0.125"))
    );
    let account = rows.iter().find(|row| !row["person"].is_null()).unwrap();
    assert_eq!((&account["itemsWritten"], &account["quota"]), (&json!("2"), &json!(null)));
}

async fn a_person_knows_the_duties_and_a_unit_its_people(app: TestApp) {
    walk::designate(&app, "阜康市", "2026-01-01").await;
    let officer = app.officer("阜康市").await;
    let me = officer.gql("{ viewer { person { duties { duty unit { name } firstDay } } } }", json!({})).await;
    assert_eq!(
        me["viewer"]["person"]["duties"],
        json!([{ "duty": "URGENT_CONTACT", "unit": { "name": "阜康市" }, "firstDay": "2026-01-01" }])
    );
    app.section_chief("阜康市").await;
    let query = "query($id: ID!, $role: Role) { unit(id: $id) { people(role: $role, first: 10) { totalCount } } }";
    for (role, count) in [(json!(null), 2), (json!("SECTION_CHIEF"), 1), (json!("UNIT_LEADER"), 0)] {
        let variables = json!({ "id": app.unit_id("阜康市").await, "role": role });
        assert_eq!(app.editor().await.gql(query, variables).await["unit"]["people"]["totalCount"], count, "{role}");
    }
}

async fn a_silent_point_is_prompted(app: TestApp) {
    let office = office(&app, "changsha").await;
    let editor = office.editor().await;
    office.submission("中南大学").await.submitted_on("2026-02-10").insert().await;
    let query = "query($network: ID!, $below: Int!) {
        directReportPoints(network: $network, period: { id: \"2026-02\" }, silentBelow: $below) {
            unit { id name isDirectReport } reported adopted isSilent prompts { text firstDay lastDay }
        }
    }";
    let ask = async |client: &Client, below: i64| {
        client.gql(query, json!({ "network": office.network_id(), "below": below })).await["directReportPoints"].take()
    };
    let points = ask(&editor, 1).await;
    let seen: Vec<_> =
        points.as_array().unwrap().iter().map(|one| (one["unit"]["name"].clone(), one["isSilent"].clone())).collect();
    assert_eq!(seen, [(json!("中南大学"), json!(false)), (json!("湖南师范大学"), json!(true))]);
    assert_eq!((&points[0]["reported"], &points[0]["unit"]["isDirectReport"]), (&json!(1), &json!(true)));
    assert_eq!(ask(&editor, 2).await[0]["isSilent"], true);

    let input = |unit: &Value, more: Value| {
        let base = json!({ "network": office.network_id(), "unit": unit, "period": { "id": "2026-02" } });
        walk::merged(base, more)
    };
    let (active, silent) = (&points[0]["unit"]["id"], &points[1]["unit"]["id"]);
    walk::refused(&editor, "promptDirectReport", input(active, json!({})), "WRONG_STATE").await;
    let ahead = json!({ "period": { "id": "2026-03" } });
    walk::refused(&editor, "promptDirectReport", input(silent, ahead), "INVALID").await;
    let district = json!(office.unit_id("岳麓区").await);
    walk::refused(&editor, "promptDirectReport", input(&district, json!({})), "INVALID").await;
    walk::refused(&office.chief_editor().await, "promptDirectReport", input(silent, json!({})), "FORBIDDEN").await;
    walk::act(&editor, "promptDirectReport", "prompt { id text }", input(silent, json!({}))).await;
    let text = json!({ "text": "请报送教育改革方面的信息。" });
    walk::act(&editor, "promptDirectReport", "prompt { id }", input(silent, text)).await;
    let prompts = ask(&editor, 1).await[1]["prompts"].take();
    assert_eq!(prompts.as_array().unwrap().len(), 2);
    assert_eq!(prompts[1]["text"], "请报送教育改革方面的信息。");
    // The point reads what it is told.
    let own = ask(&office.officer("湖南师范大学").await, 1).await;
    assert_eq!((own.as_array().unwrap().len(), own[0]["prompts"].as_array().unwrap().len()), (1, 2));
}

/// A training of a unit; returns it.
async fn training(app: &TestApp, unit: &str, kind: &str, day: &str, attendees: i64) -> Value {
    let input = json!({
        "network": app.network_id(), "unit": app.unit_id(unit).await, "kind": kind, "title": "信息工作培训",
        "beganOn": day, "heldOn": day, "attendees": attendees,
    });
    walk::act(&app.editor().await, "recordTraining", "training { id }", input).await["training"].take()
}

/// Names people who took part.
async fn attend(client: &Client, of: &Value, people: Value) -> Value {
    let selection = "training { attendances(first: 9) { totalCount nodes { name isCompleted unit { name } } } }";
    let input = json!({ "training": of["id"], "people": people });
    walk::act(client, "recordAttendance", selection, input).await["training"]["attendances"].take()
}

async fn who_took_part_is_counted_per_person_and_unit(app: TestApp) {
    let editor = app.editor().await;
    let account = app.officer("阜康市").await.gql("{ viewer { person { id name } } }", json!({})).await;
    let (person, name) = (&account["viewer"]["person"]["id"], &account["viewer"]["person"]["name"]);
    let other = app.unit_id("奇台县").await;
    let session = training(&app, "阜康市", "SESSION", "2026-03-02", 60).await;
    attend(&editor, &session, json!([{ "person": person }, { "name": "李四", "unit": other }])).await;
    for (day, completed) in [("2026-01-30", true), ("2026-02-27", false)] {
        let term = training(&app, "阜康市", "BY_WORKING", day, 1).await;
        attend(&editor, &term, json!([{ "person": person, "isCompleted": completed }])).await;
    }
    let last_year = training(&app, "阜康市", "SECONDMENT", "2025-12-31", 1).await;
    attend(&editor, &last_year, json!([{ "person": person }])).await;

    let query = "query($network: ID!, $unit: ID, $by: AttendanceBy!) {
        attendanceResults(network: $network, period: { id: \"2026\" }, unit: $unit, by: $by) {
            unit { name } person { id } name sessions termsByWorking secondments lectures completed people
        }
    }";
    let ask = async |client: &Client, by: &str, unit: Option<&str>| {
        let unit = match unit {
            Some(unit) => json!(app.unit_id(unit).await),
            None => Value::Null,
        };
        let ids = json!({ "network": app.network_id(), "unit": unit, "by": by });
        client.gql(query, ids).await["attendanceResults"].take()
    };
    let mine = json!({
        "unit": { "name": "阜康市" }, "person": { "id": person }, "name": name,
        "sessions": 1, "termsByWorking": 2, "secondments": 0, "lectures": 0, "completed": 2, "people": 1,
    });
    assert_eq!(ask(&editor, "PERSON", Some("阜康市")).await, json!([mine]));
    let units = ask(&editor, "UNIT", None).await;
    let counts: Vec<_> = units.as_array().unwrap().iter().map(|row| (&row["unit"]["name"], &row["people"])).collect();
    assert_eq!(counts, [(&json!("阜康市"), &json!(1)), (&json!("奇台县"), &json!(1))]);
    // A unit sees whom it sent, also to a training of another unit.
    let seen = ask(&app.officer("奇台县").await, "PERSON", None).await;
    assert_eq!(seen.as_array().map(Vec::len), Some(1));
    assert_eq!(seen[0]["name"], "李四");
}

async fn attendance_is_checked_and_nobody_is_named_twice(app: TestApp) {
    let (editor, officer) = (app.editor().await, app.officer("阜康市").await);
    let session = training(&app, "阜康市", "SESSION", "2026-03-02", 2).await;
    let first = json!([{ "name": "张三", "isCompleted": false }, { "name": "李四" }]);
    assert_eq!(attend(&editor, &session, first).await["totalCount"], 2);
    // Named again, he is there once, and stayed to the end.
    let again = attend(&editor, &session, json!([{ "name": "张三" }])).await;
    assert_eq!(again["totalCount"], 2);
    assert_eq!(again["nodes"][0], json!({ "name": "张三", "isCompleted": true, "unit": { "name": "阜康市" } }));
    for (people, field) in
        [(json!([]), "people"), (json!([{ "name": " " }]), "people.name"), (json!([{ "name": "王五" }]), "people")]
    {
        let input = json!({ "training": session["id"], "people": people });
        assert_eq!(walk::refused(&editor, "recordAttendance", input, "INVALID").await["field"], field);
    }
    let input = json!({ "training": session["id"], "people": [{ "name": "张三" }] });
    walk::refused(&officer, "recordAttendance", input.clone(), "FORBIDDEN").await;
    walk::refused(&app.officer("奇台县").await, "recordAttendance", input, "NOT_FOUND").await;
}

async fn units_and_people_are_listed_by_pinyin_and_by_strokes(app: TestApp) {
    let editor = app.editor().await;
    let query = "query($network: ID!, $order: UnitOrder!, $after: String) {
        units(network: $network, where: { category: \"county\" }, orderBy: $order, first: 3, after: $after) {
            totalCount nodes { name } pageInfo { hasNextPage endCursor }
        }
    }";
    for (order, names) in [
        ("PINYIN", ["昌吉市", "阜康市", "呼图壁县", "吉木萨尔县", "玛纳斯县", "木垒县", "奇台县"]),
        ("STROKE", ["木垒县", "吉木萨尔县", "玛纳斯县", "呼图壁县", "奇台县", "昌吉市", "阜康市"]),
    ] {
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "network": app.network_id(), "order": order, "after": after });
            let page = editor.gql(query, variables).await["units"].take();
            assert_eq!(page["totalCount"], 7);
            seen.extend(page["nodes"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
        }
        assert_eq!(seen, names, "{order}");
    }
    let administrator = app.system_administrator().await;
    for name in ["张三", "李四", "丁一"] {
        let input = json!({ "name": name, "login": walk::key(), "password": "Xinxi-2026-zhengxin",
            "unit": app.unit_id("阜康市").await });
        walk::act(&administrator, "invitePerson", "person { id }", input).await;
    }
    let query = "query($unit: ID!, $order: PersonOrder!) {
        unit(id: $unit) { people(first: 9, orderBy: $order) { nodes { name } } }
    }";
    for (order, names) in [
        ("PINYIN", ["丁一", "李四", "张三"]),
        ("STROKE", ["丁一", "张三", "李四"]),
        ("OPENED", ["张三", "李四", "丁一"]),
    ] {
        let variables = json!({ "unit": app.unit_id("阜康市").await, "order": order });
        let seen = administrator.gql(query, variables).await;
        let nodes = seen["unit"]["people"]["nodes"].as_array().unwrap();
        let named: Vec<_> =
            nodes.iter().filter_map(|row| row["name"].as_str()).filter(|name| names.contains(name)).collect();
        assert_eq!(named, names, "{order}");
    }
}
