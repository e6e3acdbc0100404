//! What is told to whom is read as written, and what is wrong with it is found.

use analytics::period::PeriodUnit;
use analytics::rulebook::{Addressee, NoticeKind, Release, Rulebook, Schedule, shipped};
use chrono::{NaiveTime, TimeDelta};

use crate::mistakes::expect;
use crate::scene::small;

const LIST: &str = "[[list]]\nid = \"last\"\nclause = \"五\"\ntitle = \"末位\"\non = \"year\"\nbottom = 1\n";

fn notice(body: &str) -> String {
    small(&format!("{LIST}[[notice]]\nid = \"n\"\nclause = \"一\"\ntitle = \"告知\"\n{body}\n"))
}

fn quarterly(rest: &str) -> String {
    notice(&format!(
        "kind = \"result\"\non = \"quarter\"\nafter_close = {{ working_days = 3, at = \"09:00\" }}\n{rest}"
    ))
}

#[test]
fn a_notice_is_read_as_written() {
    let rulebook = Rulebook::parse(
        "small",
        &quarterly(
            "to = [\"head\"]\ncategories = [\"a\"]\nsegments = 3\nmost = 2\nrelease = \"auto\"\n\
             text = \"{period}：{units}\"\nitem = \"{rank}.{unit}\"",
        ),
    )
    .unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let rule = &rulebook.notices()[0];
    let at = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    assert_eq!(rule.schedule, Schedule::AfterClose { on: PeriodUnit::Quarter, working_days: 3, at });
    assert_eq!((rule.kind, rule.release, rule.late_after), (NoticeKind::Result, Release::Auto, TimeDelta::days(30)));
    assert!(rule.is_grouped() && rule.sms && rule.inbox);
    assert_eq!((rule.template.as_str(), rule.to.as_slice()), ("n", &[Addressee::Head][..]));
    let words = rule.text.render(|name| Some(format!("<{name}>")));
    assert_eq!((words.as_str(), rule.text.to_string().as_str()), ("<period>：<units>", "{period}：{units}"));
}

#[test]
fn a_value_that_the_notice_does_not_have() {
    let to = "to = [\"unit_leader\"]\n";
    expect(&quarterly(&format!("{to}text = \"得«{{scor}}»分\"")), "no value \"scor\"", Some("did you mean \"score\"?"));
    // Only texts about a list have a reason.
    expect(&quarterly(&format!("{to}text = \"因«{{reason}}»\"")), "no value \"reason\"", None);
    expect(&quarterly(&format!("{to}text = \"得«{{»score\"")), "this { is not closed", None);
    expect(&quarterly(&format!("{to}text = \"得score«}}»\"")), "closes nothing", None);
    expect(
        &notice("kind = \"adoption\"\nto = [\"unit_leader\"]\ntext = \"\"\"\n第一行\n«{score}»分\"\"\""),
        "no value \"score\"",
        Some("unit, title"),
    );
}

#[test]
fn a_text_that_is_too_long_with_its_longest_values() {
    let words = "信".repeat(60);
    expect(
        &quarterly(&format!("to = [\"unit_leader\"]\nsegments = 1\ntext = «\"{words}{{unit}}\"»")),
        "takes 2 text messages, not 1",
        Some("segments"),
    );
    let group = "to = [\"head\"]\nsegments = 2\ntext = «\"{units}\"»\nitem = \"{unit}{score}\"\n";
    expect(
        &quarterly(&format!("{group}most = 200"))
            .replace("[\"甲一\", \"甲二\", \"甲三\"]", "[]")
            .replace("[\"乙一\", \"乙二\"]", "[]"),
        "text messages",
        None,
    );
    // What is only read in the inbox may be long.
    let text =
        quarterly(&format!("to = [\"unit_leader\"]\nsegments = 1\nchannels = [\"inbox\"]\ntext = \"{words}{words}\""));
    assert!(Rulebook::parse("small", &text).is_ok());
}

#[test]
fn roles_categories_lists_and_times_that_do_not_exist() {
    let text = "text = \"{unit}\"";
    expect(&quarterly(&format!("to = [«\"unit_leder\"»]\n{text}")), "not known here", Some("unit_leader"));
    expect(
        &quarterly(&format!("to = [\"officer\"]\ncategories = [«\"c\"»]\n{text}")),
        "is not declared as a category",
        None,
    );
    let year = |list: &str| {
        notice(&format!(
            "kind = \"bottom\"\non = \"year\"\nafter_close = {{ working_days = 3, at = \"09:00\" }}\n\
             to = [\"officer\"]\n{list}\n{text}"
        ))
    };
    assert!(Rulebook::parse("small", &year("list = \"last\"")).is_ok());
    expect(&year("list = «\"lst\"»"), "no list and no award \"lst\"", Some("last"));
    expect(&quarterly(&format!("to = [\"officer\"]\nlist = «\"last\"»\n{text}")), "at the end of each year", None);
    let to = "to = [\"officer\"]";
    let kind = |rest: &str| notice(&format!("{rest}\n{to}\n{text}"));
    expect(&kind("kind = «\"results\"»"), "not known here", Some("result"));
    expect(
        &kind("kind = \"result\"\non = \"quarter\"\nafter_close = { working_days = 3, at = «\"9:00\"» }"),
        "no time of day",
        Some("09:00"),
    );
    expect(
        &kind("kind = \"result\"\non = «\"day\"»\nafter_close = { working_days = 3, at = \"09:00\" }"),
        "not known here",
        Some("month"),
    );
    expect(&kind("kind = \"adoption\"\non = «\"month\"»"), "when it happens", None);
    expect(&kind("kind = \"adoption\"\nbefore_due = «{ days = 1 }»"), "has no \"before_due\"", None);
    expect(&kind("kind = \"commission_reminder\"\nbefore_due = { days = «0» }"), "must be from 1 to 366", None);
    expect(&kind("kind = \"adoption\"\nlevels = [«\"nation\"»]"), "is not declared as a level", None);
    expect(&kind("kind = \"adoption\"\nchannels = [«\"post\"»]"), "not known here", Some("sms"));
    expect(&kind("kind = \"adoption\"\nrelease = «\"by hand\"»"), "not known here", Some("auto"));
    expect(&kind("kind = \"adoption\"\nitem = «\"{unit}\"»"), "has no \"item\"", None);
}

/// Every office says something to somebody, and every text fits, which the reader has checked.
#[test]
fn every_shipped_rulebook_tells_something() {
    for (id, text) in shipped::all() {
        let rulebook = Rulebook::parse(id, text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let kinds: Vec<_> = rulebook.notices().iter().map(|rule| rule.kind).collect();
        assert!(kinds.contains(&NoticeKind::Circular), "{id} publishes circulars");
        assert!(kinds.contains(&NoticeKind::CommissionIssued), "{id} issues commissions");
    }
}
