//! The session report: what is read from documents in all their spellings, and from broken ones.

use bomgar_api::ErrorKind;
use bomgar_api::reporting::{
    Actor, ActorKind, EventType, Person, Session, SessionList, parse_session_list,
    parse_session_list_with,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const LSID: &str = "0123456789abcdef0123456789abcdef";

/// A closed session with everything in it that is known of Remote Support.
const CLOSED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>


<session_list xmlns="http://www.bomgar.com/namespaces/API/reporting" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
	<session lsid="0123456789abcdef0123456789abcdef">
		<session_type>support</session_type>
		<lseq>4242</lseq>
		<start_time timestamp="1572954000">2019-11-05T11:40:00+00:00</start_time>
		<end_time timestamp="1572955800">2019-11-05T12:10:00+00:00</end_time>
		<duration>00:30:00</duration>
		<public_site id="1">Default</public_site>
		<rep_join_time timestamp="1572954030">2019-11-05T11:40:30+00:00</rep_join_time>
		<external_key>4711</external_key>
		<custom_attributes>
			<custom_attribute display_name="Asset Tag" code_name="asset_tag">PC-17 &amp; dock</custom_attribute>
		</custom_attributes>
		<session_chat_view_url>https://support.example.com/session_download?view=1</session_chat_view_url>
		<session_chat_download_url>https://support.example.com/session_download</session_chat_download_url>
		<command_shell_recordings>
			<command_shell_recording instance="0">
				<download_url>https://support.example.com/d</download_url>
				<view_url>https://support.example.com/v</view_url>
			</command_shell_recording>
		</command_shell_recordings>
		<file_transfer_count>2</file_transfer_count>
		<file_move_count>0</file_move_count>
		<jumpoint id="-1"></jumpoint>
		<primary_customer gsnumber="1">Ann Archer</primary_customer>
		<jump_group type="shared" id="7">Workstations</jump_group>
		<primary_rep gsnumber="2" id="9">Jane Doe</primary_rep>
		<primary_team id="3">Service Desk</primary_team>
		<customer_list>
			<customer gsnumber="1">
				<username>Ann Archer</username>
				<public_ip>203.0.113.7:50123</public_ip>
				<private_ip>Unknown</private_ip>
				<hostname>PC-17</hostname>
				<os>Windows 10 Enterprise x64</os>
				<primary_cust>1</primary_cust>
				<info>
					<name>Ann</name>
					<company>Acme, Inc.</company>
					<company_code></company_code>
					<issue>Mail</issue>
					<details>It says "no"</details>
				</info>
			</customer>
		</customer_list>
		<rep_list>
			<representative gsnumber="2" id="9">
				<username>jdoe</username>
				<display_name>Jane D.</display_name>
				<public_display_name>Jane D.</public_display_name>
				<private_display_name>Jane Doe</private_display_name>
				<public_ip>[2001:db8::9]:443</public_ip>
				<private_ip>10.0.0.9</private_ip>
				<hostname>LAPTOP-9</hostname>
				<os>macOS</os>
				<session_owner>1</session_owner>
				<seconds_involved>1700</seconds_involved>
				<primary_rep>1</primary_rep>
			</representative>
			<representative gsnumber="3" id="10">
				<username>bob</username>
				<seconds_involved>60</seconds_involved>
				<primary_rep>0</primary_rep>
				<mood>fine</mood>
			</representative>
		</rep_list>
		<team_list>
			<team id="3"><name>Service Desk</name></team>
		</team_list>
		<cust_survey_list>
			<cust_exit_survey gsnumber="1" />
		</cust_survey_list>
		<rep_survey_list>
		</rep_survey_list>
		<session_details>
			<event timestamp="1572954000" event_type="Session Start">

			</event>
			<event timestamp="1572954060" event_type="Chat Message">
				<performed_by type="representative" gsnumber="2">Jane Doe</performed_by>
				<destination type="everyone" gsnumber="0">Everyone</destination>
				<body>Hello &lt;Ann&gt;,
how can I help?</body>
			</event>
			<event timestamp="1572954070" event_type="Chat Message">
				<performed_by type="customer" gsnumber="1"></performed_by>
				<destination type="representative" gsnumber="2">Jane Doe</destination>
				<encoded_body>TWFpbCBmYWls
					cyAHIQ==</encoded_body>
			</event>
			<event timestamp="1572954100" event_type="File Upload">
				<performed_by type="representative" gsnumber="2">Jane Doe</performed_by>
				<destination type="customer" gsnumber="1">Ann Archer</destination>
				<data>
					<value name="filename" value="C:\fix.exe" />
					<value name="filesize" value="1048576" />
				</data>
			</event>
			<event timestamp="1572954110" event_type="File Moved">
				<performed_by type="representative" gsnumber="2">Jane Doe</performed_by>
				<data>
					<value name="old_path" value="C:\fix.exe" />
					<value name="new_path" value="D:\fix.exe" />
				</data>
			</event>
			<event timestamp="1572954120" event_type="Files Shared">
				<performed_by type="customer" gsnumber="1">Ann Archer</performed_by>
				<files>
					<file><filename>a.txt</filename><filesize>1</filesize></file>
					<file><filename>b.txt</filename><filesize>many</filesize></file>
				</files>
			</event>
			<event timestamp="1572954130" event_type="Special Action Executed">
				<performed_by type="representative" gsnumber="2">Jane Doe</performed_by>
				<data><value name="action_name" value="Task Manager" /></data>
			</event>
			<event timestamp="1572954140" event_type="System Information Retrieved">
				<performed_by type="representative" gsnumber="2">Jane Doe</performed_by>
				<system_information>
					<category name="General">
						<description>
							<field name="Computer Name">PC-17</field>
							<field name="Total RAM">16 GB</field>
						</description>
					</category>
					<category name="Disk Drives">
						<data>
							<row><field name="Drive">C:</field><field name="Free">12 GB</field></row>
							<row><field name="Drive">D:</field><field name="Free">80 GB</field></row>
						</data>
					</category>
					<category name="Printers" />
				</system_information>
			</event>
			<event timestamp="1572954150" event_type="System Information Retrieved">
				<system_information>
					<category name="Disk Drives"><data><row><field name="Drive">E:</field></row></data></category>
				</system_information>
			</event>
			<event timestamp="1572955700" event_type="Session Note Added">
				<performed_by type="representative" gsnumber="2">Jane Doe</performed_by>
				<body>Reset the profile.</body>
			</event>
			<event timestamp="1572955710" event_type="Hologram Shared">
				<performed_by type="avatar" gsnumber="8">Eve</performed_by>
				<depth unit="cm">12<layer/></depth>
			</event>
			<event timestamp="1572955800" event_type="Session End"/>
		</session_details>
		<ai_summary lang="en"><line>All good</line></ai_summary>
	</session>
</session_list>

"#;

fn list(document: &str) -> SessionList {
    parse_session_list(document.as_bytes()).unwrap()
}

fn session(document: &str) -> Session {
    let mut sessions = list(document).sessions;
    assert_eq!(sessions.len(), 1);
    sessions.remove(0)
}

fn at(second: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(second).unwrap())
}

#[test]
fn head_of_a_closed_session() {
    let s = session(CLOSED);
    assert_eq!(
        (s.lsid.as_str(), s.session_type.as_str()),
        (LSID, "support")
    );
    assert_eq!(s.lseq, Some(4242));
    assert_eq!(
        (s.start_time, s.end_time),
        (at(1_572_954_000), at(1_572_955_800))
    );
    assert_eq!(s.rep_join_time, at(1_572_954_030));
    assert_eq!(s.duration, Some(SignedDuration::from_secs(1800)));
    assert!(s.is_complete());
    assert_eq!(s.external_key.as_deref(), Some("4711"));
    assert_eq!(s.custom_attribute("asset_tag"), Some("PC-17 & dock"));
    assert_eq!(s.custom_attributes[0].display_name, "Asset Tag");
    let site = s.public_site.unwrap();
    assert_eq!(
        (site.id.as_deref(), site.name.as_str()),
        (Some("1"), "Default")
    );
    assert!(
        s.session_chat_download_url
            .unwrap()
            .starts_with("https://support.example.com/")
    );
    assert_eq!(s.session_recording_view_url, None);
    assert_eq!(s.command_shell_recordings[0].instance, Some(0));
    assert_eq!(
        s.command_shell_recordings[0].view_url.as_deref(),
        Some("https://support.example.com/v")
    );
    assert_eq!(
        (s.file_transfer_count, s.file_move_count),
        (Some(2), Some(0))
    );
    assert_eq!(s.file_delete_count, None);
    assert_eq!(s.jumpoint, None, "-1 means none");
    let group = s.jump_group.unwrap();
    assert_eq!(
        (group.kind.as_deref(), group.id.as_deref()),
        (Some("shared"), Some("7"))
    );
    assert_eq!(s.primary_team.unwrap().name, "Service Desk");
    assert_eq!(s.teams[0].name, "Service Desk");
    assert_eq!(s.customer_surveys[0].gsnumber.as_deref(), Some("1"));
    assert!(s.rep_surveys.is_empty());
}

#[test]
fn people_and_their_numbers() {
    let s = session(CLOSED);
    let ann = s.primary_customer().unwrap();
    assert_eq!(
        (ann.username.as_str(), ann.hostname.as_deref()),
        ("Ann Archer", Some("PC-17"))
    );
    assert_eq!(ann.info.company.as_deref(), Some("Acme, Inc."));
    assert_eq!(
        (ann.info.company_code.as_deref(), ann.primary),
        (None, true)
    );
    assert_eq!(
        ann.public_address().unwrap(),
        ("203.0.113.7".parse().unwrap(), Some(50123))
    );
    assert_eq!(
        (ann.private_ip.as_deref(), ann.private_address()),
        (Some("Unknown"), None)
    );

    let jane = s.primary_representative().unwrap();
    assert_eq!(
        (jane.username.as_str(), jane.id.as_deref()),
        ("jdoe", Some("9"))
    );
    assert_eq!(jane.time_involved, Some(SignedDuration::from_secs(1700)));
    assert!(jane.session_owner && jane.primary);
    assert_eq!(
        jane.public_address().unwrap(),
        ("2001:db8::9".parse().unwrap(), Some(443))
    );
    assert_eq!(jane.name(), "Jane Doe");
    assert_eq!(s.representatives[1].name(), "bob");
    assert_eq!(s.representatives[1].unknown[0].name, "mood");

    assert_eq!(
        s.person("1").map(|person| person.name()),
        Some("Ann Archer")
    );
    assert!(matches!(s.person("2"), Some(Person::Representative(_))));
    assert_eq!(s.person("0"), None);
}

#[test]
fn what_was_said_and_done() {
    let s = session(CLOSED);
    let chat = s.chat_transcript();
    assert_eq!(chat.len(), 2);
    assert_eq!((chat[0].speaker, chat[0].to), ("Jane Doe", "Everyone"));
    assert_eq!(chat[0].to_kind, Some(&ActorKind::Everyone));
    assert_eq!(chat[0].text, "Hello <Ann>,\nhow can I help?");
    assert_eq!(chat[1].timestamp, at(1_572_954_070));
    assert_eq!(
        chat[1].speaker, "Ann Archer",
        "joined by gsnumber where the name is missing"
    );
    assert_eq!(
        chat[1].text, "Mail fails \u{7}!",
        "the encoded body is decoded"
    );

    assert_eq!(s.notes()[0].text, "Reset the profile.");
    assert_eq!(s.notes()[0].author, "Jane Doe");
    assert_eq!(s.special_actions()[0].action, "Task Manager");

    let files: Vec<_> = s
        .files()
        .iter()
        .map(|f| (f.filename, f.old_path, f.filesize))
        .collect();
    let expected = [
        ("C:\\fix.exe", None, Some(1_048_576)),
        ("D:\\fix.exe", Some("C:\\fix.exe"), None),
        ("a.txt", None, Some(1)),
        ("b.txt", None, None),
    ];
    assert_eq!(files, expected);
}

#[test]
fn system_information_is_the_latest_of_each_category() {
    let s = session(CLOSED);
    let categories = s.system_information();
    let names: Vec<_> = categories
        .iter()
        .map(|category| category.name.as_str())
        .collect();
    assert_eq!(names, ["General", "Disk Drives", "Printers"]);
    assert_eq!(categories[0].description[1].name, "Total RAM");
    assert_eq!(categories[0].description[1].value, "16 GB");
    assert_eq!(categories[1].rows.len(), 1);
    assert_eq!(categories[1].rows[0][0].value, "E:");
    assert!(categories[2].rows.is_empty());
}

#[test]
fn views_follow_the_time_not_the_document() {
    let note = |time: &str, text: &str| {
        format!("<event {time} event_type='Session Note Added'><body>{text}</body></event>")
    };
    let events = [
        note("timestamp='30'", "c"),
        note("", "c, later"),
        note("timestamp='20'", "b1"),
        note("timestamp='20'", "b2"),
        note("timestamp='10'", "a"),
    ];
    let s = session(&format!(
        "<session_list><session lsid='{LSID}'><session_details>{}</session_details></session>\
         </session_list>",
        events.concat()
    ));
    let texts: Vec<_> = s.notes().iter().map(|note| note.text).collect();
    assert_eq!(texts, ["a", "b1", "b2", "c", "c, later"]);
    assert_eq!(
        s.events[0].body.as_deref(),
        Some("c"),
        "the events themselves stay as sent"
    );
}

#[test]
fn what_is_unknown_is_kept() {
    let s = session(CLOSED);
    let raw = &s.unknown[0];
    assert_eq!(
        (raw.name.as_str(), raw.children[0].text.as_str()),
        ("ai_summary", "All good")
    );
    assert_eq!(raw.attributes, [("lang".to_owned(), "en".to_owned())]);
    let event = s
        .events
        .iter()
        .find(|e| e.event_type.as_str() == "Hologram Shared")
        .unwrap();
    assert_eq!(event.event_type, EventType::Other("Hologram Shared".into()));
    let eve = Actor::new(ActorKind::Other("avatar".into()), "8", "Eve");
    assert_eq!(event.performed_by, Some(eve));
    assert_eq!(
        (
            event.unknown[0].name.as_str(),
            event.unknown[0].text.as_str()
        ),
        ("depth", "12")
    );
    // A size that is not a number is kept as well.
    let shared = s.events_of(&EventType::FilesShared).next().unwrap();
    assert_eq!(shared.unknown[0].text, "many");
}

#[test]
fn a_running_session_has_no_end() {
    for end in [
        "<end_time/>",
        "<end_time timestamp=''></end_time>",
        "<end_time>\n\n</end_time>",
        "",
    ] {
        let s = session(&format!(
            "<session_list><session lsid='{LSID}'><lseq>1</lseq>{end}<external_key> </external_key>\
             <custom_attributes>\n</custom_attributes></session></session_list>"
        ));
        assert_eq!((s.end_time, s.is_complete()), (None, false), "{end}");
        assert_eq!(s.external_key, None);
        assert!(s.custom_attributes.is_empty() && s.unknown.is_empty());
        assert_eq!(
            (s.primary_representative(), s.primary_customer()),
            (None, None)
        );
    }
}

#[test]
fn all_spellings_of_a_time_are_read() {
    for time in [
        "<end_time timestamp='1572955800'>whatever</end_time>",
        "<end_time ts='1572955800'/>",
        "<end_time>1572955800</end_time>",
        "<end_time>2019-11-05T12:10:00+00:00</end_time>",
        "<end_time>\n 2019-11-05T12:10:00.000+0000 </end_time>",
    ] {
        let s = session(&format!(
            "<session_list><session lsid='{LSID}'>{time}</session></session_list>"
        ));
        assert_eq!(s.end_time, at(1_572_955_800), "{time}");
    }
    let s = session(&format!(
        "<session_list><session lsid='{LSID}'><end_time>5. November</end_time></session></session_list>"
    ));
    assert_eq!(
        (s.end_time, s.unknown[0].text.as_str()),
        (None, "5. November")
    );
}

#[test]
fn the_namespace_changes_nothing() {
    let plain = session(CLOSED);
    for namespace in [
        "https://www.beyondtrust.com/namespaces/API/reporting",
        "http://www.beyondtrust.com/sra/namespaces/API/reporting",
    ] {
        let document = CLOSED.replace("http://www.bomgar.com/namespaces/API/reporting", namespace);
        let list = list(&document);
        assert_eq!(list.namespace.as_deref(), Some(namespace));
        assert_eq!(list.sessions[0], plain);
    }
    let prefixed = CLOSED
        .replace("<session_list xmlns=", "<b:session_list xmlns:b=")
        .replace("</session_list>", "</b:session_list>");
    assert_eq!(list(&prefixed).sessions[0], plain);
}

#[test]
fn the_primary_representative_is_found_in_every_way() {
    let reps = "<rep_list><representative gsnumber='5' id='50'><session_owner>1</session_owner>\
         </representative><representative gsnumber='6' id='60'><primary_rep>1</primary_rep>\
         </representative><representative gsnumber='7' id='70'/></rep_list>";
    let find = |head: &str, reps: &str| {
        let s = session(&format!(
            "<session_list><session lsid='{LSID}'>{reps}{head}</session></session_list>"
        ));
        s.primary_representative().map(|rep| rep.gsnumber.clone())
    };
    assert_eq!(
        find("<primary_rep gsnumber='7' id='60'>x</primary_rep>", reps).unwrap(),
        "7"
    );
    assert_eq!(
        find("<primary_rep gsnumber='99' id='70'>x</primary_rep>", reps).unwrap(),
        "7"
    );
    assert_eq!(find("", reps).unwrap(), "6");
    assert_eq!(
        find("", &reps.replace("primary_rep", "other")).unwrap(),
        "5"
    );
    assert_eq!(find("", ""), None);
}

#[test]
fn empty_results_are_empty_lists() {
    for document in [
        "<session_list/>",
        "<session_list>\n</session_list>",
        "<error>No Support report information matching your chosen criteria is available.</error>",
        "<error >No Support report\n information matching your chosen criteria is available.</error>",
        "<session_list><error>No Support report information matching your chosen criteria is \
         available.</error></session_list>",
        "<error>Aucune information correspondant à vos critères n’est disponible.</error>",
    ] {
        assert_eq!(list(document).sessions, [], "{document}");
    }
    let german = b"<error>Keine Berichte vorhanden.</error>";
    let error = parse_session_list(german).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.server_text(), Some("Keine Berichte vorhanden."));
    assert_eq!(error.operation(), Some("SupportSession"));
    let list = parse_session_list_with(german, |text| text.contains("Keine Berichte")).unwrap();
    assert_eq!(list.sessions, []);
}

#[test]
fn a_session_without_lsid_is_kept_raw() {
    let list = list("<session_list><session><lseq>1</lseq></session><note/></session_list>");
    assert!(list.sessions.is_empty());
    let names: Vec<_> = list.unknown.iter().map(|raw| raw.name.as_str()).collect();
    assert_eq!(names, ["session", "note"]);
}

#[test]
fn every_cut_is_noticed() {
    let document = CLOSED.trim_end().as_bytes();
    for length in 0..document.len() {
        let error = parse_session_list(&document[..length]).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Truncated,
            "cut at {length}: {error}"
        );
        assert_eq!(error.raw_body(), Some(&document[..length]));
        assert!(!error.to_string().contains("Ann Archer"));
    }
    assert!(parse_session_list(document).is_ok());
}

#[test]
fn debug_output_is_safe_to_log() {
    let debug = format!("{:?}", list(CLOSED));
    assert!(
        debug.contains(LSID) && debug.contains("ChatMessage"),
        "{debug}"
    );
    for secret in [
        "Ann",
        "Jane",
        "Hello",
        "https://",
        "Reset the profile",
        "PC-17",
    ] {
        assert!(!debug.contains(secret), "{secret} in {debug}");
    }
}

#[test]
fn the_report_goes_to_json_and_back() {
    let s = session(CLOSED);
    let json = serde_json::to_string(&s).unwrap();
    assert!(
        json.contains(r#""end_time":"2019-11-05T12:10:00Z""#),
        "{json}"
    );
    assert!(json.contains(r#""event_type":"Chat Message""#));
    assert!(json.contains(r#""kind":"everyone""#));
    assert_eq!(serde_json::from_str::<Session>(&json).unwrap(), s);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens to a document on its way, reading it gives an answer and never panics.
    #[test]
    fn no_damage_makes_it_panic(
        edits in proptest::collection::vec((0usize..20_000, 0usize..40, proptest::collection::vec(any::<u8>(), 0..6)), 1..5)
    ) {
        let mut document = CLOSED.as_bytes().to_vec();
        for (at, remove, insert) in edits {
            let at = at % document.len();
            let end = (at + remove).min(document.len());
            document.splice(at..end, insert);
        }
        if let Err(error) = parse_session_list(&document) {
            prop_assert!(matches!(
                error.kind(),
                ErrorKind::Truncated | ErrorKind::Malformed | ErrorKind::WrongContent | ErrorKind::Api
            ));
        }
    }

    /// Texts and attribute values come back as they were, whatever characters they have.
    #[test]
    fn any_text_comes_back(text in "[^\\x00-\\x1f\u{fffe}\u{ffff}]{1,40}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        let document = format!(
            "<session_list><session lsid='{LSID}'><external_key>{escaped}</external_key>\
             <session_details><event event_type='X'><data><value name='n' value='{escaped}'/></data>\
             <body>{escaped}</body></event></session_details></session></session_list>"
        );
        let s = session(&document);
        let trimmed = Some(text.trim()).filter(|text| !text.is_empty());
        prop_assert_eq!(s.external_key.as_deref(), trimmed);
        prop_assert_eq!(s.events[0].value("n"), Some(text.as_str()));
        prop_assert_eq!(s.events[0].body.as_deref(), trimmed);
    }
}

#[test]
fn attributes_and_children_that_nobody_knows_are_kept() {
    let document = r#"<session_list><session lsid="0123456789abcdef0123456789abcdef" colour="red">
      <start_time timestamp="1572954189" zone="UTC">2019-11-05T11:43:09+00:00</start_time>
      <lseq>7<sub n="1">x</sub></lseq>
      <customer_list page="1"><customer gsnumber="1" vip="1"><os build="22H2">Windows</os></customer></customer_list>
      <session_details><event timestamp="1" event_type="Chat Message" id="9">
        <performed_by type="customer" gsnumber="1" mood="good">Ann<b/></performed_by>
        <data><value name="a" value="b" unit="s"/></data>
      </event></session_details>
    </session></session_list>"#;
    let list = parse_session_list(document.as_bytes()).unwrap();
    let session = &list.sessions[0];
    let kept = |elements: &[bomgar_api::reporting::RawElement]| -> Vec<String> {
        let mut kept: Vec<_> = elements
            .iter()
            .map(|raw| {
                let attributes: Vec<_> = raw
                    .attributes
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                let children: Vec<_> = raw.children.iter().map(|child| &*child.name).collect();
                format!(
                    "{} {} {}",
                    raw.name,
                    attributes.join(","),
                    children.join(",")
                )
            })
            .collect();
        kept.sort();
        kept
    };
    assert_eq!(session.lseq, Some(7));
    assert_eq!(
        kept(&session.unknown),
        [
            "customer_list page=1 ",
            "lseq  sub",
            "session colour=red ",
            "start_time zone=UTC "
        ]
    );
    assert_eq!(session.customers[0].os.as_deref(), Some("Windows"));
    assert_eq!(
        kept(&session.customers[0].unknown),
        ["customer vip=1 ", "os build=22H2 "]
    );
    let event = &session.events[0];
    assert_eq!(event.performed_by.as_ref().unwrap().name, "Ann");
    assert_eq!(
        kept(&event.unknown),
        [
            "event id=9 ",
            "performed_by  b",
            "performed_by mood=good ",
            "value unit=s "
        ]
    );
}

#[test]
fn values_that_cannot_be_read_are_kept() {
    let document = r#"<session_list><session lsid="0123456789abcdef0123456789abcdef">
      <command_shell_recordings><command_shell_recording instance="first"/></command_shell_recordings>
      <rep_list><representative gsnumber="2"><session_owner>maybe</session_owner>
        <primary_rep>TRUE</primary_rep></representative></rep_list>
    </session></session_list>"#;
    let list = parse_session_list(document.as_bytes()).unwrap();
    let session = &list.sessions[0];
    let representative = &session.representatives[0];
    assert_eq!(
        (representative.session_owner, representative.primary),
        (false, true)
    );
    assert_eq!(representative.unknown[0].text, "maybe");
    assert_eq!(session.command_shell_recordings[0].instance, None);
    assert_eq!(session.unknown[0].attribute("instance"), Some("first"));
}
