//! Who may do what, and who sees what: the guards of the house.
//!
//! - `policy_table`: the policy as a grid, printed for people to read
//! - `operations`: every root field, asked by everybody
//! - `lists`: every list counts and shows the same rows, and `node` agrees with it
//! - `explain`: why somebody may do something, or why not
//! - `scope`: nothing of one network is seen from another

mod cast;
pub(crate) mod explain;
pub(crate) mod lists;
pub(crate) mod operations;
pub(crate) mod policy_table;
pub(crate) mod scope;
mod world;
