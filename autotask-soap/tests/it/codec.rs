//! Operations as pure functions, without a client.

use autotask_soap::ops::{Call, Context, CreateEntities, QueryEntities};
use autotask_soap::v1_6::TicketNote;
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
