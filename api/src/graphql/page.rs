//! Lists as keyset connections: one helper, one maximum page size, a total order that ends in the row id.
//!
//! A cursor carries the sort value and the id of its row, so it stays good while rows are inserted and
//! whatever happens to the row itself.

use std::borrow::Cow;

use async_graphql::connection::{CursorType as _, OpaqueCursor, PageInfo};
use async_graphql::{Context, Object, OutputType, TypeName};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait, ExprTrait as _, IdenStatic as _, Order as Direction,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Value,
};
use serde::{Deserialize, Serialize};

use super::errors::OrGraphql as _;
use crate::collation::NameOrder;
use crate::error::{Error, Result};

/// Largest page.
pub const MAXIMUM: i32 = 100;

/// Where a row stands: its sort value as text, and its id; and in which list, so that another list knows it is not its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key(String, i64, String);

/// One page of a list.
pub struct List<T> {
    edges: Vec<ListEdge<T>>,
    has_previous_page: bool,
    has_next_page: bool,
    total_count: Option<i32>,
}

/// A row of a list, with the cursor from which to read on.
pub struct ListEdge<T> {
    cursor: String,
    node: T,
}

impl<T: OutputType> TypeName for List<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for ListEdge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// One page of a list.
#[Object(name_type)]
impl<T: OutputType> List<T> {
    /// The rows of the page, each with its cursor.
    async fn edges(&self) -> &[ListEdge<T>] {
        &self.edges
    }

    /// The rows of the page.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Whether there is more, and the cursors from which to read on.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many rows there are in all, for this viewer; counted only when asked for.
    async fn total_count(&self) -> Option<i32> {
        self.total_count
    }
}

/// A row of a list, with the cursor from which to read on.
#[Object(name_type)]
impl<T: OutputType> ListEdge<T> {
    /// Give it back as `after` or `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The row.
    async fn node(&self) -> &T {
        &self.node
    }
}

impl<T> List<T> {
    fn push(&mut self, key: Key, node: T) {
        self.edges.push(ListEdge { cursor: OpaqueCursor(key).encode_cursor(), node });
    }
}

/// The four arguments of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// How many from the beginning.
    pub first: Option<i32>,
    /// Begin after this row.
    pub after: Option<String>,
    /// How many from the end.
    pub last: Option<i32>,
    /// End before this row.
    pub before: Option<String>,
}

/// A checked page.
struct Window {
    size: u64,
    backwards: bool,
    after: Option<Key>,
    before: Option<Key>,
}

impl Page {
    fn window(&self) -> Result<Window> {
        let (size, backwards, field) = match (self.first, self.last) {
            (Some(first), None) => (first, false, "first"),
            (None, Some(last)) => (last, true, "last"),
            _ => {
                return Err(Error::invalid(
                    "first",
                    "give either first or last, from 1 to 100",
                    "请填写 first 或 last 之一，取值 1 至 100",
                ));
            }
        };
        if !(1..=MAXIMUM).contains(&size) {
            return Err(Error::invalid(field, "a page has 1 to 100 rows", "每页须为 1 至 100 条"));
        }
        Ok(Window {
            size: u64::try_from(size).unwrap_or(1),
            backwards,
            after: cursor(self.after.as_deref(), "after")?,
            before: cursor(self.before.as_deref(), "before")?,
        })
    }
}

fn cursor(text: Option<&str>, field: &'static str) -> Result<Option<Key>> {
    let Some(text) = text else { return Ok(None) };
    OpaqueCursor::<Key>::decode_cursor(text).map(|key| Some(key.0)).map_err(|_| no_cursor(field))
}

fn no_cursor(field: &'static str) -> Error {
    Error::invalid(field, "this is no cursor of this list", "该游标不属于此列表")
}

/// How rows are sorted: by a column that is never empty, then by id; or by id alone.
pub struct Sort<E: EntityTrait> {
    /// The id.
    pub id: E::Column,
    /// Reads the id.
    pub id_of: fn(&E::Model) -> i64,
    /// The column, and how its value is read from a row and from a cursor.
    pub by: Option<SortColumn<E>>,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl<E: EntityTrait> Sort<E> {
    /// What tells the cursors of this list from those of another one.
    fn name(&self) -> String {
        let column = self.by.as_ref().map_or(self.id, |by| by.column);
        format!("{}.{}", E::default().table_name(), column.as_str())
    }
}

/// A column to sort by.
pub struct SortColumn<E: EntityTrait> {
    /// Which.
    pub column: E::Column,
    /// Its value in a row, as the text of a cursor.
    pub text: fn(&E::Model) -> String,
    /// Its value in a cursor.
    pub value: fn(&str) -> Option<Value>,
}

/// One page of `select`.
pub(crate) async fn list<E, T>(
    ctx: &Context<'_>,
    conn: &impl ConnectionTrait,
    select: Select<E>,
    sort: Sort<E>,
    page: Page,
    wrap: impl Fn(E::Model) -> T,
) -> async_graphql::Result<List<T>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    T: OutputType,
{
    let window = page.window().or_graphql()?;
    let total_count = if ctx.look_ahead().field("totalCount").exists() {
        let count = select.clone().count(conn).await.or_graphql()?;
        Some(i32::try_from(count).unwrap_or(i32::MAX))
    } else {
        None
    };
    let mut query = select;
    if let Some(key) = &window.after {
        query = query.filter(beyond(&sort, key, !sort.descending, "after").or_graphql()?);
    }
    if let Some(key) = &window.before {
        query = query.filter(beyond(&sort, key, sort.descending, "before").or_graphql()?);
    }
    let direction = if sort.descending == window.backwards { Direction::Asc } else { Direction::Desc };
    if let Some(by) = &sort.by {
        query = query.order_by(by.column, direction.clone());
    }
    let mut rows = query.order_by(sort.id, direction).limit(window.size + 1).all(conn).await.or_graphql()?;
    let more = rows.len() as u64 > window.size;
    rows.truncate(usize::try_from(window.size).unwrap_or(usize::MAX));
    if window.backwards {
        rows.reverse();
    }
    let (previous, next) =
        if window.backwards { (more, window.before.is_some()) } else { (window.after.is_some(), more) };
    let mut list = List { edges: Vec::new(), has_previous_page: previous, has_next_page: next, total_count };
    let name = sort.name();
    for row in rows {
        let value = sort.by.as_ref().map(|by| (by.text)(&row)).unwrap_or_default();
        list.push(Key(value, (sort.id_of)(&row), name.clone()), wrap(row));
    }
    Ok(list)
}

/// The rows that come after `key` in the direction given.
fn beyond<E: EntityTrait>(sort: &Sort<E>, key: &Key, upwards: bool, field: &'static str) -> Result<Condition> {
    if key.2 != sort.name() {
        return Err(no_cursor(field));
    }
    let id = if upwards { sort.id.gt(key.1) } else { sort.id.lt(key.1) };
    let Some(by) = &sort.by else { return Ok(Condition::all().add(id)) };
    let value = (by.value)(&key.0).ok_or_else(|| no_cursor(field))?;
    let strictly = if upwards { by.column.gt(value.clone()) } else { by.column.lt(value.clone()) };
    Ok(Condition::any().add(strictly).add(by.column.eq(value).and(id)))
}

/// How rows with names are sorted.
pub struct ByName<E: EntityTrait> {
    /// The order.
    pub order: NameOrder,
    /// Reads the id.
    pub id_of: fn(&E::Model) -> i64,
    /// Reads the name.
    pub name_of: fn(&E::Model) -> &str,
}

/// One page of `select` in an order of names that no database knows; for lists of people and units, which are read whole for it.
pub(crate) async fn list_by_name<E, T>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
    by: ByName<E>,
    page: Page,
    wrap: impl Fn(E::Model) -> T,
) -> async_graphql::Result<List<T>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    T: OutputType,
{
    let mut rows = select.all(conn).await.or_graphql()?;
    let ByName { order, id_of, name_of } = by;
    rows.sort_by_cached_key(|row| (order.key(name_of(row)), id_of(row)));
    slice(rows, &page, |row| format!("{}.{order:?}.{}", E::default().table_name(), id_of(row)), wrap)
}

/// One page of rows that are in memory already, in an order in which `key` is stable and unique.
pub(crate) fn slice<R, T: OutputType>(
    rows: Vec<R>,
    page: &Page,
    key: impl Fn(&R) -> String,
    wrap: impl Fn(R) -> T,
) -> async_graphql::Result<List<T>> {
    let window = page.window().or_graphql()?;
    let total_count = Some(i32::try_from(rows.len()).unwrap_or(i32::MAX));
    let place = |wanted: &Key, field: &'static str| {
        rows.iter().position(|row| key(row) == wanted.0).ok_or_else(|| {
            Error::invalid(
                field,
                "the row of this cursor is gone; begin again without it",
                "该游标所指的行已不存在，请从头读取",
            )
        })
    };
    let start = match &window.after {
        Some(wanted) => place(wanted, "after").or_graphql()? + 1,
        None => 0,
    };
    let end = match &window.before {
        Some(wanted) => place(wanted, "before").or_graphql()?,
        None => rows.len(),
    };
    let size = usize::try_from(window.size).unwrap_or(usize::MAX);
    let (start, end) = if window.backwards {
        (end.saturating_sub(size).max(start), end)
    } else {
        (start, start.saturating_add(size).min(end))
    };
    let total = rows.len();
    let mut list = List { edges: Vec::new(), has_previous_page: start > 0, has_next_page: end < total, total_count };
    for row in rows.into_iter().skip(start).take(end.saturating_sub(start)) {
        list.push(Key(key(&row), 0, String::new()), wrap(row));
    }
    Ok(list)
}
