//! Measures how fast documents of one's own are decoded.
//!
//! `cargo run --release --example bench_decode -- report FILE N` decodes a saved session report N
//! times and prints `bytes=… seconds=… items=…`. `tickets FILE N` does so with a saved answer to a
//! query for tickets; `cargo run -p autotask-sim -- --write-page FILE` writes one of 500.
//!
//! For comparison, `skim FILE N` only looks at the events of the same XML with quick-xml, in reads
//! of 64 kB, and `skim-namespaces FILE N` at events with their namespaces, in memory.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Read, Write};
use std::time::Instant;

use autotask_soap::Credentials;
use autotask_soap::ops::{Call, Context, QueryEntities};
use autotask_soap::v1_6::Ticket;
use bomgar_api::reporting::SessionReader;
use bytes::Bytes;

const USAGE: &str = "usage: bench_decode report|tickets|skim|skim-namespaces FILE N";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, file, times] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let times: u64 = times.parse().map_err(|_| USAGE)?;
    let bytes = std::fs::metadata(file)?.len() * times;
    let begin = Instant::now();
    let mut items = 0;
    for _ in 0..times {
        let input = File::open(file)?;
        items += match what.as_str() {
            "report" => report(input)?,
            "tickets" => tickets(input)?,
            "skim" => skim(input)?,
            "skim-namespaces" => skim_namespaces(input)?,
            _ => return Err(USAGE.into()),
        };
    }
    let seconds = begin.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "bytes={bytes} seconds={seconds:.6} items={items}"
    )?;
    Ok(())
}

/// The number of sessions, each decoded in full.
fn report(input: impl Read) -> bomgar_api::Result<u64> {
    let mut items = 0;
    for session in SessionReader::new(input) {
        black_box(session?);
        items += 1;
    }
    Ok(items)
}

/// The number of tickets, each decoded in full.
fn tickets(mut input: impl Read) -> Result<u64, Box<dyn Error>> {
    let mut body = Vec::new();
    input.read_to_end(&mut body)?;
    // Only the zone of date-times is needed of it; nothing is sent.
    let endpoint = "https://webservices.autotask.net/ATServices/1.6/atws.asmx".parse()?;
    let credentials = Credentials::new("", "", "");
    let context = Context::new(&endpoint, &credentials);
    let answer = http::Response::new(Bytes::from(body));
    let tickets = QueryEntities::<Ticket>::new("").decode(answer, &context)?;
    Ok(black_box(tickets).len() as u64)
}

/// The number of XML events, each with its namespace; nothing is decoded.
fn skim_namespaces(mut input: impl Read) -> Result<u64, Box<dyn Error>> {
    let mut body = Vec::new();
    input.read_to_end(&mut body)?;
    let mut reader = quick_xml::NsReader::from_reader(body.as_slice());
    let mut items = 0;
    loop {
        match reader.read_resolved_event()? {
            (_, quick_xml::events::Event::Eof) => return Ok(items),
            event => {
                black_box(event);
                items += 1;
            }
        }
    }
}

/// The number of XML events; nothing is decoded.
fn skim(input: impl Read) -> Result<u64, quick_xml::Error> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::with_capacity(64 * 1024, input));
    let mut buffer = Vec::new();
    let mut items = 0;
    loop {
        match reader.read_event_into(&mut buffer)? {
            quick_xml::events::Event::Eof => return Ok(items),
            event => {
                black_box(event);
                items += 1;
            }
        }
        buffer.clear();
    }
}
