//! A map by id whose copies share what neither side has written to since.
//!
//! Ids are given one after the other, so a page holds neighbours. A copy costs one pointer per page, a write copies one page at most.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Ids on one page, as a power of two.
const PAGE_BITS: u32 = 10;

/// Values by id, in the order of ids.
#[derive(Debug)]
pub(crate) struct Paged<V> {
    pages: BTreeMap<i64, Arc<Vec<(i64, V)>>>,
    len: usize,
}

impl<V> Default for Paged<V> {
    fn default() -> Self {
        Self { pages: BTreeMap::new(), len: 0 }
    }
}

impl<V> Clone for Paged<V> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone(), len: self.len }
    }
}

impl<V: Clone> Paged<V> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, id: i64) -> Option<&V> {
        let page = self.pages.get(&(id >> PAGE_BITS))?;
        let place = place(page, id).ok()?;
        page.get(place).map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, id: i64) -> bool {
        self.get(id).is_some()
    }

    /// Puts a value in; gives the one that stood there.
    pub(crate) fn insert(&mut self, id: i64, value: V) -> Option<V> {
        let page = Arc::make_mut(self.pages.entry(id >> PAGE_BITS).or_default());
        match place(page, id) {
            Ok(place) => Some(std::mem::replace(&mut page[place].1, value)),
            Err(place) => {
                page.insert(place, (id, value));
                self.len += 1;
                None
            }
        }
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, id: i64) -> Option<V> {
        let known = self.pages.get(&(id >> PAGE_BITS))?;
        let place = place(known, id).ok()?;
        let page = Arc::make_mut(self.pages.get_mut(&(id >> PAGE_BITS))?);
        let (_, value) = page.remove(place);
        if page.is_empty() {
            self.pages.remove(&(id >> PAGE_BITS));
        }
        self.len -= 1;
        Some(value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &V)> {
        self.pages.values().flat_map(|page| page.iter().map(|(id, value)| (*id, value)))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = i64> {
        self.iter().map(|(id, _)| id)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

/// Where an id stands on its page, or would stand. Most ids are new and greater than those before.
fn place<V>(page: &[(i64, V)], id: i64) -> Result<usize, usize> {
    match page.last() {
        Some((last, _)) if *last < id => Err(page.len()),
        _ => page.binary_search_by_key(&id, |(known, _)| *known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_saw() {
        let mut map = Paged::default();
        for id in [5, -3, 1024, 1023, 5000, 0] {
            assert_eq!(map.insert(id, id * 2), None);
        }
        let before = map.clone();
        assert_eq!(map.insert(5, 7), Some(10));
        assert_eq!(map.remove(1024), Some(2048));
        assert_eq!(map.remove(1024), None);
        assert_eq!((map.get(5), map.get(1024), map.len()), (Some(&7), None, 5));
        assert_eq!((before.get(5), before.get(1024), before.len()), (Some(&10), Some(&2048), 6));
        assert_eq!(before.keys().collect::<Vec<_>>(), [-3, 0, 5, 1023, 1024, 5000]);
    }
}
