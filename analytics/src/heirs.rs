//! Who stands in for whom: units that were merged, split or closed, and the units that bear their record.
//!
//! No fact moves. A question may ask for the record by whoever stands in for its unit today; the sums over everybody are the same then.

use std::collections::{BTreeMap, BTreeSet};

/// For each unit that has an heir, the last of its heirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heirs(BTreeMap<i64, i64>);

impl Heirs {
    /// From pairs of a unit and its heir. An heir may have an heir again; a unit that would be its own heir stands for itself.
    pub fn new(pairs: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let next: BTreeMap<i64, i64> = pairs.into_iter().collect();
        let last = |unit: i64| {
            let mut seen = BTreeSet::from([unit]);
            let mut at = unit;
            while let Some(heir) = next.get(&at) {
                if !seen.insert(*heir) {
                    return None;
                }
                at = *heir;
            }
            (at != unit).then_some(at)
        };
        Self(next.keys().filter_map(|unit| Some((*unit, last(*unit)?))).collect())
    }

    /// Whether everybody stands for themselves.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who bears the record of a unit: itself if it has no heir.
    pub fn of(&self, unit: i64) -> i64 {
        self.0.get(&unit).copied().unwrap_or(unit)
    }

    /// The units whose record a unit bears, by id: itself and those before it; none if it has an heir itself.
    pub fn members(&self, unit: i64) -> Vec<i64> {
        if self.0.contains_key(&unit) {
            return Vec::new();
        }
        let mut members: Vec<i64> = self.0.iter().filter(|(_, heir)| **heir == unit).map(|(unit, _)| *unit).collect();
        members.push(unit);
        members.sort_unstable();
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_heir_counts() {
        let heirs = Heirs::new([(1, 2), (2, 3), (4, 3)]);
        assert_eq!([1, 2, 3, 4, 5].map(|unit| heirs.of(unit)), [3, 3, 3, 3, 5]);
        assert_eq!(heirs.members(3), [1, 2, 3, 4]);
        assert_eq!(heirs.members(2), [0_i64; 0]);
        assert_eq!(heirs.members(5), [5]);
    }

    #[test]
    fn a_circle_has_no_heir() {
        let heirs = Heirs::new([(1, 2), (2, 1), (3, 1)]);
        assert_eq!([1, 2, 3].map(|unit| heirs.of(unit)), [1, 2, 3]);
        assert!(heirs.is_empty());
    }
}
