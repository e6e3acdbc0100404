//! The tariff as somebody would write it by hand in bare polars, for this one office.

use std::collections::BTreeMap;

use analytics::facts::{AdoptionRow, AssignmentRow, EndorsementRow, IncidentRow};
use polars::prelude::{
    DataFrame, DataType, Expr, Int64Chunked, IntoColumn, IntoLazy, LazyFrame, UInt32Chunked, UniqueKeepStrategy, col,
    cols, lit, when,
};

use crate::tariff::Tariff;

/// The columns that the sums need: codes as numbers, ids and nothing else.
#[derive(Default)]
pub(crate) struct Columns {
    adoptions: [Vec<i64>; 2],
    adopted_as: Vec<u32>,
    endorsements: [Vec<i64>; 2],
    levels: Vec<u32>,
    assignments: Vec<i64>,
    outcomes: Vec<u32>,
    incidents: Vec<i64>,
    kinds: Vec<u32>,
}

fn place<T>(all: &[T], is: impl Fn(&T) -> bool) -> u32 {
    all.iter().position(is).and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)
}

impl Columns {
    pub(crate) fn adoption(&mut self, tariff: &Tariff, row: &AdoptionRow) {
        self.adoptions[0].push(row.unit);
        self.adoptions[1].push(row.submission.unwrap_or(0));
        let is = |entry: &crate::tariff::Adopted| {
            entry.publication == row.publication && entry.class == row.class.as_deref()
        };
        self.adopted_as.push(place(tariff.adoptions, is));
    }

    pub(crate) fn endorsement(&mut self, tariff: &Tariff, row: &EndorsementRow) {
        self.endorsements[0].push(row.unit);
        self.endorsements[1].push(row.submission.unwrap_or(0));
        self.levels.push(place(tariff.endorsements, |entry| entry.0 == row.level));
    }

    pub(crate) fn assignment(&mut self, tariff: &Tariff, row: &AssignmentRow) {
        self.assignments.push(row.unit);
        self.outcomes.push(place(tariff.outcomes, |entry| entry.0 == row.outcome));
    }

    pub(crate) fn incident(&mut self, tariff: &Tariff, row: &IncidentRow) {
        self.incidents.push(row.unit);
        self.kinds.push(place(tariff.incidents, |entry| entry.0 == row.kind));
    }

    pub(crate) fn into_frames(self) -> Frames {
        let frame = |units: Vec<i64>, submissions: Option<Vec<i64>>, codes: Vec<u32>| {
            let height = units.len();
            let ids = |name: &str, ids: Vec<i64>| Int64Chunked::from_vec(name.into(), ids).into_column();
            let codes = UInt32Chunked::from_vec("code".into(), codes).into_column();
            let submissions = submissions.map(|ids_of| ids("submission", ids_of));
            let columns = [ids("unit", units), codes].into_iter().chain(submissions).collect();
            DataFrame::new(height, columns).expect("columns of one length")
        };
        let [units, submissions] = self.adoptions;
        let [endorsed, on] = self.endorsements;
        Frames {
            adoptions: frame(units, Some(submissions), self.adopted_as),
            endorsements: frame(endorsed, Some(on), self.levels),
            assignments: frame(self.assignments, None, self.outcomes),
            incidents: frame(self.incidents, None, self.kinds),
        }
    }
}

pub(crate) struct Frames {
    adoptions: DataFrame,
    endorsements: DataFrame,
    assignments: DataFrame,
    incidents: DataFrame,
}

fn once(frame: LazyFrame, columns: &[&str]) -> LazyFrame {
    let columns = cols(columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    frame.unique(Some(columns), UniqueKeepStrategy::Any)
}

/// The points of each code.
fn points(all: impl DoubleEndedIterator<Item = i64> + ExactSizeIterator) -> Expr {
    let numbered = (0_u32..).zip(all).collect::<Vec<_>>().into_iter().rev();
    numbered.fold(lit(0_i64), |rest, (code, points)| when(col("code").eq(lit(code))).then(lit(points)).otherwise(rest))
}

/// Points by unit, in the order of the units.
pub(crate) fn sums(frames: &Frames, tariff: &Tariff) -> Vec<(i64, i64)> {
    let pays = |is_once: bool| {
        points(tariff.adoptions.iter().map(move |entry| if entry.once == is_once { entry.points } else { 0 }))
    };
    let is_once = tariff.adoptions.iter().zip(0_u32..).filter(|(entry, _)| entry.once && entry.points != 0);
    let is_once = is_once.map(|(_, code)| col("code").eq(lit(code))).reduce(Expr::or);
    let adoptions = || frames.adoptions.clone().lazy();
    let mut parts = vec![adoptions().with_column(pays(false).alias("points"))];
    if let Some(is_once) = is_once {
        let first = once(adoptions().filter(is_once), &["unit", "submission"]);
        parts.push(first.with_column(pays(true).alias("points")));
    }
    let endorsed = once(frames.endorsements.clone().lazy(), &["unit", "submission", "code"]);
    let of = |all: &'static [(&'static str, i64)]| points(all.iter().map(|entry| entry.1)).alias("points");
    parts.push(endorsed.with_column(of(tariff.endorsements)));
    parts.push(frames.assignments.clone().lazy().with_column(of(tariff.outcomes)));
    parts.push(frames.incidents.clone().lazy().with_column(of(tariff.incidents)));
    let mut sums = BTreeMap::new();
    for part in parts {
        let part = part.group_by([col("unit")]).agg([col("points").sum().cast(DataType::Int64)]);
        let part = part.collect().expect("the columns are there");
        let column = |name: &str| part.column(name).and_then(|column| column.i64()).expect("whole numbers").clone();
        for (unit, points) in column("unit").iter().zip(column("points").iter()) {
            *sums.entry(unit.unwrap_or(0)).or_insert(0) += points.unwrap_or(0);
        }
    }
    sums.into_iter().collect()
}
