//! Values that GraphQL has no type for: calendar days, periods, points and money.

use analytics::frames::periods::Choice;
use analytics::period::{Period, Span};
use async_graphql::{InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use chrono::NaiveDate;

use super::analytics::input::{LastPeriodsInput, PeriodUnit};
use crate::error::{Error, Result};

/// A calendar day in the network's time zone, `2026-07-15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// A calendar day in the network's time zone, `2026-07-15`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        text.parse().map(Self).map_err(|_| InputValueError::custom("a day is written like 2026-07-15"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Points as an exact decimal, `"110"`, `"135.4"`; never a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Points(pub analytics::points::Points);

/// Points as an exact decimal, `"110"`, `"135.4"`; never a floating-point number.
#[Scalar]
impl ScalarType for Points {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        text.parse().map(Self).map_err(|_| InputValueError::custom("points are a decimal string like \"135.4\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An amount of money in yuan as an exact decimal with two places, `"1100.00"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money(pub analytics::points::Money);

/// An amount of money in yuan as an exact decimal with two places, `"1100.00"`.
#[Scalar]
impl ScalarType for Money {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        text.parse().map(Self).map_err(|_| InputValueError::custom("money is a decimal string like \"1100.00\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A rate or a share as an exact decimal, `"0.05"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ratio(pub String);

/// A rate or a share as an exact decimal, `"0.05"`.
#[Scalar]
impl ScalarType for Ratio {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Ratio {
    /// Millionths of the whole as a trimmed decimal.
    pub fn from_millionths(millionths: i64) -> Self {
        Self(analytics::points::Points::from_millionths(millionths).to_string())
    }

    /// Millionths of the whole; `field` is named when the text is not a decimal of at most six places.
    pub fn millionths(&self, field: &'static str) -> Result<i64> {
        let parsed: std::result::Result<analytics::points::Points, _> = self.0.parse();
        parsed
            .map(analytics::points::Points::millionths)
            .map_err(|_| Error::invalid(field, "a share is a decimal like \"0.5\"", "份额应为小数，如 \"0.5\""))
    }
}

/// An exact decimal of at most six places, `"0.375"`, `"12"`; never a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub analytics::points::Points);

/// An exact decimal of at most six places, `"0.375"`, `"12"`; never a floating-point number.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        text.parse().map(Self).map_err(|_| InputValueError::custom("a decimal is a string like \"0.375\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Decimal {
    /// A number of an answer; none if it is too large for six places.
    pub(crate) fn of(number: analytics::frames::number::Number) -> Option<Self> {
        number.to_string().parse().ok().map(Self)
    }
}

/// A period of the calendar: `2026-Q3`, `2026-07`, `2026-H1`, `2026`, `2026-W31`, `2026-07-15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodId(pub Period);

/// A period of the calendar: `2026-Q3`, `2026-07`, `2026-H1`, `2026`, `2026-W31`, `2026-07-15`.
#[Scalar]
impl ScalarType for PeriodId {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        text.parse().map(Self).map_err(|_| {
            InputValueError::custom("a period is written like 2026-Q3, 2026-07, 2026-H1, 2026, 2026-W31 or 2026-07-15")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Which days are asked about: one period by its id, everything from one to another, or days relative to today. Give one form.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct PeriodInput {
    /// One period.
    id: Option<PeriodId>,
    /// The first of several; give `to` with it.
    from: Option<PeriodId>,
    /// The last of several.
    to: Option<PeriodId>,
    /// The last so many periods before today.
    last: Option<LastPeriodsInput>,
    /// From the beginning of the running period to today.
    to_date: Option<PeriodUnit>,
    /// The assessment year that today belongs to (0), or the one so many years before.
    assessment_year: Option<i32>,
}

impl PeriodInput {
    /// The days meant, as far as they can be told without knowing which day it is.
    pub(crate) fn span(self) -> Result<Span> {
        if self.last.is_some() || self.to_date.is_some() || self.assessment_year.is_some() {
            return Err(Error::invalid(
                "period",
                "this question takes days by name; resolvePeriods says which days a relative period means",
                "此处须填写具体时段；相对时段可先用 resolvePeriods 换算",
            ));
        }
        match (self.id, self.from, self.to) {
            (Some(id), None, None) => Some(id.0.span()),
            (None, Some(from), Some(to)) => Span::between(from.0, to.0),
            _ => None,
        }
        .ok_or_else(|| {
            Error::invalid(
                "period",
                "give either id, or from and to in order",
                "请填写 id，或按先后同时填写 from 与 to",
            )
        })
    }
}

impl PeriodInput {
    /// The days meant, by name or relative to today.
    pub(crate) fn choice(self) -> Result<Choice> {
        let relative = usize::from(self.last.is_some())
            + usize::from(self.to_date.is_some())
            + usize::from(self.assessment_year.is_some());
        let named = self.id.is_some() || self.from.is_some() || self.to.is_some();
        if relative == 0 {
            return self.span().map(Choice::Span);
        }
        let years = self.assessment_year.map(u32::try_from);
        match (self.last, self.to_date, years) {
            (Some(last), None, None) if !named => last.choice(),
            (None, Some(unit), None) if !named => Ok(Choice::ToDate(unit.into())),
            (None, None, Some(Ok(ago))) if !named => Ok(Choice::AssessmentYear(ago)),
            _ => Err(Error::invalid(
                "period",
                "give one form of period: id, from and to, last, toDate or assessmentYear",
                "时段只能填写一种形式：id、from 与 to、last、toDate 或 assessmentYear",
            )),
        }
    }
}

/// The days that an answer is about.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct Days {
    /// First day.
    first: Date,
    /// Last day.
    last: Date,
}

impl From<Span> for Days {
    fn from(span: Span) -> Self {
        Self { first: Date(span.first), last: Date(span.last) }
    }
}
