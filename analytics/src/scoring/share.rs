//! Step 5: an item that several units reported together, or that several persons wrote.
//!
//! Every share starts from what the item came to before anything was shared, so that sharing among units and sharing among authors do not
//! touch each other. Joint items are few, so they are gone through one by one.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, PolarsResult};

use super::draft::{Draft, Whole, frame, wholes};
use super::note::{About, NoteKind, Notes};
use super::world::{Statement, World};
use crate::facts::CreditRole;
use crate::points::{Points, Rounding, SCALE, divide};
use crate::rulebook::{Adjustment, Among, Currency, Division, Step};

/// What sharing takes from the units of the facts and gives to the others.
pub(super) fn share(
    world: &World,
    (version, place): (usize, usize),
    adjustment: &Adjustment,
    lines: &DataFrame,
    notes: &mut Notes,
) -> PolarsResult<DataFrame> {
    let Step::Share { among, how } = adjustment.step else {
        return frame(&[]);
    };
    let of_version = |number: &u32| world.statement(*number).0.version == version;
    let chosen =
        |statement: Statement<'_>| matches!(statement, Statement::Rule(rule) if adjustment.rules.has(&rule.id));
    let numbers: BTreeSet<u32> = world.numbers(chosen).into_iter().filter(of_version).collect();
    let parties = world.facts.beside().credits.parties(role(among));
    if parties.is_empty() {
        return frame(&[]);
    }
    let is_shared = |submission: Option<i64>| submission.is_some_and(|submission| parties.contains_key(&submission));
    let mut undecided = BTreeSet::new();
    let mut drafts = Vec::new();
    for whole in wholes(lines, &numbers, |submission, _| is_shared(submission))? {
        let Some(shared) = whole.submission.and_then(|submission| parties.get(&submission)) else {
            continue;
        };
        let given = match among {
            Among::Units => {
                let mut shared = shared.clone();
                shared.entry(whole.unit).or_insert(None);
                divided(whole.amount, &shared, how, Some(whole.unit))
            }
            Among::Authors => divided(whole.amount, shared, how, None),
        };
        if given.is_none() {
            undecided.extend(whole.submission.map(|submission| (whole.unit, submission)));
        }
        let Some(mut given) = given else { continue };
        // Points of authors stand beside the unit's; what is paid once is handed on to them.
        if among == Among::Units || adjustment.currency == Currency::Money {
            *given.entry(whole.unit).or_default() -= whole.amount;
        }
        let rule = world.adjustment_number(version, place);
        drafts.extend(given.into_iter().map(|(unit, amount)| draft(rule, &whole, unit, amount)));
    }
    let about = About { version: Some(world.versions.at(version).id), rule: Some(&adjustment.id), fact: None };
    notes.add(NoteKind::Undecided, &about, undecided.into_iter().collect(), &adjustment.title);
    frame(&drafts)
}

fn draft(rule: u32, whole: &Whole, unit: i64, amount: i64) -> Draft {
    Draft {
        rule,
        base: Some(whole.root),
        unit,
        day: whole.day,
        submission: whole.submission,
        fact: Some(whole.fact),
        read: whole.amount,
        amount,
    }
}

/// The credits that a kind of sharing looks at.
pub(super) fn role(among: Among) -> CreditRole {
    match among {
        Among::Units => CreditRole::Unit,
        Among::Authors => CreditRole::Author,
    }
}

/// What each party gets; `None` if a person has yet to decide. Where an amount does not divide evenly, the first parties get one
/// millionth, or one fen, more, so that the shares always add up. `owner` gets what is left where shares are decided by hand.
pub(super) fn divided(
    whole: i64,
    parties: &BTreeMap<i64, Option<Points>>,
    how: Division,
    owner: Option<i64>,
) -> Option<BTreeMap<i64, i64>> {
    let each = |amount: i64| parties.keys().map(|unit| (*unit, amount)).collect();
    match how {
        Division::Whole => Some(each(whole)),
        Division::Fixed(amount) => Some(each(if whole == 0 { 0 } else { amount })),
        Division::Equal => {
            let count = i64::try_from(parties.len()).ok().filter(|count| *count > 0)?;
            let rest = whole % count;
            let more = |place: i64| if place < rest.abs() { rest.signum() } else { 0 };
            Some(parties.keys().zip(0..).map(|(unit, place)| (*unit, whole / count + more(place))).collect())
        }
        Division::ByHand => {
            let part = |share: Points| {
                divide(i128::from(whole) * i128::from(share.millionths()), SCALE.into(), Rounding::HalfUp)
            };
            let mut shares = BTreeMap::new();
            for (unit, share) in parties.iter().filter(|(unit, _)| Some(**unit) != owner) {
                shares.insert(*unit, part((*share)?)?);
            }
            if let Some(owner) = owner.filter(|owner| parties.contains_key(owner)) {
                let others: i64 = shares.values().sum();
                let own = match parties.get(&owner).copied().flatten() {
                    Some(share) => part(share)?,
                    None => whole - others,
                };
                shares.insert(owner, own);
            }
            Some(shares)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shares_add_up_to_the_last_millionth() {
        let parties: BTreeMap<i64, Option<Points>> = (1..=3).map(|unit| (unit, None)).collect();
        for whole in [10, -10, 1, 0, 9] {
            let shares = divided(whole, &parties, Division::Equal, Some(1)).unwrap();
            assert_eq!(shares.values().sum::<i64>(), whole);
        }
        assert_eq!(divided(10, &parties, Division::Equal, None).unwrap().into_values().collect::<Vec<_>>(), [4, 3, 3]);
        assert_eq!(divided(10, &parties, Division::ByHand, None), None);
    }
}
