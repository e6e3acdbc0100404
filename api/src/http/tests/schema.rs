//! A small schema with one field for each thing the door must handle.

#![expect(clippy::unused_async, reason = "the macros want async functions")]

use std::time::Duration;

use async_graphql::{
    Context, Error, ErrorExtensions, InputObject, Interface, Object, Schema, SimpleObject, Subscription,
};
use futures::{Stream, StreamExt, stream};

use crate::http::gate::Caller;

pub(super) type Toy = Schema<Query, Mutation, Ticker>;

pub(super) fn schema() -> Toy {
    Schema::build(Query, Mutation, Ticker).disable_suggestions().finish()
}

pub(super) struct Query;

/// A person.
#[derive(SimpleObject, Clone)]
pub(super) struct Person {
    name: String,
}

#[derive(Clone)]
pub(super) struct Item(i32);

/// Something with an id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "String"))]
pub(super) enum Node {
    Item(Item),
    Publication(Publication),
    Commission(Commission),
    Notice(Notice),
    Issue(Issue),
}

#[derive(SimpleObject)]
pub(super) struct ItemEdge {
    cursor: String,
    node: Item,
}

#[derive(SimpleObject)]
pub(super) struct PageInfo {
    has_next_page: bool,
}

#[derive(SimpleObject)]
pub(super) struct ItemConnection {
    edges: Vec<ItemEdge>,
    nodes: Vec<Item>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(InputObject)]
pub(super) struct Filter {
    text: Option<String>,
    inner: Option<Box<Filter>>,
    numbers: Option<Vec<i32>>,
}

macro_rules! nodes {
    ($($name:ident)*) => {$(
        pub(super) struct $name;

        #[Object]
        impl $name {
            async fn id(&self) -> String {
                stringify!($name).to_owned()
            }
        }
    )*};
}

nodes! { Publication Commission Notice Issue }

#[Object]
impl Item {
    async fn id(&self) -> String {
        self.0.to_string()
    }

    async fn authors(&self) -> Vec<Person> {
        vec![Person { name: format!("author {}", self.0) }; 3]
    }

    async fn next(&self) -> Self {
        Self(self.0 + 1)
    }

    async fn similar(&self, #[graphql(default = 5)] first: i32) -> Vec<Self> {
        (0..first).map(Item).collect()
    }

    async fn children(&self, first: Option<i32>, last: Option<i32>) -> ItemConnection {
        page(first.or(last).unwrap_or(20))
    }
}

fn page(length: i32) -> ItemConnection {
    ItemConnection {
        edges: (0..length).map(|number| ItemEdge { cursor: number.to_string(), node: Item(number) }).collect(),
        nodes: (0..length).map(Item).collect(),
        page_info: PageInfo { has_next_page: false },
        total_count: length,
    }
}

#[Object]
impl Query {
    async fn hello(&self) -> &'static str {
        "hello"
    }

    async fn item(&self) -> Item {
        Item(1)
    }

    async fn node(&self) -> Option<Node> {
        Some(Node::Item(Item(1)))
    }

    async fn items(&self, first: Option<i32>, last: Option<i32>) -> ItemConnection {
        page(first.or(last).unwrap_or(20))
    }

    async fn people(&self) -> Vec<Person> {
        vec![Person { name: "a".into() }; 10]
    }

    /// How many texts there are.
    async fn echo(
        &self,
        text: Option<String>,
        texts: Option<Vec<String>>,
        filter: Option<Filter>,
        #[graphql(validator(chars_max_length = 3))] short: Option<String>,
    ) -> usize {
        let nested = filter.map_or(0, |filter| {
            usize::from(filter.text.is_some())
                + usize::from(filter.inner.is_some())
                + filter.numbers.map_or(0, |n| n.len())
        });
        usize::from(text.is_some()) + usize::from(short.is_some()) + texts.map_or(0, |texts| texts.len()) + nested
    }

    async fn whoami(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_opt::<Caller>()?.subject::<String>().cloned()
    }

    async fn coded(&self, code: String) -> Result<i32, Error> {
        Err(Error::new("told apart").extend_with(|_, e| e.set("code", code)))
    }

    async fn broken(&self) -> Result<i32, Error> {
        Err(std::io::Error::other("SELECT secret FROM person").into())
    }

    async fn broken_list(&self) -> Vec<Result<i32, Error>> {
        (0..50).map(|number| Err(Error::new(format!("row {number} of table person")))).collect()
    }

    #[expect(unreachable_code, reason = "the field must have a type")]
    async fn boom(&self) -> i32 {
        panic!("asked for by the test");
        1
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_hours(1)).await;
        1
    }
}

pub(super) struct Mutation;

#[Object]
impl Mutation {
    async fn login(&self, password: String) -> bool {
        password == "right"
    }

    async fn refresh_token(&self) -> bool {
        true
    }

    async fn touch(&self) -> i32 {
        1
    }
}

pub(super) struct Ticker;

#[Subscription]
impl Ticker {
    /// Counts as fast as it is read.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(0..to)
    }

    /// One value, then silence.
    async fn once(&self) -> impl Stream<Item = i32> {
        stream::iter([1]).chain(stream::pending())
    }

    /// Large values without end.
    async fn flood(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| "x".repeat(256 * 1024))
    }

    async fn denied(&self) -> Result<stream::Empty<i32>, Error> {
        Err(Error::new("not yours").extend_with(|_, e| e.set("code", "FORBIDDEN")))
    }

    async fn exploding(&self) -> impl Stream<Item = i32> {
        stream::iter([1])
            .chain(stream::poll_fn(|_| -> std::task::Poll<Option<i32>> { panic!("asked for by the test") }))
    }
}
