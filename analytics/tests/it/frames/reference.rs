//! The naive reference: every cell by going through every row, with no step shared with the library.

use std::collections::{BTreeMap, BTreeSet};

use analytics::facts::{StepKind, UnitRow};
use analytics::frames::RateBasis;
use analytics::frames::dimension::Dimension as D;
use analytics::frames::measure::Measure as M;
use analytics::frames::query::{Attribution, Compare, Fill, Filter, Query, Window};
use analytics::period::{Period, Span};
use analytics::scoring::{Amount, Scored};
use chrono::{Datelike, NaiveDate};

use super::chance::Chance;

/// A thing that may be counted.
struct Event<'w> {
    unit: i64,
    on: NaiveDate,
    amount: i64,
    /// Things of the same name count once.
    same: Option<i64>,
    codes: BTreeMap<D, &'w str>,
}

/// `(numerator, denominator)`; a count has no denominator.
pub(crate) type Naive = Option<(i128, i128)>;

pub(crate) struct Reference<'w> {
    pub(crate) world: &'w Chance,
    pub(crate) scored: &'w [Scored],
    pub(crate) query: &'w Query,
    pub(crate) span: Span,
}

fn year_of_rules(span: Span) -> i32 {
    span.last.year()
}

impl<'w> Reference<'w> {
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of fact")]
    fn events(&self, figure: &str, rules: Span) -> Vec<Event<'w>> {
        let w = self.world;
        let later = year_of_rules(rules) >= 2026;
        let of = |kind: Option<&'w str>, topic: Option<&'w str>| {
            let mut codes = BTreeMap::new();
            codes.extend(kind.map(|kind| (D::Kind, kind)));
            codes.extend(topic.map(|topic| (D::Topic, topic)));
            codes
        };
        let level = |publication: &str| if publication == "brief" { "province" } else { "city" };
        match figure {
            "submitted" | "received" | "urgent" => w
                .submissions
                .iter()
                .filter(|row| row.received && (figure != "urgent" || row.urgent))
                .filter(|row| !(later && figure == "submitted" && row.kind == "speech"))
                .map(|row| Event {
                    unit: row.unit,
                    on: row.submitted_on,
                    amount: row.count,
                    same: None,
                    codes: of(Some(&row.kind), row.topic.as_deref()),
                })
                .collect(),
            "adopted_items" | "adoptions" => w
                .adoptions
                .iter()
                .filter(|row| !(later && row.publication == "weekly"))
                .map(|row| {
                    let mut codes = of(row.kind.as_deref(), row.topic.as_deref());
                    codes.extend([(D::Publication, row.publication.as_str()), (D::Level, level(&row.publication))]);
                    let same = row.submission.filter(|_| figure == "adopted_items");
                    Event { unit: row.unit, on: row.adopted_on, amount: row.count, same, codes }
                })
                .collect(),
            "sent_up" => w
                .sendings
                .iter()
                .map(|row| {
                    let mut codes = of(row.kind.as_deref(), None);
                    codes.insert(D::Level, &row.to_level);
                    Event { unit: row.unit, on: row.sent_on, amount: row.count, same: None, codes }
                })
                .collect(),
            "endorsements" => w
                .endorsements
                .iter()
                .map(|row| {
                    let mut codes = of(row.kind.as_deref(), None);
                    codes.insert(D::Level, &row.level);
                    Event { unit: row.unit, on: row.endorsed_on, amount: row.count, same: None, codes }
                })
                .collect(),
            "assigned" | "answered" | "answered_late" => w
                .assignments
                .iter()
                .filter(|row| match figure {
                    "assigned" => ["answered", "late", "missed", "off_topic"].contains(&row.outcome.as_str()),
                    "answered" => ["answered", "late"].contains(&row.outcome.as_str()),
                    _ => row.outcome == "late",
                })
                .map(|row| Event {
                    unit: row.unit,
                    on: row.decided_on.unwrap_or(row.due_on),
                    amount: 1,
                    same: None,
                    codes: row.origin.as_deref().map(|origin| (D::Origin, origin)).into_iter().collect(),
                })
                .collect(),
            "incidents" | "late_reports" => w
                .incidents
                .iter()
                .filter(|row| figure == "incidents" || row.kind == "late")
                .map(|row| Event {
                    unit: row.unit,
                    on: row.occurred_on,
                    amount: 1,
                    same: None,
                    codes: of(Some(&row.kind), None),
                })
                .collect(),
            "refused" | "returned" | "officers" | "turnaround" => w
                .steps
                .iter()
                .filter(|row| {
                    row.step
                        == match figure {
                            "refused" => StepKind::Refused,
                            "returned" => StepKind::Returned,
                            "officers" => StepKind::Written,
                            _ => StepKind::Decided,
                        }
                })
                .map(|row| Event {
                    unit: row.unit,
                    on: row.on,
                    amount: if figure == "turnaround" { row.minutes.unwrap() } else { 1 },
                    same: row.person,
                    codes: of(Some(&row.kind), row.topic.as_deref()),
                })
                .collect(),
            _ => panic!("{figure}"),
        }
    }

    /// The category of a unit: in the period that it is seen in, or on the day of the fact.
    pub(crate) fn category(&self, unit: i64, seen: Span, on: NaiveDate) -> Option<String> {
        let row = self.world.unit(unit);
        let holds = |from: NaiveDate, to: NaiveDate| {
            let days = from.iter_days().take_while(|day| *day <= to);
            days.filter_map(|day| {
                let held = row
                    .memberships
                    .iter()
                    .filter(|member| member.first <= day && member.last.is_none_or(|last| day <= last));
                held.max_by_key(|member| (member.first, std::cmp::Reverse(&member.category)))
            })
            .last()
            .map(|member| member.category.clone())
        };
        match self.query.attribution {
            Attribution::FactDay => holds(on, on),
            Attribution::PeriodEnd => takes_part(row, seen)
                .then(|| holds(seen.first.max(seen.last - chrono::Days::new(800)), seen.last))
                .flatten(),
        }
    }

    fn passes(&self, filter: &Filter, event: &Event<'_>, seen: Span) -> bool {
        match filter {
            Filter::All(parts) => parts.iter().all(|part| self.passes(part, event, seen)),
            Filter::Any(parts) => parts.iter().any(|part| self.passes(part, event, seen)),
            Filter::Not(part) => !self.passes(part, event, seen),
            Filter::Units(units) => units.contains(&event.unit),
            Filter::Subtrees(roots) => {
                self.world.lineage(event.unit, self.span.last).iter().any(|above| roots.contains(above))
            }
            Filter::DirectReport(wanted) => self.world.unit(event.unit).direct_report == *wanted,
            Filter::Codes(D::Category, codes) => {
                self.category(event.unit, seen, event.on).is_some_and(|category| codes.contains(&category))
            }
            Filter::Missing(dimension) => !event.codes.contains_key(dimension),
            Filter::Codes(dimension, codes) => event.codes.get(dimension).is_some_and(|code| codes.contains(*code)),
        }
    }

    fn is_of_row(&self, key: &[String], event: &Event<'_>, seen: Span, days: Span) -> bool {
        let units = if self.query.with_subtree {
            self.world.lineage(event.unit, days.last)
        } else {
            BTreeSet::from([event.unit])
        };
        let unit = self.query.rows.iter().position(|dimension| *dimension == D::Unit);
        let of: Vec<i64> = match unit {
            Some(place) => units.into_iter().filter(|unit| unit.to_string() == key[place]).collect(),
            None => vec![event.unit],
        };
        of.iter().any(|unit| {
            self.query.rows.iter().zip(key).all(|(dimension, code)| match dimension {
                D::Unit => true,
                D::Category => self.category(*unit, seen, event.on).unwrap_or_default() == *code,
                D::DirectReport => self.world.unit(*unit).direct_report.to_string() == *code,
                other => event.codes.get(other).copied().unwrap_or_default() == code,
            })
        })
    }

    /// Sums of a figure, item by item.
    fn sum(&self, figure: &str, key: &[String], days: Span, seen: Span) -> Option<i128> {
        let events = self.events(figure, days);
        let of = events.iter().filter(|event| days.contains(event.on) && self.is_of_row(key, event, seen, days));
        let of: Vec<_> = of
            .filter(|event| self.query.filter.as_ref().is_none_or(|filter| self.passes(filter, event, seen)))
            .collect();
        let named: BTreeSet<_> = of.iter().filter_map(|event| Some((event.unit, event.same?))).collect();
        let unnamed: i64 = of.iter().filter(|event| event.same.is_none()).map(|event| event.amount).sum();
        (!of.is_empty()).then(|| i128::from(unnamed) + i128::try_from(named.len()).unwrap())
    }

    /// Of the items handed in in the days, those adopted at any time.
    fn cohort(&self, key: &[String], days: Span, seen: Span) -> Option<i128> {
        let later = year_of_rules(days) >= 2026;
        let handed_in: BTreeSet<i64> = self
            .world
            .submissions
            .iter()
            .filter(|row| row.received && !(later && row.kind == "speech") && days.contains(row.submitted_on))
            .map(|row| row.id)
            .collect();
        let events = self.events("adopted_items", days);
        let of = events.iter().filter(|event| {
            event.same.map_or(days.contains(event.on), |same| handed_in.contains(&same))
                && self.is_of_row(key, event, seen, days)
                && self.query.filter.as_ref().is_none_or(|filter| self.passes(filter, event, seen))
        });
        let of: Vec<_> = of.collect();
        let named: BTreeSet<_> = of.iter().filter_map(|event| Some((event.unit, event.same?))).collect();
        let unnamed: i64 = of.iter().filter(|event| event.same.is_none()).map(|event| event.amount).sum();
        (!of.is_empty()).then(|| i128::from(unnamed) + i128::try_from(named.len()).unwrap())
    }

    /// The value of a measure over some days, or why there is none: `None` if the unit did not take part.
    pub(crate) fn value(
        &self,
        measure: M,
        key: &[String],
        days: Span,
        seen: Span,
        windows: &[Span],
    ) -> Result<Naive, &'static str> {
        let unit = self.query.rows.iter().position(|dimension| *dimension == D::Unit);
        let unit = unit.map(|place| self.world.unit(key[place].parse().unwrap()));
        let took_part =
            unit.map_or(windows.len(), |unit| windows.iter().filter(|span| takes_part(unit, **span)).count());
        let sum = |figure: &str| self.sum(figure, key, days, seen);
        let adopted = || match self.query.basis {
            RateBasis::AdoptedIn => sum("adopted_items"),
            RateBasis::SubmittedIn => self.cohort(key, days, seen),
        };
        let (first, second) = match measure {
            M::AdoptionRate => (adopted(), Some(sum("submitted"))),
            M::CommissionAnswerRate => (sum("answered"), Some(sum("assigned"))),
            M::CommissionLateRate => (sum("answered_late"), Some(sum("assigned"))),
            M::Turnaround => (self.minutes(key, days, seen), None),
            M::Points => (self.points(key, days, seen), None),
            M::Commissions => (sum("assigned"), None),
            M::AnsweredCommissions => (sum("answered"), None),
            M::ActiveOfficers => (sum("officers"), None),
            other => (sum(other.about().code), None),
        };
        if took_part == 0 && first.is_none() && second.flatten().is_none() {
            return Err("NOT_APPLICABLE");
        }
        if let Some(Window::Trailing { least, .. }) = self.query.window
            && took_part < least as usize
        {
            return Err("TOO_FEW_PERIODS");
        }
        if let Some(denominator) = second {
            let denominator = denominator.unwrap_or(0);
            return if denominator > 0 { Ok(Some((first.unwrap_or(0), denominator))) } else { Err("NO_DENOMINATOR") };
        }
        if measure == M::Turnaround {
            return first.map_or(Err("NO_DENOMINATOR"), |twice| Ok(Some((twice, 120))));
        }
        let Some(first) = first.or((self.query.fill != Fill::Null).then_some(0)) else { return Err("NO_DATA") };
        let is_points = measure == M::Points;
        if matches!(self.query.window, Some(Window::Trailing { .. })) {
            let took_part = i128::try_from(took_part.max(1)).unwrap();
            return Ok(Some((first, if is_points { took_part * 1_000_000 } else { took_part })));
        }
        if is_points {
            // Whole points, half away from zero.
            let rounded = (first.abs() + 500_000) / 1_000_000 * first.signum();
            return Ok(Some((rounded, 1)));
        }
        Ok(Some((first, 1)))
    }

    /// Twice the median of the minutes, so that it is whole.
    fn minutes(&self, key: &[String], days: Span, seen: Span) -> Option<i128> {
        let events = self.events("turnaround", days);
        let of = events.iter().filter(|event| {
            days.contains(event.on)
                && self.is_of_row(key, event, seen, days)
                && self.query.filter.as_ref().is_none_or(|filter| self.passes(filter, event, seen))
        });
        let mut minutes: Vec<i64> = of.map(|event| event.amount).collect();
        minutes.sort_unstable();
        let upper = minutes.get(minutes.len() / 2)?;
        let lower = minutes.get((minutes.len() - 1) / 2)?;
        Some(i128::from(upper + lower))
    }

    fn points(&self, key: &[String], days: Span, seen: Span) -> Option<i128> {
        let mut found = None;
        for scored in self.scored {
            for unit in &self.world.units {
                let year = scored.year();
                let cut = Span { first: days.first.max(year.first), last: days.last.min(year.last) };
                for line in scored.lines(unit.id, cut, analytics::rulebook::Currency::Points) {
                    let Amount::Points(amount) = line.amount else { continue };
                    let event = Event {
                        unit: unit.id,
                        on: line.day,
                        amount: amount.millionths(),
                        same: None,
                        codes: BTreeMap::new(),
                    };
                    let counts = line.rule != "rounding"
                        && days.contains(line.day)
                        && self.is_of_row(key, &event, seen, days)
                        && self.query.filter.as_ref().is_none_or(|filter| self.passes(filter, &event, seen));
                    if counts {
                        found = Some(found.unwrap_or(0) + i128::from(event.amount));
                    }
                }
            }
        }
        found
    }
}

pub(crate) fn takes_part(unit: &UnitRow, span: Span) -> bool {
    unit.opened_on <= span.last && unit.closed_on.is_none_or(|closed| span.first <= closed)
}

/// The other days of a comparison; the periods of the reference worlds are over.
pub(crate) fn base_days(compare: Compare, days: Period) -> Option<Span> {
    match compare {
        Compare::Previous(back) => {
            let mut period = days;
            (0..back).for_each(|_| period = period.previous());
            Some(period.span())
        }
        Compare::SameLastYear => {
            let text = days.to_string();
            let (year, rest) = text.split_at(4);
            format!("{}{rest}", year.parse::<i32>().unwrap() - 1).parse::<Period>().ok().map(Period::span)
        }
        Compare::Period(span) => Some(span),
        Compare::CategoryAverage | Compare::CategoryMedian | Compare::Total => None,
    }
}

/// Six places, half away from zero.
pub(crate) fn shown((numerator, denominator): (i128, i128)) -> String {
    let millionths = (numerator.abs() * 2_000_000 + denominator) / (denominator * 2);
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if numerator < 0 && text != "0" { format!("-{text}") } else { text.to_owned() }
}
