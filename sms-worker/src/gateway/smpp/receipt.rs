//! What a delivery receipt says: by its optional parameters, otherwise by its text, which looks like
//! `id:42 sub:001 dlvrd:001 submit date:2604011005 done date:2604011006 stat:DELIVRD err:000 text:…`.

use rusmpp::pdus::DeliverSm;
use rusmpp::tlvs::{TlvTag, TlvValue};
use rusmpp::values::MessageState;

use crate::gateway::{Fate, Receipt};

/// Bits of `esm_class` that say that a message is a receipt.
const IS_RECEIPT: u8 = 0x04;
/// The longest words that are passed on.
const LONGEST: usize = 60;

/// Reads a receipt; none if the message is something else, or says nothing final.
pub(super) fn read(message: &DeliverSm, dedupe_tag: Option<u16>) -> Option<Receipt> {
    if u8::from(message.esm_class) & 0x3C != IS_RECEIPT {
        return None;
    }
    let text = String::from_utf8_lossy(message.short_message().as_ref()).into_owned();
    let values = || message.tlvs().iter().filter_map(|tlv| tlv.value());
    let id = values().find_map(|value| match value {
        TlvValue::ReceiptedMessageId(id) => Some(id.as_str().to_owned()),
        _ => None,
    });
    let state = values().find_map(|value| match value {
        TlvValue::MessageState(state) => Some(*state),
        _ => None,
    });
    let key = values().find_map(|value| match value {
        TlvValue::Other { tag: TlvTag::Other(tag), value } if Some(*tag) == dedupe_tag => {
            Some(String::from_utf8_lossy(value.as_ref()).trim_end_matches('\0').to_owned())
        }
        _ => None,
    });
    let status = field(&text, "stat").map(str::to_owned);
    let fate = match (&status, state) {
        (Some(status), _) => fate(status)?,
        (None, Some(state)) => fate_of_state(state)?,
        (None, None) => return None,
    };
    let (key, segment) = match key {
        Some(key) => match key.split_once('/') {
            Some((whole, part)) => (Some(whole.to_owned()), part.parse().ok()),
            None => (Some(key), None),
        },
        None => (None, None),
    };
    Some(Receipt {
        gateway_id: id.or_else(|| field(&text, "id").map(str::to_owned)).filter(|id| !id.is_empty())?,
        segment,
        fate,
        code: status.or_else(|| state.map(|state| format!("{state:?}").to_uppercase())),
        text: field(&text, "err").filter(|code| !code.trim_matches('0').is_empty()).map(|code| format!("err:{code}")),
        key,
    })
}

/// The value of `name:` in a receipt's text; the message's own text stands at the end and is not looked at.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let head = text.split(" text:").next().unwrap_or(text).split(" Text:").next().unwrap_or(text);
    let value = head.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix(':'))?;
    let end = value.char_indices().nth(LONGEST).map_or(value.len(), |(end, _)| end);
    Some(&value[..end]).filter(|value| !value.is_empty())
}

fn fate(status: &str) -> Option<Fate> {
    match status.to_ascii_uppercase().as_str() {
        "DELIVRD" => Some(Fate::Delivered),
        "ENROUTE" | "ACCEPTD" | "SCHEDULED" => None,
        "EXPIRED" | "UNKNOWN" => Some(Fate::Expired),
        // UNDELIV, DELETED, REJECTD, and the many words of carriers of their own.
        _ => Some(Fate::Failed),
    }
}

fn fate_of_state(state: MessageState) -> Option<Fate> {
    match u8::from(state) {
        2 => Some(Fate::Delivered),
        3 | 7 => Some(Fate::Expired),
        0 | 1 | 6 => None,
        _ => Some(Fate::Failed),
    }
}

#[cfg(test)]
mod tests {
    use rusmpp::tlvs::MessageDeliveryRequestTlvValue;
    use rusmpp::types::{AnyOctetString, OctetString};
    use rusmpp::values::EsmClass;

    use super::*;

    fn message(class: u8, text: &str) -> DeliverSm {
        DeliverSm::builder()
            .esm_class(EsmClass::from(class))
            .short_message(OctetString::from_slice(text.as_bytes()).unwrap())
            .build()
    }

    #[test]
    fn a_receipt_is_read_from_its_text() {
        for (status, fate) in [("DELIVRD", Fate::Delivered), ("EXPIRED", Fate::Expired), ("MK:0001", Fate::Failed)] {
            let text = format!("id:a1 sub:001 dlvrd:001 done date:2604011006 stat:{status} err:012 text:stat:UNDELIV");
            let receipt = read(&message(4, &text), None).unwrap();
            assert_eq!((receipt.gateway_id.as_str(), receipt.fate), ("a1", fate));
            assert_eq!((receipt.code.as_deref(), receipt.text.as_deref()), (Some(status), Some("err:012")));
        }
    }

    #[test]
    fn what_is_no_receipt_or_says_nothing_final_is_passed_over() {
        assert_eq!(read(&message(0, "id:1 stat:DELIVRD"), None), None);
        assert_eq!(read(&message(4, "id:1 stat:ENROUTE"), None), None);
        assert_eq!(read(&message(4, "stat:DELIVRD"), None), None);
        assert_eq!(read(&message(4, "T"), None), None);
    }

    #[test]
    fn optional_parameters_outweigh_the_text_and_give_our_id_back() {
        let mut message = message(4, "id:2 stat:UNDELIV err:001");
        message.push_tlv(MessageDeliveryRequestTlvValue::ReceiptedMessageId("77".parse().unwrap()));
        let value = AnyOctetString::from_slice(b"zxs1.2.3.1/2");
        message.push_tlv(MessageDeliveryRequestTlvValue::Other { tag: TlvTag::from(0x1400), value });
        let receipt = read(&message, Some(0x1400)).unwrap();
        assert_eq!((receipt.gateway_id.as_str(), receipt.fate, receipt.segment), ("77", Fate::Failed, Some(2)));
        assert_eq!(receipt.key.as_deref(), Some("zxs1.2.3.1"));
        assert_eq!(read(&message, None).unwrap().key, None);
    }
}
