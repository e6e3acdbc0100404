//! The columns of each kind of fact.

use super::{CodeSet, Column, ColumnType, MAX_ATTENDEES, MAX_CHARACTERS, MAX_COUNT, MAX_DECIDED_POINTS};
use crate::facts::DAY;
use crate::points::SCALE;

pub(super) const COUNT: Column =
    Column::new("count", ColumnType::Integer, "1, or n for a figure that stands for n facts", "条数(汇总数据为n)")
        .within(1, MAX_COUNT);
pub(super) const CATEGORY: Column =
    Column::new("category", ColumnType::Code(CodeSet::Category), "the unit's category on that day", "单位当日所属类别")
        .nullable();
pub(super) const DIRECT_REPORT: Column = Column::new(
    "direct_report",
    ColumnType::Boolean,
    "whether the unit reports directly to a higher level",
    "是否直报点",
)
.nullable();
pub(super) const ITEM_KIND: Column =
    Column::new("kind", ColumnType::Code(CodeSet::Kind), "the kind of item", "信息类型").nullable();
pub(super) const TOPIC: Column = Column::new("topic", ColumnType::Code(CodeSet::Topic), "the topic", "主题").nullable();
pub(super) const CHARACTERS: Column =
    Column::new("characters", ColumnType::Integer, "length of the text in characters", "字数")
        .within(0, MAX_CHARACTERS);
pub(super) const COMMISSIONED: Column =
    Column::new("commissioned", ColumnType::Boolean, "whether the item answers a commission", "是否约稿");

pub(super) const SUBMISSION: &[Column] = &[
    Column { nullable: false, ..ITEM_KIND },
    TOPIC,
    Column::new("submitted_on", ColumnType::Date, "the day on which it was handed in", "报送日期").stored_as(DAY),
    Column::new("received", ColumnType::Boolean, "whether it passed the receipt check", "是否接收"),
    COMMISSIONED,
    Column::new("urgent", ColumnType::Boolean, "whether it is urgent information", "是否紧急信息"),
    CHARACTERS,
];

pub(super) const ADOPTION: &[Column] = &[
    Column::new("publication", ColumnType::Code(CodeSet::Publication), "the publication that adopted it", "采用刊物"),
    Column::new("level", ColumnType::Code(CodeSet::Level), "the level that issues the publication", "采用刊物层级")
        .nullable(),
    Column::new("class", ColumnType::Code(CodeSet::Class), "the class inside the publication", "刊物内类别").nullable(),
    Column::new(
        "via",
        ColumnType::Code(CodeSet::Publication),
        "the office's own publication through which it was sent up before",
        "经何内刊上报",
    )
    .nullable(),
    ITEM_KIND,
    TOPIC,
    CHARACTERS,
    COMMISSIONED,
    Column::new("adopted_on", ColumnType::Date, "the day of the adoption", "采用日期").stored_as(DAY),
];

pub(super) const SENDING_UP: &[Column] = &[
    Column::new(
        "via",
        ColumnType::Code(CodeSet::Publication),
        "the office's own publication that carried it",
        "经何内刊上报",
    )
    .nullable(),
    Column::new("to_level", ColumnType::Code(CodeSet::Level), "the level it was sent to", "上报层级"),
    ITEM_KIND,
    Column::new("sent_on", ColumnType::Date, "the day on which it was sent", "上报日期").stored_as(DAY),
];

pub(super) const ENDORSEMENT: &[Column] = &[
    Column::new("level", ColumnType::Code(CodeSet::Level), "the leader's level", "批示领导层级"),
    Column::new("rank", ColumnType::Code(CodeSet::LeaderRank), "the leader's rank", "批示领导职级").nullable(),
    ITEM_KIND,
    Column::new("endorsed_on", ColumnType::Date, "the day of the instruction", "批示日期").stored_as(DAY),
];

pub(super) const ASSIGNMENT: &[Column] = &[
    Column::new("origin", ColumnType::Code(CodeSet::Level), "the level the task came from", "约稿来源层级").nullable(),
    Column::new("outcome", ColumnType::Code(CodeSet::Outcome), "what became of it", "办理结果"),
    Column::new("decided_on", ColumnType::Date, "the day on which the outcome was decided", "认定日期").nullable(),
    Column::new("due_on", ColumnType::Date, "the day on which the answer fell due", "截止日期"),
];

pub(super) const INCIDENT: &[Column] = &[
    Column::new("kind", ColumnType::Code(CodeSet::IncidentKind), "what went wrong", "差错类型"),
    Column::new("occurred_on", ColumnType::Date, "the day on which it happened", "发生日期").stored_as(DAY),
    Column::new("decided_points", ColumnType::Decimal, "points that a person decided within a range", "认定分值")
        .nullable()
        .within(-MAX_DECIDED_POINTS * SCALE, MAX_DECIDED_POINTS * SCALE),
];

pub(super) const TRAINING: &[Column] = &[
    Column::new("kind", ColumnType::Code(CodeSet::TrainingKind), "the kind of training", "培训类型"),
    Column::new("held_on", ColumnType::Date, "the day on which it was held or ended", "培训日期").stored_as(DAY),
    Column::new("attendees", ColumnType::Integer, "how many people attended", "参训人数").within(0, MAX_ATTENDEES),
    Column::new("planned", ColumnType::Boolean, "whether the office's plan contains it", "是否列入计划"),
    Column::new("completed", ColumnType::Boolean, "whether it was carried through", "是否完成"),
    Column::new("on_time", ColumnType::Boolean, "whether people were sent in time", "是否按时"),
    Column::new("violation", ColumnType::Boolean, "whether there was a violation during it", "有无违规"),
];

pub(super) const STAFFING: &[Column] = &[
    Column::new("duty", ColumnType::Code(CodeSet::Duty), "the duty", "岗位"),
    Column::new("first_on", ColumnType::Date, "the first day in the duty", "到岗日期").stored_as(DAY),
    Column::new("last_on", ColumnType::Date, "the last day in the duty", "离岗日期").nullable(),
];
