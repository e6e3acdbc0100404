//! The people who do information work: the list that is taken over, what the rules ask for, what each officer brought in, and the
//! direct-report points (信息直报点).

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, UnitId};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::import::ImportProblem;
use super::payload::payloads;
use super::person::Person;
use super::record::Staffing;
use super::scalars::{Date, PeriodInput, Points, Ratio};
use super::unit::Unit;
use crate::error::Error;
use crate::services::{direct_report, local_day, people};

/// One requirement of the rulebook on one unit, and who fulfils it.
pub struct StaffingRequirement(people::StaffingRow);

/// One requirement of the rulebook on one unit, and who fulfils it.
#[Object]
impl StaffingRequirement {
    /// The unit.
    async fn unit(&self) -> Unit {
        Unit::of(self.0.unit.clone())
    }

    /// Code of the unit's category.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// Where the document asks for it.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// What is asked for, in a few words.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Codes of the duties that fulfil it; any of them does.
    async fn duties(&self) -> &[String] {
        &self.0.duties
    }

    /// How many people are asked for.
    async fn required(&self) -> usize {
        self.0.required
    }

    /// How many are there.
    async fn found(&self) -> usize {
        self.0.found.len()
    }

    /// How many are missing.
    async fn missing(&self) -> usize {
        self.0.missing()
    }

    /// Who is there.
    async fn people(&self) -> Vec<Staffing> {
        self.0.found.iter().cloned().map(Staffing).collect()
    }
}

/// What one officer brought in. An item of several writers is divided by their shares.
pub struct OfficerResult(people::OfficerResult);

/// What one officer brought in. An item of several writers is divided by their shares.
#[Object]
impl OfficerResult {
    /// The unit for which they wrote.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit).await?.map(Unit::of))
    }

    /// Their account, as far as the viewer may know of it; null without one.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.person {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// Their name as printed.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Items handed in, by share.
    async fn items_written(&self) -> Points {
        Points(self.0.written)
    }

    /// Items adopted, by share; an item in three publications counts once.
    async fn items_adopted(&self) -> Points {
        Points(self.0.adopted)
    }

    /// Points that their items earned their unit, by share.
    async fn points(&self) -> Points {
        Points(self.0.points)
    }

    /// Code of their unit's category at the end of the span.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// Place by points among the officers of the category: equal points, equal place. Null without points, and for those who do not see
    /// all officers.
    async fn rank(&self) -> Option<u32> {
        self.0.rank
    }

    /// Items owed in the whole periods of the span; null where the rulebook asks nothing of them.
    async fn quota(&self) -> Option<i64> {
        self.0.quota
    }

    /// Items written against items owed; null where nothing is owed.
    async fn attainment(&self) -> Option<Ratio> {
        self.0.attainment().map(Ratio::from_millionths)
    }
}

/// What a direct-report point (信息直报点) did in a period.
pub struct DirectReportPoint(direct_report::DirectReportPoint);

/// What a direct-report point (信息直报点) did in a period.
#[Object]
impl DirectReportPoint {
    /// The point.
    async fn unit(&self) -> Unit {
        Unit::of(self.0.unit.clone())
    }

    /// Items it reported.
    async fn reported(&self) -> i64 {
        self.0.reported
    }

    /// Different items of these that were adopted.
    async fn adopted(&self) -> i64 {
        self.0.adopted
    }

    /// Whether it reported fewer items than asked for.
    async fn is_silent(&self) -> bool {
        self.0.is_silent
    }

    /// How it was prompted about days of the period, oldest first.
    async fn prompts(&self) -> Vec<Prompt> {
        self.0.prompts.iter().cloned().map(Prompt).collect()
    }
}

/// A prompt to a direct-report point that has gone silent.
#[derive(Clone)]
pub struct Prompt(pub(crate) entity::prompt::Model);

/// A prompt to a direct-report point that has gone silent.
#[Object]
impl Prompt {
    /// Global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Whom it prompts.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// What it says.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// First day of the silence.
    async fn first_day(&self) -> Date {
        Date(self.0.first_day)
    }

    /// Last day of the silence.
    async fn last_day(&self) -> Date {
        Date(self.0.last_day)
    }

    /// When it was given.
    async fn prompted_at(&self) -> DateTime<Utc> {
        self.0.prompted_at
    }
}

/// What an import of officers did, or would do.
#[derive(SimpleObject)]
pub struct PeopleReport {
    /// Rows read.
    rows: u64,
    /// Duties that were not there.
    added: u64,
    /// Duties that end by the list.
    ended: u64,
    /// Rows that were there already.
    unchanged: u64,
    /// Everything that is wrong, by row and column; a list with one problem is not taken over at all.
    problems: Vec<ImportProblem>,
}

impl From<people::PeopleReport> for PeopleReport {
    fn from(report: people::PeopleReport) -> Self {
        let people::PeopleReport { rows, added, ended, unchanged, problems } = report;
        Self { rows, added, ended, unchanged, problems: problems.into_iter().map(Into::into).collect() }
    }
}

/// A list of officers to take over.
#[derive(InputObject)]
pub struct StartPeopleImportInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Into which network.
    network: ID,
    /// The CSV file, base64: UTF-8 with or without a byte order mark, or GB18030; `docs/people.md` explains its columns.
    content_base64: String,
    /// Whether to check only.
    #[graphql(default)]
    dry_run: bool,
}

/// A prompt to give.
#[derive(InputObject)]
pub struct PromptDirectReportInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which network prompts.
    network: ID,
    /// Whom.
    unit: ID,
    /// When the point was silent; nothing that lies ahead.
    period: PeriodInput,
    /// Fewer items than these are silence.
    #[graphql(default = 1)]
    silent_below: i64,
    /// What to say, 1 to 500 characters; the office's own sentence if left out.
    text: Option<String>,
}

payloads! {
    /// What came of an import of officers.
    StartPeopleImportPayload {
        /// What was done, or what is wrong with the list.
        report: PeopleReport,
    }
    /// What came of a prompt.
    PromptDirectReportPayload {
        /// The prompt.
        prompt: Prompt,
    }
}

/// People and direct-report points.
#[derive(Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// Whom units must have by the rulebook and whom they have, on a day; for the units whose people the viewer sees.
    async fn staffing_check(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "The day; today if left out.")] as_of: Option<Date>,
        #[graphql(desc = "Only where somebody is missing.", default)] only_missing: bool,
    ) -> async_graphql::Result<Vec<StaffingRequirement>> {
        let service = ctx.service()?;
        let run = async {
            let network = service.network(service.reader(), NetworkId::parse(&network, "network")?).await?;
            let day = as_of.map_or_else(|| local_day(&network, service.now()), |day| day.0);
            people::check(service, network.id, day).await
        };
        let rows = run.await.or_graphql()?.into_iter().filter(|row| !only_missing || row.missing() > 0);
        Ok(rows.map(StaffingRequirement).collect())
    }

    /// What each officer brought in, by unit and name; for the units whose work the viewer sees.
    async fn officer_results(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
        #[graphql(desc = "Only officers of this unit.")] unit: Option<ID>,
    ) -> async_graphql::Result<Vec<OfficerResult>> {
        let service = ctx.service()?;
        let run = async {
            let network = NetworkId::parse(&network, "network")?;
            let unit = UnitId::parse_optional(unit.as_ref(), "unit")?;
            people::officer_results(service, network, period.span()?, unit).await
        };
        Ok(run.await.or_graphql()?.into_iter().map(OfficerResult).collect())
    }

    /// The direct-report points (信息直报点) and whether they report, in the office's order.
    async fn direct_report_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "Fewer items than these are silence.", default = 1)] silent_below: i64,
    ) -> async_graphql::Result<Vec<DirectReportPoint>> {
        let service = ctx.service()?;
        let run = async {
            let network = NetworkId::parse(&network, "network")?;
            direct_report::points(service, network, period.span()?, silent_below).await
        };
        Ok(run.await.or_graphql()?.into_iter().map(DirectReportPoint).collect())
    }
}

/// Taking officers over, and prompting.
#[derive(Default)]
pub struct PeopleMutation;

#[Object]
impl PeopleMutation {
    /// Takes a list of officers over, all of it or nothing. The same list again changes nothing. For editors.
    async fn start_people_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: StartPeopleImportInput,
    ) -> async_graphql::Result<StartPeopleImportPayload> {
        let service = ctx.service()?;
        let run = async {
            let bytes = BASE64_STANDARD
                .decode(&input.content_base64)
                .map_err(|_| Error::invalid("contentBase64", "this is not base64", "内容不是有效的 base64 编码"))?;
            let command = people::StartPeopleImport {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                bytes,
                dry_run: input.dry_run,
            };
            people::start(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(report) => StartPeopleImportPayload { report: Some(report.into()), user_errors: Vec::new() },
            Err(errors) => StartPeopleImportPayload::refused(errors),
        })
    }

    /// Prompts a direct-report point that has gone silent. For editors.
    async fn prompt_direct_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PromptDirectReportInput,
    ) -> async_graphql::Result<PromptDirectReportPayload> {
        let service = ctx.service()?;
        let run = async {
            let span = input.period.span()?;
            let command = direct_report::PromptDirectReport {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                first_day: span.first,
                last_day: span.last,
                silent_below: input.silent_below,
                text: input.text,
            };
            direct_report::prompt(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let row = direct_report::find(service, service.reader(), outcome.prompt).await.or_graphql()?;
                PromptDirectReportPayload { prompt: Some(Prompt(row)), user_errors: Vec::new() }
            }
            Err(errors) => PromptDirectReportPayload::refused(errors),
        })
    }
}
