//! What the command prints when the demonstration is ready: for people as a table, for scripts as one line of JSON.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use entity::ids::NetworkId;
use entity::role_grant::Role;
use sea_orm::ActiveEnum as _;

use crate::graphql::ids::GlobalId as _;
use crate::services::session::Session;

/// A demonstration that is ready, with a session for each role.
pub struct Office {
    pub(super) network: NetworkId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) seats: Vec<Seat>,
}

/// One role, and who is signed in with it.
pub(super) struct Seat {
    pub(super) role: Role,
    pub(super) person: String,
    pub(super) unit: Option<String>,
    pub(super) login: String,
    pub(super) session: Session,
}

impl Seat {
    /// The role as the API spells it.
    fn role_name(&self) -> String {
        self.role.to_value().to_uppercase()
    }

    /// The role in the words of an office.
    fn role_title(&self) -> &'static str {
        match self.role {
            Role::Officer => "信息员",
            Role::SectionChief => "科室负责人",
            Role::UnitLeader => "单位领导",
            Role::Editor => "信息科编辑",
            Role::ChiefEditor => "办公室负责人",
            Role::CityLeader => "批示领导",
            Role::Analyst => "数据分析员",
            Role::SmsWorker => "短信发送程序",
            Role::SystemAdministrator => "系统管理员",
            Role::SecurityAdministrator => "安全管理员",
            Role::Auditor => "审计员",
        }
    }
}

impl Office {
    /// One line of JSON with the addresses, the network and two tokens per role.
    pub fn json(&self, address: SocketAddr) -> String {
        let tokens: serde_json::Map<String, serde_json::Value> = self
            .seats
            .iter()
            .map(|seat| {
                let Session { access_token, refresh_token, .. } = &seat.session;
                let tokens = serde_json::json!({ "accessToken": access_token, "refreshToken": refresh_token });
                (seat.role_name(), tokens)
            })
            .collect();
        let Addresses { graphql, socket, ide } = addresses(address);
        let line = serde_json::json!({
            "url": graphql,
            "wsUrl": socket,
            "ideUrl": ide,
            "network": { "id": self.network.global().as_str(), "code": self.code },
            "tokens": tokens,
        });
        format!("{line}\n")
    }

    /// The same for people.
    pub fn text(&self, address: SocketAddr) -> String {
        let Addresses { graphql, socket, ide } = addresses(address);
        let mut text = format!("\n{} ({}, {})\n\n", self.name, self.code, self.network.global().as_str());
        let _ = writeln!(text, "GraphQL    {graphql}");
        let _ = writeln!(text, "WebSocket  {socket}");
        if let Some(editor) = self.seats.iter().find(|seat| seat.role == Role::Editor) {
            let _ = writeln!(text, "IDE        {ide}#token={}", editor.session.access_token);
        }
        let head = ["role / 角色", "person / 姓名", "unit / 单位", "login / 账号"].map(str::to_owned);
        let rows = self.seats.iter().map(|seat| {
            let unit = seat.unit.clone().unwrap_or_else(|| "—".to_owned());
            [format!("{} {}", seat.role_name(), seat.role_title()), seat.person.clone(), unit, seat.login.clone()]
        });
        text.push('\n');
        for cells in std::iter::once(head).chain(rows) {
            for (cell, width) in cells.iter().zip([36, 16, 20, 0]) {
                let _ = write!(text, "{cell}{}", " ".repeat(width.max(columns(cell)) - columns(cell)));
            }
            text.push('\n');
        }
        let _ = writeln!(
            text,
            "\nAn access token lasts 15 minutes; the mutation `refreshToken` exchanges the refresh token once for the next two.\n\
             访问令牌有效期 15 分钟，可凭刷新令牌换取新的令牌（一次有效）。"
        );
        for seat in &self.seats {
            let Session { access_token, refresh_token, .. } = &seat.session;
            let (name, title) = (seat.role_name(), seat.role_title());
            let _ = writeln!(text, "\n{name} {title}\n  access   {access_token}\n  refresh  {refresh_token}");
        }
        text.push('\n');
        text
    }
}

struct Addresses {
    graphql: String,
    socket: String,
    ide: String,
}

/// Where the server is found; whoever listens everywhere is at least found on the same machine.
fn addresses(mut address: SocketAddr) -> Addresses {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            IpAddr::V6(Ipv6Addr::LOCALHOST)
        });
    }
    Addresses {
        graphql: format!("http://{address}/graphql"),
        socket: format!("ws://{address}/graphql"),
        ide: format!("http://{address}/ide"),
    }
}

/// How many columns a terminal gives to a text: two for each Chinese character.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_found_here() {
        let found = addresses("0.0.0.0:8080".parse().unwrap());
        assert_eq!(found.graphql, "http://127.0.0.1:8080/graphql");
        assert_eq!(addresses("[::]:1".parse().unwrap()).ide, "http://[::1]:1/ide");
    }

    #[test]
    fn chinese_takes_two_columns() {
        assert_eq!(columns("EDITOR 编辑"), 11);
    }
}
