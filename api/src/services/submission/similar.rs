//! Submissions that say nearly the same (内容雷同), found when one is handed in, across the units of a network.
//!
//! A text without signs and spaces is a set of runs of three characters; the likeness of two texts is the part of their runs that
//! they have in common (Jaccard). Comparing with everything would take too long: each text has a few numbers, made of the least
//! hashes of its runs, and texts that are alike have some of them in common far more often than others (`MinHash`). These lead to
//! candidates; the likeness is then counted exactly.

use std::collections::HashSet;

use entity::ids::{NetworkId, SubmissionId};
use entity::submission::{self, SubmissionState};
use entity::{similarity, submission_band};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use unicode_normalization::UnicodeNormalization as _;

use super::repetition;
use crate::error::Result;

/// The least likeness that is told, in millionths.
pub const TOLD: i64 = 500_000;
/// The least likeness with which a submission counts as a repetition of an earlier one, in millionths.
pub const REPEATED: i64 = 800_000;
/// Characters of a run.
const RUN: usize = 3;
/// Texts with fewer runs than this are too short to say whether they are alike.
const FEWEST_RUNS: usize = 8;
/// Numbers of a text. Two texts of which half is the same have one in common in 97 of 100 cases.
const BANDS: u64 = 12;
/// Least hashes in one number.
const HASHES: u64 = 2;
/// Candidates that are compared exactly.
const CANDIDATES: u64 = 60;

/// What a text is compared by.
pub(super) struct Print {
    runs: HashSet<u64>,
}

impl Print {
    /// The print of a text.
    pub(super) fn of(text: &str) -> Self {
        let letters: Vec<char> = text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect();
        let hash = |run: &[char]| run.iter().fold(0, |hash, c| mixed(hash ^ u64::from(u32::from(*c))));
        Self { runs: letters.windows(RUN).map(hash).collect() }
    }

    fn is_comparable(&self) -> bool {
        self.runs.len() >= FEWEST_RUNS
    }

    /// The numbers by which texts of one network find each other.
    fn bands(&self, network: NetworkId) -> Vec<i64> {
        let least = |seed: u64| self.runs.iter().map(|run| mixed(run ^ mixed(seed))).min().unwrap_or_default();
        let band = |band: u64| {
            let hashes = (0..HASHES).map(|hash| least(band * HASHES + hash + 1));
            let begin = mixed(band ^ mixed(network.0.unsigned_abs()));
            hashes.fold(begin, |number, hash| mixed(number ^ hash)).cast_signed()
        };
        (0..BANDS).map(band).collect()
    }

    /// The part of the runs of both that they have in common, in millionths.
    pub(super) fn likeness(&self, other: &Self) -> i64 {
        let common = self.runs.intersection(&other.runs).count();
        let all = self.runs.len() + other.runs.len() - common;
        if all == 0 {
            return 0;
        }
        i64::try_from(common * 1_000_000 / all).unwrap_or(1_000_000)
    }
}

/// A good mixture of the bits (splitmix64): stable, because the numbers are stored.
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Looks for what a submission that is handed in says again, keeps the likenesses, and returns the earliest that it repeats.
pub(super) async fn look(conn: &impl ConnectionTrait, row: &submission::Model) -> Result<Option<SubmissionId>> {
    forget(conn, row.id).await?;
    let print = Print::of(&row.body);
    if row.composite || !print.is_comparable() {
        return Ok(repetition::standing(conn, row.id).await?.flatten());
    }
    let bands = print.bands(row.network_id);
    let candidates: Vec<SubmissionId> = submission_band::Entity::find()
        .select_only()
        .column(submission_band::Column::SubmissionId)
        .filter(submission_band::Column::Band.is_in(bands.iter().copied()))
        .group_by(submission_band::Column::SubmissionId)
        .order_by(Expr::col(submission_band::Column::Band).count(), Order::Desc)
        .order_by_desc(submission_band::Column::SubmissionId)
        .limit(CANDIDATES)
        .into_tuple()
        .all(conn)
        .await?;
    let others = submission::Entity::find()
        .filter(submission::Column::Id.is_in(candidates))
        .filter(submission::Column::SubmittedOn.is_not_null())
        .filter(submission::Column::State.ne(SubmissionState::Withdrawn))
        .order_by_asc(submission::Column::SubmittedOn)
        .order_by_asc(submission::Column::Id)
        .all(conn)
        .await?;
    let mut repeats = None;
    for other in others {
        let likeness = print.likeness(&Print::of(&other.body));
        if likeness < TOLD {
            continue;
        }
        let found = similarity::ActiveModel {
            id: NotSet,
            submission_id: Set(row.id),
            other_id: Set(other.id),
            likeness: Set(likeness),
        };
        similarity::Entity::insert(found).exec_without_returning(conn).await?;
        if likeness >= REPEATED && is_earlier(&other, row) {
            repeats.get_or_insert(other.id);
        }
    }
    let bands: std::collections::BTreeSet<i64> = bands.into_iter().collect();
    let bands =
        bands.into_iter().map(|band| submission_band::ActiveModel { band: Set(band), submission_id: Set(row.id) });
    submission_band::Entity::insert_many(bands).exec_without_returning(conn).await?;
    // What an editor decided stands.
    Ok(repetition::standing(conn, row.id).await?.unwrap_or(repeats))
}

/// Whether `other` was handed in before `row`, which may be being handed in now.
fn is_earlier(other: &submission::Model, row: &submission::Model) -> bool {
    row.submitted_on.is_none_or(|day| (other.submitted_on, other.id) < (Some(day), row.id))
}

/// Takes a submission out of what others are compared with.
async fn forget(conn: &impl ConnectionTrait, id: SubmissionId) -> Result<()> {
    submission_band::Entity::delete_many().filter(submission_band::Column::SubmissionId.eq(id)).exec(conn).await?;
    similarity::Entity::delete_many().filter(similarity::Column::SubmissionId.eq(id)).exec(conn).await?;
    Ok(())
}

/// A submission was taken back: nothing repeats it any more. The next that said the same is the first to say it, and what repeated
/// both repeats that one. Returns the submissions that changed.
pub(super) async fn withdrawn(conn: &impl ConnectionTrait, id: SubmissionId) -> Result<Vec<submission::Model>> {
    submission_band::Entity::delete_many().filter(submission_band::Column::SubmissionId.eq(id)).exec(conn).await?;
    let repeating = submission::Entity::find()
        .filter(submission::Column::RepeatsId.eq(id))
        .order_by_asc(submission::Column::SubmittedOn)
        .order_by_asc(submission::Column::Id)
        .all(conn)
        .await?;
    let mut first: Option<(SubmissionId, Print)> = None;
    for row in &repeating {
        let print = Print::of(&row.body);
        // Whoever decided that two repeat a third one said that they are the same.
        let by_hand = repetition::decided(conn, row.id).await?.is_some_and(|decision| decision.repeats_id == Some(id));
        let same = |(_, first): &&(SubmissionId, Print)| by_hand || print.likeness(first) >= REPEATED;
        let repeats = first.as_ref().filter(same).map(|(id, _)| *id);
        submission::Entity::update_many()
            .col_expr(submission::Column::RepeatsId, Expr::value(repeats.map(|id| id.0)))
            .filter(submission::Column::Id.eq(row.id))
            .exec(conn)
            .await?;
        first.get_or_insert((row.id, print));
    }
    Ok(repeating)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "全县春耕备耕工作有序推进，农资储备充足，农机检修完成九成以上，种子化肥已下摆到村，预计四月上旬全面开播。";

    #[test]
    fn signs_widths_and_spaces_make_no_difference() {
        let other = TEXT.replace('，', ", ").replace("九成", "九成\n");
        assert_eq!(Print::of(TEXT).likeness(&Print::of(&other)), 1_000_000);
    }

    #[test]
    fn a_changed_word_leaves_most_of_it() {
        let other = TEXT.replace("四月上旬", "四月中旬");
        let likeness = Print::of(TEXT).likeness(&Print::of(&other));
        assert!((REPEATED..1_000_000).contains(&likeness), "{likeness}");
        let elsewhere =
            "市场监管部门开展食品安全专项检查，出动执法人员三百余人次，检查商超农贸市场一百二十家，责令整改十一家。";
        assert!(Print::of(TEXT).likeness(&Print::of(elsewhere)) < 50_000);
    }

    #[test]
    fn texts_that_are_alike_find_each_other() {
        let network = NetworkId(1);
        let bands = |text: &str| Print::of(text).bands(network).into_iter().collect::<HashSet<_>>();
        let other = TEXT.replace("九成以上", "八成左右").replace("四月上旬", "三月下旬");
        assert!(Print::of(TEXT).likeness(&Print::of(&other)) > TOLD);
        assert!(!bands(TEXT).is_disjoint(&bands(&other)));
        assert!(bands(TEXT).is_disjoint(&Print::of(TEXT).bands(NetworkId(2)).into_iter().collect()));
    }
}
