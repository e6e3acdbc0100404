//! The columns of each kind of fact.

use super::{
    CodeSet, Column, ColumnType, MAX_ATTENDEES, MAX_CHARACTERS, MAX_COEFFICIENT, MAX_COUNT, MAX_DECIDED_POINTS,
    MAX_PARTIES,
};
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
    Column::new("adopted", ColumnType::Boolean, "whether any publication has ever adopted it", "是否曾被采用"),
    Column::new("happened_on", ColumnType::Date, "the day of the event that it reports", "事件发生日期").nullable(),
    Column::new(
        "kind_due_on",
        ColumnType::Date,
        "the last day on which its kind's deadline lets it be in time",
        "按信息类型时限应报送的最后日期",
    )
    .nullable(),
];

pub(super) const ADOPTION: &[Column] = &[
    Column::new("publication", ColumnType::Code(CodeSet::Publication), "the publication that adopted it", "采用刊物"),
    Column::new("level", ColumnType::Code(CodeSet::Level), "the level that issues the publication", "采用刊物层级")
        .nullable(),
    Column::new("outlet", ColumnType::Code(CodeSet::Outlet), "the kind of outlet", "刊物所属载体类型").nullable(),
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
    Column::new(
        "named_by",
        ColumnType::Code(CodeSet::Level),
        "the level of the superior that named it",
        "点名通报的上级",
    )
    .nullable(),
];

pub(super) const JUDGEMENT: &[Column] = &[
    Column::new("kind", ColumnType::Code(CodeSet::JudgementKind), "what was judged", "评定类型"),
    Column::new("origin", ColumnType::Code(CodeSet::Level), "the level of the office that judged", "评定单位层级")
        .nullable(),
    Column::new("awarded", ColumnType::Decimal, "the points that were given", "评定分值")
        .within(-MAX_DECIDED_POINTS * SCALE, MAX_DECIDED_POINTS * SCALE),
    Column::new("evidence", ColumnType::Boolean, "whether evidence is on file", "有无佐证材料"),
    Column::new("judged_on", ColumnType::Date, "the day of the judgement", "评定日期").stored_as(DAY),
];

/// What every fact about a submission says of it.
pub(super) const ITEM: &[Column] = &[
    Column::new(
        "near_duplicate",
        ColumnType::Boolean,
        "whether the item nearly repeats an earlier one",
        "是否内容雷同",
    ),
    Column::new("coefficient", ColumnType::Decimal, "the coefficient that a person decided", "认定的质量系数")
        .nullable()
        .within(0, MAX_COEFFICIENT * SCALE),
    Column::new("joint_units", ColumnType::Integer, "how many units share the item", "联合报送单位数")
        .within(1, MAX_PARTIES),
    Column::new("joint_authors", ColumnType::Integer, "how many authors share the item", "撰稿人数")
        .within(1, MAX_PARTIES),
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
