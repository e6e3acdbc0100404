//! Names of people who do not exist.

use super::chance::Chance;

const FAMILY: [&str; 48] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "罗",
    "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田", "董", "袁", "潘", "于", "蒋",
    "蔡", "余", "杜", "叶", "程", "苏", "魏", "吕", "丁", "任",
];
const FIRST: [&str; 30] = [
    "建", "志", "文", "国", "海", "晓", "丽", "春", "明", "永", "红", "玉", "雪", "新", "德", "俊", "思", "振", "宏",
    "秀", "子", "学", "立", "亚", "佳", "少", "云", "兴", "凤", "家",
];
const SECOND: [&str; 30] = [
    "华", "军", "平", "强", "梅", "芳", "伟", "杰", "英", "娟", "峰", "霞", "涛", "辉", "敏", "斌", "燕", "龙", "萍",
    "刚", "琴", "成", "林", "洁", "宁", "江", "勇", "莉", "鹏", "娜",
];

/// A name of two or three characters.
pub(super) fn person(chance: &mut Chance) -> String {
    let family = chance.pick(&FAMILY);
    let first = if chance.happens(780) { chance.pick(&FIRST) } else { "" };
    format!("{family}{first}{}", chance.pick(&SECOND))
}
