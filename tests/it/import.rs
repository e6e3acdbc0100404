//! Published tables taken over (`docs/import.md`): checked first, all or nothing, once; and the rankings that come out are
//! the published ones.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{self, Currency, text};
use tests::office::Office;
use tests::walk;

tests::cases![
    the_first_quarter_of_zhalantun_comes_out_as_published,
    two_months_of_huolinguole_come_out_as_published,
    a_dry_run_writes_nothing,
    the_same_table_twice_changes_nothing,
    every_bad_cell_is_named,
    one_bad_cell_and_nothing_is_taken_over,
    three_encodings_read_the_same,
    units_are_made_when_the_mapping_says_so,
    a_mapping_speaks_the_rulebooks_language,
    an_unreadable_file_is_refused,
    only_editors_import,
    a_ledger_line_leads_to_the_tally,
];

/// A published table, with the network that it comes from.
struct Circular {
    code: &'static str,
    name: &'static str,
    rulebook: &'static str,
    mapping: &'static str,
    table: &'static str,
}

const ZHALANTUN: Circular = Circular {
    code: "zhalantun",
    name: "扎兰屯市",
    rulebook: "analytics/rulebooks/field/zhalantun-2023.toml",
    mapping: "docs/examples/zhalantun-2023q1.toml",
    table: "tests/circulars/zhalantun-2023q1.csv",
};

const HUOLINGUOLE: Circular = Circular {
    code: "huolinguole",
    name: "霍林郭勒市",
    rulebook: "analytics/rulebooks/field/huolinguole-2018.toml",
    mapping: "docs/examples/huolinguole-2018-01-02.toml",
    table: "tests/circulars/huolinguole-2018-01-02.csv",
};

/// A file of the repository.
fn read(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).expect("the file is in the repository")
}

fn read_text(path: &str) -> String {
    String::from_utf8(read(path)).expect("the file is UTF-8")
}

impl Circular {
    /// Sets the network up through the API, as a system administrator does.
    async fn found(&self, app: &TestApp) -> Office {
        let administrator = app.system_administrator().await;
        let input = json!({ "code": self.code, "name": self.name, "rulebook": read_text(self.rulebook) });
        let created = walk::act(&administrator, "createNetwork", "network { code name }", input).await;
        assert_eq!(created["network"], json!({ "code": self.code, "name": self.name }));
        app.office(self.code).await
    }

    /// What is sent to import it.
    fn input(&self, office: &Office) -> Value {
        input(office, &read(self.table), &read_text(self.mapping))
    }

    /// The cells of a column of the published table, by the unit's name.
    fn published(&self, unit_column: &str, column: &str) -> Vec<(String, String)> {
        let table = read_text(self.table);
        let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let heading = rows.next().expect("the table has a heading");
        let place =
            |wanted: &str| heading.iter().position(|found| *found == wanted).expect("the table has this column");
        let (unit, value) = (place(unit_column), place(column));
        rows.map(|row| (row[unit].to_owned(), row[value].to_owned())).collect()
    }
}

/// What is sent to import a table.
fn input(office: &Office, table: &[u8], mapping: &str) -> Value {
    json!({
        "network": office.network_id(),
        "fileName": "通报.csv",
        "contentBase64": BASE64_STANDARD.encode(table),
        "mapping": mapping,
    })
}

const REPORT: &str =
    "report { batch isRepeated rows figures newUnits problems { row column value message messageZh } }";

/// Sends an import, and returns its report.
async fn import(editor: &Client, input: Value) -> Value {
    walk::act(editor, "startImport", REPORT, input).await["report"].take()
}

/// The same, as a dry run.
async fn check(editor: &Client, mut input: Value) -> Value {
    input["dryRun"] = true.into();
    import(editor, input).await
}

/// Line, column and content of each problem.
fn problems(report: &Value) -> Vec<(Option<u64>, &str, &str)> {
    let all = report["problems"].as_array().expect("a report lists its problems");
    all.iter()
        .map(|problem| {
            assert!(!text(&problem["message"]).is_empty() && !text(&problem["messageZh"]).is_empty());
            (problem["row"].as_u64(), text(&problem["column"]), text(&problem["value"]))
        })
        .collect()
}

async fn the_first_quarter_of_zhalantun_comes_out_as_published(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    let report = import(&editor, ZHALANTUN.input(&office)).await;
    assert_eq!((&report["rows"], &report["problems"]), (&json!(5), &json!([])));
    // Ten cells, of which two are zero.
    assert_eq!(report["figures"], 8);

    let ranks = ZHALANTUN.published("unit", "rank");
    let scores = ZHALANTUN.published("unit", "score");
    let published = ranks
        .iter()
        .zip(&scores)
        .map(|((unit, rank), (_, score))| format!("{rank} {unit} {score}\n"))
        .collect::<Vec<_>>()
        .concat();
    for period in ["2023-Q1", "2023-H1", "2023"] {
        assert_eq!(figures::ranking(&editor, &office, "unit", period).await, published, "{period}");
    }
    assert_eq!(published.lines().count(), 5);
}

async fn two_months_of_huolinguole_come_out_as_published(app: TestApp) {
    let office = HUOLINGUOLE.found(&app).await;
    let editor = office.editor().await;
    let report = import(&editor, HUOLINGUOLE.input(&office)).await;
    assert_eq!((&report["rows"], &report["problems"], &report["newUnits"]), (&json!(5), &json!([]), &json!([])));

    // The table prints no ranks and stands in another order; the year has just begun, so the running total is the score.
    let query = "query($network: ID!, $period: PeriodInput!) { ranking(network: $network, period: $period) {
        categories { category { name } rows { rank tied score unit { name } } }
    } }";
    let variables = json!({ "network": office.network_id(), "period": figures::period("2018-01..2018-02") });
    let ranking = editor.gql(query, variables).await["ranking"]["categories"][0].take();
    assert_eq!(ranking["category"]["name"], "街道办事处");
    let rows = ranking["rows"].as_array().unwrap();
    for column in ["score", "score_ytd", "local_score_ytd"] {
        let published = HUOLINGUOLE.published("unit", column);
        assert_eq!(published.len(), rows.len());
        for (unit, score) in published {
            let row = rows.iter().find(|row| row["unit"]["name"] == unit.as_str()).expect("every unit is ranked");
            assert_eq!(text(&row["score"]), score, "{unit}");
        }
    }
    let ranks: Vec<_> = rows.iter().map(|row| (row["rank"].as_u64().unwrap(), text(&row["score"]))).collect();
    assert_eq!(ranks, [(1, "25"), (2, "15"), (3, "10"), (4, "5"), (4, "5")]);

    // What was reported earns nothing, and is counted all the same.
    let rates = "query($network: ID!, $period: PeriodInput!) { adoptionRates(network: $network, period: $period) {
        rows { unit { name } submitted }
    } }";
    let variables = json!({ "network": office.network_id(), "period": figures::period("2018-01..2018-02") });
    let answer = editor.gql(rates, variables).await;
    for (unit, reported) in HUOLINGUOLE.published("unit", "reported") {
        let rows = answer["adoptionRates"]["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["unit"]["name"] == unit.as_str()).expect("every unit has a rate");
        assert_eq!(row["submitted"].to_string(), reported, "{unit}");
    }
}

async fn a_dry_run_writes_nothing(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    let before = figures::data_version(&editor, &office, "2023").await;
    let report = check(&editor, ZHALANTUN.input(&office)).await;
    assert_eq!(
        report,
        json!({ "batch": null, "isRepeated": false, "rows": 5, "figures": 8, "newUnits": [], "problems": [] })
    );
    assert_eq!(figures::data_version(&editor, &office, "2023").await, before);
    assert_eq!(figures::score(&editor, &office, "水利局", "2023").await, "0");
    // The real run is not taken for a repetition.
    assert_eq!(import(&editor, ZHALANTUN.input(&office)).await["isRepeated"], false);
    assert_eq!(figures::score(&editor, &office, "水利局", "2023").await, "180");
}

async fn the_same_table_twice_changes_nothing(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    let first = import(&editor, ZHALANTUN.input(&office)).await;
    let version = figures::data_version(&editor, &office, "2023").await;
    let ranking = figures::ranking(&editor, &office, "unit", "2023").await;

    let again = import(&editor, ZHALANTUN.input(&office)).await;
    assert_eq!((&again["isRepeated"], &again["batch"]), (&json!(true), &first["batch"]));
    assert_eq!(again["figures"], 0);
    let checked = check(&editor, ZHALANTUN.input(&office)).await;
    assert_eq!((&checked["isRepeated"], &checked["figures"]), (&json!(true), &json!(0)));
    assert_eq!(figures::data_version(&editor, &office, "2023").await, version);
    assert_eq!(figures::ranking(&editor, &office, "unit", "2023").await, ranking);
}

const MAPPING: &str = r#"
title = "一季度采用情况"
period = "2023-Q1"
unit = "单位"

[[figure]]
column = "本级"
event = "adoption"
publication = "own_site"

[[figure]]
column = "上级"
event = "adoption"
publication = "hulunbuir_site"
"#;

const BAD_TABLE: &str = "\
单位,本级,上级
水利局,3,1.5
不存在的单位,1,1
公安局,-2,
,4,4
民政局,五,1000001
市场监督管理局, 12 ,0
";

async fn every_bad_cell_is_named(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    for report in [
        check(&editor, input(&office, BAD_TABLE.as_bytes(), MAPPING)).await,
        import(&editor, input(&office, BAD_TABLE.as_bytes(), MAPPING)).await,
    ] {
        assert_eq!((&report["batch"], &report["rows"]), (&json!(null), &json!(6)));
        let expected = [
            (Some(2), "上级", "1.5"),
            (Some(3), "单位", "不存在的单位"),
            (Some(4), "本级", "-2"),
            (Some(5), "单位", ""),
            (Some(6), "本级", "五"),
            (Some(6), "上级", "1000001"),
        ];
        assert_eq!(problems(&report), expected);
    }
}

async fn one_bad_cell_and_nothing_is_taken_over(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    let version = figures::data_version(&editor, &office, "2023").await;
    import(&editor, input(&office, BAD_TABLE.as_bytes(), MAPPING)).await;
    assert_eq!(figures::data_version(&editor, &office, "2023").await, version);
    assert_eq!(figures::score(&editor, &office, "市场监督管理局", "2023").await, "0");

    let good = "单位,本级,上级\n水利局,3,1\n市场监督管理局, 12 ,0\n";
    let report = import(&editor, input(&office, good.as_bytes(), MAPPING)).await;
    assert_eq!((&report["problems"], &report["figures"]), (&json!([]), &json!(3)));
    assert_eq!(figures::score(&editor, &office, "水利局", "2023").await, "25");
    assert_eq!(figures::score(&editor, &office, "市场监督管理局", "2023").await, "60");
}

/// `单位,本级,上级`, and one row `水利局,3,1`, in GB18030.
const GB18030: &[u8] = b"\xb5\xa5\xce\xbb,\xb1\xbe\xbc\xb6,\xc9\xcf\xbc\xb6\r\n\xcb\xae\xc0\xfb\xbe\xd6,3,1\r\n";

async fn three_encodings_read_the_same(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    let plain = "单位,本级,上级\r\n水利局,3,1\r\n".as_bytes();
    let with_mark = [b"\xEF\xBB\xBF", plain].concat();
    for table in [plain, &with_mark, GB18030] {
        let report = check(&editor, input(&office, table, MAPPING)).await;
        assert_eq!((&report["rows"], &report["figures"], &report["problems"]), (&json!(1), &json!(2), &json!([])));
    }
    import(&editor, input(&office, GB18030, MAPPING)).await;
    assert_eq!(figures::score(&editor, &office, "水利局", "2023-Q1").await, "25");
}

async fn units_are_made_when_the_mapping_says_so(app: TestApp) {
    let office = HUOLINGUOLE.found(&app).await;
    let editor = office.editor().await;
    let table =
        "group,unit,reported,local_wechat,local_commission\n街道办事处,珠斯花街道,1,1,0\n街道办事处,新设街道,4,2,1\n";
    let mapping = read_text(HUOLINGUOLE.mapping);
    let report = check(&editor, input(&office, table.as_bytes(), &mapping)).await;
    assert_eq!((&report["newUnits"], &report["problems"]), (&json!(["新设街道"]), &json!([])));
    import(&editor, input(&office, table.as_bytes(), &mapping)).await;
    // The unit is ranked among the others from the beginning of the year on.
    let ranking = figures::ranking(&editor, &office, "subdistrict", "2018").await;
    assert!(ranking.starts_with("1 新设街道 15\n2 珠斯花街道 5\n3 "), "{ranking}");

    let misplaced = table.replace("街道办事处,新设街道", "苏木,另一单位");
    let report = check(&editor, input(&office, misplaced.as_bytes(), &mapping)).await;
    assert_eq!(problems(&report), [(Some(3), "unit", "另一单位")]);
}

async fn a_mapping_speaks_the_rulebooks_language(app: TestApp) {
    let office = HUOLINGUOLE.found(&app).await;
    let editor = office.editor().await;
    let table = "unit,count\n珠斯花街道,1\n";
    let head = "title = \"t\"\nunit = \"unit\"\n";
    let period = "period = \"2018-01\"\n";
    let figure = |rest: &str| format!("{head}{period}[[figure]]\ncolumn = \"count\"\n{rest}\n");
    for (mapping, column) in [
        (format!("{head}{period}"), "figure"),
        (format!("{head}[[figure]]\ncolumn = \"count\"\nevent = \"submission\"\n"), "period"),
        (figure("event = \"submission\"").replace("2018-01", "2018-13"), "period"),
        (figure("event = \"adoption\""), "figure.publication"),
        (figure("event = \"adoption\"\npublication = \"radio\""), "figure.publication"),
        (figure("event = \"adoption\"\npublication = \"wechat\"\nclass = \"lead\""), "figure.class"),
        (figure("event = \"submission\"\nkind = \"poem\""), "figure.kind"),
        (figure("event = \"endorsement\""), "figure.level"),
        (figure("event = \"endorsement\"\nlevel = \"galaxy\""), "figure.level"),
        (figure("event = \"assignment\""), "figure.outcome"),
        (figure("event = \"incident\""), "figure.kind"),
        (figure("event = \"incident\"\nkind = \"general\""), "figure.kind"),
        (figure("event = \"rumour\""), "mapping"),
        (figure("event = \"submission\"\ncolour = \"red\""), "mapping"),
        (figure("event = \"submission\"").replace("unit = ", "units = "), "mapping"),
        (figure("event = \"submission\"").replace("column = \"count\"", "column = \"number\""), "number"),
    ] {
        let report = check(&editor, input(&office, table.as_bytes(), &mapping)).await;
        let found: Vec<_> = problems(&report).into_iter().map(|(_, column, _)| column).collect();
        assert_eq!(found, [column], "{mapping}");
    }
    for good in [
        "event = \"submission\"",
        "event = \"adoption\"\npublication = \"wechat\"\nkind = \"general\"",
        "event = \"endorsement\"\nlevel = \"region\"",
        "event = \"assignment\"\noutcome = \"missed\"",
        "event = \"incident\"\nkind = \"untrue\"",
    ] {
        let report = check(&editor, input(&office, table.as_bytes(), &figure(good))).await;
        assert_eq!((&report["problems"], &report["figures"]), (&json!([]), &json!(1)), "{good}");
    }
}

async fn an_unreadable_file_is_refused(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    let ragged = "单位,本级,上级\n水利局,3,1\n公安局,2\n";
    let report = check(&editor, input(&office, ragged.as_bytes(), MAPPING)).await;
    assert_eq!(report["problems"][0]["row"], 3);
    let report = check(&editor, input(&office, b"\xFF\xFF\xFF", MAPPING)).await;
    assert_eq!(report["problems"].as_array().map(Vec::len), Some(1));
    let report = check(&editor, input(&office, b"", MAPPING)).await;
    assert_eq!(report["batch"], json!(null));
    assert_ne!(report["problems"], json!([]));

    let mut garbled = input(&office, b"", MAPPING);
    garbled["contentBase64"] = "这不是编码".into();
    let error = walk::refused(&editor, "startImport", garbled, "INVALID").await;
    assert_eq!(error["field"], "contentBase64");
}

async fn only_editors_import(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    for client in [office.officer("水利局").await, office.chief_editor().await, office.analyst().await] {
        walk::refused(&client, "startImport", ZHALANTUN.input(&office), "FORBIDDEN").await;
    }
    // Another network's editor does not know of this one.
    walk::refused(&app.editor().await, "startImport", ZHALANTUN.input(&office), "NOT_FOUND").await;
}

async fn a_ledger_line_leads_to_the_tally(app: TestApp) {
    let office = ZHALANTUN.found(&app).await;
    let editor = office.editor().await;
    import(&editor, ZHALANTUN.input(&office)).await;
    let ledger = figures::ledger(&editor, &office, "扎兰屯市现代农业产业园服务中心", "2023-Q1", Currency::Points).await;
    assert_eq!(figures::lines(&ledger), "2023-03-31 adopted.own_site 175\n2023-03-31 adopted.hulunbuir_site 30\n");
    for line in &ledger {
        assert_eq!(line["submission"], json!(null));
        let id = tests::office::global("Tally", 0);
        let prefix = &id[..id.len() - 2];
        assert!(text(&line["facts"][0]["id"]).starts_with(prefix), "{line}");
    }
    assert_eq!(figures::sum(&ledger), 205_000_000);
}
