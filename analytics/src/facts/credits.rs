//! Who shares which item, found by submission and by whoever shares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::paged::Paged;
use super::{CreditRole, CreditRow};

/// The rows by id, and where to find them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credits {
    rows: Paged<CreditRow>,
    by_submission: Paged<Arc<BTreeSet<i64>>>,
    by_unit: BTreeMap<i64, Arc<BTreeSet<i64>>>,
}

impl Credits {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, id: i64) -> Option<&CreditRow> {
        self.rows.get(id)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &CreditRow> {
        self.rows.values()
    }

    pub(crate) fn insert(&mut self, id: i64, row: CreditRow) {
        self.remove(id);
        let mut ids = self.by_submission.get(row.submission).cloned().unwrap_or_default();
        Arc::make_mut(&mut ids).insert(id);
        self.by_submission.insert(row.submission, ids);
        Arc::make_mut(self.by_unit.entry(row.unit).or_default()).insert(id);
        self.rows.insert(id, row);
    }

    pub(crate) fn remove(&mut self, id: i64) -> Option<CreditRow> {
        let row = self.rows.remove(id)?;
        if let Some(mut ids) = self.by_submission.remove(row.submission) {
            Arc::make_mut(&mut ids).remove(&id);
            if !ids.is_empty() {
                self.by_submission.insert(row.submission, ids);
            }
        }
        if let Some(ids) = self.by_unit.get_mut(&row.unit) {
            Arc::make_mut(ids).remove(&id);
            if ids.is_empty() {
                self.by_unit.remove(&row.unit);
            }
        }
        Some(row)
    }

    /// The rows of a submission, in the order of ids.
    pub(crate) fn of_submission(&self, submission: i64) -> impl Iterator<Item = &CreditRow> {
        let ids = self.by_submission.get(submission).into_iter().flat_map(|ids| ids.iter());
        ids.filter_map(|id| self.rows.get(*id))
    }

    /// The submissions that somebody shares.
    pub(crate) fn of_unit(&self, unit: i64) -> impl Iterator<Item = i64> {
        let ids = self.by_unit.get(&unit).into_iter().flat_map(|ids| ids.iter());
        ids.filter_map(|id| self.rows.get(*id)).map(|row| row.submission)
    }

    /// Every submission that is shared, in the order of ids.
    pub(crate) fn submissions(&self) -> impl Iterator<Item = i64> {
        self.by_submission.keys()
    }

    /// Everybody who shares an item in a role, by submission: each once, in the order of ids.
    pub(crate) fn parties(&self, role: CreditRole) -> BTreeMap<i64, BTreeMap<i64, Option<crate::points::Points>>> {
        let mut parties: BTreeMap<i64, BTreeMap<i64, Option<crate::points::Points>>> = BTreeMap::new();
        for row in self.values().filter(|row| row.role == role) {
            parties.entry(row.submission).or_default().insert(row.unit, row.share);
        }
        parties
    }
}
