//! Ranks within groups, conditions on rows, and limits that never cut a tie.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::answer::{LeftOut, LeftOutReason, Place};
use super::dimension::Dimension;
use super::evaluate::{Draft, Evaluate};
use super::number::{Fraction, Number};
use super::query::{End, Limit, Method, Rank};
use crate::points::Points;

/// The rows of one period that are ranked together, by their places among the drafts.
type Groups = BTreeMap<Vec<i64>, Vec<usize>>;

impl Evaluate<'_> {
    /// Ranks the rows, drops those that do not pass, and keeps the first or the last.
    pub(super) fn rank_and_limit(&self, drafts: &mut Vec<Draft>) -> Vec<LeftOut> {
        let query = self.query;
        let mut left_out = Vec::new();
        let mut kept: BTreeSet<usize> = (0..drafts.len()).collect();
        let mut others = Vec::new();
        if let Some(rank) = &query.rank {
            let groups = self.groups(drafts, rank);
            self.rank(drafts, rank, &groups);
            if let Some(having) = &query.having {
                kept.retain(|index| self.passes(having, &drafts[*index].values));
            }
            if let Some(limit) = &query.limit {
                for members in groups.values() {
                    let members: Vec<usize> = members.iter().copied().filter(|member| kept.contains(member)).collect();
                    let (listed, rest) = self.cut(drafts, rank, limit, &members, &mut left_out);
                    for member in members {
                        if !listed.contains(&member) {
                            kept.remove(&member);
                        }
                    }
                    if limit.others {
                        others.extend(self.others(drafts, &rest));
                    }
                }
            }
        } else if let Some(having) = &query.having {
            kept.retain(|index| self.passes(having, &drafts[*index].values));
        }
        let mut place = 0;
        drafts.retain(|draft| {
            let is_kept = kept.contains(&place) && self.is_visible(draft);
            place += 1;
            is_kept
        });
        if let Some(rank) = &query.rank {
            // Best first within each group and period; what has no value comes last.
            drafts.sort_by_cached_key(|draft| {
                let place = draft.rank.map_or(i64::MAX, |place| place.rank.millionths());
                (draft.place, self.group(draft, &rank.within, true), place)
            });
        }
        drafts.extend(others);
        if !left_out.is_empty() {
            left_out.retain(|out| query.visible.as_ref().is_none_or(|visible| visible.contains(&out.unit)));
        }
        left_out
    }

    fn group(&self, draft: &Draft, within: &[Dimension], ordered: bool) -> Vec<i64> {
        let mut group = vec![i64::try_from(draft.place).unwrap_or(i64::MAX)];
        for dimension in within {
            let place = self.query.rows.iter().position(|row| row == dimension);
            let code = match place {
                Some(place) => draft.key[place],
                None => self.unit_of(&draft.key).map_or(-1, |unit| self.labels.category(unit, draft.place)),
            };
            group.push(if ordered { self.position(*dimension, code) } else { code });
        }
        group
    }

    /// The place of a code in the order in which rows are listed.
    fn position(&self, dimension: Dimension, code: i64) -> i64 {
        let Some(text) = self.labels.code(dimension, code) else { return i64::MAX };
        let declared = super::plan::declared(self.labels.rulebook, dimension);
        let place = declared.iter().position(|known| *known == text);
        place.and_then(|place| i64::try_from(place).ok()).unwrap_or(i64::MAX - 1)
    }

    fn groups(&self, drafts: &[Draft], rank: &Rank) -> Groups {
        let mut groups = Groups::new();
        for (index, draft) in drafts.iter().enumerate() {
            groups.entry(self.group(draft, &rank.within, false)).or_default().push(index);
        }
        groups
    }

    fn rank(&self, drafts: &mut [Draft], rank: &Rank, groups: &Groups) {
        let mut places: Vec<Option<Place>> = vec![None; drafts.len()];
        let unit = self.query.measures[rank.by].about().unit;
        for members in groups.values() {
            let value = |index: &usize| drafts[*index].values[rank.by].fraction;
            let mut ordered: Vec<usize> = members.iter().copied().filter(|index| value(index).is_some()).collect();
            // Stable: rows come in the order of the official list.
            ordered.sort_by(|one, other| order(&drafts[*one], &drafts[*other], rank));
            let ranks =
                places_of(&ordered, rank.method, |one, other| order(&drafts[one], &drafts[other], rank).is_eq());
            let quartiles = quartiles(ordered.iter().filter_map(value).collect(), |fraction| fraction.show(unit));
            let earlier = self.earlier_places(drafts, rank, &ordered);
            let of = u32::try_from(ordered.len()).unwrap_or(u32::MAX);
            for (place, index) in ordered.iter().enumerate() {
                let is_equal = |other: Option<&usize>| {
                    other.is_some_and(|other| order(&drafts[*index], &drafts[*other], rank).is_eq())
                };
                let tied = is_equal(place.checked_sub(1).and_then(|before| ordered.get(before)))
                    || is_equal(ordered.get(place + 1));
                let Some(quartiles) = quartiles else { continue };
                let gained = earlier.get(index).and_then(|before| before.checked_sub(ranks[place]));
                places[*index] = Some(Place { rank: ranks[place], of, tied, gained, quartiles });
            }
        }
        // Without another base, the places are held against those of the period before.
        if self.targets.bases.first().is_none_or(|bases| bases.iter().all(Option::is_none)) {
            let before: HashMap<(&[i64], usize), Points> = drafts
                .iter()
                .zip(&places)
                .filter_map(|(draft, place)| Some(((draft.key.as_slice(), draft.place), place.as_ref()?.rank)))
                .collect();
            let gained: Vec<Option<Points>> = drafts
                .iter()
                .zip(&places)
                .map(|(draft, place)| {
                    let earlier = before.get(&(draft.key.as_slice(), draft.place.checked_sub(1)?))?;
                    earlier.checked_sub(place.as_ref()?.rank)
                })
                .collect();
            for (place, gained) in places.iter_mut().zip(gained) {
                if let Some(place) = place {
                    place.gained = gained;
                }
            }
        }
        for (draft, place) in drafts.iter_mut().zip(places) {
            draft.rank = place;
        }
    }

    /// The places that the rows had by the values of the first comparison, if it is one with other days.
    fn earlier_places(&self, drafts: &[Draft], rank: &Rank, members: &[usize]) -> HashMap<usize, Points> {
        let is_of_days = self.targets.bases.first().is_some_and(|bases| bases.iter().any(Option::is_some));
        let base = |index: &usize| drafts[*index].bases[rank.by].first().and_then(|base| base.0);
        let mut ordered: Vec<usize> =
            members.iter().copied().filter(|index| is_of_days && base(index).is_some()).collect();
        let compare = |one: &usize, other: &usize| directed(base(one).cmp(&base(other)), rank.descending);
        ordered.sort_by(|one, other| compare(one, other));
        let ranks = places_of(&ordered, rank.method, |one, other| compare(&one, &other).is_eq());
        ordered.into_iter().zip(ranks).collect()
    }

    /// Which members of a group are listed, and which are not.
    fn cut(
        &self,
        drafts: &[Draft],
        rank: &Rank,
        limit: &Limit,
        members: &[usize],
        left_out: &mut Vec<LeftOut>,
    ) -> (BTreeSet<usize>, Vec<usize>) {
        let mut able = Vec::new();
        for index in members {
            let draft = &drafts[*index];
            match if limit.eligible_only { self.reason(draft, limit, members.len()) } else { None } {
                Some(reason) => {
                    if let Some(unit) = self.unit_of(&draft.key) {
                        let name = self.labels.name(Dimension::Unit, unit);
                        left_out.push(LeftOut { unit, name, period: draft.place, reason });
                    }
                }
                None if draft.rank.is_some() => able.push(*index),
                None => {}
            }
        }
        able.sort_by(|one, other| order(&drafts[*one], &drafts[*other], rank));
        if limit.end == End::Bottom {
            able.reverse();
        }
        let equal = |one: usize, other: usize| order(&drafts[one], &drafts[other], rank).is_eq();
        let mut count = limit.rows.min(able.len());
        while count > 0 && count < able.len() && equal(able[count - 1], able[count]) {
            if limit.with_ties {
                count += 1;
            } else if rank.method == Method::Ordinal {
                break;
            } else {
                count -= 1;
            }
        }
        let rest = able.split_off(count);
        (able.into_iter().collect(), rest)
    }

    /// Why a unit cannot fairly be listed.
    fn reason(&self, draft: &Draft, limit: &Limit, group: usize) -> Option<LeftOutReason> {
        let id = self.unit_of(&draft.key)?;
        let unit = self.labels.units.get(&id).and_then(|place| self.labels.world.units.get(*place))?;
        let span = self.plan.periods[draft.place].span;
        if unit.first_day().is_some_and(|first| span.first < first) {
            return Some(LeftOutReason::New);
        }
        if !unit.is_open(span.last) {
            return Some(LeftOutReason::Closed);
        }
        let category = self.labels.category(id, draft.place);
        let Some(category) = self.labels.code(Dimension::Category, category) else {
            return Some(LeftOutReason::NoCategory);
        };
        if group <= limit.rows {
            return Some(LeftOutReason::CategoryTooSmall);
        }
        let quotas = self.labels.rulebook.quotas();
        let owes = |quota: &crate::rulebook::Quota| quota.amount.iter().any(|(owing, _)| *owing == category);
        if !quotas.is_empty() && !quotas.iter().any(owes) {
            return Some(LeftOutReason::NoQuota);
        }
        draft.rank.is_none().then_some(LeftOutReason::NoValue)
    }

    /// The rows that are not listed, as one.
    fn others(&self, drafts: &[Draft], rest: &[usize]) -> Option<Draft> {
        let visible: Vec<&Draft> =
            rest.iter().map(|index| &drafts[*index]).filter(|draft| self.is_visible(draft)).collect();
        let first = visible.first()?;
        let values = self.query.measures.iter().map(|measure| {
            let figures = super::plan::of_basis(*measure, self.query.basis);
            let sums: Vec<Option<i64>> = figures
                .iter()
                .map(|figure| {
                    let sums = visible.iter().filter_map(|draft| self.grid.sum(*figure, draft.grid?, draft.place));
                    sums.fold(None, |all: Option<i64>, sum| Some(all.unwrap_or(0).saturating_add(sum)))
                })
                .collect();
            self.combine(*measure, &sums, None, 1, first.place)
        });
        let none = (None, super::answer::CompareStatus::NoBase);
        Some(Draft {
            grid: None,
            key: first.key.clone(),
            place: first.place,
            values: values.collect(),
            bases: vec![vec![none; self.query.compare.len()]; self.query.measures.len()],
            rank: None,
        })
    }
}

fn directed(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}

/// How two rows stand in a ranking: by value, then by what breaks ties.
fn order(one: &Draft, other: &Draft, rank: &Rank) -> Ordering {
    let by = |place: usize| one.values[place].fraction.cmp(&other.values[place].fraction);
    let first = directed(by(rank.by), rank.descending);
    rank.tie_break.iter().fold(first, |order, place| order.then_with(|| by(*place).reverse()))
}

/// The places of rows in order.
fn places_of(ordered: &[usize], method: Method, equal: impl Fn(usize, usize) -> bool) -> Vec<Points> {
    let whole = |place: usize| i64::try_from(place).ok().and_then(Points::from_whole).unwrap_or_default();
    let mut places = Vec::with_capacity(ordered.len());
    let (mut begin, mut dense) = (0, 0);
    while begin < ordered.len() {
        let mut end = begin + 1;
        while end < ordered.len() && equal(ordered[begin], ordered[end]) {
            end += 1;
        }
        dense += 1;
        for place in begin..end {
            places.push(match method {
                Method::Competition => whole(begin + 1),
                Method::Dense => whole(dense),
                Method::Ordinal => whole(place + 1),
                Method::Average => {
                    let sum = whole(begin + 1).checked_add(whole(end)).unwrap_or_default();
                    Points::from_millionths(sum.millionths() / 2)
                }
            });
        }
        begin = end;
    }
    places
}

/// The values at the quarters, each at the rank nearest above.
fn quartiles(mut values: Vec<Fraction>, show: impl Fn(Fraction) -> Option<Number>) -> Option<[Number; 3]> {
    values.sort_unstable();
    let at = |quarter: usize| values.get((values.len() * quarter).div_ceil(4).checked_sub(1)?).copied().and_then(&show);
    Some([at(1)?, at(2)?, at(3)?])
}
