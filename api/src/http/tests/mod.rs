//! The door from outside, over a toy schema: real listener, real sockets.

mod admission;
mod attacks;
mod client;
mod http;
mod random;
mod schema;
mod secrets;
mod server;
mod sockets;
