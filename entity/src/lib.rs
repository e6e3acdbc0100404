//! The rows of the database, and nothing but rows.
//!
//! One module per table, named like the table. Closed sets of values are enums that live beside the row
//! which uses them. This crate knows neither who is asking nor how rows are shown.

pub mod adoption;
pub mod appeal;
pub mod appraisal;
pub mod assessed_person;
pub mod audit;
pub mod audit_head;
pub mod circular;
pub mod closing;
pub mod closing_fact;
pub mod commission;
pub mod commission_assignment;
pub mod consumer;
pub mod echo;
pub mod endorsement;
pub mod failure_code;
pub mod gateway_message;
pub mod idempotency;
pub mod ids;
pub mod import_batch;
pub mod incident;
pub mod issue;
pub mod judgement;
pub mod network;
pub mod notice;
pub mod notice_attempt;
pub mod notice_receipt;
pub mod notice_run;
pub mod outbox_event;
pub mod outbox_head;
pub mod person;
pub mod person_phone;
pub mod prompt;
pub mod publication;
pub mod quality_coefficient;
pub mod refresh_token;
pub mod refusal;
pub mod relay;
pub mod role_grant;
pub mod rulebook_version;
pub mod screening;
pub mod sending_up;
pub mod staffing;
pub mod submission;
pub mod submission_author;
pub mod tally;
pub mod target;
pub mod training;
pub mod training_attendance;
pub mod unit;
pub mod unit_category;
pub mod unit_parent;
pub mod urgent_event;
pub mod urgent_report;
