//! `get_support_teams`: teams, their issues and members.

use serde::{Deserialize, Serialize};

use super::read::{keep_root, number_attr, text_opt};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::xml::{Cursor, Element, XmlResult, read_reply};

/// Asks for the teams and their issues.
///
/// Keep the answer for a while: the vendor warns that asking with every request for support may
/// slow the appliance down.
///
/// Needs read-only access to commands. Since API version 1.5 or earlier.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bomgar_api::command::GetSupportTeams;
///
/// # let sim = bomgar_sim::BomgarSim::start().await;
/// # let account = bomgar_api::Credentials::oauth(sim.client_id(), sim.client_secret());
/// # let client = bomgar_api::Client::builder(sim.base_url(), account).build()?;
/// let teams = client.support_teams(&GetSupportTeams::new().show_members(true)).await?;
/// for team in teams.teams {
///     println!("{:?}: {} issues, {} members", team.name, team.issues.len(), team.members.len());
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct GetSupportTeams {
    show_members: bool,
}

impl GetSupportTeams {
    /// Teams and issues, without members.
    pub fn new() -> Self {
        GetSupportTeams::default()
    }

    /// Whether the teams' members are listed, too. Default: no.
    pub fn show_members(mut self, show: bool) -> Self {
        self.show_members = show;
        self
    }
}

/// The appliance's teams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SupportTeams {
    /// The teams, in the appliance's order.
    pub teams: Vec<SupportTeam>,
    /// Elements and attributes this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

/// A team.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SupportTeam {
    /// The team's number, which queues take.
    pub id: Option<u64>,
    /// The team's name.
    pub name: Option<String>,
    /// The issues that lead to this team.
    pub issues: Vec<SupportIssue>,
    /// The members; empty unless they were asked for.
    pub members: Vec<TeamMember>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// An issue that customers can choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SupportIssue {
    /// The issue's number.
    pub id: Option<u64>,
    /// What customers see.
    pub title: Option<String>,
    /// The code name, which queues take; not all versions state it.
    pub code_name: Option<String>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// A member of a team.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TeamMember {
    /// The representative's number, the same as in [`LoggedInRep`](super::LoggedInRep).
    pub id: Option<u64>,
    /// A name without further distinction.
    pub display_name: Option<String>,
    /// The name customers see.
    pub public_display_name: Option<String>,
    /// The name colleagues see.
    pub private_display_name: Option<String>,
    /// The log-in name.
    pub username: Option<String>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

impl Call for GetSupportTeams {
    type Reply = SupportTeams;

    fn operation(&self) -> &str {
        "get_support_teams"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        Ok(match self.show_members {
            true => vec![("showmembers".into(), "1".into())],
            false => Fields::new(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<SupportTeams> {
        let reply = read_reply(
            "support_teams",
            body,
            |all: &mut SupportTeams, cursor, el| {
                match el.name() {
                    "support_team" => all.teams.push(team(cursor, el)?),
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

fn team(cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<SupportTeam> {
    let mut team = SupportTeam::default();
    team.unknown.extend(el.unknown_attributes(&["id"]));
    team.id = number_attr(el, "id", &mut team.unknown);
    cursor.children(el, |cursor, el| {
        match el.name() {
            "name" => team.name = text_opt(cursor, &el, &mut team.unknown)?,
            "issues" => {
                team.unknown.extend(el.unknown_attributes(&[]));
                cursor.children(&el, |cursor, el| {
                    match el.name() {
                        "issue" => team.issues.push(issue(cursor, &el)?),
                        _ => team.unknown.push(cursor.raw(&el)?),
                    }
                    Ok(())
                })?;
            }
            "members" => {
                team.unknown.extend(el.unknown_attributes(&[]));
                cursor.children(&el, |cursor, el| {
                    match el.name() {
                        "representative" => team.members.push(member(cursor, &el)?),
                        _ => team.unknown.push(cursor.raw(&el)?),
                    }
                    Ok(())
                })?;
            }
            _ => team.unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    Ok(team)
}

/// The title is the element's own text or a child; the code name an attribute or a child.
fn issue(cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<SupportIssue> {
    let mut issue = SupportIssue::default();
    let known = ["id", "title", "code_name"];
    issue.unknown.extend(el.unknown_attributes(&known));
    issue.id = number_attr(el, "id", &mut issue.unknown);
    issue.title = el.attr_text("title");
    issue.code_name = el.attr_text("code_name");
    let mut text = String::new();
    cursor.content(
        el,
        |piece| text.push_str(&piece),
        |cursor, el| {
            match el.name() {
                "title" => issue.title = text_opt(cursor, &el, &mut issue.unknown)?,
                "code_name" => issue.code_name = text_opt(cursor, &el, &mut issue.unknown)?,
                _ => issue.unknown.push(cursor.raw(&el)?),
            }
            Ok(())
        },
    )?;
    own_text(&text, el, &mut issue.title, &mut issue.unknown);
    Ok(issue)
}

fn member(cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<TeamMember> {
    let mut member = TeamMember::default();
    member.unknown.extend(el.unknown_attributes(&["id"]));
    member.id = number_attr(el, "id", &mut member.unknown);
    let mut text = String::new();
    cursor.content(
        el,
        |piece| text.push_str(&piece),
        |cursor, el| {
            let (el, unknown) = (&el, &mut member.unknown);
            match el.name() {
                "display_name" => member.display_name = text_opt(cursor, el, unknown)?,
                "public_display_name" => {
                    member.public_display_name = text_opt(cursor, el, unknown)?;
                }
                "private_display_name" => {
                    member.private_display_name = text_opt(cursor, el, unknown)?;
                }
                "username" => member.username = text_opt(cursor, el, unknown)?,
                _ => unknown.push(cursor.raw(el)?),
            }
            Ok(())
        },
    )?;
    own_text(&text, el, &mut member.display_name, &mut member.unknown);
    Ok(member)
}

/// Takes an element's own text as the value when no child or attribute gave one; keeps it if not.
fn own_text(
    text: &str,
    el: &Element<'_>,
    value: &mut Option<String>,
    unknown: &mut Vec<RawElement>,
) {
    match text.trim() {
        "" => {}
        text if value.is_none() => *value = Some(text.to_owned()),
        text => unknown.push(RawElement {
            name: el.name().to_owned(),
            text: text.to_owned(),
            ..RawElement::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::body;

    #[test]
    fn members_are_asked_for_with_one() {
        let call = GetSupportTeams::new();
        assert_eq!(body(&call), "action=get_support_teams");
        assert_eq!(
            body(&call.show_members(true)),
            "action=get_support_teams&showmembers=1"
        );
    }

    #[test]
    fn reads_issues_and_members_in_each_form() {
        let body = br#"<support_teams xmlns="https://www.beyondtrust.com/namespaces/API/command">
	<support_team id="3" colour="red">
		<members count="2">
			<representative id="12"><public_display_name>Greta</public_display_name><x/></representative>
			<representative id="13">Hal</representative>
		</members>
		<name>Desk</name>
		<issues>
			<issue id="1">Printer</issue>
			<issue id="2" code_name="mail"><title>Mail</title></issue>
			<issue id="3"><code_name>net</code_name><title>Net</title></issue>
		</issues>
	</support_team>
	<support_team id="4"/>
</support_teams>"#;
        let all = GetSupportTeams::new().decode(body).unwrap();
        let team = &all.teams[0];
        assert_eq!((team.id, team.name.as_deref()), (Some(3), Some("Desk")));
        let issues: Vec<_> = team
            .issues
            .iter()
            .map(|i| (i.id, i.title.as_deref(), i.code_name.as_deref()))
            .collect();
        assert_eq!(
            issues,
            [
                (Some(1), Some("Printer"), None),
                (Some(2), Some("Mail"), Some("mail")),
                (Some(3), Some("Net"), Some("net")),
            ]
        );
        assert_eq!(
            team.members[0].public_display_name.as_deref(),
            Some("Greta")
        );
        assert_eq!(team.members[0].unknown[0].name, "x");
        assert_eq!(
            (team.members[1].id, team.members[1].display_name.as_deref()),
            (Some(13), Some("Hal"))
        );
        assert_eq!(team.unknown[0].attributes[0].1, "red");
        assert_eq!(team.unknown[1].attributes[0].0, "count");
        assert_eq!(all.teams[1].id, Some(4));
    }

    #[test]
    fn no_team_is_an_empty_list_and_an_error_is_an_error() {
        let call = GetSupportTeams::new();
        assert!(call.decode(b"<support_teams/>").unwrap().teams.is_empty());
        for body in [
            &b"<error>Denied</error>"[..],
            b"<support_teams><error >Denied</error></support_teams>",
        ] {
            assert_eq!(call.decode(body).unwrap_err().server_text(), Some("Denied"));
        }
    }
}
