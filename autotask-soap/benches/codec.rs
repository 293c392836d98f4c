//! How fast a full page of tickets is decoded and a full batch of notes is encoded, against
//! quick-xml that only looks at the events of the same page, or writes the same batch.

// Set-up that fails is a failed bench.
#![allow(clippy::unwrap_used, clippy::panic, reason = "as in tests")]

use autotask_soap::Credentials;
use autotask_soap::ops::{Call, Context, CreateEntities, QueryEntities};
use autotask_soap::v1_6::{Ticket, TicketNote};
use bytes::Bytes;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{NsReader, Reader, Writer};
use std::sync::OnceLock;

#[path = "../tests/it/independent.rs"]
mod independent;

const NAMESPACE: &str = "http://autotask.net/ATWS/v1_6/";

fn main() {
    // For counting instructions of one alternative: `codec run NAME TIMES`.
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, run, name, times] = arguments.as_slice() {
        if run == "run" {
            return run_plainly(name, times.parse().unwrap());
        }
    }
    check();
    divan::main();
}

fn run_plainly(name: &str, times: u32) {
    let body = page();
    let notes = notes();
    for _ in 0..times {
        match name {
            "decode" => drop(black_box(decode(body))),
            "skim" => skim(body),
            "ns_skim" => ns_skim(body),
            "encode" => drop(black_box(encode(notes))),
            "plain_encode" => drop(black_box(plain_encode(notes))),
            _ => panic!("no such alternative"),
        }
    }
}

/// What is measured is only worth something if nothing is left out.
fn check() {
    let text = std::str::from_utf8(page()).unwrap();
    let document = roxmltree::Document::parse(text).unwrap();
    let entities = document
        .descendants()
        .filter(|node| node.has_tag_name((NAMESPACE, "Entity")));
    let found = decode(page());
    assert_eq!(found.len(), 500);
    assert_eq!(
        independent::checksum(found.iter().map(independent::of_entity)),
        independent::checksum(entities.map(independent::of_xml)),
    );
    let text = |xml: &[u8]| -> Vec<String> {
        let document = roxmltree::Document::parse(std::str::from_utf8(xml).unwrap()).unwrap();
        let texts = document.descendants().filter(roxmltree::Node::is_text);
        texts
            .map(|node| node.text().unwrap().replace("\r\n", "\n"))
            .collect()
    };
    assert_eq!(text(&encode(notes())), text(&plain_encode(notes())));
}

fn page() -> &'static Bytes {
    static PAGE: OnceLock<Bytes> = OnceLock::new();
    PAGE.get_or_init(|| {
        let mut page = Vec::new();
        autotask_sim::write_ticket_page(&mut page, 500).unwrap();
        page.into()
    })
}

/// 200 notes of 3 kB.
fn notes() -> &'static [TicketNote] {
    static NOTES: OnceLock<Vec<TicketNote>> = OnceLock::new();
    NOTES.get_or_init(|| {
        let lines = [
            "Session with Anna Müller started at 10:02, 48 minutes, screen sharing & file transfer.",
            "The print spooler hung after the last update; services restarted, queue emptied.",
            "",
            "Event log: Application Error 1000, faulting module <unknown>, code 0xc0000005.",
            "Customer: \"it prints again\". Driver 6.1 -> 6.3 rolled out to the other two machines.",
        ];
        let mut description = String::new();
        for line in lines.iter().cycle() {
            if description.len() + line.len() > 3_000 {
                break;
            }
            description.push_str(line);
            description.push_str("\r\n");
        }
        let note = |number: i32| TicketNote {
            ticket_id: Some(480_000 + number),
            title: Some(format!("Remote session {number}")),
            description: Some(description.clone()),
            note_type: Some(3),
            publish: Some(2),
            ..TicketNote::default()
        };
        (0..200).map(note).collect()
    })
}

fn with_context<T>(run: impl FnOnce(&Context<'_>) -> T) -> T {
    let endpoint = "https://webservices3.autotask.net/ATServices/1.6/atws.asmx"
        .parse()
        .unwrap();
    let credentials = Credentials::new("api@example.com", "correct horse", "CODE");
    run(&Context::new(&endpoint, &credentials))
}

fn decode(body: &Bytes) -> Vec<Ticket> {
    with_context(|context| {
        QueryEntities::new("")
            .decode(http::Response::new(body.clone()), context)
            .unwrap()
    })
}

fn skim(body: &[u8]) {
    let mut reader = Reader::from_reader(body);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            event => black_box(event),
        };
    }
}

fn ns_skim(body: &[u8]) {
    let mut reader = NsReader::from_reader(body);
    loop {
        match reader.read_resolved_event().unwrap() {
            (_, Event::Eof) => break,
            event => black_box(event),
        };
    }
}

fn encode(notes: &[TicketNote]) -> Bytes {
    with_context(|context| {
        let request = CreateEntities { entities: notes }.encode(context).unwrap();
        request.into_body()
    })
}

/// The same envelope by quick-xml's writer alone.
fn plain_encode(notes: &[TicketNote]) -> Vec<u8> {
    fn start<'a>(writer: &mut Writer<Vec<u8>>, name: &'a str, attributes: &[(&'a str, &'a str)]) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        writer.write_event(Event::Start(start)).unwrap();
    }
    fn text(writer: &mut Writer<Vec<u8>>, text: &str) {
        writer
            .write_event(Event::Text(BytesText::new(text)))
            .unwrap();
    }
    fn end(writer: &mut Writer<Vec<u8>>, name: &str) {
        writer.write_event(Event::End(BytesEnd::new(name))).unwrap();
    }
    fn field(writer: &mut Writer<Vec<u8>>, name: &str, xsi_type: &str, value: &str) {
        start(writer, name, &[("xsi:type", xsi_type)]);
        text(writer, value);
        end(writer, name);
    }
    let number = |number: Option<i32>| number.unwrap().to_string();
    let mut writer = Writer::new(Vec::new());
    let writer = &mut writer;
    let namespaces = [
        ("xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
    ];
    start(writer, "soap:Envelope", &namespaces);
    start(writer, "soap:Header", &[]);
    start(writer, "AutotaskIntegrations", &[("xmlns", NAMESPACE)]);
    start(writer, "IntegrationCode", &[]);
    text(writer, "CODE");
    end(writer, "IntegrationCode");
    end(writer, "AutotaskIntegrations");
    end(writer, "soap:Header");
    start(writer, "soap:Body", &[]);
    start(writer, "create", &[("xmlns", NAMESPACE)]);
    start(writer, "Entities", &[]);
    for note in notes {
        start(writer, "Entity", &[("xsi:type", "TicketNote")]);
        field(writer, "id", "xsd:long", "0");
        let description = note.description.as_deref().unwrap();
        field(writer, "Description", "xsd:string", description);
        field(writer, "NoteType", "xsd:int", &number(note.note_type));
        field(writer, "Publish", "xsd:int", &number(note.publish));
        field(writer, "TicketID", "xsd:int", &number(note.ticket_id));
        field(
            writer,
            "Title",
            "xsd:string",
            note.title.as_deref().unwrap(),
        );
        end(writer, "Entity");
    }
    for name in ["Entities", "create", "soap:Body", "soap:Envelope"] {
        end(writer, name);
    }
    std::mem::take(writer.get_mut())
}

/// The alternative that the goal is about: events with their namespaces; nothing is decoded.
#[divan::bench(sample_count = 40)]
fn page_of_500_tickets_skimmed_by_ns_reader(bencher: Bencher<'_, '_>) {
    let body = page();
    bencher
        .counter(BytesCount::new(body.len()))
        .bench(|| ns_skim(black_box(body)));
}

/// Without namespaces.
#[divan::bench(sample_count = 40)]
fn page_of_500_tickets_skimmed_by_plain_reader(bencher: Bencher<'_, '_>) {
    let body = page();
    bencher
        .counter(BytesCount::new(body.len()))
        .bench(|| skim(black_box(body)));
}

#[divan::bench(sample_count = 40)]
fn page_of_500_tickets_decoded(bencher: Bencher<'_, '_>) {
    let body = page();
    bencher
        .counter(BytesCount::new(body.len()))
        .bench(|| decode(black_box(body)));
}

#[divan::bench(sample_count = 40)]
fn create_of_200_notes_by_plain_writer(bencher: Bencher<'_, '_>) {
    bencher.bench(|| plain_encode(black_box(notes())));
}

#[divan::bench(sample_count = 40)]
fn create_of_200_notes_encoded(bencher: Bencher<'_, '_>) {
    bencher.bench(|| encode(black_box(notes())));
}
