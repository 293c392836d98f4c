//! Documents that are cut, mistaken, hostile or damaged: each is a typed error or is read as far
//! as it is good, in a time that grows with its size and no faster.

use std::io::Read;
use std::time::{Duration, Instant};

use bomgar_api::command::{
    CheckHealth, GenerateSessionKey, GetApiInfo, GetAppliances, GetConnectedClientList,
    GetConnectedClients, GetLoggedInReps, GetSessionAttributes, GetSupportTeams, JoinSession,
    Queue, RawCommand, RepRef, SetRepStatus, TerminateSession,
};
use bomgar_api::reporting::{
    Session, SessionDecoder, SessionReader, parse_archive_listing, parse_exit_surveys,
    parse_license_usage, parse_presentations, parse_raw_report, parse_session_list,
    parse_session_listing, parse_session_summary, parse_team_activity,
    parse_vault_account_activity,
};
use bomgar_api::{Call, Error, ErrorKind};
use proptest::prelude::*;

const A: &str = "a0000000000000000000000000000001";
const B: &str = "b0000000000000000000000000000002";
const C: &str = "c0000000000000000000000000000003";

/// Five sessions, with everything in them that makes an end hard to find.
fn report() -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- <session_list> -->\n\
         <session_list xmlns=\"http://www.bomgar.com/namespaces/API/reporting\">\n\
         \t<session lsid=\"{A}\">\n\t\t<lseq>1</lseq>\n\
         \t\t<primary_customer gsnumber='1'>Zoë &gt; Ärger &#x1F600; 😀</primary_customer>\n\
         \t\t<session_details><event timestamp=\"1572954060\" event_type=\"Chat Message\">\
         <body>Grüße &amp; &lt;b&gt;</body></event></session_details>\n\t</session>\n\
         \t<session lsid='{B}'><external_key><![CDATA[</session></session_list>]]></external_key>\
         <!-- </session> --><?keep </session>?><new_in_30 a=\"&lt;/session>\"/></session >\n\
         <!-- between </session_list> -->\
         <session lsid=\"d0000000000000000000000000000004\"/>\
         <footer>more</footer>\
         <n:session xmlns:n=\"urn:x\" lsid=\"{C}\"><n:lseq>5</n:lseq>\
         <session><session>inner</session></session></n:session>\n\
         <session lsid=\"e0000000000000000000000000000005\"><encoded_body>YQ==</encoded_body></session>\n\
         </session_list>\n"
    )
}

/// The five sessions' identifiers, and where the last byte of each is.
fn ends(report: &str) -> Vec<(usize, &'static str)> {
    let after = |mark: &str| report.find(mark).unwrap() + mark.len();
    let first = "</session_details>\n\t</session>";
    vec![
        (after(first), A),
        (after("</session >"), B),
        (
            after("<session lsid=\"d0000000000000000000000000000004\"/>"),
            "d0000000000000000000000000000004",
        ),
        (after("</n:session>"), C),
        (
            after("YQ==</encoded_body></session>"),
            "e0000000000000000000000000000005",
        ),
    ]
}

/// An input that gives at most so many bytes at once.
struct Pieces<R>(R, usize);

impl<R: Read> Read for Pieces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.1.min(buffer.len());
        self.0.read(&mut buffer[..size])
    }
}

type Outcome = (Vec<Session>, Option<Error>);

/// The sessions that are read from a document in pieces, and the error after them.
fn read(document: &[u8], size: usize) -> Outcome {
    read_with(document, size, SessionDecoder::new())
}

fn read_with(document: &[u8], size: usize, decoder: SessionDecoder) -> Outcome {
    let mut sessions = Vec::new();
    let mut error = None;
    let mut reader = SessionReader::with_decoder(Pieces(document, size), decoder);
    for found in &mut reader {
        assert!(error.is_none(), "an error is the last there is");
        match found {
            Ok(session) => sessions.push(session),
            Err(failed) => error = Some(failed),
        }
    }
    assert!(reader.next().is_none());
    (sessions, error)
}

fn lsids(sessions: &[Session]) -> Vec<&str> {
    sessions
        .iter()
        .map(|session| session.lsid.as_str())
        .collect()
}

const SIZES: [usize; 5] = [1, 2, 13, 300, 1 << 20];

#[test]
fn a_report_cut_anywhere_gives_the_sessions_before_the_cut_and_says_that_it_is_cut() {
    let report = report();
    let ends = ends(&report);
    let (whole, none) = read(report.as_bytes(), 7);
    assert!(none.is_none());
    assert_eq!(lsids(&whole), ends.iter().map(|e| e.1).collect::<Vec<_>>());
    let complete = report.trim_end().len();
    for cut in 0..complete {
        let document = &report.as_bytes()[..cut];
        let before = ends.iter().filter(|(end, _)| *end <= cut).count();
        for size in [SIZES[cut % SIZES.len()], 1 << 20] {
            let (sessions, error) = read(document, size);
            let error = error.unwrap();
            assert_eq!(error.kind(), ErrorKind::Truncated, "at {cut}: {error}");
            assert_eq!(sessions, whole[..before], "at {cut} in {size}s");
        }
        let error = parse_session_list(document).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated, "at {cut}: {error}");
        assert_eq!(error.raw_body(), Some(document));
    }
    for cut in complete..=report.len() {
        let document = &report.as_bytes()[..cut];
        assert_eq!(parse_session_list(document).unwrap().sessions, whole);
    }
}

#[test]
fn a_long_report_cut_at_every_hundredth_loses_nothing_before_the_cut() {
    let mut report = Vec::new();
    let written = bomgar_sim::write_report(&mut report, 100_000).unwrap();
    assert!(written.sessions >= 2);
    let (whole, none) = read(&report, 65_536);
    assert!(none.is_none());
    assert_eq!(whole.len() as u64, written.sessions);
    let end = report.trim_ascii_end().len();
    let mut last = 0;
    for percent in 0..100 {
        let document = &report[..end * percent / 100];
        let size = [61, 997, 65_536][percent % 3];
        let (sessions, error) = read(document, size);
        assert_eq!(error.unwrap().kind(), ErrorKind::Truncated, "{percent} %");
        assert_eq!(sessions, whole[..sessions.len()], "{percent} %");
        assert!(sessions.len() >= last && sessions.len() < whole.len() + 1);
        last = sessions.len();
        let error = parse_session_list(document).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated, "{percent} %");
    }
    assert_eq!(
        last,
        whole.len() - usize::from(end / 100 > report.len() - end + 1000)
    );
}

type Reads = Box<dyn Fn(&[u8]) -> Result<(), Error>>;

/// A reader of one kind of document, with a document that it takes.
struct Kind {
    name: &'static str,
    document: String,
    read: Reads,
    /// Whether another root is refused.
    knows_root: bool,
}

fn kind<T>(
    name: &'static str,
    document: &str,
    read: impl Fn(&[u8]) -> Result<T, Error> + 'static,
) -> Kind {
    Kind {
        name,
        document: document.to_owned(),
        read: Box::new(move |body| read(body).map(|_| ())),
        knows_root: true,
    }
}

fn kinds() -> Vec<Kind> {
    let any = |kind: Kind| Kind {
        knows_root: false,
        ..kind
    };
    let rep = || RepRef::Id(1);
    let answer = "<success>Gr\u{fc}\u{df}e, done</success>";
    vec![
        kind("SupportSession", &report(), parse_session_list),
        kind(
            "SupportSessionListing",
            "<session_summary_list><session_summary lsid='1'><x>y</x></session_summary></session_summary_list>",
            parse_session_listing,
        ),
        kind(
            "SupportSessionSummary",
            "<summary_list><summary type='rep' id='9'><n>12</n></summary></summary_list>",
            parse_session_summary,
        ),
        kind(
            "SupportCustExitSurvey",
            "<exit_survey_list><exit_survey lsid='1' ts='0'><q>\u{e9}</q></exit_survey></exit_survey_list>",
            parse_exit_surveys,
        ),
        any(kind(
            "PresentationSession",
            "<presentation_list><presentation lsid='1'><x/></presentation></presentation_list>",
            parse_presentations,
        )),
        kind(
            "SupportTeam",
            "<team_activity_list><team_activity id='1'><events/></team_activity></team_activity_list>",
            parse_team_activity,
        ),
        kind(
            "VaultAccountActivity",
            "<vault_account_activity_list><vault_account_activity/></vault_account_activity_list>",
            parse_vault_account_activity,
        ),
        kind(
            "LicenseUsage",
            "<license_usage><group_by>day</group_by></license_usage>",
            parse_license_usage,
        ),
        kind(
            "ArchiveListing",
            "<archives><state_archive><index>1</index></state_archive></archives>",
            parse_archive_listing,
        ),
        any(kind(
            "raw report",
            "<r a='1'><b>c</b></r>",
            parse_raw_report,
        )),
        kind(
            "get_logged_in_reps",
            "<logged_in_reps><rep id='1'><username>a</username></rep></logged_in_reps>",
            |body| GetLoggedInReps.decode(body),
        ),
        kind(
            "get_support_teams",
            "<support_teams><team id='1'><name>a</name></team></support_teams>",
            |body| GetSupportTeams::new().decode(body),
        ),
        kind(
            "generate_session_key",
            "<session_key><short_key>1234567</short_key></session_key>",
            |body| GenerateSessionKey::new(Queue::General).decode(body),
        ),
        kind(
            "get_session_attributes",
            "<custom_attributes><custom_attribute code_name='a'>b</custom_attribute></custom_attributes>",
            |body| GetSessionAttributes::new(A).decode(body),
        ),
        kind(
            "get_appliances",
            "<appliances><appliance id='1'><name>a</name></appliance></appliances>",
            |body| GetAppliances.decode(body),
        ),
        kind(
            "get_connected_client_list",
            "<connected_client_list><appliance id='1'/></connected_client_list>",
            |body| GetConnectedClientList::new().decode(body),
        ),
        kind(
            "get_connected_clients",
            "<connected_clients><connected_client id='1'/></connected_clients>",
            |body| GetConnectedClients::all().decode(body),
        ),
        kind(
            "check_health",
            "<health_check><appliance id='1'/><success>1</success></health_check>",
            |body| CheckHealth.decode(body),
        ),
        kind(
            "get_api_info",
            "<api_information><api_version>1.22.2</api_version></api_information>",
            |body| GetApiInfo.decode(body),
        ),
        kind("join_session", answer, move |body| {
            JoinSession::new(A, rep()).decode(body)
        }),
        kind("terminate_session", answer, |body| {
            TerminateSession::new(A).decode(body)
        }),
        kind("set_rep_status", answer, |body| {
            SetRepStatus::new(1, "busy").decode(body)
        }),
        any(kind("raw command", answer, |body| {
            RawCommand::read("x").decode(body)
        })),
    ]
}

#[test]
fn every_document_that_is_cut_is_truncated_wherever_it_is_cut() {
    for kind in kinds() {
        (kind.read)(kind.document.as_bytes()).unwrap();
        let end = kind.document.trim_end().len();
        for cut in 0..end {
            let body = &kind.document.as_bytes()[..cut];
            let error = (kind.read)(body).unwrap_err();
            let name = kind.name;
            assert_eq!(error.kind(), ErrorKind::Truncated, "{name} {cut}: {error}");
            assert_eq!(error.raw_body(), Some(body), "{name} {cut}");
        }
    }
}

/// `document` with `extra` as the first child of its root.
fn inside(document: &str, extra: &[u8]) -> Vec<u8> {
    let root = document.rfind("</").unwrap();
    let name = document[root + 2..].trim_end_matches(['>', '\n']);
    let begin = document.find(&format!("<{name}")).unwrap();
    let begin = match document[..begin].ends_with("<!-- ") {
        true => begin + 1 + document[begin + 1..].find(&format!("<{name}")).unwrap(),
        false => begin,
    };
    let end = begin + document[begin..].find('>').unwrap() + 1;
    [
        &document.as_bytes()[..end],
        extra,
        &document.as_bytes()[end..],
    ]
    .concat()
}

fn mistaken() -> Vec<(&'static str, Vec<u8>, ErrorKind)> {
    use ErrorKind::{Truncated, WrongContent};

    let page = "<!DOCTYPE html>\n<html><head><title>502</title></head><body/></html>";
    let xhtml = "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \
                 \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\"><html><p/></html>";
    vec![
        ("nothing", Vec::new(), Truncated),
        ("a mark", b"\xef\xbb\xbf".to_vec(), Truncated),
        ("blanks", b" \r\n\t ".repeat(1000), Truncated),
        ("HTML", page.into(), WrongContent),
        ("XHTML", xhtml.into(), WrongContent),
        ("JSON", br#"{"error":"x"}"#.to_vec(), WrongContent),
        ("JSON list", b" [1]".to_vec(), WrongContent),
        (
            "late JSON",
            [b" ".repeat(1000), b"{}".to_vec()].concat(),
            WrongContent,
        ),
        ("text", b"Bad Gateway".to_vec(), WrongContent),
        (
            "gzip",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0".to_vec(),
            WrongContent,
        ),
        ("ZIP", b"PK\x05\x06".to_vec(), WrongContent),
        ("ZIP file", b"PK\x03\x04abc".to_vec(), WrongContent),
        ("video", b"FLV\x01\x05".to_vec(), WrongContent),
        ("UTF-16", b"\xff\xfe<\0r\0".to_vec(), WrongContent),
        ("zeros", vec![0; 5000], WrongContent),
    ]
}

#[test]
fn what_is_no_xml_says_what_it_is() {
    for kind in kinds() {
        for (what, body, expected) in mistaken() {
            let error = (kind.read)(&body).unwrap_err();
            assert_eq!(error.kind(), expected, "{} {what}: {error}", kind.name);
            assert_eq!(error.raw_body(), Some(&body[..]));
        }
    }
    for (what, body, expected) in mistaken() {
        for size in SIZES {
            let (sessions, error) = read(&body, size);
            assert!(sessions.is_empty());
            assert_eq!(error.unwrap().kind(), expected, "{what} in {size}s");
        }
    }
}

#[test]
fn another_root_is_refused() {
    for kind in kinds().into_iter().filter(|kind| kind.knows_root) {
        for body in [
            "<other/>",
            "<other><session lsid='1'/></other>",
            "<r:error2/>",
        ] {
            let error = (kind.read)(body.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{}", kind.name);
            assert!(error.to_string().contains("belongs"), "{error}");
        }
    }
}

/// What is put inside a document, and whether it must be refused; other things may be read.
fn hostile() -> Vec<(&'static str, Vec<u8>, Option<ErrorKind>)> {
    use ErrorKind::Malformed;

    let deep = |tag: &str| {
        format!(
            "{}{}",
            format!("<{tag}>").repeat(10_000),
            format!("</{tag}>").repeat(10_000)
        )
        .into_bytes()
    };
    let mut flood = b"<padding".to_vec();
    for number in 0..20_000 {
        flood.extend_from_slice(format!(" a{number}='{number}'").as_bytes());
    }
    flood.extend_from_slice(b"/>");
    vec![
        ("deep", deep("n"), Some(Malformed)),
        ("deep sessions", deep("session"), Some(Malformed)),
        ("unclosed depth", b"<n>".repeat(10_000), None),
        (
            "bad text",
            b"<x>\xff\xfe\xc3\x28</x>".to_vec(),
            Some(Malformed),
        ),
        ("bad attribute", b"<x a='\xff'/>".to_vec(), Some(Malformed)),
        ("bad name", b"<x\xff/>".to_vec(), Some(Malformed)),
        ("overlong", b"<x>\xc0\xbc</x>".to_vec(), Some(Malformed)),
        (
            "surrogate",
            b"<x>\xed\xa0\x80</x>".to_vec(),
            Some(Malformed),
        ),
        (
            "controls",
            b"<x a='\x01\0'>\0\x01\x08\x0b\x1f\x7f</x>".to_vec(),
            None,
        ),
        (
            "control references",
            b"<x>&#0;&#1;&#xFFFF;&#xD800;&#99999999999;</x>".to_vec(),
            None,
        ),
        ("attributes", flood, None),
        (
            "twice the same attribute",
            b"<x a='1' a='2'/>".to_vec(),
            None,
        ),
        ("declaration", b"<!ENTITY a 'b'>".to_vec(), Some(Malformed)),
        ("section", b"<![IGNORE[x]]>".to_vec(), Some(Malformed)),
        (
            "inner document type",
            b"<!DOCTYPE x>".to_vec(),
            Some(Malformed),
        ),
        ("crossed tags", b"<a><b></a></b>".to_vec(), Some(Malformed)),
        ("other end", b"<a></b>".to_vec(), Some(Malformed)),
        ("nameless", b"< />< ></ ><></>".to_vec(), None),
        ("strange comments", b"<!--><!---><!----->".to_vec(), None),
        ("references", b"<x>&nope;&;&#;&#x;& &amp</x>".to_vec(), None),
        ("second mark", b"\xef\xbb\xbf".to_vec(), None),
    ]
}

#[test]
fn what_is_hostile_inside_a_document_is_refused_or_harmless() {
    for kind in kinds() {
        for (what, extra, expected) in hostile() {
            let body = inside(&kind.document, &extra);
            let read = (kind.read)(&body);
            let name = kind.name;
            match (read, expected) {
                (Ok(()), None) => {}
                (Err(error), None) => assert!(is_typed(&error), "{name}, {what}: {error}"),
                (Err(error), Some(kind)) => assert_eq!(error.kind(), kind, "{name}, {what}"),
                (Ok(()), Some(_)) => panic!("{name} takes {what}"),
            }
        }
    }
}

#[test]
fn what_is_hostile_inside_a_session_is_refused_or_harmless() {
    for (what, extra, expected) in hostile() {
        let session = |inside: &[u8]| {
            [
                format!("<session lsid='{B}'><lseq>1</lseq>").as_bytes(),
                inside,
                b"</session>",
            ]
            .concat()
        };
        let first = format!("<session_list><session lsid='{A}'/>");
        let last = format!("<session lsid='{C}'/></session_list>");
        let body = [first.as_bytes(), &session(&extra), last.as_bytes()].concat();
        let at_once = read(&body, 1 << 20);
        for size in [3, 100] {
            assert_same(&read(&body, size), &at_once, what);
        }
        let (sessions, error) = at_once;
        assert_eq!(sessions.first().map(|s| s.lsid.as_str()), Some(A), "{what}");
        match (error, expected) {
            (None, None) => assert_eq!(lsids(&sessions), [A, B, C], "{what}"),
            (Some(error), None) => assert!(is_typed(&error), "{what}: {error}"),
            (Some(error), Some(kind)) => {
                assert_eq!((error.kind(), sessions.len()), (kind, 1), "{what}: {error}");
                assert_eq!(error.session(), Some(B), "{what}: {error}");
                assert!(error.to_string().contains(B), "{error}");
            }
            (None, Some(_)) => panic!("{what} is taken"),
        }
    }
}

#[test]
fn a_document_type_is_refused_whatever_it_declares() {
    let bomb = "<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">";
    let outside = "<!ENTITY o SYSTEM \"file:///etc/passwd\">";
    for kind in kinds() {
        let document = kind.document.trim_start_matches('\u{feff}');
        let document = document.split_once("?>").map_or(document, |(_, rest)| rest);
        for declarations in [bomb, outside, ""] {
            let body = format!("<?xml version='1.0'?><!DOCTYPE r [{declarations}]>{document}");
            let error = (kind.read)(body.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{}", kind.name);
            assert!(error.to_string().contains("document type"), "{error}");
        }
    }
}

#[test]
fn control_characters_are_kept() {
    // A report encodes such texts; one that does not is still read.
    let body = format!(
        "<session_list><session lsid='{A}'><external_key>a\u{1}\u{b}b</external_key></session></session_list>"
    );
    let list = parse_session_list(body.as_bytes()).unwrap();
    assert_eq!(
        list.sessions[0].external_key.as_deref(),
        Some("a\u{1}\u{b}b")
    );
}

fn is_typed(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Malformed | ErrorKind::Truncated | ErrorKind::WrongContent | ErrorKind::Api
    )
}

fn assert_same(one: &Outcome, other: &Outcome, what: &str) {
    let text = |outcome: &Outcome| {
        outcome
            .1
            .as_ref()
            .map(|error| (error.kind(), error.to_string()))
    };
    assert_eq!(text(one), text(other), "{what}");
    assert!(one.0 == other.0, "{what}: other sessions");
}

#[test]
fn a_session_above_the_limit_is_named_and_those_before_it_are_given() {
    let decoder = || SessionDecoder::new().max_session_bytes(2000);
    let session = |lsid: &str, text: usize| {
        format!(
            "<session lsid='{lsid}'><external_key>{}</external_key></session>",
            "x".repeat(text)
        )
    };
    for (size, closed) in [(1, true), (100, true), (1 << 20, true), (100, false)] {
        let large = session(B, 100_000);
        let large = &large[..large.len() - if closed { 0 } else { 20 }];
        let body = format!(
            "<session_list>{}{large}{}</session_list>",
            session(A, 1900),
            session(C, 1)
        );
        let (sessions, error) = read_with(body.as_bytes(), size, decoder());
        let error = error.unwrap();
        assert_eq!(
            (error.kind(), lsids(&sessions)),
            (ErrorKind::TooLarge, vec![A])
        );
        assert_eq!(error.session(), Some(B));
        let text = error.to_string();
        assert!(text.contains(B) && text.contains("2000 bytes"), "{text}");
        assert!(
            error.raw_body().unwrap().len() <= 65_536,
            "an error is not as large as the session"
        );
    }
    // The limit is the same whether a session comes in one piece or in many.
    let body = |text| format!("<session_list>{}</session_list>", session(A, text));
    let most = 2000 - session(A, 0).len();
    for size in SIZES {
        assert!(
            read_with(body(most).as_bytes(), size, decoder())
                .1
                .is_none(),
            "{size}"
        );
        let (_, error) = read_with(body(most + 1).as_bytes(), size, decoder());
        assert_eq!(error.unwrap().kind(), ErrorKind::TooLarge, "{size}");
    }
    // A small limit does not mind how long the document is before its first session.
    let body = format!(
        "{}<session_list>{}</session_list>",
        " ".repeat(5000),
        session(A, 1)
    );
    let (sessions, error) = read_with(
        body.as_bytes(),
        10,
        SessionDecoder::new().max_session_bytes(150),
    );
    assert!(error.is_none() && sessions.len() == 1);
}

#[test]
fn elements_beside_the_sessions_are_bounded_together() {
    let decoder = SessionDecoder::new().max_session_bytes(100_000);
    let body = format!(
        "<session_list><session lsid='{A}'/>{}",
        "<padding>0123456789abcdef</padding>\n".repeat(50_000)
    );
    let (sessions, error) = read_with(body.as_bytes(), 997, decoder);
    assert_eq!(
        (sessions.len(), error.unwrap().kind()),
        (1, ErrorKind::TooLarge)
    );
}

#[test]
fn errors_are_short_and_hold_no_text_of_the_document_whatever_it_is() {
    let long = "secret-".repeat(300_000);
    for body in [
        format!("<session_list><session lsid='{A}'></{long}></session></session_list>"),
        format!("<{long}/>"),
        format!("<session_list><session lsid='{long}'><a></session></session_list>"),
        format!("<error>{long}</error>"),
        format!("<session_list><{long}"),
        format!("<session_list><{long}>"),
        format!("<session_list><{long}><session>"),
    ] {
        let error = parse_session_list(body.as_bytes()).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(error.to_string().len() < 1000, "{:.200}", error.to_string());
        assert!(source.is_none_or(|source| source.len() < 1000));
        assert!(format!("{error:?}").len() < 10_000);
    }
    let body =
        format!("<session_list><session lsid='{A}'><body>{long}</bo></session></session_list>");
    let error = parse_session_list(body.as_bytes()).unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

/// The shortest time of three runs.
fn time(run: impl Fn()) -> Duration {
    let once = |_| {
        let begin = Instant::now();
        run();
        begin.elapsed()
    };
    (0..3).map(once).min().unwrap()
}

/// Whether the second takes less than twenty-four times as long as the first. What else the machine
/// does may spoil one measurement, but not all of ten.
fn is_in_proportion(small: impl Fn(), large: impl Fn()) -> bool {
    (0..10).any(|_| time(&large) < time(&small) * 24 + Duration::from_millis(20))
}

/// Makes a document that is so many times as large.
type Grows<'a> = &'a dyn Fn(usize) -> String;

/// Checks that eight times the input takes about eight times as long: where each byte is looked at
/// once more for every further one, it takes sixty-four times.
fn is_linear(what: &str, size: usize, document: impl Fn(usize) -> String, run: impl Fn(&[u8])) {
    let (small, large) = (document(size), document(8 * size));
    assert!(
        is_in_proportion(|| run(small.as_bytes()), || run(large.as_bytes())),
        "{what}: {} bytes against {} bytes",
        small.len(),
        large.len()
    );
}

#[test]
fn time_grows_with_the_size_and_no_faster() {
    let list = |inside: String| format!("<session_list>{inside}</session_list>");
    let session = |inside: String| list(format!("<session lsid='{A}'>{inside}</session>"));
    let in_pieces = |document: &[u8]| drop(read(document, 61));
    let cases: [(&str, usize, Grows<'_>); 15] = [
        ("comments between", 400, &|n| {
            list("<!-- </session> -->".repeat(n))
        }),
        ("comments inside", 400, &|n| {
            session("<!-- </session> -->".repeat(n))
        }),
        ("character data", 400, &|n| {
            session(format!("<a>{}</a>", "<![CDATA[</session>]]>".repeat(n)))
        }),
        ("instructions", 400, &|n| {
            session("<?a </session> ?>".repeat(n))
        }),
        ("one long comment", 400, &|n| {
            session(format!("<!--{}-->", "</session>".repeat(n)))
        }),
        ("one long comment between", 400, &|n| {
            list(format!("<!--{}-->", "</session>".repeat(n)))
        }),
        ("blanks in an end tag", 20_000, &|n| {
            list(format!("<session lsid='{A}'></session{}>", " ".repeat(n)))
        }),
        ("an end tag without end", 20_000, &|n| {
            list(format!("<session lsid='{A}'></session{}", "x".repeat(n)))
        }),
        ("end tags without end", 1000, &|n| {
            list(format!("<session lsid='{A}'>{}", "</session".repeat(n)))
        }),
        ("longer end tags", 1000, &|n| {
            session("</sessions>".repeat(n))
        }),
        ("a long name", 4000, &|n| {
            list(format!("<{0}>{0}</{0}>", "n".repeat(n)))
        }),
        ("depth", 4000, &|n| session("<session>".repeat(n))),
        ("references", 1000, &|n| {
            session(format!(
                "<external_key>{}</external_key>",
                "&amp;".repeat(n)
            ))
        }),
        ("attributes", 1000, &|n| {
            list(format!("<session lsid='{A}' {}/>", "a='1' ".repeat(n)))
        }),
        ("tricky sessions", 20, &|n| {
            list(format!("<session lsid='{A}'><a><![CDATA[</session>]]></a></session>").repeat(n))
        }),
    ];
    for (what, size, document) in cases {
        is_linear(what, size, document, in_pieces);
    }
    is_linear(
        "one session for each push",
        100,
        |n| list(format!("<session lsid='{A}'/>").repeat(n)),
        |document| {
            let mut decoder = SessionDecoder::new();
            let mut found = 0;
            for piece in document.chunks(500) {
                decoder.push(piece);
                found += usize::from(matches!(decoder.next_session(), Ok(Some(_))));
            }
            decoder.end();
            while let Ok(Some(_)) = decoder.next_session() {
                found += 1;
            }
            let document = String::from_utf8_lossy(document);
            assert_eq!(found, document.matches("<session ").count());
        },
    );
    for (what, size, document) in [
        (
            "attributes of a reply",
            1000,
            &(|n| format!("<success {}>x</success>", "a='1' ".repeat(n))) as Grows<'_>,
        ),
        ("references in a reply", 1000, &|n| {
            format!("<success>{}</success>", "&lt;".repeat(n))
        }),
        ("children of a reply", 300, &|n| {
            format!("<success>{}</success>", "<a>b</a>".repeat(n))
        }),
    ] {
        is_linear(what, size, document, |body| {
            parse_raw_report(body).unwrap();
        });
    }
}

#[test]
fn a_flood_of_attributes_and_a_huge_one_are_read() {
    let mut flood = String::new();
    for number in 0..100_000 {
        flood.push_str(&format!(" a{number}='{number}'"));
    }
    let huge = "x".repeat(50_000_000);
    let body = format!(
        "<session_list><session lsid='{A}'{flood}/><session lsid='{B}' huge='{huge}'/></session_list>"
    );
    let (sessions, error) = read(body.as_bytes(), 65_536);
    assert!(error.is_none());
    assert_eq!(lsids(&sessions), [A, B]);
    assert_eq!(sessions[0].unknown[0].attributes.len(), 100_000);
    assert_eq!(sessions[1].unknown[0].attributes[0].1.len(), huge.len());
}

/// A document that is made while it is read.
struct Endless<'a> {
    head: &'a [u8],
    part: &'a [u8],
    parts: usize,
    tail: &'a [u8],
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        let wanted = (buffer.len() / self.part.len()).min(self.parts);
        if wanted == 0 {
            return self.tail.read(buffer);
        }
        self.parts -= wanted;
        for space in buffer.chunks_exact_mut(self.part.len()).take(wanted) {
            space.copy_from_slice(self.part);
        }
        Ok(wanted * self.part.len())
    }
}

#[test]
fn a_million_small_sessions_are_a_million_sessions() {
    let sessions = SessionReader::new(Endless {
        head: b"<session_list>",
        part: b"<session lsid='1'/>\n",
        parts: 1_000_000,
        tail: b"</session_list>",
    });
    let found = sessions.map(|session| assert_eq!(session.unwrap().lsid, "1"));
    assert_eq!(found.count(), 1_000_000);
}

#[derive(Clone, Debug)]
enum Mutation {
    Flip(u8),
    Delete(usize),
    Insert(Vec<u8>),
    Duplicate(usize),
}

fn mutations() -> impl Strategy<Value = Vec<(prop::sample::Index, Mutation)>> {
    let marks = prop::sample::select(vec![
        "<",
        ">",
        "</session>",
        "<session>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "&",
        "\"",
        "'",
        "/>",
        "</session_list>",
        "<error>",
        "</error>",
        "\u{feff}",
        " ",
        "=",
        "<!",
    ]);
    let mutation = prop_oneof![
        any::<u8>().prop_map(Mutation::Flip),
        (1usize..40).prop_map(Mutation::Delete),
        prop::collection::vec(any::<u8>(), 1..5).prop_map(Mutation::Insert),
        marks.prop_map(|mark| Mutation::Insert(mark.as_bytes().to_vec())),
        (1usize..80).prop_map(Mutation::Duplicate),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), mutation), 1..6)
}

fn mutate(document: &str, mutations: &[(prop::sample::Index, Mutation)]) -> Vec<u8> {
    let mut bytes = document.as_bytes().to_vec();
    for (index, mutation) in mutations {
        let at = index.index(bytes.len() + 1);
        let upto = |length: usize| (at + length).min(bytes.len());
        match mutation {
            Mutation::Flip(byte) => {
                if let Some(there) = bytes.get_mut(at) {
                    *there ^= byte;
                }
            }
            Mutation::Delete(length) => drop(bytes.drain(at..upto(*length))),
            Mutation::Insert(new) => drop(bytes.splice(at..at, new.iter().copied())),
            Mutation::Duplicate(length) => {
                let part = bytes[at..upto(*length)].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_report_is_the_same_however_it_arrives(mutations in mutations(), size in 1usize..80) {
        let document = mutate(&report(), &mutations);
        let at_once = read(&document, 1 << 20);
        let pushed = parse_session_list(&document);
        for size in [1, size] {
            assert_same(&read(&document, size), &at_once, "pieces");
        }
        if let Some(error) = &at_once.1 {
            prop_assert!(is_typed(error), "{error}");
        }
        match pushed {
            Ok(list) => prop_assert!(list.sessions == at_once.0 && at_once.1.is_none()),
            Err(error) => prop_assert_eq!(Some(error.kind()), at_once.1.map(|error| error.kind())),
        }
    }

    #[test]
    fn a_damaged_document_of_any_kind_is_read_or_refused(mutations in mutations()) {
        for kind in kinds() {
            let document = mutate(&kind.document, &mutations);
            if let Err(error) = (kind.read)(&document) {
                let is_typed = is_typed(&error) || error.kind() == ErrorKind::Unauthorized;
                prop_assert!(is_typed, "{}: {error}", kind.name);
            }
        }
    }
}

/// As many cases as the environment asks for, else these.
fn cases(usual: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_report_that_says_nothing_is_read_to_its_end() {
    let nothing = "<error>No Support report information matching your chosen criteria is \
                   available.</error>";
    let session = format!("<session lsid='{A}'/>");
    let whole = format!("<session_list>{nothing}</session_list>");
    assert!(
        parse_session_list(whole.as_bytes())
            .unwrap()
            .sessions
            .is_empty()
    );
    // Cut after it, it is cut.
    let cut = format!("<session_list>{nothing}");
    let error = parse_session_list(cut.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated);
    // So it is by a rule of the caller's.
    let cut = "<session_list><error>Nichts</error>";
    let rule = |text: &str| text == "Nichts";
    let error = bomgar_api::reporting::parse_session_list_with(cut.as_bytes(), rule).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated);
    // With sessions beside it, it is no empty report.
    for both in [format!("{nothing}{session}"), format!("{session}{nothing}")] {
        let document = format!("<session_list>{both}</session_list>");
        let error = parse_session_list(document.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    }
}
