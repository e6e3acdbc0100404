//! A demonstration.
use std::net::SocketAddr;
use crate::state::AppState;
/// x
pub struct Office;
impl Office {
    /// x
    pub fn json(&self, _a: SocketAddr) -> String { String::new() }
    /// x
    pub fn text(&self, _a: SocketAddr) -> String { String::new() }
}
/// x
pub async fn open(_state: &AppState, _progress: impl Fn(&str)) -> anyhow::Result<Office> { Ok(Office) }
