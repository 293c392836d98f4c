//! A full page of tickets as an answer to a query, to try decoders on.

use crate::catalogue::{FieldDef, FieldTy, entity};
use crate::soap::Version;
use crate::soap::xml::{Xml, response};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How many fields each ticket has, `id` included.
const FIELDS: usize = 67;

/// Writes the answer to a query that finds this many tickets; the service itself stops at 500. Each
/// has 67 fields, all with their type, and takes about 5.8 kB. The same number gives the same bytes.
///
/// Texts have what texts of tickets have: blank lines, carriage returns, white space at their ends,
/// markup characters, letters beyond ASCII.
///
/// ```
/// let mut answer = Vec::new();
/// let length = autotask_sim::write_ticket_page(&mut answer, 3)?;
/// assert_eq!(length, answer.len() as u64);
/// assert_eq!(String::from_utf8(answer)?.matches("<Entity xsi:type=\"Ticket\">").count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If writing fails.
pub fn write_ticket_page(out: &mut impl Write, tickets: u32) -> io::Result<u64> {
    let mut xml = Xml::new();
    xml.open("queryResult").leaf("ReturnCode", "1");
    if tickets == 0 {
        xml.empty("EntityResults");
    } else {
        xml.open("EntityResults");
        for number in 0..tickets {
            ticket(&mut xml, number);
        }
        xml.close("EntityResults");
    }
    xml.leaf("EntityResultType", "ticket")
        .empty("Errors")
        .empty("EntityReturnInfoResults")
        .close("queryResult");
    let answer = response("query", Version::V16, &xml.finish());
    out.write_all(answer.as_bytes())?;
    Ok(answer.len() as u64)
}

/// [`write_ticket_page`] into a file, which is replaced if it exists.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_ticket_page_file(path: impl AsRef<Path>, tickets: u32) -> io::Result<u64> {
    let mut out = BufWriter::new(File::create(path)?);
    let length = write_ticket_page(&mut out, tickets)?;
    out.flush()?;
    Ok(length)
}

fn ticket(xml: &mut Xml, number: u32) {
    let fields = entity("Ticket").map_or(&[][..], |def| def.fields);
    xml.open_typed("Entity", "Ticket");
    for (index, field) in fields.iter().take(FIELDS).enumerate() {
        // Spreads the values; any odd multiplier does.
        let seed = (number * 97 + index as u32 + 1).wrapping_mul(2_654_435_761) >> 4;
        let (xsi_type, text) = value(field, number, seed);
        xml.typed(field.name, xsi_type, &text);
    }
    xml.close("Entity");
}

fn value(field: &FieldDef, number: u32, seed: u32) -> (&'static str, String) {
    match field.ty {
        FieldTy::Long if field.name == "id" => ("xsd:long", (480_000 + number).to_string()),
        FieldTy::Long => ("xsd:long", (29_000_000 + seed % 900_000).to_string()),
        FieldTy::Integer if field.picklist => ("xsd:int", (seed % 30).to_string()),
        FieldTy::Integer => ("xsd:int", (29_000_000 + seed % 900_000).to_string()),
        FieldTy::Short => ("xsd:short", (seed % 100).to_string()),
        FieldTy::Double => (
            "xsd:double",
            format!("{}.{}", seed % 40, [0, 25, 5, 75][seed as usize % 4]),
        ),
        FieldTy::Decimal => ("xsd:decimal", format!("{}.{:04}", seed % 40, seed % 10_000)),
        FieldTy::DateTime => ("xsd:dateTime", date_time(seed)),
        FieldTy::Date => {
            let mut day = date_time(seed);
            day.replace_range(10.., "T00:00:00");
            ("xsd:dateTime", day)
        }
        FieldTy::Boolean => (
            "xsd:boolean",
            ["true", "false"][seed as usize % 2].to_owned(),
        ),
        FieldTy::String | FieldTy::Untyped => ("xsd:string", text(field, number, seed)),
    }
}

fn date_time(seed: u32) -> String {
    let mut text = format!(
        "{}-{:02}-{:02}T{:02}:{:02}:{:02}",
        2019 + seed % 8,
        1 + seed / 8 % 12,
        1 + seed / 96 % 28,
        4 + seed / 2_688 % 18,
        seed / 7 % 60,
        seed / 11 % 60
    );
    // Zeros at the end of a fraction are never written.
    let fraction = seed % 1_000;
    if seed % 3 != 0 && fraction % 10 != 0 {
        text.push_str(&format!(".{fraction:03}"));
    }
    text
}

fn text(field: &FieldDef, number: u32, seed: u32) -> String {
    match (field.name, field.length) {
        ("TicketNumber", _) => format!("T20260{}{:02}.{number:04}", 1 + seed % 9, 1 + seed % 28),
        ("Title", _) => [
            " Drucker im 2. Stock druckt nicht (Münchner Büro) ",
            "VPN <timeout> & \"no route to host\"",
            "Password reset for R&D",
            "Sauvegarde échouée – poste de l'accueil",
        ][seed as usize % 4]
            .to_owned(),
        ("Description" | "Resolution", _) => {
            let mut text = format!("\r\n  Caller {number} reports:\r\n");
            for line in 0..5 + seed % 3 {
                text.push_str(
                    [
                        "\tThe machine restarts at 9:30 every morning, then asks for a key.\r\n",
                        "Steps: log in -> open <Settings> & wait; \"Error 0x80070005\" appears.\r\n",
                        "Der Benutzer hört beim Start drei Töne, danach bleibt der Schirm grau.\r\n",
                        "\r\n-- \r\nHelp desk, extension 4711 (Mo–Fr) 🙂\r\n",
                    ][(seed + line) as usize % 4],
                );
            }
            text
        }
        (_, 50) => format!("{:08x}-{:04x}", seed, seed % 65_536),
        _ => format!("Roll-out step {}: as planned. ", seed % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_is_as_long_as_real_ones_and_always_the_same() {
        let page = |tickets| {
            let mut out = Vec::new();
            write_ticket_page(&mut out, tickets).unwrap();
            String::from_utf8(out).unwrap()
        };
        let full = page(500);
        assert!(
            (2_500_000..3_200_000).contains(&full.len()),
            "{}",
            full.len()
        );
        assert_eq!(full, page(500));
        let document = roxmltree::Document::parse(&full).unwrap();
        let tickets: Vec<_> = document
            .descendants()
            .filter(|node| node.has_tag_name("Entity"))
            .collect();
        assert_eq!(tickets.len(), 500);
        for ticket in tickets {
            assert_eq!(ticket.children().count(), FIELDS);
            assert!(ticket.children().all(|field| {
                field.has_attribute(("http://www.w3.org/2001/XMLSchema-instance", "type"))
            }));
        }
        for part in ["&#xD;\n", "\t", "&lt;", "Büro) <", "🙂", "🙂&#xD;\n<"] {
            assert!(full.contains(part), "{part}");
        }
        assert!(page(0).contains("<EntityResults />"));
    }
}
