//! How access works here: read this first.
//!
//! | question | file |
//! |---|---|
//! | who is asking? | [`token`] proves it, [`actor`] loads the person with their roles, fresh for each request |
//! | may they do it? | [`policy`]: one table of role, reach and action, and one function over it |
//! | what do they see? | [`scope`]: a condition that every query of rows carries |
//!
//! A row outside the scope is "not found"; a row inside it that the table does not let the actor change is
//! "forbidden"; no valid token is "unauthenticated".

pub mod actor;
pub mod budget;
pub mod password;
pub mod policy;
pub mod scope;
pub mod seal;
pub mod standing;
pub mod ticket;
pub mod token;
