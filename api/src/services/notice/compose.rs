//! From a rule, the values of each unit and the people, to the texts: pure.
//!
//! A text mentions the units that its recipient is told of, and no others: it is made of their values alone.

use std::collections::{BTreeMap, BTreeSet};

use analytics::rulebook::NoticeRule;
use entity::ids::{NoticeRunId, PersonId, UnitId};
use entity::notice::Channel;
use serde::{Deserialize, Serialize};

use super::routing::Routing;
use crate::services::delivery::NewNotice;

/// Values by the names that texts give them.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// What a text says about one unit.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// The unit.
    pub(crate) unit: UnitId,
    /// Its name.
    pub(crate) name: String,
    /// Its category.
    pub(crate) category: Option<String>,
    /// The values.
    pub(crate) values: Values,
}

/// Somebody who is missing, or was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The unit concerned.
    pub unit: Option<UnitId>,
    /// What is missing.
    pub message: String,
    /// The same in Chinese.
    pub message_zh: String,
}

/// The texts of a run.
#[derive(Debug, Default)]
pub(crate) struct Composed {
    pub(crate) notices: Vec<NewNotice>,
    pub(crate) gaps: Vec<Gap>,
}

/// Makes the texts of a run. `shared` are the values that are the same for every unit.
pub(crate) fn compose(rule: &NoticeRule, abouts: &[About], shared: &Values, routing: &Routing) -> Composed {
    let told: Vec<&About> = abouts
        .iter()
        .filter(|about| about.category.as_ref().is_none_or(|category| rule.categories.contains(category)))
        .collect();
    let mut gaps = Vec::new();
    let mut by_person: BTreeMap<PersonId, Vec<&About>> = BTreeMap::new();
    for about in told {
        let mut reached = BTreeSet::new();
        for to in &rule.to {
            let people = routing.people(*to, about.unit);
            if people.is_empty() {
                gaps.push(Gap {
                    unit: Some(about.unit),
                    message: format!("{} has no {}", about.name, to.code()),
                    message_zh: format!("{}未登记{}", about.name, to.name_zh()),
                });
            }
            reached.extend(people);
        }
        for person in reached {
            by_person.entry(person).or_default().push(about);
        }
    }
    let notices = by_person.into_iter().flat_map(|(person, abouts)| to_person(rule, person, &abouts, shared)).collect();
    Composed { notices, gaps }
}

/// What one person is told: one text, in every channel of the rule.
fn to_person(rule: &NoticeRule, person: PersonId, abouts: &[&About], shared: &Values) -> Vec<NewNotice> {
    let value = |about: &About, name: &str| about.values.get(name).or_else(|| shared.get(name)).cloned();
    let (text, parameters) = if let Some(item) = &rule.item {
        let written = abouts.iter().take(rule.most as usize).map(|about| item.render(|name| value(about, name)));
        let mut units = written.collect::<Vec<_>>().join("；");
        if abouts.len() > rule.most as usize {
            units = format!("{units}等{}个单位", abouts.len());
        }
        let mut values = shared.clone();
        values.insert("units", units);
        values.insert("count", abouts.len().to_string());
        (rule.text.render(|name| values.get(name).cloned()), values)
    } else {
        let texts = abouts.iter().map(|about| rule.text.render(|name| value(about, name)));
        let mut values = shared.clone();
        if let [about] = abouts {
            values.extend(about.values.clone());
        }
        (texts.collect::<Vec<_>>().join("\n"), values)
    };
    let unit = if let [about] = abouts { Some(about.unit) } else { None };
    let channels = [(rule.sms, Channel::Sms), (rule.inbox, Channel::Inbox)];
    let notice = |channel| NewNotice {
        run: NoticeRunId(0),
        recipient: person,
        unit,
        units: abouts.iter().map(|about| about.unit).collect(),
        channel,
        template: rule.template.clone(),
        template_version: 1,
        parameters: serde_json::json!(parameters),
        text: text.clone(),
    };
    channels.into_iter().filter(|(used, _)| *used).map(|(_, channel)| notice(channel)).collect()
}

/// A title that is not longer than texts reckon with.
pub(crate) fn short(title: &str, most: usize) -> String {
    if title.encode_utf16().count() <= most {
        return title.to_owned();
    }
    let mut cut = String::new();
    let mut length = 1;
    for letter in title.chars() {
        length += letter.len_utf16();
        if length > most {
            break;
        }
        cut.push(letter);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_cut_to_what_texts_reckon_with() {
        assert_eq!(short("关于春耕的报告", 24), "关于春耕的报告");
        assert_eq!(short("一二三四五", 4), "一二三…");
        assert_eq!(short("一二三四", 4), "一二三四");
        assert_eq!(short("𬭎𬭎𬭎", 5), "𬭎𬭎…");
    }
}
