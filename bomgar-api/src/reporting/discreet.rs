//! Debug output of what a session holds: enough to recognise it in a log, but no text, no person, no
//! address and no signed URL.

use std::fmt;

use super::{
    Actor, ChatLine, CustomAttribute, Customer, CustomerInfo, DataValue, Event, FileAction,
    FileEntry, PersonRef, RawElement, Recording, Representative, Session, SessionNote,
    SpecialAction, SystemField,
};

/// Shows these fields, and that there is more.
macro_rules! shows {
    ($($name:ident $(<$life:lifetime>)? { $($field:ident),* })*) => {$(
        impl fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    )*};
}

shows! {
    Actor { kind, gsnumber, id }
    ChatLine<'_> { timestamp, speaker_kind, to_kind }
    CustomAttribute { code_name, display_name }
    Customer { gsnumber, primary }
    CustomerInfo {}
    DataValue { name }
    Event { timestamp, event_type }
    FileAction<'_> { timestamp, event_type, filesize }
    FileEntry { filesize }
    PersonRef { gsnumber, id }
    Recording { instance }
    Representative { gsnumber, id, session_owner, primary, time_involved, invited }
    SessionNote<'_> { timestamp }
    SpecialAction<'_> { timestamp, action }
    SystemField { name }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("lsid", &self.lsid)
            .field("lseq", &self.lseq)
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("duration", &self.duration)
            .field("customers", &self.customers.len())
            .field("representatives", &self.representatives.len())
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RawElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes: Vec<&str> = self
            .attributes
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        f.debug_struct("RawElement")
            .field("name", &self.name)
            .field("attributes", &attributes)
            .field("children", &self.children)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::reporting::parse_session_list;

    /// Everything that is about people, or opens something, has the word `secret` in it.
    const DOCUMENT: &[u8] = br#"<session_list><session lsid="0123456789abcdef0123456789abcdef">
  <external_key>secret</external_key>
  <custom_attributes><custom_attribute code_name="tag" display_name="Tag">secret</custom_attribute></custom_attributes>
  <session_chat_view_url>https://h/secret</session_chat_view_url>
  <session_recording_download_url>https://h/secret</session_recording_download_url>
  <show_my_screen_recordings><show_my_screen_recording instance="0">
    <view_url>https://h/secret</view_url><download_url>https://h/secret</download_url>
  </show_my_screen_recording></show_my_screen_recordings>
  <primary_customer gsnumber="1">secret</primary_customer>
  <primary_rep gsnumber="2" id="9">secret</primary_rep>
  <customer_list><customer gsnumber="1"><username>secret</username><public_ip>secret</public_ip>
    <private_ip>secret</private_ip><hostname>secret</hostname><os>secret</os>
    <info><name>secret</name><company>secret</company><company_code>secret</company_code>
      <issue>secret</issue><details>secret</details></info>
    <novelty mood="secret">secret</novelty></customer></customer_list>
  <rep_list><representative gsnumber="2" id="9"><username>secret</username>
    <display_name>secret</display_name><public_display_name>secret</public_display_name>
    <private_display_name>secret</private_display_name><public_ip>secret</public_ip>
    <private_ip>secret</private_ip><hostname>secret</hostname><os>secret</os>
    <embassy>secret</embassy></representative></rep_list>
  <session_details>
    <event timestamp="1572954189" event_type="Chat Message">
      <performed_by type="customer" gsnumber="1">secret</performed_by>
      <destination type="representative" gsnumber="2">secret</destination><body>secret</body></event>
    <event timestamp="1572954190" event_type="Session Note Added">
      <performed_by type="representative" gsnumber="2">secret</performed_by><body>secret</body></event>
    <event timestamp="1572954191" event_type="Special Action Executed">
      <performed_by type="representative" gsnumber="2">secret</performed_by>
      <data><value name="action_name" value="Task Manager"/><value name="x" value="secret"/></data></event>
    <event timestamp="1572954192" event_type="Files Shared">
      <performed_by type="representative" gsnumber="2">secret</performed_by>
      <filename>secret</filename><files><file><filename>secret</filename><filesize>7</filesize></file></files></event>
    <event timestamp="1572954193" event_type="System Information Retrieved"><system_information>
      <category name="General"><data><row><field name="Host">secret</field></row></data></category>
    </system_information></event>
  </session_details></session></session_list>"#;

    #[test]
    fn no_part_of_a_session_shows_text_people_or_urls() {
        let list = parse_session_list(DOCUMENT).unwrap();
        let session = &list.sessions[0];
        let json = serde_json::to_string(session).unwrap();
        assert_eq!(json.matches("secret").count(), 40, "{json}");
        let parts = [
            format!("{list:?}"),
            format!("{:?}", session.custom_attributes),
            format!("{:?}", session.show_my_screen_recordings),
            format!("{:?}", session.primary_customer),
            format!("{:?}", session.primary_rep),
            format!("{:?}", session.customers),
            format!("{:?}", session.customers[0].info),
            format!("{:?}", session.customers[0].unknown),
            format!("{:?}", session.representatives),
            format!("{:?}", session.events[0].performed_by),
            format!("{:?}", session.events[0].destination),
            format!("{:?}", session.events[2].data),
            format!("{:?}", session.events[3].files),
            format!("{:?}", session.chat_transcript()),
            format!("{:?}", session.notes()),
            format!("{:?}", session.special_actions()),
            format!("{:?}", session.files()),
            format!("{:?}", session.system_information()),
            format!("{:?}", session.involvement()),
        ];
        for part in &parts {
            assert!(part.len() > 10 && !part.contains("secret"), "{part}");
        }
        // What tells one part from another stays.
        let all = parts.concat();
        for shown in [
            "0123456789abcdef",
            "ChatMessage",
            "Task Manager",
            "General",
            "tag",
            "Host",
        ] {
            assert!(all.contains(shown), "{shown}");
        }
    }

    #[test]
    fn views_can_be_told_in_json() {
        let list = parse_session_list(DOCUMENT).unwrap();
        let session = &list.sessions[0];
        let chat = serde_json::to_value(session.chat_transcript()).unwrap();
        assert_eq!(chat[0]["speaker_kind"], "customer");
        assert_eq!(chat[0]["text"], "secret");
        let involved = serde_json::to_value(session.involvement()).unwrap();
        assert_eq!(involved[0]["person"]["representative"]["gsnumber"], "2");
        assert_eq!(involved[1]["person"]["customer"]["gsnumber"], "1");
    }
}
