//! Chinese names in the orders of dictionaries: by pinyin (拼音), and by number of strokes (笔画).
//!
//! `pinyin.txt` and `stroke.txt` hold the characters of the basic block (U+4E00 to U+9FFF) in the order of the Unicode collations `zh-u-co-pinyin` and
//! `zh-u-co-stroke` (CLDR, Unicode License v3), sixty-four on a line. A character with several readings stands at its most frequent one, as
//! in a printed list; neither database knows either order.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

/// Where the characters of a block begin among all places: what is not Chinese comes first, what no list holds last.
const LISTED: u32 = 0x20_0000;
const OTHER: u32 = 0x40_0000;

static PINYIN: LazyLock<HashMap<char, u32>> = LazyLock::new(|| places(include_str!("pinyin.txt")));
static STROKE: LazyLock<HashMap<char, u32>> = LazyLock::new(|| places(include_str!("stroke.txt")));

fn places(list: &str) -> HashMap<char, u32> {
    list.chars().filter(|c| !c.is_whitespace()).zip(LISTED..).collect()
}

/// An order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOrder {
    /// By pinyin.
    Pinyin,
    /// By number of strokes.
    Stroke,
}

impl NameOrder {
    /// What a name is sorted by: names in this order have keys in this order.
    pub fn key(self, name: &str) -> Vec<u32> {
        let places = match self {
            Self::Pinyin => &*PINYIN,
            Self::Stroke => &*STROKE,
        };
        let place = |c: char| match places.get(&c) {
            Some(place) => *place,
            None if ('\u{3400}'..='\u{3ffff}').contains(&c) => OTHER + u32::from(c),
            None => u32::from(c),
        };
        name.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(order: NameOrder, names: &[&'static str]) -> Vec<&'static str> {
        let mut names = names.to_vec();
        names.sort_by_cached_key(|name| order.key(name));
        names
    }

    #[test]
    fn names_stand_as_in_a_dictionary() {
        let names = ["张三", "王五", "李四", "赵六", "安七", "丁一", "Ａ股", "阿里", "安八"];
        let by_pinyin = ["Ａ股", "阿里", "安八", "安七", "丁一", "李四", "王五", "张三", "赵六"];
        assert_eq!(sorted(NameOrder::Pinyin, &names), by_pinyin);
        let by_stroke = ["丁一", "王五", "安八", "张三", "李四"];
        assert_eq!(sorted(NameOrder::Stroke, &["张三", "王五", "李四", "丁一", "安八"]), by_stroke);
    }

    #[test]
    fn every_character_of_the_block_has_one_place() {
        for places in [&*PINYIN, &*STROKE] {
            assert_eq!(places.len(), 0x5200);
            assert!(('\u{4e00}'..='\u{9fff}').all(|c| places.contains_key(&c)));
        }
    }
}
