//! Answers as files: one table of typed columns, written in several formats.
//!
//! Every format holds the cells of [`table::Table`] and nothing else, so that a figure reads the same wherever it is
//! opened. The same answer gives the same bytes: no writer knows the time or the machine.

pub mod csv;
pub mod table;
