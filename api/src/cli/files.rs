//! Commands that read a file or the database and report.

use std::path::Path;
use std::process::ExitCode;

use analytics::period::Period;
use anyhow::Context as _;
use entity::network;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{print, serve};
use crate::config::Config;
use crate::services::circular::document::Format;
use crate::services::export::manifest::Manifest;
use crate::services::facts::files;
use crate::services::import::{self, Problem, Report, Source};
use crate::services::notice::calendar;
use crate::services::{audit, circular, network as networks, people};
use crate::state::AppState;

/// Imports a table, or checks it; fails when a cell is wrong.
pub(super) async fn import(
    config: &Config,
    network: &str,
    mapping: &Path,
    file: &Path,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let source = Source {
        name: file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        bytes: std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?,
        mapping: read(mapping)?,
    };
    let state = serve::open(config, "zhengxin.db").await?;
    let network = find(&state, network).await?;
    let report = import::run(&state, network.id, &source, dry_run).await?;
    print(&import_text(&report, dry_run));
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn import_text(report: &Report, dry_run: bool) -> String {
    use std::fmt::Write as _;
    let mut text = problems_text(&report.problems, "mapping");
    for unit in &report.new_units {
        let _ = writeln!(text, "new unit: {unit}");
    }
    let done = match (report.problems.len(), report.repeated, dry_run) {
        (0, true, _) => "imported before, nothing to do / 此前已导入，无变化".to_owned(),
        (0, false, true) => format!("{} figures can be imported / 可导入 {0} 项数据", report.figures),
        (0, false, false) => format!("{} figures imported / 已导入 {0} 项数据", report.figures),
        (count, _, _) => format!("{count} problems, nothing imported / 发现 {count} 处问题，未导入"),
    };
    let _ = writeln!(text, "{} rows read; {done}", report.rows);
    text
}

/// Takes a list of officers over, or checks it; fails when a cell is wrong.
pub(super) async fn import_people(
    config: &Config,
    network: &str,
    login: &str,
    file: &Path,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let state = serve::open(config, "zhengxin.db").await?;
    let network = find(&state, network).await?;
    let by = people::account(&state, login).await?;
    let by = by.with_context(|| format!("there is no account with the login {login}"))?;
    let report = people::run(&state, network.id, &bytes, by, dry_run).await?;
    print(&people_text(&report, dry_run));
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes a calendar over.
pub(super) async fn import_calendar(config: &Config, file: &Path) -> anyhow::Result<ExitCode> {
    let csv = read(file)?;
    let state = serve::open(config, "zhengxin.db").await?;
    match calendar::take_over(&state, &csv).await {
        Ok(outcome) => {
            let years: Vec<_> = outcome.years.iter().map(i32::to_string).collect();
            print(&format!("{} days of {} / 已导入 {0} 天\n", outcome.days, years.join(", ")));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            print(&format!("{} / {}\n", error.message, error.message_zh));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn people_text(report: &people::PeopleReport, dry_run: bool) -> String {
    let list = problems_text(&report.problems, "list");
    let people::PeopleReport { rows, added, ended, unchanged, problems } = report;
    match (problems.len(), dry_run) {
        (0, true) => format!(
            "{list}{rows} rows read; {added} to add, {ended} to end, {unchanged} known / 可新增 {added}，结束 {ended}，已有 {unchanged}\n"
        ),
        (0, false) => format!(
            "{list}{rows} rows read; {added} added, {ended} ended, {unchanged} known / 已新增 {added}，结束 {ended}，已有 {unchanged}\n"
        ),
        (count, _) => {
            format!("{list}{rows} rows read; {count} problems, nothing imported / 发现 {count} 处问题，未导入\n")
        }
    }
}

/// One line for each cell that is wrong; `whole` is what a problem without a row is about.
fn problems_text(problems: &[Problem], whole: &str) -> String {
    use std::fmt::Write as _;
    problems.iter().fold(String::new(), |mut text, problem| {
        let row = problem.row.map_or_else(|| whole.to_owned(), |row| format!("row {row}"));
        let _ = writeln!(
            text,
            "{row}, {}: {:?}: {} / {}",
            problem.column, problem.value, problem.message, problem.message_zh
        );
        text
    })
}

/// Sets a network up from a rulebook file.
pub(super) async fn create_network(
    config: &Config,
    code: &str,
    name: &str,
    rulebook: &Path,
) -> anyhow::Result<ExitCode> {
    let text = read(rulebook)?;
    let parsed = analytics::rulebook::Rulebook::parse(&rulebook.display().to_string(), &text);
    if let Err(mistakes) = parsed {
        print(&list(&mistakes));
        return Ok(ExitCode::FAILURE);
    }
    let state = serve::open(config, "zhengxin.db").await?;
    let network = networks::set_up(&state, code, name, text).await?;
    print(&format!("network {network} created / 已建立网络 {code}\n"));
    Ok(ExitCode::SUCCESS)
}

/// Lists everything that is wrong with a rulebook.
pub(super) fn check_rulebook(file: &Path) -> anyhow::Result<ExitCode> {
    match analytics::rulebook::Rulebook::parse(&file.display().to_string(), &read(file)?) {
        Ok(rulebook) => {
            print(&format!("{}: {} rules, no mistakes / 无错误\n", file.display(), rulebook.rules().len()));
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) => {
            print(&list(&mistakes));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn list(mistakes: &analytics::rulebook::Mistakes) -> String {
    use std::fmt::Write as _;
    mistakes.iter().fold(String::new(), |mut text, mistake| {
        let _ = writeln!(text, "{mistake}\n  {}", mistake.message_zh);
        text
    })
}

/// Recomputes every circular.
pub(super) async fn verify_circulars(config: &Config) -> anyhow::Result<ExitCode> {
    let state = serve::open(config, "zhengxin.db").await?;
    let verdicts = circular::verify::check_all(&state).await?;
    let mut code = ExitCode::SUCCESS;
    for verdict in &verdicts {
        let (network, period) = (verdict.circular.network_id, &verdict.circular.period);
        let (edition, sha256) = (verdict.circular.edition, &verdict.circular.sha256);
        let found = if verdict.holds() {
            "holds / 一致".to_owned()
        } else {
            code = ExitCode::FAILURE;
            format!("differs, recomputed {} / 不一致 {}", verdict.recomputed, verdict.different.join("、"))
        };
        print(&format!("network {network} {period} edition {edition} {sha256}: {found}\n"));
    }
    print(&format!("{} circulars verified / 已核验通报 {} 份\n", verdicts.len(), verdicts.len()));
    Ok(code)
}

/// Writes a circular as an official document.
pub(super) async fn write_circular(
    config: &Config,
    code: &str,
    period: &str,
    format: Format,
    folder: &Path,
) -> anyhow::Result<ExitCode> {
    let period: Period = period.parse()?;
    let state = serve::open(config, "zhengxin.db").await?;
    let reader = state.database().reader();
    let network = network::Entity::find().filter(network::Column::Code.eq(code)).one(reader).await?;
    let network = network.with_context(|| format!("there is no network {code} / 没有代码为 {code} 的网络"))?;
    let published = circular::published(reader, network.id, period).await?;
    let published =
        published.with_context(|| format!("no circular of {period} is published / {period} 尚未发布通报"))?;
    let file = circular::document::render(&state, &published.circular, format).await?;
    let path = folder.join(&file.file_name);
    std::fs::write(&path, &file.bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    print(&format!("{}\n", path.display()));
    Ok(ExitCode::SUCCESS)
}

/// Verifies the audit chains.
pub(super) async fn verify_audit(config: &Config) -> anyhow::Result<ExitCode> {
    let state = serve::open(config, "zhengxin.db").await?;
    match audit::verify(state.database().reader()).await? {
        Ok(count) => {
            print(&format!("{count} audit rows verified / 审计记录完整\n"));
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            let (chain, sequence) = (broken.chain, broken.sequence);
            print(&format!("chain {chain} is broken at {sequence} / 审计链 {chain} 在第 {sequence} 条处断裂\n"));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Holds a file against its manifest.
pub(super) fn verify_export(manifest: &Path, file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let manifest: Manifest = serde_json::from_str(&read(manifest)?).context("this is no manifest of an export")?;
    Ok(match manifest.objection(&bytes) {
        None => {
            let (rows, version) = (manifest.rows, manifest.data_version);
            print(&format!("the file is the manifest's: {rows} rows, data version {version} / 文件与清单一致\n"));
            ExitCode::SUCCESS
        }
        Some(objection) => {
            print(&format!("{objection} / 文件与清单不符\n"));
            ExitCode::FAILURE
        }
    })
}

/// Writes the facts of closed periods.
pub(super) async fn write_facts(config: &Config, network: &str) -> anyhow::Result<ExitCode> {
    let state = serve::open(config, "zhengxin.db").await?;
    let network = find(&state, network).await?;
    let directory = config.data_dir.join("facts");
    let written = files::write(&state, &network, &directory).await?;
    let (new, known) = (written.files.len(), written.known);
    print(&format!("{new} files written, {known} were there / 新写入 {new} 个文件，已有 {known} 个\n"));
    Ok(ExitCode::SUCCESS)
}

/// The network with this code.
pub(super) async fn find(state: &AppState, code: &str) -> anyhow::Result<network::Model> {
    let row = network::Entity::find().filter(network::Column::Code.eq(code)).one(state.database().reader()).await?;
    row.with_context(|| format!("there is no network with the code {code}"))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {} as UTF-8", path.display()))
}
