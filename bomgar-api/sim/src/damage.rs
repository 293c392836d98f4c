//! Turning the true answer of a call into the damaged one that a fault asks for.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderValue, Response};
use http_body_util::BodyExt;

use crate::faults::{Fault, Position};
use crate::reply::Body;
use crate::wire::{Ending, Wire};

/// The answer as it goes over the connection, undamaged.
pub(crate) async fn whole(response: Response<Body>) -> std::io::Result<Wire> {
    let (parts, body) = response.into_parts();
    let announced = parts.headers.contains_key(CONTENT_LENGTH);
    let body = body.collect().await?.to_bytes();
    let length = body.len() as u64;
    let mut wire = Wire::new(parts.status, parts.headers, body);
    // An answer that tells its length still does so when it is cut.
    wire.claimed_length = announced.then_some(length);
    Ok(wire)
}

/// Applies a fault that changes the true answer; other faults leave it alone.
pub(crate) fn damaged(mut wire: Wire, fault: &Fault, base_url: &str) -> Wire {
    let body = wire.body.clone();
    match fault {
        Fault::EmptyBody => wire.body = Bytes::new(),
        Fault::TruncatedBody => return until(wire, Position::Percent(50), Ending::Close),
        Fault::Cut(position) => return until(wire, *position, Ending::Close),
        Fault::Shortened(position) => wire.body = body.slice(..position.offset(body.len())),
        Fault::Stalled(position) => return until(wire, *position, Ending::Stall),
        Fault::SlowDrip(pause) => wire.drip = Some(*pause),
        Fault::Endless => return endless(wire),
        Fault::EndlessText => {
            wire.body = body.slice(..after_first_start_tag(&body));
            wire.claimed_length = None;
            return wire.ending(Ending::Endless(Bytes::from(vec![b'a'; 4_096])));
        }
        Fault::ClaimedLength(length) => {
            wire.claimed_length = Some(*length);
            return wire.ending(Ending::Close);
        }
        Fault::Gzip => wire.body = gzip(&body),
        Fault::WrongRoot => wire.body = other_root(&body),
        Fault::WrongNamespace => wire.body = other_namespace(&body),
        Fault::WrongContentType(value) => {
            if let Ok(value) = HeaderValue::from_str(value) {
                wire.headers.insert(CONTENT_TYPE, value);
            }
        }
        Fault::Nested(depth) => {
            let depth = *depth as usize;
            let filler = format!("{}{}", "<n>".repeat(depth), "</n>".repeat(depth));
            wire.body = inside_root(&body, filler.as_bytes());
        }
        Fault::Attributes(count) => {
            let mut filler = b"<padding".to_vec();
            for number in 0..*count {
                filler.extend_from_slice(format!(" a{number}=\"{number}\"").as_bytes());
            }
            filler.extend_from_slice(b"/>");
            wire.body = inside_root(&body, &filler);
        }
        Fault::EntityBomb => {
            let mut declarations = "<!ENTITY e0 \"aaaaaaaaaa\">".to_owned();
            for level in 1..=8 {
                let reference = format!("&e{};", level - 1).repeat(10);
                declarations.push_str(&format!("<!ENTITY e{level} \"{reference}\">"));
            }
            wire.body = with_doctype(&body, &declarations, "e8");
        }
        Fault::ExternalEntity => {
            let declaration = format!("<!ENTITY outside SYSTEM \"{base_url}/external-entity\">");
            wire.body = with_doctype(&body, &declaration, "outside");
        }
        Fault::InvalidUtf8 => {
            wire.body = inside_root(&body, b"<padding>\xff\xfe\xc3\x28</padding>");
        }
        Fault::ControlCharacters => {
            wire.body = inside_root(&body, b"<padding>\x00\x01\x08\x0b\x1f</padding>");
        }
        Fault::Cookies => {
            for cookie in [
                "sim_session=do-not-return; path=/; HttpOnly",
                "sim_site=do-not-return; path=/api; Max-Age=86400",
            ] {
                wire.headers
                    .append(SET_COOKIE, HeaderValue::from_static(cookie));
            }
        }
        _ => {}
    }
    // What is still here is a proper message, changed or not.
    wire.claimed_length = wire.claimed_length.map(|_| wire.body.len() as u64);
    wire
}

fn until(mut wire: Wire, position: Position, ending: Ending) -> Wire {
    wire.body = wire.body.slice(..position.offset(wire.body.len()));
    wire.ending(ending)
}

fn endless(mut wire: Wire) -> Wire {
    let filler = match rfind(&wire.body, b"</") {
        Some(at) => {
            wire.body = wire.body.slice(..at);
            Bytes::from("<padding>0123456789abcdef</padding>\n".repeat(100))
        }
        None => Bytes::from(vec![0; 4_096]),
    };
    wire.claimed_length = None;
    wire.ending(Ending::Endless(filler))
}

fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail; if it did, the shorter body would be just as wrong.
    let _ = encoder.write_all(body);
    Bytes::from(encoder.finish().unwrap_or_default())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .rposition(|window| window == needle)
}

/// Where the root element's name begins and ends.
fn root_name(body: &[u8]) -> Option<(usize, usize)> {
    let start = 1 + body
        .windows(2)
        .position(|pair| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || pair[1] == b'_'))?;
    let length = body[start..]
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))?;
    Some((start, start + length))
}

/// The offset behind the root's start tag; 0 if there is no XML.
fn after_first_start_tag(body: &[u8]) -> usize {
    root_name(body)
        .and_then(|(_, name_end)| Some(name_end + find(&body[name_end..], b">")? + 1))
        .unwrap_or(0)
}

/// Puts bytes behind the root's start tag. An empty root is opened for them; a body that is no XML
/// becomes a document of its own.
fn inside_root(body: &[u8], filler: &[u8]) -> Bytes {
    let Some((name_start, name_end)) = root_name(body) else {
        return Bytes::from([b"<?xml version=\"1.0\"?>\n<reply>", filler, b"</reply>"].concat());
    };
    let at = after_first_start_tag(body);
    if body[..at].ends_with(b"/>") {
        let name = &body[name_start..name_end];
        return Bytes::from(
            [
                &body[..at - 2],
                b">",
                filler,
                b"</",
                name,
                b">",
                &body[at..],
            ]
            .concat(),
        );
    }
    Bytes::from([&body[..at], filler, &body[at..]].concat())
}

/// Adds a document type with these declarations and refers to one of its entities.
fn with_doctype(body: &[u8], declarations: &str, entity: &str) -> Bytes {
    let referring = inside_root(body, format!("<padding>&{entity};</padding>").as_bytes());
    let (start, name) = match root_name(&referring) {
        Some((start, end)) => (start - 1, &referring[start..end]),
        None => return referring,
    };
    let doctype = format!(
        "<!DOCTYPE {} [{declarations}]>\n",
        String::from_utf8_lossy(name)
    );
    Bytes::from([&referring[..start], doctype.as_bytes(), &referring[start..]].concat())
}

fn other_root(body: &[u8]) -> Bytes {
    let Some((start, end)) = root_name(body) else {
        return Bytes::copy_from_slice(body);
    };
    let name = &body[start..end];
    let new = b"unexpected_root";
    let closing = rfind(body, &[b"</", name].concat()).filter(|at| *at > end);
    match closing {
        None => Bytes::from([&body[..start], new, &body[end..]].concat()),
        Some(at) => {
            let last = at + 2;
            Bytes::from(
                [
                    &body[..start],
                    new,
                    &body[end..last],
                    new,
                    &body[last + name.len()..],
                ]
                .concat(),
            )
        }
    }
}

fn other_namespace(body: &[u8]) -> Bytes {
    let new: &[u8] = b"urn:example:unexpected";
    let end = after_first_start_tag(body);
    match find(&body[..end], b"xmlns=\"") {
        Some(at) => {
            let value = at + b"xmlns=\"".len();
            let length = find(&body[value..end], b"\"").unwrap_or(0);
            Bytes::from([&body[..value], new, &body[value + length..]].concat())
        }
        None => match root_name(body) {
            Some((_, name)) => {
                Bytes::from([&body[..name], b" xmlns=\"", new, b"\"", &body[name..]].concat())
            }
            None => Bytes::copy_from_slice(body),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, StatusCode};

    const BODY: &str = "<?xml version=\"1.0\"?>\n<list xmlns=\"urn:a\"><a>list</a></list>\n";

    fn body(fault: Fault) -> String {
        let wire = Wire::new(
            StatusCode::OK,
            HeaderMap::new(),
            Bytes::from_static(BODY.as_bytes()),
        );
        String::from_utf8(damaged(wire, &fault, "http://sim").body.to_vec()).unwrap()
    }

    #[test]
    fn fillers_stand_behind_the_roots_start_tag() {
        assert_eq!(
            body(Fault::Nested(2)),
            BODY.replace("<a>", "<n><n></n></n><a>")
        );
        assert_eq!(
            body(Fault::Attributes(2)),
            BODY.replace("<a>", "<padding a0=\"0\" a1=\"1\"/><a>")
        );
        assert_eq!(&inside_root(b"<list/>", b"x")[..], b"<list>x</list>");
        assert_eq!(
            &inside_root(b"{}", b"x")[..],
            b"<?xml version=\"1.0\"?>\n<reply>x</reply>"
        );
    }

    #[test]
    fn a_document_type_comes_before_the_root() {
        let text = body(Fault::ExternalEntity);
        assert!(text.starts_with(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE list [<!ENTITY outside SYSTEM \
             \"http://sim/external-entity\">]>\n<list xmlns=\"urn:a\"><padding>&outside;</padding>"
        ));
        let bomb = body(Fault::EntityBomb);
        assert!(bomb.contains("<!ENTITY e8 \"&e7;&e7;"));
        assert!(bomb.contains("<padding>&e8;</padding>"));
    }

    #[test]
    fn the_root_gets_another_name_or_namespace() {
        assert_eq!(
            body(Fault::WrongRoot),
            "<?xml version=\"1.0\"?>\n<unexpected_root xmlns=\"urn:a\"><a>list</a></unexpected_root>\n"
        );
        assert_eq!(&other_root(b"<a />")[..], b"<unexpected_root />");
        assert_eq!(
            body(Fault::WrongNamespace),
            BODY.replace("urn:a", "urn:example:unexpected")
        );
        assert_eq!(
            &other_namespace(b"<a>x</a>")[..],
            b"<a xmlns=\"urn:example:unexpected\">x</a>"
        );
    }

    #[test]
    fn gzip_is_gzip() {
        assert_eq!(&gzip(b"x")[..2], b"\x1f\x8b");
    }
}
