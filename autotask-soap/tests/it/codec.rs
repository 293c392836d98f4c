//! Operations as pure functions, without a client.

use crate::independent;
use autotask_soap::ops::{Call, Context, CreateEntities, QueryEntities};
use autotask_soap::v1_6::{Ticket, TicketNote};
use autotask_soap::{Credentials, Error, Outcome};
use bytes::Bytes;
use proptest::prelude::*;

const CREATED: &str = r#"<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body><createResponse xmlns="http://autotask.net/ATWS/v1_6/"><createResult><ReturnCode>1</ReturnCode><EntityResults><Entity xsi:type="TicketNote"><id xsi:type="xsd:long">9001</id><Title xsi:type="xsd:string">T</Title></Entity></EntityResults><EntityResultType>ticketnote</EntityResultType><Errors/><EntityReturnInfoResults><EntityReturnInfo><EntityId>9001</EntityId><DatabaseAction>None</DatabaseAction></EntityReturnInfo></EntityReturnInfoResults></createResult></createResponse></soap:Body></soap:Envelope>"#;

fn with_context<T>(run: impl FnOnce(&Context<'_>) -> T) -> T {
    let endpoint = "https://webservices3.autotask.net/ATServices/1.6/atws.asmx"
        .parse()
        .unwrap();
    let credentials = Credentials::new("api@example.com", "correct horse", "CODE");
    run(&Context::new(&endpoint, &credentials))
}

fn decode_create(status: u16, body: Vec<u8>) -> Result<i64, Error> {
    let notes = [TicketNote::default()];
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    with_context(|context| {
        CreateEntities { entities: &notes }
            .decode(response, context)
            .map(|created| created.id)
    })
}

#[test]
fn records_of_an_answer() {
    let body = CREATED.replace("create", "query");
    let notes = with_context(|context| {
        QueryEntities::<TicketNote>::new("").decode(http::Response::new(body.into()), context)
    })
    .unwrap();
    assert_eq!(notes.len(), 1);
    assert_eq!(
        (notes[0].id, notes[0].title.as_deref()),
        (Some(9001), Some("T"))
    );
}

#[test]
fn the_id_can_come_from_the_return_info_alone() {
    assert_eq!(decode_create(200, CREATED.into()).unwrap(), 9001);
    let start = CREATED.find("<Entity ").unwrap();
    let end = CREATED.find("</Entity>").unwrap() + "</Entity>".len();
    let body = format!("{}{}", &CREATED[..start], &CREATED[end..]);
    assert_eq!(decode_create(200, body.into()).unwrap(), 9001);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// A success that was damaged on its way is never taken for a refusal.
    #[test]
    fn damage_is_never_a_refusal(
        at in 0..CREATED.len(),
        byte in any::<u8>(),
        cut in prop::option::of(0..CREATED.len()),
        status in prop::sample::select(vec![200u16, 500, 502, 504]),
    ) {
        let mut body = CREATED.as_bytes().to_vec();
        body[at] = byte;
        body.truncate(cut.unwrap_or(body.len()));
        if let Err(error) = decode_create(status, body) {
            prop_assert_eq!(error.outcome(), Outcome::Ambiguous, "{}", error);
        }
    }

    #[test]
    fn rubbish_neither_succeeds_nor_panics(
        body in prop::collection::vec(any::<u8>(), 0..300),
        status in 100u16..600,
    ) {
        let error = decode_create(status, body).unwrap_err();
        let refused = [401, 403, 429].contains(&status);
        prop_assert_eq!(error.outcome() == Outcome::NotStored, refused, "{}", error);
    }

    #[test]
    fn words_of_all_kinds_are_survived(text in "\\PC{0,80}", tags in "[<>/?!a \\-\\[\\]]{0,60}") {
        for body in [&text, &tags, &format!("<Envelope><Body>{tags}"), &format!("record number [{text}")] {
            let error = decode_create(200, body.clone().into_bytes()).unwrap_err();
            prop_assert_eq!(error.outcome(), Outcome::Ambiguous);
        }
    }
}

/// A `query` answer with these records, whose elements may have any prefix that is declared here.
fn page(records: &str) -> String {
    CREATED
        .replace("create", "query")
        .replace(
            "<soap:Envelope ",
            "<soap:Envelope xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:o=\"urn:other\" \
             xmlns:n=\"http://autotask.net/ATWS/v1_6/\" ",
        )
        .split_once("<Entity ")
        .zip(CREATED.split_once("</Entity>"))
        .map(|((before, _), (_, after))| {
            format!("{before}{records}{}", after.replace("create", "query"))
        })
        .unwrap()
}

/// Both decoders' values of all records.
fn decoded_twice(document: &str) -> (Vec<independent::Values>, Vec<independent::Values>) {
    let tickets = with_context(|context| {
        QueryEntities::<Ticket>::new("")
            .decode(http::Response::new(document.to_owned().into()), context)
    });
    let xml = roxmltree::Document::parse(document).unwrap();
    let entities = xml
        .descendants()
        .filter(|node| node.tag_name().name() == "Entity");
    (
        tickets
            .unwrap()
            .iter()
            .map(independent::of_entity)
            .collect(),
        entities.map(independent::of_xml).collect(),
    )
}

#[test]
fn a_full_page_has_the_values_that_an_independent_decoder_finds() {
    let mut document = Vec::new();
    autotask_sim::write_ticket_page(&mut document, 500).unwrap();
    let (found, wanted) = decoded_twice(std::str::from_utf8(&document).unwrap());
    assert_eq!(found.len(), 500);
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted);
        assert!(found.len() > 60);
    }
    assert_eq!(
        independent::checksum(found.into_iter()),
        independent::checksum(wanted.into_iter())
    );
}

#[test]
fn white_space_is_kept_and_line_ends_are_what_xml_says() {
    for (text, wanted) in [
        ("  a\t\n b  ", "  a\t\n b  "),
        ("a&#13;\nb&#xD;&#xA;c", "a\r\nb\r\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("&#32;&#9;", " \t"),
        ("<![CDATA[ <a>\r\n&amp; ]]>", " <a>\n&amp; "),
        ("a<!-- x -->b<?p x?>c<![CDATA[]]>", "abc"),
        ("  ", "  "),
    ] {
        let field = format!("<Title i:type='xsd:string'>{text}</Title>");
        let (found, xml) = decoded_twice(&page(&format!("<Entity>{field}</Entity>")));
        assert_eq!(
            found[0],
            [("Title".to_owned(), wanted.to_owned())],
            "{text}"
        );
        assert_eq!(found, xml);
    }
}

#[test]
fn a_full_batch_has_each_note_once_and_every_character_of_it() {
    let text = "<a> & \r\n\tü🙂,\u{ff0c} ]]> ".repeat(120);
    let notes: Vec<_> = (0..200)
        .map(|number| TicketNote {
            ticket_id: Some(number),
            description: Some(format!("{number} {text}")),
            ..TicketNote::default()
        })
        .collect();
    let body = with_context(|context| {
        let request = CreateEntities { entities: &notes }.encode(context);
        request.unwrap().into_body()
    });
    let document = roxmltree::Document::parse(std::str::from_utf8(&body).unwrap()).unwrap();
    let entities = document
        .descendants()
        .find(|node| node.tag_name().name() == "Entities")
        .unwrap();
    let found: Vec<_> = entities.children().map(independent::of_xml).collect();
    let field = |name: &str, value: String| (name.to_owned(), value);
    let wanted: Vec<_> = notes
        .iter()
        .map(|note| {
            vec![
                field("Description", note.description.clone().unwrap()),
                field("TicketID", note.ticket_id.unwrap().to_string()),
                field("id", "0".to_owned()),
            ]
        })
        .collect();
    assert_eq!(found, wanted);
}

/// Text of any kind, in pieces of markup that mean the same to every parser.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -%'-;=?-~]{0,12}",
        // A carriage return by itself, the other parser leaves as it is before a reference.
        1 => "[ \t\nüß山🙂]{0,5}",
        1 => prop::sample::select(vec![
            "&amp;", "&lt;", "&gt;", "&quot;", "&#13;", "&#xD;\n", "\r\n", "&#233;", "&#x1F642;", "]",
            "<!-- no -->", "<?no no?>", "<![CDATA[]]>", "<![CDATA[ <b>\r\n&amp; ]]>",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// A value as the server writes it.
fn plain(kind: &str, number: i64, more: u32) -> String {
    match kind {
        "int" => (number as i32 / 3).to_string(),
        "long" => number.to_string(),
        "double" => format!("{}.{more}", number % 1_000),
        "decimal" => format!("-{}.{more:04}", number % 1_000),
        "boolean" => ["true", "false", "1", "0"][number as usize % 4].to_owned(),
        // Never in the hour that the change to daylight saving skips or repeats.
        "dateTime" => format!(
            "{}-{:02}-{:02}T{:02}:{:02}:{:02}",
            2007 + number % 30,
            1 + number / 40 % 12,
            1 + number / 500 % 28,
            [0, 4, 11, 23][number as usize / 14_000 % 4],
            number / 60_000 % 60,
            number / 4_000_000 % 60
        ),
        _ => format!("text {number}"),
    }
}

/// Name and element of a field of a ticket, or of none, with a value that is of the type it claims, or is not.
fn any_field() -> impl Strategy<Value = (&'static str, String)> {
    // Fields with the types that they may come as.
    let field = prop::sample::select(vec![
        ("AccountID", "int"),
        ("AccountID", "long"),
        ("id", "long"),
        ("Title", "string"),
        ("Description", "string"),
        ("CreateDate", "dateTime"),
        ("DueDateTime", "dateTime"),
        ("EstimatedHours", "double"),
        ("HoursToBeScheduled", "decimal"),
        ("ServiceLevelAgreementHasBeenMet", "boolean"),
        ("ContractServiceID", "int"),
        ("OfALaterRelease", "string"),
        ("OfALaterRelease", "int"),
        ("OfALaterRelease", "base64Binary"),
        ("Title\u{e9}", "dateTime"),
    ]);
    let numbers = (0i64..4_000_000_000, 0u32..999);
    let space = prop::sample::select(vec!["", "", "", " ", "\n\t"]);
    let form = prop::sample::select(vec![
        "nil", "xsi:type", "xsi:type", "xsi:type", "i:type", "other",
    ]);
    let prefix = prop::sample::select(vec!["", "", "n:", "o:"]);
    (
        field,
        numbers,
        any_text(),
        space,
        form,
        prefix,
        any::<bool>(),
        0u8..8,
    )
        .prop_map(
            |((name, kind), (number, more), text, space, form, prefix, quote, which)| {
                let text = match (kind, which) {
                    // Not of its type.
                    ("int" | "double" | "boolean" | "dateTime" | "base64Binary", 0) => {
                        "x 1".to_owned()
                    }
                    ("string", 0..7) => text,
                    (_, 1) => String::new(),
                    (_, 2) => " ".to_owned(),
                    _ => format!("{space}{}{space}", plain(kind, number, more)),
                };
                let quote = if quote { '"' } else { '\'' };
                let xsi = |attribute: &str, kind: &str| format!("{attribute}={quote}{kind}{quote}");
                let attributes = match form {
                    "nil" => xsi("xsi:nil", if which == 0 { "1" } else { "true" }),
                    // Same names in a namespace that means nothing here.
                    "other" => format!(
                        "{} o:type='o:int' o:nil='true' {}",
                        xsi("i:nil", "false"),
                        xsi("xsi:type", &format!("xsd:{kind}"))
                    ),
                    form => xsi(form, &format!("q:{kind}")),
                };
                let element = format!("{prefix}{name}");
                let element = if text.is_empty() && which < 5 {
                    format!("<{element} {attributes}/>{space}")
                } else {
                    format!("{space}<{element}\n {attributes} >{text}</{element}>")
                };
                (name, element)
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_form_of_a_record_has_the_values_that_an_independent_decoder_finds(
        records in prop::collection::vec(prop::collection::vec(any_field(), 0..8), 0..4),
        udf in prop::option::of((any_text(), any_text())),
        redeclared in any::<bool>(),
    ) {
        let records: String = records.iter().map(|fields| {
            let udf = udf.as_ref().map(|(name, value)| format!(
                "<UserDefinedFields> <UserDefinedField><Name>{name}</Name><Value>{value}</Value>\
                 </UserDefinedField><UserDefinedField><Name>N</Name><Value xsi:nil='true'/>\
                 </UserDefinedField> </UserDefinedFields>"
            ));
            let declared = if redeclared {
                // The usual prefixes mean other things here.
                " xmlns:o='http://www.w3.org/2001/XMLSchema-instance' xmlns:p='urn:other'"
            } else {
                ""
            };
            // What a repeated field means, other tests say.
            let mut names = std::collections::HashSet::new();
            let fields = fields.iter().filter(|(name, _)| names.insert(*name));
            let fields: String = fields.map(|(_, field)| field.as_str()).collect();
            let fields = if redeclared { fields.replace("o:type", "p:type").replace("o:nil", "p:nil") } else { fields };
            format!("<Entity xsi:type='Ticket'{declared}>{}{fields}</Entity>", udf.unwrap_or_default())
        }).collect();
        let (found, wanted) = decoded_twice(&page(&records));
        prop_assert_eq!(found, wanted);
    }
}
