//! A role that a person holds, and where.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, RoleGrantId, UnitId};

/// A role that a person holds, and where.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_grant")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: RoleGrantId,
    /// Who holds it.
    pub person_id: PersonId,
    /// Which role.
    pub role: Role,
    /// The network it is held on; empty for roles on the platform.
    pub network_id: Option<NetworkId>,
    /// The unit it is held on; empty for roles on a whole network or on the platform.
    pub unit_id: Option<UnitId>,
    /// Since when.
    pub granted_at: DateTimeUtc,
    /// Until when.
    pub revoked_at: Option<DateTimeUtc>,
}

/// What a person is in an office; `policy` says what each may do.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 信息员: drafts and edits the unit's submissions, answers its commissions.
    #[sea_orm(string_value = "officer")]
    Officer,
    /// 科室负责人: an officer who signs daily items.
    #[sea_orm(string_value = "section_chief")]
    SectionChief,
    /// 主要领导 or 分管领导: signs important and commissioned items.
    #[sea_orm(string_value = "unit_leader")]
    UnitLeader,
    /// 信息科: screens, adopts, sends up, commissions, records events.
    #[sea_orm(string_value = "editor")]
    Editor,
    /// 办公室领导: approves issues, activates rulebooks, decides.
    #[sea_orm(string_value = "chief_editor")]
    ChiefEditor,
    /// 市领导: reads; endorses.
    #[sea_orm(string_value = "city_leader")]
    CityLeader,
    /// Reads all figures, no texts.
    #[sea_orm(string_value = "analyst")]
    Analyst,
    /// The machine that sends notices; nothing else.
    #[sea_orm(string_value = "sms_worker")]
    SmsWorker,
    /// 系统管理员: units, people, networks; no business data.
    #[sea_orm(string_value = "system_administrator")]
    SystemAdministrator,
    /// 安全管理员: roles, keys, policy.
    #[sea_orm(string_value = "security_administrator")]
    SecurityAdministrator,
    /// 审计员: reads and verifies the audit log.
    #[sea_orm(string_value = "auditor")]
    Auditor,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
