//! How fast a session report is decoded, against a reader that only looks at the events of the same
//! XML. The document has 100 MB, as a long report of a busy appliance.

// Set-up that fails is a failed bench.
#![allow(clippy::unwrap_used, clippy::panic, reason = "as in tests")]

use std::io::BufReader;
use std::sync::OnceLock;

use bomgar_api::reporting::{SessionReader, parse_session_list};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

#[path = "../tests/it/values.rs"]
mod values;

const LENGTH: u64 = 100_000_000;

fn main() {
    check();
    divan::main();
}

fn document(length: u64) -> Vec<u8> {
    let mut document = Vec::new();
    bomgar_sim::write_report(&mut document, length).unwrap();
    document
}

fn long() -> &'static [u8] {
    static DOCUMENT: OnceLock<Vec<u8>> = OnceLock::new();
    DOCUMENT.get_or_init(|| document(LENGTH))
}

/// What is measured is only worth something if nothing is left out: the values that are decoded are
/// those that an independent parser finds.
fn check() {
    let text = std::str::from_utf8(long()).unwrap();
    let mut sums = (0_u64, 0_u64);
    let mut xml = text.split_inclusive("</session>");
    for session in SessionReader::new(long()) {
        let element = xml.next().unwrap();
        let element = &element[element.find("<session ").unwrap()..];
        let found = values::checksum(&values::of_session(&session.unwrap()));
        let expected = values::checksum(&values::of_xml(element));
        sums = (sums.0.wrapping_add(found), sums.1.wrapping_add(expected));
    }
    assert_eq!(sums.0, sums.1);
}

/// The alternative: quick-xml's events in reads of 64 kB; nothing is decoded.
#[divan::bench(sample_count = 10)]
fn report_of_100_mb_skimmed_by_quick_xml(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(long().len())).bench(|| {
        let input = BufReader::with_capacity(64 * 1024, long());
        let mut reader = quick_xml::Reader::from_reader(input);
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer).unwrap() {
                quick_xml::events::Event::Eof => break,
                event => black_box(event),
            };
            buffer.clear();
        }
    });
}

#[divan::bench(sample_count = 10)]
fn report_of_100_mb_decoded(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(long().len())).bench(|| {
        for session in SessionReader::new(long()) {
            black_box(session.unwrap());
        }
    });
}

/// One session, about 24 kB.
#[divan::bench]
fn one_typical_session_decoded(bencher: Bencher<'_, '_>) {
    let document = document(1);
    bencher
        .counter(BytesCount::new(document.len()))
        .bench(|| parse_session_list(black_box(&document)).unwrap());
}
