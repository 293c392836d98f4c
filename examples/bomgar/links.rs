//! What people enter in consoles, in Autotask and on the appliance.

use super::{Failure, Outcome, cli::AttributeArgs, connect::Place, output::Printer};
use crate::tool::pair;
use bomgar_api::{
    client_script::{
        Action, ClientSearch, Console, CustomLink, JumpMethod, LiveLink, Script, ScriptUrl,
    },
    event::{ApplianceId, DEFAULT_PORT, EventKind, RecipientUrl},
};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

#[derive(Args)]
pub(super) struct ScriptUrlArgs {
    /// For the console in the browser.
    #[arg(long, global = true, conflicts_with_all = ["script", "line"])]
    web: bool,
    /// Print the script itself instead of the URL at which the appliance makes it.
    #[arg(long, global = true)]
    script: bool,
    /// Print the line that the console takes behind --run-script.
    #[arg(long, global = true, conflicts_with = "script")]
    line: bool,
    #[command(subcommand)]
    action: ActionName,
}

/// The actions, as they are named on the wire.
#[derive(Subcommand)]
#[command(rename_all = "snake_case")]
enum ActionName {
    /// Log in.
    Login,
    /// Open the dialog that makes a session key.
    GenerateSessionKey {
        #[command(flatten)]
        attributes: AttributeArgs,
        /// Host name of the public site for the key.
        #[arg(long = "public-portal-hostname", value_name = "HOST")]
        public_portal_hostname: Option<String>,
    },
    /// Start a session with a Jump Item.
    StartJumpItemSession {
        #[command(flatten)]
        search: SearchArgs,
        #[command(flatten)]
        attributes: AttributeArgs,
        /// How to jump.
        #[arg(long = "jump-method", value_enum)]
        jump_method: Option<MethodName>,
        /// The credential to inject.
        #[arg(long = "credential-id", value_name = "ID")]
        credential_id: Option<String>,
    },
    /// Start a session with a Jump Client, on older appliances.
    StartPinnedClientSession {
        #[command(flatten)]
        search: SearchArgs,
        #[command(flatten)]
        attributes: AttributeArgs,
    },
    /// Push the customer client to a computer on the representative's network.
    PushAndStartLocal {
        hostname: String,
        #[command(flatten)]
        attributes: AttributeArgs,
    },
    /// Push the customer client to a computer through a Jumpoint.
    PushAndStartRemote(TargetArgs),
    /// Start a session with an Intel vPro computer; needs a Jumpoint.
    StartVproSession(TargetArgs),
    /// Start a remote desktop session.
    StartRdpSession(TargetArgs),
    /// Start a VNC session.
    StartVncSession(TargetArgs),
    /// Open a shell on a device.
    StartShellJumpSession(TargetArgs),
    /// Any other action, with its parameters.
    Raw {
        action: String,
        /// A parameter. May be repeated.
        #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
        parameters: Vec<(String, String)>,
    },
}

#[derive(Args)]
struct TargetArgs {
    target: String,
    /// The Jumpoint to go through.
    #[arg(long)]
    jumpoint: Option<String>,
    #[command(flatten)]
    attributes: AttributeArgs,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct SearchArgs {
    /// Search all fields for this text.
    #[arg(long)]
    search: Option<String>,
    /// Search the host names.
    #[arg(long)]
    hostname: Option<String>,
    /// Search the comments.
    #[arg(long)]
    comments: Option<String>,
    /// Search the tags.
    #[arg(long)]
    tag: Option<String>,
    /// Search the private addresses of Jump Clients.
    #[arg(long)]
    private_ip: Option<String>,
    /// Search the public addresses of Jump Clients.
    #[arg(long)]
    public_ip: Option<String>,
}

impl SearchArgs {
    fn search(&self) -> ClientSearch {
        let mut search = match &self.search {
            Some(text) => ClientSearch::text(text),
            None => ClientSearch::default(),
        };
        type And = fn(ClientSearch, &str) -> ClientSearch;
        let terms: [(&Option<String>, And); 5] = [
            (&self.hostname, |search, text| search.and_hostname(text)),
            (&self.comments, |search, text| search.and_comments(text)),
            (&self.tag, |search, text| search.and_tag(text)),
            (&self.private_ip, |search, text| search.and_private_ip(text)),
            (&self.public_ip, |search, text| search.and_public_ip(text)),
        ];
        for (text, and) in terms {
            if let Some(text) = text {
                search = and(search, text);
            }
        }
        search
    }
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum MethodName {
    Push,
    LocalPush,
    Pinned,
    Rdp,
    Vnc,
    Shelljump,
}

impl From<MethodName> for JumpMethod {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Push => JumpMethod::Push,
            MethodName::LocalPush => JumpMethod::LocalPush,
            MethodName::Pinned => JumpMethod::Pinned,
            MethodName::Rdp => JumpMethod::Rdp,
            MethodName::Vnc => JumpMethod::Vnc,
            MethodName::Shelljump => JumpMethod::ShellJump,
        }
    }
}

fn action(name: &ActionName) -> Outcome<Action> {
    let at = |make: fn(String) -> Action, arguments: &TargetArgs| {
        let action = make(arguments.target.clone()).attributes(arguments.attributes.attributes());
        match &arguments.jumpoint {
            Some(jumpoint) => action.jumpoint(jumpoint),
            None => action,
        }
    };
    Ok(match name {
        ActionName::Login => Action::login(),
        ActionName::GenerateSessionKey {
            attributes,
            public_portal_hostname,
        } => {
            let action = Action::generate_session_key().attributes(attributes.attributes());
            match public_portal_hostname {
                Some(host) => action.public_portal_hostname(host),
                None => action,
            }
        }
        ActionName::StartJumpItemSession {
            search,
            attributes,
            jump_method,
            credential_id,
        } => {
            let mut action = Action::start_jump_item_session(search.search())
                .attributes(attributes.attributes());
            if let Some(method) = jump_method {
                action = action.jump_method((*method).into());
            }
            if let Some(id) = credential_id {
                action = action.credential_id(id);
            }
            action
        }
        ActionName::StartPinnedClientSession { search, attributes } => {
            Action::start_pinned_client_session(search.search()).attributes(attributes.attributes())
        }
        ActionName::PushAndStartLocal {
            hostname,
            attributes,
        } => Action::push_and_start_local(hostname).attributes(attributes.attributes()),
        ActionName::PushAndStartRemote(arguments) => at(Action::push_and_start_remote, arguments),
        ActionName::StartVproSession(arguments) => {
            let Some(jumpoint) = &arguments.jumpoint else {
                let what = "start_vpro_session needs --jumpoint";
                return Err(Failure::Usage(what.to_owned()));
            };
            Action::start_vpro_session(&arguments.target, jumpoint)
                .attributes(arguments.attributes.attributes())
        }
        ActionName::StartRdpSession(arguments) => at(Action::start_rdp_session, arguments),
        ActionName::StartVncSession(arguments) => at(Action::start_vnc_session, arguments),
        ActionName::StartShellJumpSession(arguments) => {
            at(Action::start_shell_jump_session, arguments)
        }
        ActionName::Raw { action, parameters } => {
            if parameters
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("password"))
            {
                let what = "passwords are not taken as arguments, which others can read";
                return Err(Failure::Usage(what.to_owned()));
            }
            let action = Action::new(action);
            parameters.iter().fold(action, |action, (name, value)| {
                action.parameter(name, value)
            })
        }
    })
}

/// A result that is one text.
#[derive(Serialize)]
struct Text<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a str>,
}

pub(super) fn script_url(
    arguments: &ScriptUrlArgs,
    place: &Place,
    printer: &mut Printer<'_>,
) -> Outcome {
    let action = action(&arguments.action)?;
    let mut result = Text {
        url: None,
        script: None,
        line: None,
    };
    let text;
    if arguments.script {
        text = Script::new(action).encode()?;
        result.script = Some(&text);
    } else if arguments.line {
        text = action.encode()?;
        result.line = Some(&text);
    } else {
        let console = match arguments.web {
            true => Console::Web,
            false => Console::Desktop,
        };
        let url = ScriptUrl::new(action)
            .console(console)
            .spelling(place.spelling)
            .url(&place.host)?;
        text = place.rebase(&url);
        result.url = Some(&text);
    }
    if !printer.is_table() {
        return printer.json(&result);
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    printer.text(&format!("{text}{end}"))
}

#[derive(Args)]
pub(super) struct LivelinksArgs {
    /// Jump by start_jump_item_session, which newer appliances prefer.
    #[arg(long)]
    jump_item: bool,
    /// Number in the address of the customer's Autotask, such as 5 in ww5.autotask.net; shows the
    /// custom link for the representative console, too.
    #[arg(long, value_name = "NUMBER")]
    autotask_instance: Option<u32>,
    /// Host name of the receiver of outbound events; shows the recipient's URL, too.
    #[arg(long, value_name = "HOST")]
    receiver: Option<String>,
    /// Port of the receiver. Default: 8180, with --https 443.
    #[arg(long, requires = "receiver")]
    port: Option<u16>,
    /// The receiver is reached by https.
    #[arg(long, requires = "receiver")]
    https: bool,
    /// Appliance id in the recipient's URL.
    #[arg(long, value_name = "ID", requires = "receiver")]
    appliance: Option<ApplianceId>,
}

/// The HTTP recipient of outbound events.
#[derive(Serialize)]
struct Recipient {
    url: String,
    events: Vec<String>,
}

/// What is entered where, told apart by programs.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Entry<'a> {
    LiveLink(&'a LiveLink),
    CustomLink(&'a CustomLink),
    Recipient(&'a Recipient),
}

pub(super) fn livelinks(
    arguments: &LivelinksArgs,
    place: &Place,
    printer: &mut Printer<'_>,
) -> Outcome {
    let jump = match arguments.jump_item {
        true => LiveLink::jump_to_ci_by_jump_item(&place.host, place.spelling)?,
        false => LiveLink::jump_to_ci(&place.host, place.spelling)?,
    };
    let key = LiveLink::session_key(&place.host, place.spelling)?;
    let custom = arguments.autotask_instance.map(CustomLink::ticket);
    let recipient = match &arguments.receiver {
        Some(host) => Some(recipient(host, arguments)?),
        None => None,
    };
    if !printer.is_table() {
        for link in [&jump, &key] {
            printer.json(&Entry::LiveLink(link))?;
        }
        if let Some(custom) = &custom {
            printer.json(&Entry::CustomLink(custom))?;
        }
        if let Some(recipient) = &recipient {
            printer.json(&Entry::Recipient(recipient))?;
        }
        return Ok(());
    }
    printer.text(&format!("Autotask, LiveLinks Designer:\n\n{jump}\n{key}"))?;
    if let Some(custom) = custom {
        printer.text(&format!(
            "\nAppliance, /login > Rep Console > Custom Links:\n\nName: {}\nURL: {custom}\n",
            custom.name
        ))?;
    }
    if let Some(recipient) = recipient {
        printer.text(&format!(
            "\nAppliance, /login > Management > Outbound Events > Add New HTTP Recipient:\n\n\
             URL: {}\nEvents to Send: {}\n",
            recipient.url,
            recipient.events.join(", ")
        ))?;
    }
    Ok(())
}

fn recipient(host: &str, arguments: &LivelinksArgs) -> Outcome<Recipient> {
    let standard = if arguments.https { 443 } else { DEFAULT_PORT };
    let mut url = RecipientUrl::new(host)?
        .https(arguments.https)
        .port(arguments.port.unwrap_or(standard));
    if let Some(appliance) = &arguments.appliance {
        url = url.appliance(appliance.clone());
    }
    let events = [
        EventKind::ConferenceEnd,
        EventKind::CustomerExitSurveyCompleted,
        EventKind::RepExitSurveyCompleted,
        EventKind::ConferenceMemberAdded,
    ];
    Ok(Recipient {
        url: url.to_string(),
        events: events.map(|kind| kind.label().to_owned()).to_vec(),
    })
}
