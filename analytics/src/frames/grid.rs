//! Sums brought to the rows that were asked for: each row has a place for each target and figure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::dimension::Dimension;
use super::gather::{NONE, Sums, chosen_units};
use super::measure::Figure;
use super::periods::PeriodColumn;
use super::plan::{Target, category_is_of_facts, declared};
use super::query::{Filter, Query};
use crate::period::Span;
use crate::rulebook::Rulebook;
use crate::scoring::ranking::categories_of;
use crate::scoring::world::World;

/// The rows and their sums.
pub(super) struct Grid {
    /// The codes of each row, in the order of the query's dimensions.
    pub(super) keys: Vec<Vec<i64>>,
    places: HashMap<Vec<i64>, usize>,
    targets: usize,
    figures: Vec<Figure>,
    /// For each figure, the sums of each row and target; `None` where nothing happened.
    sums: Vec<Vec<Option<i64>>>,
    /// How often each value was met, of medians, by row and target.
    values: HashMap<(usize, usize), BTreeMap<i64, i64>>,
}

/// What is known about units and codes, for building rows and naming them.
pub(super) struct Labels<'q> {
    pub(super) world: &'q World,
    pub(super) rulebook: &'q Rulebook,
    pub(super) rules: &'q [String],
    /// The place of each unit in the official list.
    pub(super) units: HashMap<i64, usize>,
    /// The category of each unit, by period and place in the official list.
    members: Vec<Vec<i64>>,
    categories: Vec<String>,
}

impl<'q> Labels<'q> {
    pub(super) fn new(world: &'q World, rulebook: &'q Rulebook, rules: &'q [String], periods: &[PeriodColumn]) -> Self {
        let code =
            |category: Option<&str>| category.and_then(|category| world.codes.find(category)).map_or(NONE, i64::from);
        let members = periods
            .iter()
            .map(|period| world.units.iter().map(|unit| code(unit.category_in(period.span))).collect())
            .collect();
        let all =
            periods.iter().map(|period| period.span).reduce(|one, other| Span { first: one.first, last: other.last });
        Self {
            world,
            rulebook,
            rules,
            units: world.units.iter().enumerate().map(|(place, unit)| (unit.id, place)).collect(),
            members,
            categories: all.map_or_else(Vec::new, |span| categories_of(world, rulebook, span)),
        }
    }

    /// The category of a unit in a period.
    pub(super) fn category(&self, unit: i64, place: usize) -> i64 {
        let unit = self.units.get(&unit);
        unit.and_then(|unit| self.members.get(place)?.get(*unit)).copied().unwrap_or(NONE)
    }

    /// The code's text, if it stands for one.
    pub(super) fn code(&self, dimension: Dimension, code: i64) -> Option<String> {
        let number = u32::try_from(code).ok();
        match dimension {
            Dimension::Unit => None,
            Dimension::DirectReport => Some(if code == 1 { "true" } else { "false" }.to_owned()),
            Dimension::Rule => self.rules.get(number? as usize).cloned(),
            Dimension::Category
            | Dimension::Publication
            | Dimension::Level
            | Dimension::Kind
            | Dimension::Topic
            | Dimension::Origin => number.map(|number| self.world.codes.text(number).to_owned()),
        }
    }

    /// The number of a code's text.
    fn number(&self, dimension: Dimension, text: &str) -> i64 {
        match dimension {
            Dimension::Rule => self
                .rules
                .iter()
                .position(|known| known == text)
                .and_then(|place| i64::try_from(place).ok())
                .unwrap_or(NONE),
            _ => self.world.codes.find(text).map_or(NONE, i64::from),
        }
    }

    /// What a code is called.
    pub(super) fn name(&self, dimension: Dimension, code: i64) -> String {
        let Some(text) = self.code(dimension, code) else {
            return match (dimension, self.units.get(&code)) {
                (Dimension::Unit, Some(_)) => {
                    self.world.facts.units().get(&code).map_or_else(String::new, |unit| unit.name.clone())
                }
                _ => String::new(),
            };
        };
        let book = self.rulebook;
        let named = |all: &[crate::rulebook::Named]| all.iter().find(|one| one.id == text).map(|one| one.name.clone());
        let name = match dimension {
            Dimension::Unit => None,
            Dimension::DirectReport => Some(if code == 1 { "直报点" } else { "非直报点" }.to_owned()),
            Dimension::Category => book.categories().iter().find(|one| one.id == text).map(|one| one.name.clone()),
            Dimension::Publication => book.publications().iter().find(|one| one.id == text).map(|one| one.name.clone()),
            Dimension::Level | Dimension::Origin => named(book.levels()),
            Dimension::Kind => book.kinds().iter().find(|one| one.id == text).map(|one| one.name.clone()),
            Dimension::Topic => named(book.topics()),
            Dimension::Rule => book.rules().iter().find(|one| one.id == text).map(|one| one.title.clone()),
        };
        name.unwrap_or(text)
    }

    /// The places of codes in the order in which rows are listed: as the rulebook declares them, then by text, none last.
    pub(super) fn order(&self, dimension: Dimension, codes: &BTreeSet<i64>) -> HashMap<i64, usize> {
        let declared = match dimension {
            Dimension::Category => self.categories.clone(),
            other => declared(self.rulebook, other),
        };
        let mut all: Vec<(usize, String, i64)> = codes
            .iter()
            .map(|code| {
                let text = self.code(dimension, *code).unwrap_or_default();
                let place = match dimension {
                    Dimension::Unit => self.units.get(code).copied(),
                    Dimension::DirectReport => usize::try_from(1 - code.signum()).ok(),
                    _ => declared.iter().position(|known| *known == text),
                };
                let last = if *code == NONE { usize::MAX } else { usize::MAX - 1 };
                (place.unwrap_or(last), text, *code)
            })
            .collect();
        all.sort();
        all.into_iter().enumerate().map(|(place, (_, _, code))| (code, place)).collect()
    }
}

impl Grid {
    pub(super) fn new(figures: Vec<Figure>, targets: usize) -> Self {
        let sums = vec![Vec::new(); figures.len()];
        Self { keys: Vec::new(), places: HashMap::new(), targets, figures, sums, values: HashMap::new() }
    }

    /// The place of a row; one that is not there yet is added.
    pub(super) fn row(&mut self, key: &[i64]) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = self.keys.len();
        self.keys.push(key.to_vec());
        self.places.insert(key.to_vec(), place);
        for sums in &mut self.sums {
            sums.resize(sums.len() + self.targets, None);
        }
        place
    }

    /// The sum of a figure; `None` where nothing happened.
    pub(super) fn sum(&self, figure: Figure, row: usize, target: usize) -> Option<i64> {
        let place = self.figures.iter().position(|known| *known == figure)?;
        self.sums[place].get(row * self.targets + target).copied().flatten()
    }

    /// How often each value was met.
    pub(super) fn values(&self, row: usize, target: usize) -> Option<&BTreeMap<i64, i64>> {
        self.values.get(&(row, target))
    }

    /// Brings the sums of a figure to their rows.
    pub(super) fn take(
        &mut self,
        query: &Query,
        labels: &Labels<'_>,
        targets: &[Target],
        figure: Figure,
        sums: &Sums,
        parts: &[Dimension],
    ) {
        let Some(place_of_figure) = self.figures.iter().position(|known| *known == figure) else { return };
        let has_units = query.rows.contains(&Dimension::Unit);
        let mut key = Vec::with_capacity(query.rows.len());
        let mut lineages: HashMap<(i64, usize), Vec<i64>> = HashMap::new();
        for (entry, unit) in sums.units.iter().enumerate() {
            let target = sums.targets[entry] as usize;
            let place = targets[target].place;
            let is_seen = |unit: &i64| query.visible.as_ref().is_none_or(|visible| visible.contains(unit));
            // A sum over units is made of the units that the asker sees; ranks of units are those of everybody.
            if !has_units && !is_seen(unit) {
                continue;
            }
            let own = [*unit];
            let rows_of: &[i64] = if query.with_subtree {
                lineages
                    .entry((*unit, target))
                    .or_insert_with(|| labels.world.facts.beside().lineage(*unit, targets[target].span.last))
            } else {
                &own
            };
            for unit in rows_of {
                if !labels.units.contains_key(unit) {
                    continue;
                }
                key.clear();
                for dimension in &query.rows {
                    let part =
                        || parts.iter().position(|part| part == dimension).map_or(NONE, |part| sums.parts[part][entry]);
                    key.push(match dimension {
                        Dimension::Unit => *unit,
                        Dimension::Category if !category_is_of_facts(query) => labels.category(*unit, place),
                        Dimension::DirectReport => {
                            let unit = labels.units.get(unit).map(|place| &labels.world.units[*place]);
                            i64::from(unit.is_some_and(|unit| unit.direct_report))
                        }
                        _ => part(),
                    });
                }
                let row = self.row(&key);
                let sum = &mut self.sums[place_of_figure][row * self.targets + target];
                *sum = Some(sum.unwrap_or(0).saturating_add(sums.amounts[entry]));
                if let Some(value) = sums.values.get(entry) {
                    *self.values.entry((row, target)).or_default().entry(*value).or_default() += sums.amounts[entry];
                }
            }
        }
    }

    /// Adds the rows that belong into the answer even if nothing happened, and says in which periods each does.
    pub(super) fn expect(
        &mut self,
        query: &Query,
        labels: &Labels<'_>,
        periods: &[PeriodColumn],
    ) -> BTreeSet<(usize, usize)> {
        let mut expected = BTreeSet::new();
        let universe = Universe { query, labels, last: periods.last().map(|period| period.span.last) };
        let has_units = query.rows.contains(&Dimension::Unit);
        let of_facts = || query.rows.iter().filter(|dimension| !dimension.is_of_units());
        if query.rows.is_empty() {
            let row = self.row(&[]);
            expected.extend((0..periods.len()).map(|place| (row, place)));
            return expected;
        }
        if has_units {
            // Of units, only those combinations that were met are listed.
            if of_facts().next().is_some() {
                return expected;
            }
            for (place, period) in periods.iter().enumerate() {
                for unit in labels.world.units.iter().filter(|unit| unit.takes_part(period.span)) {
                    let key: Vec<i64> = query
                        .rows
                        .iter()
                        .map(|dimension| match dimension {
                            Dimension::Unit => unit.id,
                            Dimension::Category => labels.category(unit.id, place),
                            _ => i64::from(unit.direct_report),
                        })
                        .collect();
                    let known = universe.known(unit.id, unit.direct_report, labels.category(unit.id, place));
                    if universe.passes(query.filter.as_ref(), &known) != Some(false) {
                        let row = self.row(&key);
                        expected.insert((row, place));
                    }
                }
            }
            return expected;
        }
        let mut keys: Vec<Vec<i64>> = vec![Vec::new()];
        for dimension in &query.rows {
            let codes: Vec<i64> = match dimension {
                Dimension::DirectReport => vec![1, 0],
                Dimension::Category => {
                    labels.categories.iter().map(|code| labels.number(Dimension::Category, code)).collect()
                }
                other => declared(labels.rulebook, *other).iter().map(|code| labels.number(*other, code)).collect(),
            };
            let grown = keys.iter().flat_map(|key| {
                codes.iter().map(move |code| {
                    let mut key = key.clone();
                    key.push(*code);
                    key
                })
            });
            keys = grown.collect();
        }
        for key in keys {
            let known: Known = query.rows.iter().copied().zip(key.iter().copied()).collect();
            if universe.passes(query.filter.as_ref(), &known) != Some(false) {
                let row = self.row(&key);
                expected.extend((0..periods.len()).map(|place| (row, place)));
            }
        }
        expected
    }
}

/// What is known of a row before any fact is looked at.
type Known = BTreeMap<Dimension, i64>;

struct Universe<'a> {
    query: &'a Query,
    labels: &'a Labels<'a>,
    last: Option<chrono::NaiveDate>,
}

impl Universe<'_> {
    fn known(&self, unit: i64, direct_report: bool, category: i64) -> Known {
        let mut known = Known::from([(Dimension::Unit, unit), (Dimension::DirectReport, i64::from(direct_report))]);
        if !category_is_of_facts(self.query) {
            known.insert(Dimension::Category, category);
        }
        known
    }

    /// Whether a row passes the filter, as far as what is known says.
    fn passes(&self, filter: Option<&Filter>, known: &Known) -> Option<bool> {
        let Some(filter) = filter else { return Some(true) };
        match filter {
            Filter::All(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.passes(Some(part), known)).collect();
                if parts.contains(&Some(false)) {
                    Some(false)
                } else {
                    parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
                }
            }
            Filter::Any(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.passes(Some(part), known)).collect();
                if parts.contains(&Some(true)) {
                    Some(true)
                } else {
                    parts.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
                }
            }
            Filter::Not(part) => self.passes(Some(part), known).map(|passes| !passes),
            Filter::Units(_) | Filter::Subtrees(_) => {
                let unit = known.get(&Dimension::Unit)?;
                let on = self.last.unwrap_or(chrono::NaiveDate::MAX);
                Some(chosen_units(self.labels.world, on, filter).contains(unit))
            }
            Filter::DirectReport(wanted) => known.get(&Dimension::DirectReport).map(|flag| (*flag == 1) == *wanted),
            Filter::Missing(dimension) => known.get(dimension).map(|code| *code == NONE),
            Filter::Codes(dimension, codes) => {
                let code = known.get(dimension)?;
                Some(self.labels.code(*dimension, *code).is_some_and(|code| codes.contains(&code)))
            }
        }
    }
}
