//! Facts and a rulebook in, a ledger and frames out.
//!
//! This library is pure: it opens no database, knows no GraphQL, has no clock and reads no environment. The same facts and
//! the same rulebooks give the same bytes, in any order of arrival and on any number of threads.
//!
//! - [`period`] and [`points`]: the values that everything is said in;
//! - [`facts`]: what happened, in columns;
//! - [`rulebook`]: an office's assessment rules, read from a file that its own staff can read;
//! - [`scoring`]: rulebooks over facts, giving a ledger in which every point has its clause and its fact;
//! - [`frames`]: the questions that are asked of the facts beside points;
//! - [`export`] and [`chart`]: their answers as files and as pictures.
//!
//! polars does the counting. The expressions of a rulebook are SQL, checked when the rulebook is loaded: what passes the
//! check has a type, a range that cannot overflow, and a place in the document. Nothing in here knows an office by
//! name, except the list of rulebooks that are built in.

pub mod chart;
pub mod export;
pub mod facts;
pub mod frames;
pub mod heirs;
pub mod period;
pub mod points;
pub mod rulebook;
pub mod scoring;

mod expression;
