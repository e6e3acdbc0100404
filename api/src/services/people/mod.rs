//! The people who do information work: taken over from a list, held against what the rules ask for, and what each officer brought in.

mod check;
mod import;
mod results;

pub use check::{StaffingRow, check};
pub use import::{PeopleReport, StartPeopleImport, account, run, start};
pub use results::{OfficerResult, officer_results};
