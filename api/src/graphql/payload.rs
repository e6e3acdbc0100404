//! What every mutation has in common: its input names a key, its payload lists why nothing was done.

/// Declares payloads: the changed objects, all empty when `userErrors` says why.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty,)* })*) => {
        $($(#[doc = $doc])+
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $($(#[doc = $field_doc])+ $field: Option<$type>,)*
            /// Why nothing was done; empty when it was.
            user_errors: Vec<$crate::graphql::errors::UserError>,
        }

        impl $name {
            /// The payload of a refusal.
            fn refused(user_errors: Vec<$crate::graphql::errors::UserError>) -> Self {
                Self { $($field: None,)* user_errors }
            }
        })*
    };
}

pub(crate) use payloads;
