//! The tariff of the reference rulebook as somebody would write it by hand, once, for this one office.

use polars::prelude::{
    DataFrame, Expr, Int64Chunked, IntoColumn, IntoLazy, NewChunkedArray, UInt32Chunked, UniqueKeepStrategy, col, lit,
    when,
};

use crate::generator::World;

/// The frames that the sums need: codes as numbers, ids and nothing else.
pub(crate) struct Frames {
    adoptions: DataFrame,
    endorsements: DataFrame,
    assignments: DataFrame,
    incidents: DataFrame,
}

const PUBLICATIONS: [&str; 5] = ["general", "internal", "xinjiang_brief", "yesterday_brief", "state_council"];
const CLASSES: [&str; 3] = ["dynamic", "special_report", "reference"];
const LEVELS: [&str; 3] = ["prefecture", "region", "state"];
const OUTCOMES: [&str; 4] = ["answered", "late", "missed", "off_topic"];

fn code(codes: &[&str], text: &str) -> Option<u32> {
    codes.iter().position(|known| *known == text).and_then(|place| u32::try_from(place).ok())
}

pub(crate) fn frames(world: &World) -> Frames {
    let ids = |name: &str, ids: Vec<i64>| Int64Chunked::from_vec(name.into(), ids).into_column();
    let codes = |name: &str, codes: Vec<Option<u32>>| {
        UInt32Chunked::from_iter_options(name.into(), codes.into_iter()).into_column()
    };
    let frame = |columns: Vec<polars::prelude::Column>| {
        DataFrame::new(columns[0].len(), columns).expect("columns of one length")
    };
    let adoptions = &world.adoptions;
    let endorsements = &world.endorsements;
    let assignments = &world.assignments;
    let incidents = &world.incidents;
    Frames {
        adoptions: frame(vec![
            ids("unit", adoptions.iter().map(|row| row.unit).collect()),
            ids("submission", adoptions.iter().filter_map(|row| row.submission).collect()),
            codes("publication", adoptions.iter().map(|row| code(&PUBLICATIONS, &row.publication)).collect()),
            codes("class", adoptions.iter().map(|row| code(&CLASSES, row.class.as_deref()?)).collect()),
        ]),
        endorsements: frame(vec![
            ids("unit", endorsements.iter().map(|row| row.unit).collect()),
            ids("submission", endorsements.iter().filter_map(|row| row.submission).collect()),
            codes("level", endorsements.iter().map(|row| code(&LEVELS, &row.level)).collect()),
        ]),
        assignments: frame(vec![
            ids("unit", assignments.iter().map(|row| row.unit).collect()),
            codes("outcome", assignments.iter().map(|row| code(&OUTCOMES, &row.outcome)).collect()),
        ]),
        incidents: frame(vec![
            ids("unit", incidents.iter().map(|row| row.unit).collect()),
            codes("kind", incidents.iter().map(|row| Some(u32::from(row.kind == "untrue"))).collect()),
        ]),
    }
}

/// Points by unit, in the order of the units.
pub(crate) fn sums(frames: &Frames) -> Vec<(i64, i64)> {
    let is = |column: &str, code: u32| col(column).eq(lit(code));
    let class_points =
        when(is("class", 2)).then(lit(40_i64)).when(is("class", 1)).then(lit(20_i64)).otherwise(lit(10_i64));
    let own = when(is("publication", 0))
        .then(lit(10_i64))
        .when(is("publication", 1))
        .then(class_points)
        .otherwise(lit(0_i64));
    let by_unit = |points: Expr| [col("unit"), points.alias("points")];
    let once =
        |columns: &[&str]| polars::prelude::cols(columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let adopted = frames.adoptions.clone().lazy().select(by_unit(own));
    let region = frames
        .adoptions
        .clone()
        .lazy()
        .filter(is("publication", 2).or(is("publication", 3)))
        .unique(Some(once(&["unit", "submission"])), UniqueKeepStrategy::Any)
        .select(by_unit(lit(10_i64)));
    let level_points =
        when(is("level", 2)).then(lit(50_i64)).when(is("level", 1)).then(lit(20_i64)).otherwise(lit(10_i64));
    let endorsed = frames
        .endorsements
        .clone()
        .lazy()
        .unique(Some(once(&["unit", "submission", "level"])), UniqueKeepStrategy::Any)
        .select(by_unit(level_points));
    let failed = frames.assignments.clone().lazy().filter(col("outcome").gt(lit(0_u32))).select(by_unit(lit(-10_i64)));
    let untrue = frames.incidents.clone().lazy().filter(is("kind", 1)).select(by_unit(lit(-50_i64)));
    let mut sums = std::collections::BTreeMap::new();
    for part in [adopted, region, endorsed, failed, untrue] {
        let part = part.group_by([col("unit")]).agg([col("points").sum()]).collect().expect("the columns are there");
        let units = part.column("unit").and_then(|units| units.i64()).expect("whole numbers");
        let points =
            part.column("points").expect("sums").cast(&polars::prelude::DataType::Int64).expect("whole numbers");
        let points = points.i64().expect("whole numbers");
        for (unit, points) in units.iter().zip(points.iter()) {
            *sums.entry(unit.unwrap_or(0)).or_insert(0) += points.unwrap_or(0);
        }
    }
    sums.into_iter().collect()
}
