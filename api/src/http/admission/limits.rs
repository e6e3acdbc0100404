//! The numbers of the admission step. The defaults are what a deployment should start from.

/// What a document may hold. A value equal to its limit is admitted.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the query text.
    pub query_bytes: usize,
    /// Weight of the variables: 16 for each value, and the bytes of its text and keys.
    pub variables_bytes: u64,
    /// Open `{`, `[` and `(` at any place. At 64 the parser needs less than 256 KiB of stack.
    pub nesting: usize,
    /// Names, numbers, strings and signs.
    pub tokens: usize,
    /// Bytes of one name.
    pub name_bytes: usize,
    /// Aliases in the whole document.
    pub aliases: usize,
    /// Directives in the whole document.
    pub directives: usize,
    /// Fragment spreads and inline fragments in the whole document.
    pub spreads: usize,
    /// Operations in the whole document.
    pub operations: usize,
    /// Selection sets inside each other, each spread and inline fragment counting as one. Below the library's own
    /// limit of 32, so that its message is never seen.
    pub levels: usize,
    /// Fields inside each other.
    pub depth: u64,
    /// Fields inside each other below `__schema` or `__type`.
    pub introspection_depth: u64,
    /// Selections after every spread is put in, over all operations of the document.
    pub selections: u64,
    /// Aliases at the root of an operation.
    pub root_aliases: u64,
    /// Fields at the root of an operation.
    pub root_fields: u64,
    /// Weight of all arguments after spreads and variables are put in.
    pub argument_bytes: u64,
    /// Cost of one operation.
    pub cost: u64,
    /// `fields`, `inputFields`, `interfaces` and `possibleTypes` inside each other below `__schema` and `__type`: each
    /// leads back to the types, so a third would go through the schema again for every field of it.
    pub introspection_lists: u64,
    /// Cost of what one operation selects below `__schema` and `__type`, for each row that the whole schema has there.
    /// A bound that grows with the schema: one query for all of it, with each type wrapped eight times, passes with
    /// some room, and twice as much does not. Introspection never yields to the deadline, so this is its only bound.
    pub introspection_cost_per_row: u64,
    /// Page size assumed for a connection without `first` and `last`.
    pub page_default: u64,
    /// Length assumed for a list that is not a page.
    pub list_length: u64,
    /// Errors in one answer; the rest is counted only.
    pub errors: usize,
    /// The mutations that try a secret, of which an operation may hold one.
    pub credential_mutations: &'static [&'static str],
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query_bytes: 64 * 1024,
            variables_bytes: 512 * 1024,
            nesting: 64,
            tokens: 5_000,
            name_bytes: 128,
            aliases: 200,
            directives: 20,
            spreads: 500,
            operations: 10,
            levels: 30,
            depth: 12,
            introspection_depth: 20,
            selections: 5_000,
            root_aliases: 50,
            root_fields: 20,
            argument_bytes: 2 * 1024 * 1024,
            cost: 50_000,
            introspection_lists: 2,
            introspection_cost_per_row: 40,
            page_default: 20,
            list_length: 10,
            errors: 10,
            credential_mutations: &["login", "refreshToken"],
        }
    }
}
