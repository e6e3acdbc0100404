//! The rows of the database, and nothing but rows.
//!
//! One module per table, named like the table. Closed sets of values are enums that live beside the row
//! which uses them. This crate knows neither who is asking nor how rows are shown.

pub mod adoption;
pub mod audit;
pub mod audit_head;
pub mod commission;
pub mod commission_assignment;
pub mod endorsement;
pub mod idempotency;
pub mod ids;
pub mod import_batch;
pub mod incident;
pub mod issue;
pub mod network;
pub mod person;
pub mod publication;
pub mod refresh_token;
pub mod refusal;
pub mod role_grant;
pub mod rulebook_version;
pub mod screening;
pub mod sending_up;
pub mod staffing;
pub mod submission;
pub mod submission_author;
pub mod tally;
pub mod training;
pub mod unit;
pub mod unit_category;
pub mod unit_parent;
