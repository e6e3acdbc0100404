//! An upright chart's ground: the title, and the axis of values on the left with its lines across.

use super::scale::Scale;
use super::svg::{Anchor, GREY, GRID, Svg, TEXT, WIDTH};
use super::{Drawing, axis_unit, height};
use crate::frames::number::{Number, Unit};

/// Where the lines across begin.
pub(super) const LEFT: f64 = 170.0;

/// The field in which values are drawn.
pub(super) struct Plot {
    pub(super) right: f64,
    pub(super) bottom: f64,
    top: f64,
    scale: Scale,
}

impl Plot {
    /// Begins a picture whose field is so tall, for these values.
    pub(super) fn begin(drawing: &Drawing<'_>, tall: f64, values: impl Iterator<Item = Number>) -> (Svg, Self) {
        let mut svg = Svg::new();
        let top = svg.title(&drawing.title) + TEXT * 1.2;
        let (right, bottom) = (WIDTH - 60.0, top + tall);
        let scale = Scale::of(values.map(height));
        let name = format!("{}{}", drawing.name, axis_unit(drawing.unit));
        svg.text((20.0, top - TEXT), TEXT * 0.9, Anchor::Start, GREY, &name);
        for mark in &scale.marks {
            let y = scale.place(*mark, bottom, top);
            svg.line((LEFT, y), (right, y), GRID, 2.0);
            let text = scale.text(*mark, drawing.unit == Unit::Ratio);
            svg.text((LEFT - 15.0, y + TEXT * 0.35), TEXT * 0.85, Anchor::End, GREY, &text);
        }
        (svg, Self { right, bottom, top, scale })
    }

    /// How far down a value lies.
    pub(super) fn y(&self, value: Number) -> f64 {
        self.scale.place(height(value), self.bottom, self.top)
    }
}
