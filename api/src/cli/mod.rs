//! The command line: serve, and what an operator does beside it.

mod accounts;
mod files;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use entity::role_grant::Role;

use crate::config::Config;
use crate::services::circular::document::Format;

/// 政务信息 server: a GraphQL API for the information work of government offices.
///
/// Without a command it serves the database in the data folder, creating and migrating it when needed.
#[derive(Debug, Parser)]
#[command(name = "zhengxin", version)]
pub struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a demonstration: a whole office with a year of work, and a token for each role.
    Demo {
        /// Print one line of JSON when ready, and nothing else on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Take figures over from a published table (CSV), or check it only.
    Import {
        /// Code of the network.
        #[arg(long)]
        network: String,
        /// Mapping file (TOML); docs/import.md explains it.
        #[arg(long)]
        mapping: PathBuf,
        /// Check and report, write nothing.
        #[arg(long)]
        dry_run: bool,
        /// The table.
        file: PathBuf,
    },
    /// Take a list of officers over (CSV), or check it only.
    ImportPeople {
        /// Code of the network.
        #[arg(long)]
        network: String,
        /// Name to sign in with of the editor in whose name it is recorded.
        #[arg(long)]
        login: String,
        /// Check and report, write nothing.
        #[arg(long)]
        dry_run: bool,
        /// The list; docs/people.md explains its columns.
        file: PathBuf,
    },
    /// Take working days and sending hours over (CSV); docs/notices.md explains its columns.
    ImportCalendar {
        /// The calendar.
        file: PathBuf,
    },
    /// Networks.
    #[command(subcommand)]
    Network(NetworkCommand),
    /// Rulebooks.
    #[command(subcommand)]
    Rulebook(RulebookCommand),
    /// Accounts, for setting up the first administrators.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Exports.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Facts.
    #[command(subcommand)]
    Facts(FactsCommand),
    /// Circulars.
    #[command(subcommand)]
    Circular(CircularCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print the GraphQL schema.
    Schema,
}

#[derive(Debug, Subcommand)]
enum NetworkCommand {
    /// Set up a network from a rulebook file.
    Create {
        /// Short stable name: lower-case letters, digits and hyphens.
        #[arg(long)]
        code: String,
        /// What people call it.
        #[arg(long)]
        name: String,
        /// Its first rulebook (TOML).
        rulebook: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum RulebookCommand {
    /// List everything that is wrong with a rulebook file.
    Check {
        /// The rulebook (TOML).
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Open an account with a role on the platform or on a network. The password is read from standard input.
    Create {
        /// Name to sign in with.
        #[arg(long)]
        login: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// The role.
        #[arg(long, value_enum)]
        role: AccountRole,
        /// Code of the network, for the roles of an office.
        #[arg(long)]
        network: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum ExportCommand {
    /// Say whether a file is the one that its manifest describes.
    Verify {
        /// The manifest (JSON), as `manifestUrl` gives it.
        #[arg(long)]
        manifest: PathBuf,
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum FactsCommand {
    /// Write the facts of closed periods as Parquet files below `facts` in the data folder; docs/exports.md explains the layout.
    Write {
        /// Code of the network.
        #[arg(long)]
        network: String,
    },
}

#[derive(Debug, Subcommand)]
enum CircularCommand {
    /// Recompute every circular from the ledger and say which differ from what was published.
    Verify,
    /// Write the edition of a circular that counts as an official document.
    Document {
        /// The network's code.
        #[arg(long)]
        network: String,
        /// The period, such as `2026-Q1`.
        #[arg(long)]
        period: String,
        /// How it is written.
        #[arg(long, value_enum, default_value_t = DocumentFormat::Docx)]
        format: DocumentFormat,
        /// Into which folder.
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Recompute every chain and say where one breaks.
    Verify,
}

/// How a circular is written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum DocumentFormat {
    /// A text document.
    Docx,
    /// A page of HTML.
    Html,
}

impl From<DocumentFormat> for Format {
    fn from(format: DocumentFormat) -> Self {
        match format {
            DocumentFormat::Docx => Self::Docx,
            DocumentFormat::Html => Self::Html,
        }
    }
}

/// The roles that an operator may give on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum AccountRole {
    /// 系统管理员
    SystemAdministrator,
    /// 安全管理员
    SecurityAdministrator,
    /// 审计员
    Auditor,
    /// 信息科编辑
    Editor,
    /// 办公室负责人
    ChiefEditor,
}

impl From<AccountRole> for Role {
    fn from(role: AccountRole) -> Self {
        match role {
            AccountRole::SystemAdministrator => Self::SystemAdministrator,
            AccountRole::SecurityAdministrator => Self::SecurityAdministrator,
            AccountRole::Auditor => Self::Auditor,
            AccountRole::Editor => Self::Editor,
            AccountRole::ChiefEditor => Self::ChiefEditor,
        }
    }
}

/// Stack of an async thread. A resolver's frames grow with the number of fields beside it, and unoptimised they are several times as
/// large: a question that passes admission must not end the process.
pub const WORKER_STACK_BYTES: usize = 16 * 1024 * 1024;

/// Runs a command to its end.
pub fn run(cli: Cli) -> ExitCode {
    crate::log::start(&cli.config);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().thread_stack_size(WORKER_STACK_BYTES).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start the async runtime");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = cli.config;
    match cli.command {
        None => serve::serve(&config).await,
        Some(Command::Demo { json }) => serve::demo(&config, json).await,
        Some(Command::Import { network, mapping, dry_run, file }) => {
            files::import(&config, &network, &mapping, &file, dry_run).await
        }
        Some(Command::ImportPeople { network, login, dry_run, file }) => {
            files::import_people(&config, &network, &login, &file, dry_run).await
        }
        Some(Command::ImportCalendar { file }) => files::import_calendar(&config, &file).await,
        Some(Command::Network(NetworkCommand::Create { code, name, rulebook })) => {
            files::create_network(&config, &code, &name, &rulebook).await
        }
        Some(Command::Rulebook(RulebookCommand::Check { file })) => files::check_rulebook(&file),
        Some(Command::Account(AccountCommand::Create { login, name, role, network })) => {
            accounts::create(&config, &login, &name, role.into(), network.as_deref()).await
        }
        Some(Command::Export(ExportCommand::Verify { manifest, file })) => files::verify_export(&manifest, &file),
        Some(Command::Facts(FactsCommand::Write { network })) => files::write_facts(&config, &network).await,
        Some(Command::Circular(CircularCommand::Verify)) => files::verify_circulars(&config).await,
        Some(Command::Circular(CircularCommand::Document { network, period, format, folder })) => {
            files::write_circular(&config, &network, &period, format.into(), &folder).await
        }
        Some(Command::Audit(AuditCommand::Verify)) => files::verify_audit(&config).await,
        Some(Command::Schema) => {
            print(&crate::graphql::schema_text());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes to standard output; a reader that went away is no fault.
fn print(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
