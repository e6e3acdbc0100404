//! Finds out what can be run here, runs it, and says what was left out.
//!
//! A case is a function. Its parameter says what it needs: nothing, a [`TestDatabase`], or anything else that
//! is a [`Fixture`] over one. A case with a database runs once per database that the server speaks, as
//! `sqlite::<module>::<name>` and `postgres::<module>::<name>`; one without runs once, as `<module>::<name>`.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Builder;

use crate::database::{Backend, Databases, NoDatabase, PostgresSource, Template, TestDatabase};

/// How long one case may take.
const CASE_LIMIT: Duration = Duration::from_mins(4);

/// How long a case's leftover tasks may block its thread after it has ended.
const WIND_DOWN: Duration = Duration::from_secs(2);

/// Lists the cases of a file, at its top. A case that is not listed is dead code, and clippy says so.
///
/// ```ignore
/// tests::cases![a_draft_can_be_edited, a_signed_item_cannot];
/// ```
#[macro_export]
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        /// The cases of this file, for the list in `main.rs`.
        pub(crate) fn cases() -> Vec<$crate::harness::Case> {
            vec![$($crate::harness::Case::new(module_path!(), stringify!($name), $name)),+]
        }
    };
}

/// What a case can ask for as its parameter.
pub trait Fixture: Sized + Send + 'static {
    /// What it wants to find in the database.
    const TEMPLATE: Template;

    /// Builds it on the case's own database.
    fn on(database: TestDatabase) -> impl Future<Output = Self> + Send;
}

impl Fixture for TestDatabase {
    const TEMPLATE: Template = Template::Migrated;

    async fn on(database: TestDatabase) -> Self {
        database
    }
}

/// One case, not yet bound to a database.
pub struct Case {
    name: String,
    body: Body,
}

/// What a case does.
pub enum Body {
    /// Needs no database.
    Plain(Box<dyn FnOnce() + Send>),
    /// Needs a database of its own, copied from a template.
    WithDatabase(Template, Arc<dyn Fn(TestDatabase) -> BoxFuture<'static, ()> + Send + Sync>),
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Case {
    /// For [`cases!`]: the module's path begins with the test binary's own name, which says nothing.
    pub fn new<Parameter>(module: &str, name: &str, function: impl IntoBody<Parameter>) -> Self {
        let module = module.split_once("::").map_or(module, |(_, rest)| rest);
        Self { name: format!("{module}::{name}"), body: function.into_body() }
    }

    fn into_trials(self, run: &Arc<Run>) -> Vec<Trial> {
        match self.body {
            Body::Plain(function) => {
                let trial = Trial::test(self.name.clone(), move || {
                    // As in `finish`: a panic message begins with the name of its thread.
                    let case = thread::Builder::new().name(self.name).spawn(function)?;
                    case.join().map_err(|payload| panic_message(&*payload).into())
                });
                vec![trial]
            }
            Body::WithDatabase(template, function) => Backend::ALL
                .into_iter()
                .map(|backend| {
                    let name = format!("{backend}::{}", self.name);
                    let (run, function) = (Arc::clone(run), Arc::clone(&function));
                    Trial::ignorable_test(name.clone(), move || run.case(&name, backend, template, &*function))
                })
                .collect(),
        }
    }
}

/// A function that can be a case. `Parameter` only tells the implementations apart.
pub trait IntoBody<Parameter> {
    /// Puts what the function does into the form that is run.
    fn into_body(self) -> Body;
}

impl<F> IntoBody<()> for F
where
    F: FnOnce() + Send + 'static,
{
    fn into_body(self) -> Body {
        Body::Plain(Box::new(self))
    }
}

impl<F, A, Fut> IntoBody<(A,)> for F
where
    F: Fn(A) -> Fut + Clone + Send + Sync + 'static,
    A: Fixture,
    Fut: Future<Output = ()> + Send + 'static,
{
    fn into_body(self) -> Body {
        let body = move |database| {
            let function = self.clone();
            async move { function(A::on(database).await).await }.boxed()
        };
        Body::WithDatabase(A::TEMPLATE, Arc::new(body))
    }
}

/// What a machine may lack beside a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The SMPP gateway of the tests.
    Smsc,
    /// Python with the packages of the analysts' kit.
    Python,
}

/// Ends the running case: it cannot be run here. With `CI=true` it fails.
pub fn leave_out(missing: Missing) -> ! {
    // Unlike a panic this prints nothing.
    std::panic::resume_unwind(Box::new(missing))
}

/// Runs the cases that the command line selects. The last thing printed says what was left out, if anything.
pub fn main(cases: Vec<Case>) -> ExitCode {
    let (arguments, names) = chosen(std::env::args());
    let settings = Settings::from_environment();
    let databases = match Databases::new(settings.postgres) {
        Ok(databases) => databases,
        Err(err) => {
            print(&format!("the tests cannot start: {err}"));
            return ExitCode::FAILURE;
        }
    };
    let run = Arc::new(Run {
        databases,
        must_have_all: settings.must_have_all,
        left_out: AtomicUsize::new(0),
        reason: OnceLock::new(),
        missing: Mutex::default(),
    });
    let mut trials: Vec<Trial> = cases.into_iter().flat_map(|case| case.into_trials(&run)).collect();
    if !names.is_empty() {
        let is_meant = |trial: &Trial, name: &String| {
            if arguments.exact { trial.name() == name } else { trial.name().contains(name.as_str()) }
        };
        trials.retain(|trial| names.iter().any(|name| is_meant(trial, name)));
    }
    // The embedded database answers at once; the server is started when its first case comes.
    trials.sort_by_key(|trial| trial.name().starts_with("postgres::"));
    let conclusion = libtest_mimic::run(&arguments, trials);

    let run = Arc::into_inner(run).expect("the cases, which shared it, have been run or dropped");
    if let Err(NoDatabase::NoServer(reason) | NoDatabase::Broken(reason)) = run.databases.close() {
        print(&format!("the databases could not all be removed: {reason}"));
    }
    if let Some(reason) = run.reason.get() {
        print(&left_out_note(run.left_out.into_inner(), reason));
    }
    for (missing, cases) in run.missing.into_inner().unwrap_or_else(PoisonError::into_inner) {
        print(&missing.note(cases));
    }
    conclusion.exit_code()
}

/// Options whose value is a word of its own.
const WITH_VALUE: [&str; 6] = ["--skip", "--color", "--format", "--test-threads", "--logfile", "-Z"];

/// The command line: its options, and the names that it selects cases by. A case is meant by any of several names.
fn chosen(words: impl Iterator<Item = String>) -> (Arguments, Vec<String>) {
    let (mut options, mut names) = (Vec::new(), Vec::new());
    let mut is_value = true;
    for word in words {
        if is_value || word.starts_with('-') {
            is_value = WITH_VALUE.contains(&word.as_str());
            options.push(word);
        } else {
            names.push(word);
        }
    }
    (Arguments::from_iter(options), names)
}

/// What the cases of one run share.
struct Run {
    databases: Databases,
    /// Whether something missing is a failure.
    must_have_all: bool,
    /// Cases not run because there is no PostgreSQL.
    left_out: AtomicUsize,
    /// Why there is none.
    reason: OnceLock<String>,
    /// Cases not run because something else is missing.
    missing: Mutex<BTreeMap<Missing, usize>>,
}

impl Run {
    /// Runs one case on a database of its own, and removes the database.
    fn case(
        &self,
        name: &str,
        backend: Backend,
        template: Template,
        function: &dyn Fn(TestDatabase) -> BoxFuture<'static, ()>,
    ) -> Result<Completion, Failed> {
        let (database, ticket) = match self.databases.create(backend, template) {
            Ok(created) => created,
            Err(NoDatabase::NoServer(reason)) if !self.must_have_all => {
                self.left_out.fetch_add(1, Ordering::Relaxed);
                let _ = self.reason.set(reason);
                return Ok(Completion::ignored_with("no PostgreSQL"));
            }
            Err(NoDatabase::NoServer(reason) | NoDatabase::Broken(reason)) => {
                return Err(reason.into());
            }
        };
        let outcome = finish(name, function(database));
        let removed = self.databases.remove(&ticket);
        let completion = match outcome? {
            None => Completion::Completed,
            Some(missing) if self.must_have_all => return Err(missing.note(1).into()),
            Some(missing) => {
                *self.missing.lock().unwrap_or_else(PoisonError::into_inner).entry(missing).or_default() += 1;
                Completion::ignored_with(missing.short())
            }
        };
        match removed {
            Ok(()) => Ok(completion),
            Err(NoDatabase::NoServer(reason) | NoDatabase::Broken(reason)) => {
                Err(format!("the case's database could not be removed: {reason}").into())
            }
        }
    }
}

/// Runs a case on a runtime of its own, so that nothing it leaves behind reaches another one. The limit is
/// watched from outside the runtime: a case that blocks all its threads ends too. Returns what the case lacked, if it left
/// itself out.
fn finish(name: &str, case: BoxFuture<'static, ()>) -> Result<Option<Missing>, Failed> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        // As the server has it.
        .thread_stack_size(api::cli::WORKER_STACK_BYTES)
        // A panic message begins with the name of its thread.
        .thread_name(name)
        .enable_all()
        .build()?;
    let (report, outcome) = sync_channel(1);
    let case = runtime.spawn(case);
    runtime.spawn(async move { report.send(case.await) });
    let outcome = outcome.recv_timeout(CASE_LIMIT);
    runtime.shutdown_timeout(WIND_DOWN);
    match outcome {
        Ok(Ok(())) => Ok(None),
        Ok(Err(err)) => match err.try_into_panic() {
            Ok(payload) => match payload.downcast_ref::<Missing>() {
                Some(missing) => Ok(Some(*missing)),
                None => Err(panic_message(&*payload).into()),
            },
            Err(err) => Err(err.into()),
        },
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Err(format!("not done within {} seconds", CASE_LIMIT.as_secs()).into())
        }
    }
}

/// What the case said when it failed. Where it was stands in the output, beside the case's name.
fn panic_message(payload: &(dyn Any + Send)) -> String {
    if let Some(message) = payload.downcast_ref::<String>() {
        return message.clone();
    }
    match payload.downcast_ref::<&str>() {
        Some(message) => (*message).to_owned(),
        None => "the case panicked without a message".to_owned(),
    }
}

/// What the surroundings ask of a run.
struct Settings {
    postgres: PostgresSource,
    must_have_all: bool,
}

impl Settings {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests are a program of their own, and this is its one reader of the environment"
    )]
    fn from_environment() -> Self {
        let given = std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        Self {
            postgres: match given {
                Some(url) => PostgresSource::Given(url),
                None => PostgresSource::Installed(std::env::split_paths(&search_path).collect()),
            },
            must_have_all: std::env::var("CI").is_ok_and(|ci| ci == "true"),
        }
    }
}

impl Missing {
    /// Beside the case's name.
    fn short(self) -> &'static str {
        match self {
            Self::Smsc => "no SMPP gateway",
            Self::Python => "no Python packages",
        }
    }

    /// At the end of the output, in both languages of the README.
    fn note(self, cases: usize) -> String {
        match self {
            Self::Python => format!(
                "left out: {cases} cases in Python.\n\
                 To run them too, install Python (Debian: apt-get install python3-venv) and run: bash examples/python/setup\n\
                 未运行：使用 Python 的 {cases} 个用例。\n\
                 要一并运行，请安装 Python（Debian：apt-get install python3-venv），然后执行：bash examples/python/setup"
            ),
            Self::Smsc => format!(
                "left out: {cases} cases with a real SMPP gateway, which is an npm package.\n\
                 To run them too, install Node.js (Debian: apt-get install nodejs npm) and run: bash scripts/smsc install\n\
                 未运行：需要真实 SMPP 网关（npm 软件包）的 {cases} 个用例。\n\
                 要一并运行，请安装 Node.js（Debian：apt-get install nodejs npm），再执行：bash scripts/smsc install"
            ),
        }
    }
}

/// In both languages of the README, for a newcomer who sees only the end of the output.
fn left_out_note(cases: usize, reason: &str) -> String {
    format!(
        "left out: the {cases} cases on PostgreSQL ({reason}); all others ran on SQLite.\n\
         To run them too, install a server (Debian: apt-get install postgresql) or name one whose role may create \
         databases: TEST_DATABASE_URL=postgres://user:password@host/postgres\n\
         未运行：PostgreSQL 上的 {cases} 个用例（没有可用的 PostgreSQL 服务器）；其余用例已在 SQLite 上运行。\n\
         要一并运行，请安装 PostgreSQL 服务器（Debian：apt-get install postgresql），或用 TEST_DATABASE_URL 指定一个\
         有建库权限的服务器：TEST_DATABASE_URL=postgres://user:password@host/postgres"
    )
}

/// After the test results, on the same stream.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "\n{text}");
}
