//! The sentences about instances, in English and Chinese side by side.
//!
//! `{name}` stands for a value. Which sentence is said when is left to
//! `explain`.

/// A language of Avow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Chinese, simplified characters.
    Chinese,
}

/// A text in both languages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    en: &'static str,
    zh: &'static str,
}

impl Message {
    /// A text without values.
    pub(crate) fn of(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.en,
            Language::Chinese => self.zh,
        }
    }

    /// The text with its values; a value is not searched for values again.
    pub(crate) fn fill(&self, language: Language, values: &[(&str, &str)]) -> String {
        let template = self.of(language);
        let mut text = String::new();
        for (index, part) in template.split('{').enumerate() {
            match part.split_once('}') {
                Some((name, rest)) if index > 0 => {
                    let value = values.iter().find(|(n, _)| *n == name);
                    text.push_str(value.map_or(name, |(_, value)| value));
                    text.push_str(rest);
                }
                _ => text.push_str(part),
            }
        }
        text
    }
}

macro_rules! catalogue {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        $(pub(crate) const $name: Message = Message { en: $en, zh: $zh };)*
        #[cfg(test)]
        const ALL: &[(&str, Message)] = &[$((stringify!($name), $name),)*];
    };
}

catalogue! {
    EVENT_MOVED: "`{action}` from {from} to {to}", "从 {from} 到 {to} 的 `{action}`";
    EVENT_TO: "`{action}` to {to}", "到 {to} 的 `{action}`";
    EVENT_AT: "`{action}` in {place}", "在 {place} 的 `{action}`";
    EVENT: "`{action}`", "`{action}`";
    EVENT_ABOUT: "{event} of data about people of {country}", "{event}（涉及 {country} 个人的数据）";
    EVENT_BY: "{event} (`{operation}`)", "{event}（`{operation}`）";
    EVENT_NOT_SHOWN: "an event that is not shown", "未展示的事件";
    TRIGGER: "leaf {leaf}: {event} on {time}", "第 {leaf} 号叶：{time}，{event}";
    OTHER: "leaf {leaf}, {event} on {time}", "第 {leaf} 号叶（{time}，{event}）";
    HOLDS: "{trigger}, as `{id}` promises", "{trigger}，符合 `{id}` 的承诺";
    FORBIDDEN: "{trigger}, which `{id}` forbids", "{trigger}，为 `{id}` 所禁止";
    NOT_AS_PROMISED: "{trigger}, which is not as `{id}` promises", "{trigger}，不符合 `{id}` 的承诺";
    UNDETERMINED: "{trigger}; it does not say enough to tell whether `{id}` applies and was kept", "{trigger}；其内容不足以判断 `{id}` 是否适用、是否得到遵守";
    LATE: "{trigger}; it arrived later than its source allows, so that what came before it is not sure", "{trigger}；其到达晚于该来源允许的时限，此前发生了什么无法确定";
    LATE_END: "{trigger}; it ends a permission, or may end one, and arrived later than its source promised, so that what was done in between is not known to be permitted", "{trigger}；其终止或可能终止许可，但到达晚于该来源承诺的时限，其间的行为是否获得许可无法确定";
    NO_KEY: "{trigger}; it does not say which {same} it is about", "{trigger}；其未说明所涉的 {same}";
    PERMITTED: "{trigger}; permitted by {other}", "{trigger}；许可来自{other}";
    NOT_PERMITTED: "{trigger}; nothing before it permits it, as `{id}` demands", "{trigger}；此前没有 `{id}` 所要求的许可";
    PERMISSION_ENDED: "{trigger}; the permission had ended with {other}, which breaks `{id}`", "{trigger}；许可已因{other}而终止，违反 `{id}`";
    MAYBE_PERMITTED: "{trigger}; whether it was permitted depends on {other}, which does not say enough", "{trigger}；是否获得许可取决于{other}，而其内容不足";
    BEFORE_WAITING: "{trigger}; evidence from before it may still arrive", "{trigger}；此前的证据仍可能到达";
    DONE: "{trigger}; done by {other}, in time for {deadline}", "{trigger}；已由{other}履行，未超过期限 {deadline}";
    LIFTED: "{trigger}; the duty was lifted by {other}, in time for {deadline}", "{trigger}；该义务已由{other}免除，未超过期限 {deadline}";
    NOT_DONE: "{trigger}; `{id}` demanded an answer by {deadline}, and there was none", "{trigger}；`{id}` 要求在 {deadline} 前作出回应，但没有回应";
    MAYBE_DONE: "{trigger}; whether it was answered by {deadline} depends on {other}, which does not say enough", "{trigger}；是否在 {deadline} 前得到回应取决于{other}，而其内容不足";
    MAYBE_DONE_EARLY: "{trigger}; {other}, arrived after it and tells of a time before it, so that it may be no answer to it by {deadline}", "{trigger}；{other}到达在后，所述时间却在此之前，无法确定是否在 {deadline} 前得到回应";
    UNDETERMINED_REGISTER: "{trigger}; it, or what entered it or struck it off before, does not say enough to tell whether `{id}` applies and was kept", "{trigger}；其内容或此前的登记、注销不足以判断 `{id}` 是否适用、是否得到遵守";
    LATE_END_DUTY: "{trigger}; it arrived later than its source promised, so that what was said under `{id}` without it is not sure", "{trigger}；其到达晚于该来源承诺的时限，此前未计入它而依 `{id}` 作出的判断无法确定";
    BEGINS: "{who}from the beginning of the promise on {time}", "{who}承诺自 {time} 起";
    REGISTERED: "{event}, still in force when `{id}` began on {time}", "{event}，在 `{id}` 于 {time} 开始时仍然有效";
    FOR_EACH: "{trigger}, as to {each}", "{trigger}，就{each}而言";
    DONE_AGAIN: "{trigger}; it was done again by {other}, in time for {deadline}", "{trigger}；已由{other}再次履行，未超过期限 {deadline}";
    NOT_DONE_AGAIN: "{trigger}; `{id}` demanded that it be done again by {deadline}, and it was not", "{trigger}；`{id}` 要求在 {deadline} 前再次履行，但没有履行";
    EVERY_WAITING: "{trigger}; `{id}` demands that it be done again by {deadline}", "{trigger}；`{id}` 要求在 {deadline} 前再次履行";
    LASTS_WAITING: "{trigger}; `{id}` demands that it last until {deadline}", "{trigger}；`{id}` 要求持续到 {deadline}";
    MAYBE_ALREADY: "{trigger}; whether there was anything left to do by {deadline} depends on {other}, which does not say enough", "{trigger}；在 {deadline} 前是否仍须履行取决于{other}，而其内容不足";
    COMMA: ", ", "、";
    SOURCES_ALL: "any source", "所有来源";
    LEAF: "leaf {leaf}", "第 {leaf} 号叶";
    WHO: "`{who}`, ", "`{who}`，";
    BASIS: "shown by {leaves}", "依据：{leaves}";
    BASIS_UP_TO: "shown by {leaves}, and nothing to the contrary from {sources} up to {to}", "依据：{leaves}，且{sources}截至 {to} 没有相反的证据";
    BASIS_BETWEEN: "shown by {leaves}, and nothing to the contrary from {sources} between {from} and {to}", "依据：{leaves}，且{sources}自 {from} 至 {to} 没有相反的证据";
    NO_DEADLINE: "{trigger}; it does not say by when `{id}` has to be met", "{trigger}；其未说明 `{id}` 的履行期限";
    EXPIRED: "{trigger}; the permission by {other} was older than `{id}` allows", "{trigger}；{other}所给的许可已超过 `{id}` 规定的有效时长";
    ALREADY: "{trigger}; {other} had come before it, so that nothing was left to do", "{trigger}；此前已有{other}，无需再履行";
    MAYBE_EACH: "{trigger}; whether `{id}` demands one answer more depends on {other}, which does not say enough", "{trigger}；`{id}` 是否要求再作一次回应取决于{other}，而其内容不足";
    MAYBE_HELD: "{trigger}; whether the time for an answer stood still depends on {other}, which does not say enough or arrived late", "{trigger}；回应期限是否中止取决于{other}，而其内容不足或到达迟延";
    WITHIN_LIMIT: "{trigger}; with those before it there are no more than `{id}` allows", "{trigger}；连同此前的次数未超过 `{id}` 的上限";
    TOO_MANY: "{trigger}; since {other}, there were more than `{id}` allows", "{trigger}；自{other}以来，次数已超过 `{id}` 的上限";
    MAYBE_TOO_MANY: "{trigger}; whether there were more than `{id}` allows depends on {other}, which does not say enough or arrived late", "{trigger}；次数是否超过 `{id}` 的上限取决于{other}，而其内容不足或到达迟延";
    LASTED: "{trigger}; nothing ended it before {deadline}, as `{id}` promises", "{trigger}；在 {deadline} 前没有终止，符合 `{id}` 的承诺";
    ENDED: "{trigger}; it was ended by {other}, earlier than `{id}` allows", "{trigger}；已因{other}终止，早于 `{id}` 允许的时间";
    MAYBE_ENDED: "{trigger}; whether it lasted until {deadline} depends on {other}, which does not say enough", "{trigger}；是否持续到 {deadline} 取决于{other}，而其内容不足";
    GAP: "{trigger}; evidence is missing that could decide whether `{id}` was kept", "{trigger}；缺少可判断 `{id}` 是否得到遵守的证据";
    WITHIN_WAITING: "{trigger}; `{id}` demands an answer by {deadline}", "{trigger}；`{id}` 要求在 {deadline} 前作出回应";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn values(text: &str) -> BTreeSet<&str> {
        let parts = text.split('{').skip(1);
        parts
            .filter_map(|part| part.split_once('}').map(|(name, _)| name))
            .collect()
    }

    #[test]
    fn both_languages_say_the_same_values() {
        for (name, message) in ALL {
            assert_eq!(values(message.en), values(message.zh), "{name}");
        }
    }

    #[test]
    fn a_value_in_braces_is_not_filled_again() {
        let filled = EVENT_AT.fill(Language::English, &[("action", "{place}"), ("place", "CN")]);
        assert_eq!(filled, "`{place}` in CN");
    }
}
