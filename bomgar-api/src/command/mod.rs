//! The Command API: what the appliance can be told and asked.
//!
//! Each call is a plain request type that implements [`Call`](crate::Call): it can be encoded and
//! its answer decoded without a client, or it can be given to a `Client`, which has a method for
//! each action. An action that is not in this table can be called as [`RawCommand`].
//!
//! | Action | Request | Account needs | Since |
//! |---|---|---|---|
//! | `check_health` | [`CheckHealth`] | read-only | 14.2 ¹ |
//! | `create_virtual_customer` | [`CreateVirtualCustomer`] | read-only ² | API 1.21 |
//! | `generate_session_key` | [`GenerateSessionKey`] | full access | API ≤ 1.5 |
//! | `get_api_info` | [`GetApiInfo`] | any account | API ≤ 1.5 ¹ |
//! | `get_appliances` | [`GetAppliances`] | read-only | ≤ 14.1 |
//! | `get_connected_client_list` | [`GetConnectedClientList`] | read-only | ≤ 14.1 ¹ |
//! | `get_connected_clients` | [`GetConnectedClients`] | read-only | ≤ 14.1 ¹ |
//! | `get_logged_in_reps` | [`GetLoggedInReps`] | read-only | API ≤ 1.5 ¹ |
//! | `get_session_attributes` | [`GetSessionAttributes`] | read-only | API ≤ 1.16 ¹ |
//! | `get_support_teams` | [`GetSupportTeams`] | read-only | API ≤ 1.5 |
//! | `import_jump_shortcut` | [`ImportJumpShortcut`] | full access | API ≤ 1.16 ¹ |
//! | `join_session` | [`JoinSession`] | full access | ≤ 14.1 |
//! | `leave_session` | [`LeaveSession`] | full access | API 1.21 |
//! | `logout_rep` | [`LogoutRep`] | full access | API > 1.21 |
//! | `send_chat_message` | [`SendChatMessage`] | read-only ² | API 1.21 |
//! | `set_failover_role` | [`SetFailoverRole`] | full access | 14.2 ¹ |
//! | `set_rep_status` | [`SetRepStatus`] | read-only ² | API > 1.21 |
//! | `set_session_attributes` | [`SetSessionAttributes`] | full access | ≤ 14.1 ¹ |
//! | `terminate_session` | [`TerminateSession`] | full access | ≤ 14.1 ¹ |
//! | `transfer_session` | [`TransferSession`] | full access | API ≤ 1.5 |
//!
//! ≤ means that the action was there already in that version. Versions marked API are the API's
//! own, which [`ApiInfo::is_at_least`] compares; the others are the product's.
//!
//! ¹ Also in Privileged Remote Access.
//! ² So the vendor's page says, although the action changes something; an appliance may demand
//! full access.
//!
//! Every reply keeps what this crate does not know in `unknown`: elements as they were sent, and
//! further attributes of known elements as an element of that name with these attributes alone.

mod attributes;
mod check_health;
mod client_type;
mod create_virtual_customer;
mod generate_session_key;
mod get_api_info;
mod get_appliances;
mod get_connected_client_list;
mod get_connected_clients;
mod get_logged_in_reps;
mod get_session_attributes;
mod get_support_teams;
mod import_jump_shortcut;
mod join_session;
mod leave_session;
mod logout_rep;
mod raw;
mod read;
mod rep_ref;
mod send_chat_message;
mod set_failover_role;
mod set_rep_status;
mod set_session_attributes;
mod terminate_session;
mod transfer_session;

#[cfg(feature = "archive")]
pub(crate) use read::open_enum;

pub use attributes::SessionAttributes;
pub use check_health::{CheckHealth, Health};
pub use client_type::ClientType;
pub use create_virtual_customer::{
    CreateVirtualCustomer, Locale, VirtualCustomer, VirtualCustomerDetails,
};
pub use generate_session_key::{
    CustomerDetails, GenerateSessionKey, KeyQueue, Priority, Queue, SessionKey,
};
pub use get_api_info::{ApiInfo, CommandAccess, GetApiInfo};
pub use get_appliances::{Appliance, Appliances, ClusterRole, FailoverRole, GetAppliances};
pub use get_connected_client_list::{
    ApplianceSummary, ClientCount, ClientRef, ConnectedClientList, GetConnectedClientList,
};
pub use get_connected_clients::{ConnectedClient, ConnectedClients, GetConnectedClients};
pub use get_logged_in_reps::{GetLoggedInReps, LoggedInRep, LoggedInReps, RepKind};
pub use get_session_attributes::{CustomAttributes, GetSessionAttributes};
pub use get_support_teams::{GetSupportTeams, SupportIssue, SupportTeam, SupportTeams, TeamMember};
pub use import_jump_shortcut::{ImportJumpShortcut, JumpTarget};
pub use join_session::JoinSession;
pub use leave_session::LeaveSession;
pub use logout_rep::LogoutRep;
pub use raw::RawCommand;
pub use rep_ref::RepRef;
pub use send_chat_message::{ChatTarget, SendChatMessage, SessionSender, TeamSender};
pub use set_failover_role::SetFailoverRole;
pub use set_rep_status::SetRepStatus;
pub use set_session_attributes::SetSessionAttributes;
pub use terminate_session::TerminateSession;
pub use transfer_session::{TransferQueue, TransferSession};

use crate::call::Fields;
use crate::error::{Error, Result};
use crate::xml::{read_any_reply, read_reply};

/// Reads the answer of an action that answers `<success>`, and gives its text.
///
/// ```
/// use bomgar_api::command::parse_success;
///
/// assert_eq!(parse_success(b"<success>Successfully terminated</success>")?, "Successfully terminated");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Api`](crate::ErrorKind::Api) when the answer is an `<error>`, and the kinds for
/// answers that cannot be read.
pub fn parse_success(body: &[u8]) -> Result<String> {
    Ok(read_reply("success", body, |(): &mut (), _, _| Ok(()))?.text)
}

/// [`parse_success`] for actions whose good answer is not known for certain: whatever is not an
/// error is success.
fn parse_message(body: &[u8]) -> Result<String> {
    Ok(read_any_reply(None, body, |(): &mut (), _, _| Ok(()))?.text)
}

/// Checks a text's length in characters.
pub(crate) fn check_length(field: &str, value: &str, limit: usize) -> Result<()> {
    let length = value.chars().count();
    if length <= limit {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "{field} has {length} characters, the appliance takes at most {limit}"
    )))
}

/// Checks that a required text is there.
fn check_filled(field: &str, value: &str) -> Result<()> {
    if value.trim().is_empty() {
        return Err(Error::invalid_request(format!("{field} is empty")));
    }
    Ok(())
}

/// Checks the name of a field that the caller chose, against those that are there.
fn check_extra_field(fields: &Fields, name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::invalid_request("a field has no name"));
    }
    if name == "action" || fields.iter().any(|(known, _)| known == name) {
        return Err(Error::invalid_request(format!(
            "the field {} is sent already",
            crate::error::shorten(name, 60)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod testing {
    use crate::call::{Call, Spelling};

    pub(super) const LSID: &str = "0123456789abcdef0123456789abcdef";

    /// A request's body.
    pub(super) fn body(call: &impl Call) -> String {
        let request = call.encode("https://support.example.com", Spelling::Plain);
        String::from_utf8(request.unwrap().into_body().to_vec()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::{LSID, body};
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::ErrorKind;
    use crate::call::Call;

    /// Reads a document whole, cut at every byte, under another root, and through JSON.
    fn bear<C>(call: &C, document: &str)
    where
        C: Call,
        C::Reply: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let name = call.operation();
        let reply = call.decode(document.as_bytes()).unwrap();
        let json = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<C::Reply>(&json).unwrap(), reply);
        for end in 0..document.len() {
            let error = call.decode(&document.as_bytes()[..end]).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Truncated | ErrorKind::WrongContent),
                "{name} cut at {end}: {error:?}"
            );
        }
        for (body, kind) in [
            (&b"<html><body/></html>"[..], ErrorKind::WrongContent),
            (b"{\"a\":1}", ErrorKind::WrongContent),
            (b"\x1f\x8b\x08", ErrorKind::WrongContent),
            (b"<error >No</error>", ErrorKind::Api),
            (b"<error>Login failed</error>", ErrorKind::Unauthorized),
        ] {
            let error = call.decode(body).unwrap_err();
            assert_eq!(error.kind(), kind, "{name}: {body:?}");
        }
    }

    #[test]
    fn no_reply_is_taken_for_another_or_for_whole_when_it_is_cut() {
        bear(
            &GetLoggedInReps,
            "<logged_in_reps><rep id='1'><type>Normal</type><x/></rep></logged_in_reps>",
        );
        bear(
            &GetSupportTeams::new(),
            "<support_teams><support_team id='1'><name>n</name><issues><issue>i</issue></issues>\
             <members><representative id='2'/></members></support_team></support_teams>",
        );
        bear(
            &GenerateSessionKey::default(),
            "<session_key><queue available='1'>rep</queue><expires>1573040589</expires></session_key>",
        );
        bear(
            &GetSessionAttributes::new(LSID),
            "<custom_attributes><custom_attribute code_name='a'>&lt;é</custom_attribute></custom_attributes>",
        );
        bear(
            &GetAppliances,
            "<appliances><appliance id='a'><cluster_role>hub</cluster_role></appliance></appliances>",
        );
        bear(
            &GetConnectedClientList::new(),
            "<connected_client_list><connected_client_summary><appliance_summary id='a'>\
             <count type='x'>1</count></appliance_summary></connected_client_summary>\
             <connected_client type='push_agent' id='1'/></connected_client_list>",
        );
        bear(
            &GetConnectedClients::all(),
            "<connected_clients><connected_push_agent id='1'><platform id='2'>w</platform>\
             </connected_push_agent></connected_clients>",
        );
        bear(
            &CheckHealth,
            "<health_check><appliance id='a'>n</appliance><success>1</success></health_check>",
        );
        bear(
            &GetApiInfo,
            "<api_information><permissions><permission name='p'>1</permission></permissions></api_information>",
        );
        let details = VirtualCustomerDetails {
            name: "n".into(),
            ip_address: "i".into(),
            operating_system: "o".into(),
            computer_name: "c".into(),
        };
        let call = CreateVirtualCustomer::new("1", details);
        bear(
            &call,
            "<virtual_customer><chat_url>u</chat_url></virtual_customer>",
        );
        bear(&TerminateSession::new(LSID), "<success>Done</success>");
        let chat = SendChatMessage::to_session(LSID, SessionSender::System, "x");
        bear(&chat, "<success>Done</success>");
        bear(&RawCommand::read("x"), "<any a='1'>t<b>c</b></any>");
    }

    #[test]
    fn another_root_is_refused_where_the_root_is_known() {
        let other = b"<other/>";
        let kinds = [
            GetLoggedInReps.decode(other).map(|_| ()),
            GetSupportTeams::new().decode(other).map(|_| ()),
            GenerateSessionKey::default().decode(other).map(|_| ()),
            GetSessionAttributes::new(LSID).decode(other).map(|_| ()),
            GetAppliances.decode(other).map(|_| ()),
            GetConnectedClientList::new().decode(other).map(|_| ()),
            GetConnectedClients::all().decode(other).map(|_| ()),
            CheckHealth.decode(other).map(|_| ()),
            GetApiInfo.decode(other).map(|_| ()),
            parse_success(other).map(|_| ()),
        ]
        .map(|result| result.unwrap_err().kind());
        assert_eq!(kinds, [kinds[0]; 10]);
        assert!(!matches!(kinds[0], ErrorKind::Api | ErrorKind::Truncated));
    }

    fn form(body: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect()
    }

    proptest! {
        #[test]
        fn any_attribute_arrives_as_it_was_given(values in prop::collection::vec(any::<String>(), 1..5)) {
            let mut attributes = SessionAttributes::new();
            let mut expected = vec![
                ("action".to_owned(), "set_session_attributes".to_owned()),
                ("lsid".to_owned(), LSID.to_owned()),
            ];
            for (number, value) in values.iter().enumerate() {
                attributes = attributes.custom(format!("a{number}"), value.as_str());
                expected.push((format!("session.custom.a{number}"), value.clone()));
            }
            let call = SetSessionAttributes::new(LSID, attributes);
            prop_assert_eq!(form(&body(&call)), expected);
        }

        #[test]
        fn any_text_arrives_as_it_was_given(text in "(?s).*\\S.*", name in any::<String>()) {
            let call = SendChatMessage::to_session(LSID, SessionSender::Customer, text.as_str());
            let sent = form(&body(&call));
            prop_assert_eq!(sent.last(), Some(&("body".to_owned(), text)));
            let call = RawCommand::read("x").field("y", name.as_str());
            prop_assert_eq!(&form(&body(&call))[1], &("y".to_owned(), name));
        }

        #[test]
        fn no_answer_makes_a_reader_fail_badly(answer in any::<Vec<u8>>(), xml in "<[a-z_]{1,9}( [a-z]='[0-9]')?>(<[a-z]>x?</[a-z]>|&[a-z]{2};|x)*</[a-z_]{1,9}>") {
            for body in [&answer[..], xml.as_bytes()] {
                let _ = GetLoggedInReps.decode(body);
                let _ = GetSupportTeams::new().decode(body);
                let _ = GetConnectedClients::all().decode(body);
                let _ = RawCommand::read("x").decode(body);
            }
        }
    }
}
