//! Points and money: whole numbers of millionths and of fen, with checked sums.
//!
//! No float is involved anywhere: text goes in, text comes out, and what does not fit is an error or `None`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Millionths in one point: six decimal places are kept.
pub(crate) const SCALE: i64 = 1_000_000;
/// Decimal places kept in a number of points.
pub(crate) const PLACES: u32 = 6;

/// The text is no exact number of points or of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotANumber {
    /// Something other than an optional sign, digits and one decimal point.
    #[error("not a decimal number")]
    Malformed,
    /// More decimal places than are kept.
    #[error("more decimal places than are kept ({0})")]
    TooFine(u32),
    /// Outside the range of the type.
    #[error("number too large")]
    TooLarge,
}

/// How a number is cut to fewer places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the nearest; exactly half goes away from zero (四舍五入).
    HalfUp,
    /// Towards zero: what follows is dropped.
    Truncate,
}

impl Rounding {
    /// The word that rulebooks use.
    pub fn code(self) -> &'static str {
        match self {
            Self::HalfUp => "half_up",
            Self::Truncate => "truncate",
        }
    }
}

/// An exact number of points, in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// That many millionths of a point.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// That many whole points; `None` if they do not fit.
    pub fn from_whole(points: i64) -> Option<Self> {
        points.checked_mul(SCALE).map(Self)
    }

    /// The number in millionths of a point.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// The sum, unless it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The product, half a millionth away from zero, unless it does not fit.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        divide(i128::from(self.0) * i128::from(other.0), i128::from(SCALE), Rounding::HalfUp).map(Self)
    }

    /// The quotient, half a millionth away from zero; `None` for a zero divisor or if it does not fit.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        divide(i128::from(self.0) * i128::from(SCALE), i128::from(other.0), Rounding::HalfUp).map(Self)
    }

    /// The number cut to `places` decimal places (more than six leave it as it is), unless it does not fit.
    pub fn checked_round(self, places: u32, rounding: Rounding) -> Option<Self> {
        let step = step(places);
        divide(i128::from(self.0), i128::from(step), rounding)?.checked_mul(step).map(Self)
    }
}

/// Millionths in the last of `places` decimal places.
pub(crate) fn step(places: u32) -> i64 {
    10_i64.pow(PLACES.saturating_sub(places))
}

/// The quotient rounded as told; `None` for a zero divisor or outside `i64`.
pub(crate) fn divide(dividend: i128, divisor: i128, rounding: Rounding) -> Option<i64> {
    let quotient = dividend.checked_div(divisor)?;
    let remainder = dividend.checked_rem(divisor)?;
    let away = match rounding {
        Rounding::HalfUp => remainder.unsigned_abs() * 2 >= divisor.unsigned_abs(),
        Rounding::Truncate => false,
    };
    let sign = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
    i64::try_from(if away { quotient + sign } else { quotient }).ok()
}

/// As few digits as say it exactly: `110`, `135.4`, `-0.333333`.
impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format_fixed(self.0, PLACES);
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Points {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        parse_fixed(text, PLACES).map(Self)
    }
}

/// An exact amount of money in yuan, kept in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// That many fen.
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The sum, unless it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// That many times the amount, unless it does not fit.
    pub fn checked_mul(self, times: i64) -> Option<Self> {
        self.0.checked_mul(times).map(Self)
    }

    /// The amount divided and rounded to whole fen; `None` for a zero divisor.
    pub fn checked_div(self, divisor: i64, rounding: Rounding) -> Option<Self> {
        divide(i128::from(self.0), i128::from(divisor), rounding).map(Self)
    }
}

/// Always two places: `1100.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_fixed(self.0, 2))
    }
}

impl FromStr for Money {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        parse_fixed(text, 2).map(Self)
    }
}

fn format_fixed(number: i64, places: u32) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let scale = 10_u64.pow(places);
    let (whole, part) = (number.unsigned_abs() / scale, number.unsigned_abs() % scale);
    format!("{sign}{whole}.{part:0width$}", width = places as usize)
}

/// Reads `[+-]digits[.digits]` as a whole number of the last place. Zeros beyond the last place are no finer number.
pub(crate) fn parse_fixed(text: &str, places: u32) -> Result<i64, NotANumber> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) {
        return Err(NotANumber::Malformed);
    }
    let part = part.trim_end_matches('0');
    let Some(missing) = (places as usize).checked_sub(part.len()) else {
        return Err(NotANumber::TooFine(places));
    };
    let number = format!("{}{whole}{part}{}", if negative { "-" } else { "" }, "0".repeat(missing));
    number.parse().map_err(|_| NotANumber::TooLarge)
}

macro_rules! serde_as_text {
    ($($number:ty),*) => {$(
        impl Serialize for $number {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $number {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

serde_as_text!(Points, Money);

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str) -> Points {
        text.parse().unwrap()
    }

    #[test]
    fn points_print_as_few_digits_as_say_it_exactly() {
        for text in ["0", "110", "135.4", "-0.333333", "0.000001", "9223372036854.775807", "-9223372036854.775808"] {
            assert_eq!(points(text).to_string(), text);
        }
        assert_eq!(points("+010.500000000").to_string(), "10.5");
        assert_eq!(format!("{:>6}", points("1.5")), "   1.5");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".", "1.", ".5", "1e3", "1,000", " 1", "一", "--1", "1.2.3", "0x1"] {
            assert_eq!(text.parse::<Points>(), Err(NotANumber::Malformed), "{text}");
        }
        assert_eq!("0.0000001".parse::<Points>(), Err(NotANumber::TooFine(6)));
        assert_eq!("0.001".parse::<Money>(), Err(NotANumber::TooFine(2)));
        assert_eq!("9223372036854.775808".parse::<Points>(), Err(NotANumber::TooLarge));
    }

    #[test]
    fn a_third_is_rounded_once_and_three_of_them_are_short_by_one_millionth() {
        let third = points("1").checked_div(points("3")).unwrap();
        assert_eq!(third, points("0.333333"));
        assert_eq!(third.checked_add(third).and_then(|two| two.checked_add(third)), Some(points("0.999999")));
        assert_eq!(points("2").checked_div(points("3")), Some(points("0.666667")));
        assert_eq!(points("-2").checked_div(points("3")), Some(points("-0.666667")));
        assert_eq!(points("20").checked_mul(third), Some(points("6.66666")));
    }

    #[test]
    fn halves_go_away_from_zero_and_truncation_goes_towards_it() {
        for (number, half_up, truncated) in [
            ("1.005", "1.01", "1"),
            ("-1.005", "-1.01", "-1"),
            ("1.004999", "1", "1"),
            ("-0.999", "-1", "-0.99"),
            ("7", "7", "7"),
        ] {
            assert_eq!(points(number).checked_round(2, Rounding::HalfUp), Some(points(half_up)));
            assert_eq!(points(number).checked_round(2, Rounding::Truncate), Some(points(truncated)));
        }
        assert_eq!(points("0.5").checked_round(0, Rounding::HalfUp), Some(points("1")));
        assert_eq!(points("0.123456").checked_round(9, Rounding::Truncate), Some(points("0.123456")));
    }

    #[test]
    fn what_does_not_fit_is_none_and_never_wraps() {
        let most = Points::from_millionths(i64::MAX);
        assert_eq!(most.checked_add(Points::from_millionths(1)), None);
        assert_eq!(Points::from_millionths(i64::MIN).checked_sub(Points::from_millionths(1)), None);
        assert_eq!(most.checked_mul(points("2")), None);
        assert_eq!(most.checked_div(points("0.5")), None);
        assert_eq!(most.checked_div(Points::ZERO), None);
        assert_eq!(most.checked_round(0, Rounding::HalfUp), None);
        assert_eq!(Points::from_whole(i64::MAX), None);
        assert_eq!(Money::from_fen(i64::MAX).checked_mul(2), None);
    }

    #[test]
    fn money_has_two_places_and_splits_to_the_fen() {
        assert_eq!("1100".parse::<Money>().unwrap().to_string(), "1100.00");
        assert_eq!("0.5".parse::<Money>().unwrap().fen(), 50);
        assert_eq!("-0.05".parse::<Money>().unwrap().to_string(), "-0.05");
        let prize: Money = "1000".parse().unwrap();
        assert_eq!(prize.checked_div(3, Rounding::Truncate), Some(Money::from_fen(33_333)));
        assert_eq!(prize.checked_div(0, Rounding::HalfUp), None);
    }
}
