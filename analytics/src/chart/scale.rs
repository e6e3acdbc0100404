//! Axes: round numbers that span the values.

/// An axis from `low` to `high` with marks at round numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) marks: Vec<f64>,
    /// Places behind the point that the marks need.
    places: usize,
}

impl Scale {
    /// The axis of some values; it always holds zero.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if high <= low {
            high = low + 1.0;
        }
        let rough = (high - low) / 5.0;
        let power = 10.0_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|nice| nice * power).find(|step| *step >= rough * 0.999);
        let step = step.unwrap_or(rough);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let mut marks = Vec::new();
        let mut mark = first;
        while mark <= last {
            marks.push(mark * step);
            mark += 1.0;
        }
        let places = if step >= 1.0 {
            0
        } else if step >= 0.1 {
            1
        } else if step >= 0.01 {
            2
        } else {
            3
        };
        Self { low: first * step, high: last * step, marks, places }
    }

    /// Where a value lies between the two ends of a line.
    pub(super) fn place(&self, value: f64, from: f64, to: f64) -> f64 {
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }

    /// A mark as it is printed.
    pub(super) fn text(&self, mark: f64, percent: bool) -> String {
        // Adding zero turns a negative zero into a zero.
        if percent {
            format!("{:.*}%", self.places.saturating_sub(2), mark * 100.0 + 0.0)
        } else {
            format!("{:.*}", self.places, mark + 0.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_hold_every_value() {
        let scale = Scale::of([3.0, 17.0, 42.0].into_iter());
        assert_eq!(scale.marks, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        let scale = Scale::of([-4.0, 6.0].into_iter());
        assert_eq!((scale.low, scale.high), (-4.0, 6.0));
        assert!((scale.place(1.0, 0.0, 100.0) - 50.0).abs() < 1e-9);
        let scale = Scale::of([0.12, 0.58].into_iter());
        assert_eq!(scale.text(scale.marks[1], true), "20%");
        assert!((Scale::of(std::iter::empty()).high - 1.0).abs() < 1e-9);
    }
}
