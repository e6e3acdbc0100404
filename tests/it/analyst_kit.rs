//! The analysts' kit of `examples/python`, run as an analyst would against a server that listens.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use api::services::facts::files;
use entity::person;
use entity::role_grant::Role;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::harness::{Missing, leave_out};
use tests::live::Live;
use tests::server::Server;
use tests::{builders, walk};

use crate::export::{export, follow, two_months};

tests::cases![
    an_analyst_signs_in_pages_downloads_and_draws,
    duckdb_reads_the_facts_of_closed_periods,
    a_file_is_held_against_its_manifest,
];

const LOGIN: &str = "fenxi.yuan";
const PASSWORD: &str = "Fenxi-2026-zhengxin";

fn kit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/python")
}

/// A Python with the packages of the kit; where they cannot be had, the case is left out.
pub(crate) fn python() -> PathBuf {
    let made = Command::new("bash").arg(kit().join("setup")).stdin(Stdio::null()).output();
    let found = made.ok().filter(|output| output.status.success());
    let path = found.and_then(|output| String::from_utf8(output.stdout).ok());
    path.map_or_else(|| leave_out(Missing::Python), |text| PathBuf::from(text.trim()))
}

/// Runs the trend example, with the password or without.
fn run(python: &Path, server: &str, into: &Path, password: Option<&str>) -> Output {
    let mut command = Command::new(python);
    command
        .arg(kit().join("trend.py"))
        .args(["--server", server, "--login", LOGIN, "--network", "changji", "--page", "2"])
        .args(["--from", "2025-04", "--to", "2026-02", "--into"])
        .arg(into)
        // The clone stays clean.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("MPLCONFIGDIR", into)
        .env_remove("ZHENGXIN_PASSWORD")
        .stdin(Stdio::null());
    if let Some(password) = password {
        command.env("ZHENGXIN_PASSWORD", password);
    }
    command.output().expect("Python can be started")
}

#[track_caller]
fn told(output: &Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed: {error}");
    serde_json::from_slice(&output.stdout).expect("the example prints JSON")
}

async fn an_analyst_signs_in_pages_downloads_and_draws(app: TestApp) {
    let python = python();
    two_months(&app).await;
    let input = json!({ "name": "分析员", "login": LOGIN, "password": PASSWORD });
    walk::act(&app.system_administrator().await, "invitePerson", "person { id }", input).await;
    let person = person::Entity::find().filter(person::Column::Login.eq(LOGIN)).one(app.writer()).await;
    let person = person.expect("people can be read").expect("the account was opened");
    builders::grant(app.writer(), person.id, Role::Analyst, Some(app.network()), None, app.now()).await;
    let live = Live::start(app.state(), false).await;
    let server = format!("http://{}", live.address);
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().to_owned();
    let first = {
        let (python, server, into) = (python.clone(), server.clone(), into.clone());
        tokio::task::spawn_blocking(move || run(&python, &server, &into, Some(PASSWORD))).await.expect("it ran")
    };
    let first = told(&first);
    assert_eq!(first["items"], 7, "every page was read");
    assert_eq!((&first["months"], &first["submitted"], &first["adoptedItems"]), (&json!(11), &json!(7), &json!(4)));
    assert_eq!(first["bestRate"], "0.666667");
    let picture = std::fs::read(into.join("trend.png")).expect("the trend was drawn");
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 10_000);

    // The access token has ended: the kept session is renewed, and nobody is asked for a password.
    app.set_clock("2026-03-02T09:30:00+08:00");
    let again = tokio::task::spawn_blocking(move || run(&python, &server, &into, None)).await.expect("it ran");
    assert_eq!(told(&again)["submitted"], 7);
    live.stop().await;
}

async fn duckdb_reads_the_facts_of_closed_periods(app: TestApp) {
    let python = python();
    two_months(&app).await;
    let chief = app.chief_editor().await;
    for period in ["2026-01", "2026-02"] {
        let input = json!({ "network": app.network_id(), "period": period });
        walk::act(&chief, "closePeriod", "closing { id }", input).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let network = entity::network::Entity::find_by_id(app.network()).one(app.writer()).await;
    let network = network.expect("networks can be read").expect("there is one");
    let written = files::write(app.state(), &network, folder.path()).await.expect("the folder can be written to");
    assert!(written.files.iter().any(|file| file.ends_with("changji/submission/2026-02.parquet")), "{written:?}");
    let again = files::write(app.state(), &network, folder.path()).await.expect("the folder can be written to");
    assert_eq!((again.files.len(), again.known), (0, written.files.len()), "what is closed is written once");

    let into = folder.path().to_owned();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(python)
            .arg(kit().join("facts.py"))
            .arg(into.join("changji"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output()
            .expect("Python can be started")
    });
    let rows = told(&output.await.expect("it ran"));
    assert_eq!(
        rows,
        json!([
            { "unit": "阜康市", "category": "county", "month": "2026-01", "reported": 4, "adopted": 2 },
            { "unit": "阜康市", "category": "county", "month": "2026-02", "reported": 2, "adopted": 1 },
            { "unit": "奇台县", "category": "county", "month": "2026-02", "reported": 1, "adopted": 1 },
        ])
    );
}

async fn a_file_is_held_against_its_manifest(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let question = json!({ "analytics": {
        "network": app.network_id(), "measures": ["SUBMITTED"], "rows": ["UNIT"], "period": { "id": "2026-02" },
    } });
    let made = export(&editor, question, "CSV").await;
    let folder = tempfile::tempdir().expect("a folder");
    let (file, manifest) = (folder.path().join("a.csv"), folder.path().join("a.json"));
    let bytes = follow(&app, &made, "url").await.bytes;
    std::fs::write(&manifest, follow(&app, &made, "manifestUrl").await.bytes).expect("the folder can be written to");
    let verdict = |bytes: &[u8]| {
        std::fs::write(&file, bytes).expect("the folder can be written to");
        let (file, manifest) = (file.to_str().unwrap_or_default(), manifest.to_str().unwrap_or_default());
        let server = Server::start(folder.path(), ["export", "verify", file, "--manifest", manifest]);
        server.line(Duration::from_secs(30))
    };
    assert!(verdict(&bytes).contains("文件与清单一致"));
    let mut changed = bytes;
    let last = changed.len() - 3;
    changed[last] ^= 1;
    assert!(verdict(&changed).contains("the file's SHA-256 is"));
}
