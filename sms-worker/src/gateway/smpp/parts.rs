//! A text in parts: UTF-16, 70 units in one, 67 in each of several, each of which then has a header that says which it is.

/// Units of a text that goes as one.
const ALONE: usize = 70;
/// Units of one of several parts.
const TOGETHER: usize = 67;

/// The parts of a text, each as it goes over the line. The header's reference follows from `key`: when a message is handed
/// over again, the handset takes old and new parts for parts of one text.
pub(super) fn split(text: &str, key: &str) -> Vec<Vec<u8>> {
    let pieces = pieces(text);
    if let [piece] = pieces.as_slice() {
        return vec![bytes(piece)];
    }
    let count = u8::try_from(pieces.len()).unwrap_or(u8::MAX);
    let reference = reference(key);
    pieces
        .iter()
        .zip(1_u16..)
        .map(|(piece, place)| {
            let place = u8::try_from(place).unwrap_or(u8::MAX);
            // Five bytes follow; element 0, three bytes: reference, count, place.
            let mut part = vec![5, 0, 3, reference, count, place];
            part.extend(bytes(piece));
            part
        })
        .collect()
}

fn pieces(text: &str) -> Vec<Vec<u16>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    if units.len() <= ALONE {
        return vec![units];
    }
    let mut pieces = Vec::new();
    let mut rest = units.as_slice();
    while !rest.is_empty() {
        let mut length = Ord::min(rest.len(), TOGETHER);
        // A character of two units stays in one part.
        if length < rest.len() && (0xD800..0xDC00).contains(&rest[length - 1]) {
            length -= 1;
        }
        let (piece, after) = rest.split_at(length);
        pieces.push(piece.to_vec());
        rest = after;
    }
    pieces
}

fn bytes(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

fn reference(key: &str) -> u8 {
    // FNV-1a, folded.
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.to_be_bytes().into_iter().fold(0, |folded, byte| folded ^ byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(parts: &[Vec<u8>]) -> String {
        let units: Vec<u16> = parts
            .iter()
            .flat_map(|part| if parts.len() == 1 { &part[..] } else { &part[6..] }.chunks(2))
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).unwrap()
    }

    #[test]
    fn parts_are_counted_as_the_server_counts_them() {
        for (units, expected) in [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)] {
            let text = "信".repeat(units);
            let parts = split(&text, "key");
            assert_eq!(parts.len(), expected, "{units} characters");
            assert!(parts.iter().all(|part| part.len() <= 140));
            assert_eq!(joined(&parts), text);
        }
    }

    #[test]
    fn every_part_says_which_it_is() {
        let parts = split(&"信".repeat(135), "zxs1.2.3.1");
        let headers: Vec<_> = parts.iter().map(|part| &part[..6]).collect();
        let reference = headers[0][3];
        assert_eq!(headers, [[5, 0, 3, reference, 3, 1], [5, 0, 3, reference, 3, 2], [5, 0, 3, reference, 3, 3]]);
        assert_eq!(split(&"信".repeat(135), "zxs1.2.3.1"), parts, "the same on every attempt");
        assert_ne!(split(&"信".repeat(135), "zxs1.2.4.1")[0][3], reference);
    }

    #[test]
    fn a_rare_character_is_not_cut_in_two() {
        let text = format!("{}𬭎{}", "信".repeat(66), "息".repeat(10));
        let parts = split(&text, "key");
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].len(), 6 + 66 * 2);
        assert_eq!(joined(&parts), text);
    }
}
