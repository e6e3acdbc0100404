//! Exact numbers of an answer: what is shown, and the fraction behind it.

use std::cmp::Ordering;
use std::fmt;

use crate::points::{Money, Points, Rounding, SCALE, divide};

/// A number as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    /// How many.
    Count(i64),
    /// A decimal of at most six places: points, ratios, hours, means.
    Decimal(Points),
    /// An amount of money.
    Money(Money),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Decimal(decimal) => decimal.fmt(f),
            Self::Money(money) => money.fmt(f),
        }
    }
}

/// In what a measure is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Whole things: items, adoptions, people.
    Count,
    /// Points.
    Points,
    /// Yuan.
    Money,
    /// A part of a whole: 1 is everything.
    Ratio,
    /// Hours.
    Hours,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 5] = [Self::Count, Self::Points, Self::Money, Self::Ratio, Self::Hours];

    /// How many of the whole numbers that are summed make one.
    pub(crate) fn scale(self) -> i64 {
        match self {
            Self::Count | Self::Ratio => 1,
            Self::Points => SCALE,
            Self::Money => 100,
            Self::Hours => 60,
        }
    }
}

/// A quotient of whole numbers, kept undivided so that it compares exactly: items ÷ items, millionths ÷ 1, minutes ÷ 2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fraction {
    pub(crate) numerator: i64,
    /// Never below one.
    pub(crate) denominator: i64,
}

impl Fraction {
    /// A whole number.
    pub(crate) fn whole(numerator: i64) -> Self {
        Self { numerator, denominator: 1 }
    }

    /// The quotient; `None` unless the divisor is above zero.
    pub(crate) fn of(numerator: i64, denominator: i64) -> Option<Self> {
        (denominator > 0).then_some(Self { numerator, denominator })
    }

    /// As it is shown in that unit; `None` if it does not fit.
    pub(crate) fn show(self, unit: Unit) -> Option<Number> {
        let (numerator, denominator) = (i128::from(self.numerator), i128::from(self.denominator));
        match unit {
            Unit::Count if self.denominator == 1 => Some(Number::Count(self.numerator)),
            Unit::Money => {
                divide(numerator, denominator, Rounding::HalfUp).map(|fen| Number::Money(Money::from_fen(fen)))
            }
            Unit::Count | Unit::Points | Unit::Ratio | Unit::Hours => {
                let millionths = numerator * i128::from(SCALE);
                divide(millionths, denominator * i128::from(unit.scale()), Rounding::HalfUp)
                    .map(|millionths| Number::Decimal(Points::from_millionths(millionths)))
            }
        }
    }

    /// The sum, exactly; `None` if it does not fit.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        let right = i128::from(other.numerator) * i128::from(self.denominator);
        reduced(left + right, i128::from(self.denominator) * i128::from(other.denominator))
    }

    /// Without its sign.
    pub(crate) fn absolute(self) -> Self {
        Self { numerator: self.numerator.saturating_abs(), ..self }
    }

    /// In millionths, half away from zero; `None` if it does not fit.
    pub(crate) fn millionths(self) -> Option<Points> {
        let millionths = i128::from(self.numerator) * i128::from(SCALE);
        divide(millionths, i128::from(self.denominator), Rounding::HalfUp).map(Points::from_millionths)
    }

    /// The difference, exactly; `None` if it does not fit.
    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        let right = i128::from(other.numerator) * i128::from(self.denominator);
        reduced(left - right, i128::from(self.denominator) * i128::from(other.denominator))
    }

    /// The quotient, exactly; `None` unless the divisor is above zero, or if it does not fit.
    pub(crate) fn over(self, other: Self) -> Option<Self> {
        if other.numerator <= 0 {
            return None;
        }
        let numerator = i128::from(self.numerator) * i128::from(other.denominator);
        reduced(numerator, i128::from(self.denominator) * i128::from(other.numerator))
    }

    /// Whether it is zero.
    pub(crate) fn is_zero(self) -> bool {
        self.numerator == 0
    }
}

fn reduced(numerator: i128, denominator: i128) -> Option<Fraction> {
    let (mut larger, mut smaller) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    while smaller != 0 {
        (larger, smaller) = (smaller, larger % smaller);
    }
    let common = i128::try_from(larger).ok().filter(|common| *common > 0)?;
    Some(Fraction {
        numerator: i64::try_from(numerator / common).ok()?,
        denominator: i64::try_from(denominator / common).ok()?,
    })
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        left.cmp(&(i128::from(other.numerator) * i128::from(self.denominator)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_compare_exactly_and_show_six_places() {
        let third = Fraction::of(1, 3).unwrap();
        assert_eq!(third, Fraction::of(2, 6).unwrap());
        assert!(third < Fraction::of(333_334, 1_000_000).unwrap());
        assert_eq!(third.show(Unit::Ratio).unwrap().to_string(), "0.333333");
        assert_eq!(Fraction::of(7, 2).unwrap().show(Unit::Count).unwrap().to_string(), "3.5");
        assert_eq!(Fraction::whole(7).show(Unit::Count), Some(Number::Count(7)));
        assert_eq!(Fraction::of(90, 1).unwrap().show(Unit::Hours).unwrap().to_string(), "1.5");
        assert_eq!(Fraction::of(100_001, 2).unwrap().show(Unit::Money).unwrap().to_string(), "500.01");
        assert_eq!(third.minus(Fraction::of(1, 6).unwrap()), Fraction::of(1, 6));
        assert_eq!(third.over(Fraction::of(2, 3).unwrap()), Fraction::of(1, 2));
        assert_eq!(Fraction::of(1, 0), None);
        assert_eq!(third.over(Fraction::whole(0)), None);
    }
}
