//! `get_logged_in_reps`: who is logged in.

use jiff::Timestamp;
use quick_xml::escape::unescape;
use serde::{Deserialize, Serialize};

use super::read::{flag, keep_root, number, number_attr, open_enum, text_opt, time};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::xml::{Cursor, Element, XmlResult, read_reply};

/// Asks which representatives are logged in.
///
/// Keep the answer for a while: the vendor warns that asking with every request for support may
/// slow the appliance down.
///
/// Needs read-only access to commands. Since API version 1.5 or earlier; also in Privileged Remote
/// Access.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sim = bomgar_sim::BomgarSim::start().await;
/// # sim.log_in(bomgar_sim::Representative::new(12, "jdoe"));
/// # let account = bomgar_api::Credentials::oauth(sim.client_id(), sim.client_secret());
/// # let client = bomgar_api::Client::builder(sim.base_url(), account).build()?;
/// for rep in client.logged_in_reps().await?.reps {
///     println!("{:?} {:?} {:?}", rep.id, rep.public_name(), rep.direct_link_url());
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct GetLoggedInReps;

/// The representatives who are logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LoggedInReps {
    /// The representatives, in the appliance's order.
    pub reps: Vec<LoggedInRep>,
    /// Elements and attributes this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

open_enum! {
    /// The kind of a representative.
    RepKind {
        /// A representative with an account.
        Normal = "Normal",
        /// Somebody invited into a single session.
        Invited = "Invited",
        /// A member of an embassy; older versions only.
        Embassy = "Embassy",
    }
}

/// A representative who is logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LoggedInRep {
    /// The representative's number, which other actions take.
    pub id: Option<u64>,
    /// The public name; the only name before API version 1.10, and deprecated since. See
    /// [`public_name`](LoggedInRep::public_name).
    pub display_name: Option<String>,
    /// The name customers see.
    pub public_display_name: Option<String>,
    /// The name colleagues see.
    pub private_display_name: Option<String>,
    /// The log-in name; newer versions only.
    pub username: Option<String>,
    /// What kind of representative this is.
    pub kind: Option<RepKind>,
    /// An HTML link with which customers reach this representative. See
    /// [`direct_link_url`](LoggedInRep::direct_link_url).
    pub direct_link: Option<String>,
    /// Since when the representative is logged in.
    pub logged_in_since: Option<Timestamp>,
    /// How many presentations the representative is giving.
    pub presentation_count: Option<u64>,
    /// How many support sessions the representative is in.
    pub support_session_count: Option<u64>,
    /// Whether the public site shows the representative.
    pub showing_on_rep_list: Option<bool>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

impl LoggedInRep {
    /// The name customers see, on any version.
    pub fn public_name(&self) -> Option<&str> {
        self.public_display_name
            .as_deref()
            .or(self.display_name.as_deref())
    }

    /// The address inside of [`direct_link`](LoggedInRep::direct_link).
    pub fn direct_link_url(&self) -> Option<String> {
        let link = self.direct_link.as_deref()?;
        if !link.contains('<') {
            return Some(link.to_owned());
        }
        let start = link.to_ascii_lowercase().find("href=")? + "href=".len();
        let value = link.get(start..)?;
        let quote = value.chars().next()?;
        let value = match quote {
            '"' | '\'' => value.get(1..)?.split(quote).next()?,
            _ => value
                .split(|c: char| c == '>' || c.is_whitespace())
                .next()?,
        };
        // An address with a bare `&` is not escaped HTML, so it is the address as it stands.
        Some(unescape(value).map_or_else(|_| value.to_owned(), |url| url.into_owned()))
    }
}

impl Call for GetLoggedInReps {
    type Reply = LoggedInReps;

    fn operation(&self) -> &str {
        "get_logged_in_reps"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        Ok(Fields::new())
    }

    fn decode(&self, body: &[u8]) -> Result<LoggedInReps> {
        let reply = read_reply(
            "logged_in_reps",
            body,
            |all: &mut LoggedInReps, cursor, el| {
                match el.name() {
                    "rep" => all.reps.push(rep(cursor, el)?),
                    _ => all.unknown.push(cursor.raw(el)?),
                }
                Ok(())
            },
        )?;
        let mut all = reply.value;
        keep_root(reply.root, &mut all.unknown);
        Ok(all)
    }
}

fn rep(cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<LoggedInRep> {
    let mut rep = LoggedInRep::default();
    rep.unknown.extend(el.unknown_attributes(&["id"]));
    rep.id = number_attr(el, "id", &mut rep.unknown);
    cursor.children(el, |cursor, el| {
        let (el, unknown) = (&el, &mut rep.unknown);
        match el.name() {
            "display_name" => rep.display_name = text_opt(cursor, el, unknown)?,
            "public_display_name" => rep.public_display_name = text_opt(cursor, el, unknown)?,
            "private_display_name" => rep.private_display_name = text_opt(cursor, el, unknown)?,
            "username" => rep.username = text_opt(cursor, el, unknown)?,
            "type" => rep.kind = text_opt(cursor, el, unknown)?.map(RepKind::from),
            "direct_link" => rep.direct_link = text_opt(cursor, el, unknown)?,
            "logged_in_since" => rep.logged_in_since = time(cursor, el, unknown)?,
            "presentation_count" => rep.presentation_count = number(cursor, el, unknown)?,
            "support_session_count" => rep.support_session_count = number(cursor, el, unknown)?,
            "showing_on_rep_list" => rep.showing_on_rep_list = flag(cursor, el, unknown)?,
            _ => unknown.push(cursor.raw(el)?),
        }
        Ok(())
    })?;
    Ok(rep)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::body;

    #[test]
    fn sends_the_action_alone() {
        assert_eq!(body(&GetLoggedInReps), "action=get_logged_in_reps");
    }

    #[test]
    fn reads_every_part_in_any_order() {
        let body = br#"<?xml version="1.0" encoding="UTF-8"?>

<logged_in_reps xmlns="http://www.bomgar.com/namespaces/API/command">
	<rep id="12" seat="3">
		<support_session_count>2</support_session_count>
		<display_name>Greta</display_name>
		<public_display_name lang="en">Greta</public_display_name>
		<private_display_name>Greta Lang</private_display_name>
		<type>Embassy</type>
		<status><code>busy</code></status>
		<direct_link>&lt;a href="https://support.example.com/api/start_session?id=12&amp;amp;name=G"&gt;Greta&lt;/a&gt;</direct_link>
		<logged_in_since ts="1572954189">2019-11-05T11:43:09+00:00</logged_in_since>
		<presentation_count>0</presentation_count>
		<showing_on_rep_list>1</showing_on_rep_list>
	</rep>
	<novelty/>
</logged_in_reps>"#;
        let all = GetLoggedInReps.decode(body).unwrap();
        let rep = &all.reps[0];
        assert_eq!(rep.id, Some(12));
        assert_eq!(rep.public_name(), Some("Greta"));
        assert_eq!(rep.private_display_name.as_deref(), Some("Greta Lang"));
        assert_eq!(rep.kind, Some(RepKind::Embassy));
        assert_eq!(
            rep.direct_link_url().as_deref(),
            Some("https://support.example.com/api/start_session?id=12&name=G")
        );
        assert_eq!(
            rep.logged_in_since,
            Timestamp::from_second(1_572_954_189).ok()
        );
        assert_eq!(
            (rep.presentation_count, rep.support_session_count),
            (Some(0), Some(2))
        );
        assert_eq!(rep.showing_on_rep_list, Some(true));
        let kept: Vec<_> = rep
            .unknown
            .iter()
            .map(|raw| (raw.name.as_str(), raw.attributes.len(), raw.children.len()))
            .collect();
        assert_eq!(
            kept,
            [
                ("rep", 1, 0),
                ("public_display_name", 1, 0),
                ("status", 0, 1)
            ]
        );
        assert_eq!(all.unknown[0].name, "novelty");
        let json = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<LoggedInReps>(&json).unwrap(), all);
    }

    #[test]
    fn nobody_is_an_empty_list_and_an_error_is_an_error() {
        for body in [
            &b"<logged_in_reps/>"[..],
            b"<logged_in_reps>\n</logged_in_reps>",
        ] {
            assert!(GetLoggedInReps.decode(body).unwrap().reps.is_empty());
        }
        for body in [
            &b"<error >Login denied</error>"[..],
            b"<logged_in_reps><error>Login denied</error></logged_in_reps>",
        ] {
            let error = GetLoggedInReps.decode(body).unwrap_err();
            assert_eq!(error.server_text(), Some("Login denied"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_kept() {
        let body = b"<logged_in_reps><rep id='x'><type>Robot</type>\
            <logged_in_since>2019-11-05</logged_in_since>\
            <showing_on_rep_list>maybe</showing_on_rep_list></rep></logged_in_reps>";
        let rep = &GetLoggedInReps.decode(body).unwrap().reps[0];
        assert_eq!(rep.kind, Some(RepKind::Other("Robot".into())));
        assert_eq!(
            (rep.id, rep.logged_in_since, rep.showing_on_rep_list),
            (None, None, None)
        );
        assert_eq!(rep.unknown[0].attributes[0].1, "x");
        assert_eq!(rep.unknown[1].text, "2019-11-05");
        assert_eq!(rep.unknown[2].text, "maybe");
    }

    #[test]
    fn links_are_found_in_every_form() {
        for (link, url) in [
            (
                "<a href=\"https://h/?a=1&amp;b=2\">x</a>",
                "https://h/?a=1&b=2",
            ),
            (
                "<A class='c' HREF='https://h/?a=1&b=2'>x</A>",
                "https://h/?a=1&b=2",
            ),
            ("<a href=https://h/>x</a>", "https://h/"),
            ("https://h/", "https://h/"),
        ] {
            let rep = LoggedInRep {
                direct_link: Some(link.into()),
                ..LoggedInRep::default()
            };
            assert_eq!(rep.direct_link_url().as_deref(), Some(url), "{link}");
        }
        let rep = LoggedInRep {
            direct_link: Some("<b>none</b>".into()),
            ..LoggedInRep::default()
        };
        assert_eq!(rep.direct_link_url(), None);
    }
}
