//! Writing SVG: a few shapes, text with a width that is estimated, and every number with one place behind the point.

use std::fmt::Write as _;

/// The fonts that offices have, in the order in which they are tried.
const FONTS: &str = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','SimSun',sans-serif";
/// Width of the paper between its margins, in units of a tenth of a millimetre: that of an official document.
pub(super) const WIDTH: f64 = 1_560.0;
/// Size of ordinary text.
pub(super) const TEXT: f64 = 34.0;
/// Size of the title.
pub(super) const TITLE: f64 = 46.0;
/// The colour of what matters.
pub(super) const INK: &str = "#1f4e79";
/// The colour of what it is compared with.
pub(super) const OTHER: &str = "#c55a11";
/// The colour of text.
pub(super) const BLACK: &str = "#1a1a1a";
/// The colour of the grid.
pub(super) const GRID: &str = "#d0d0d0";
/// The colour of axes and small text.
pub(super) const GREY: &str = "#595959";

/// Where text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A picture that is being drawn.
#[derive(Debug)]
pub(super) struct Svg {
    body: String,
}

impl Svg {
    pub(super) fn new() -> Self {
        Self { body: String::new() }
    }

    pub(super) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str) {
        let (x, y, width, height) = (number(x), number(y), number(width), number(height));
        let _ = writeln!(self.body, r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#);
    }

    pub(super) fn frame(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str, stroke: &str) {
        let (x, y, width, height) = (number(x), number(y), number(width), number(height));
        let _ = writeln!(
            self.body,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="{stroke}" stroke-width="3"/>"#
        );
    }

    pub(super) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), stroke: &str, width: f64) {
        let (x1, y1, x2, y2, width) = (number(x1), number(y1), number(x2), number(y2), number(width));
        let _ = writeln!(
            self.body,
            r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" stroke-width="{width}"/>"#
        );
    }

    /// A line through points; `dash` as SVG writes it, empty for a whole line.
    pub(super) fn path(&mut self, points: &[(f64, f64)], stroke: &str, dash: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        let dash = if dash.is_empty() { String::new() } else { format!(r#" stroke-dasharray="{dash}""#) };
        let _ = writeln!(
            self.body,
            r#"<polyline points="{}" fill="none" stroke="{stroke}" stroke-width="5" stroke-linejoin="round"{dash}/>"#,
            points.join(" ")
        );
    }

    pub(super) fn dot(&mut self, (x, y): (f64, f64), radius: f64, fill: &str, stroke: &str) {
        let (x, y, radius) = (number(x), number(y), number(radius));
        let _ = writeln!(
            self.body,
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="4"/>"#
        );
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, fill: &str, text: &str) {
        let (x, y, size, anchor, text) = (number(x), number(y), number(size), anchor.word(), escaped(text));
        let _ = writeln!(
            self.body,
            r#"<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">{text}</text>"#
        );
    }

    pub(super) fn bold(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, text: &str) {
        let (x, y, size, anchor, text) = (number(x), number(y), number(size), anchor.word(), escaped(text));
        let _ = writeln!(
            self.body,
            r#"<text x="{x}" y="{y}" font-size="{size}" font-weight="bold" text-anchor="{anchor}" fill="{BLACK}">{text}</text>"#
        );
    }

    /// The title, in as many lines as it needs; returns where the picture begins.
    pub(super) fn title(&mut self, text: &str) -> f64 {
        let mut y = TITLE * 1.4;
        for line in wrapped(text, WIDTH - 80.0, TITLE) {
            self.bold((WIDTH / 2.0, y), TITLE, Anchor::Middle, &line);
            y += TITLE * 1.3;
        }
        y
    }

    /// The picture, as high as it was drawn.
    pub(super) fn finish(self, height: f64, title: &str) -> String {
        let (width, height) = (number(WIDTH), number(height));
        let millimetres = |tenths: &str| tenths.parse::<f64>().map_or(0.0, |tenths| tenths / 10.0);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"{FONTS}\" role=\"img\">\n<title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" \
             fill=\"#ffffff\"/>\n{}</svg>\n",
            number(millimetres(&width)),
            number(millimetres(&height)),
            escaped(title),
            self.body
        )
    }
}

/// A length with one place at most.
fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            // What XML cannot hold.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// How wide text is about: a Chinese character is as wide as it is high.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.58 } else { 1.0 }).sum::<f64>() * size
}

/// Text cut to a width, with an ellipsis.
pub(super) fn cut(text: &str, most: f64, size: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if width(&kept, size) + size * 2.0 > most {
            break;
        }
        kept.push(c);
    }
    format!("{kept}…")
}

/// Text in lines of a width at most.
pub(super) fn wrapped(text: &str, most: f64, size: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for c in text.chars() {
        if let Some(line) = lines.last_mut()
            && width(line, size) + size <= most
        {
            line.push(c);
            continue;
        }
        lines.push(c.to_string());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_break_out() {
        let mut svg = Svg::new();
        svg.text((1.0, 2.25), 10.0, Anchor::Start, BLACK, "<script>\"&\u{0}");
        let text = svg.finish(10.0, "a<b");
        assert!(text.contains("&lt;script&gt;&quot;&amp; </text>"), "{text}");
        assert!(!text.contains("<script"));
    }

    #[test]
    fn long_names_are_cut_and_long_titles_wrapped() {
        assert_eq!(cut("昌吉市", 1_000.0, 10.0), "昌吉市");
        let cut = cut("一二三四五六七八九十", 50.0, 10.0);
        assert!(cut.ends_with('…') && width(&cut, 10.0) <= 50.0, "{cut}");
        assert_eq!(wrapped("一二三四五", 30.0, 10.0), ["一二三", "四五"]);
    }
}
