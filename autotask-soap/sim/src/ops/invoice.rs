//! Invoices as documents.

use crate::{
    record::{Record, Val},
    soap::{SoapFault, Version, answer::Answer, xml::Xml},
    tenant::Tenant,
    time,
};

/// An invoice's header fields and lines, as texts.
struct Invoice<'t> {
    head: Vec<(&'static str, String)>,
    lines: Vec<&'t Record>,
}

pub(super) fn markup(
    tenant: &Tenant,
    version: Version,
    id: i64,
    format: &str,
) -> Result<Answer, SoapFault> {
    let hidden = tenant.restricted.contains("Invoice");
    let record = tenant
        .get("Invoice", id)
        .filter(|_| !hidden)
        .ok_or_else(|| SoapFault::server(format!("The invoice {id} does not exist.")))?;
    let invoice = Invoice::read(tenant, record);
    let text = match format.trim().to_ascii_lowercase().as_str() {
        "html" => invoice.html(),
        "xml" => invoice.xml(),
        _ => {
            return Err(SoapFault::server(format!(
                "The format \"{format}\" is not supported: use HTML or XML."
            )));
        }
    };
    Ok(Answer::text("GetInvoiceMarkup", version, &text))
}

fn money(value: Option<f64>) -> String {
    format!("{:.2}", value.unwrap_or(0.0))
}

impl<'t> Invoice<'t> {
    fn read(tenant: &'t Tenant, record: &Record) -> Self {
        let account = record
            .int("AccountID")
            .and_then(|account| tenant.get("Account", account))
            .map_or("", |account| account.text("AccountName"));
        let date = match record.get("InvoiceDateTime") {
            Some(Val::Time(at)) => time::format_time(*at, &tenant.wire_zone()),
            _ => String::new(),
        };
        let lines = tenant
            .rows("BillingItem")
            .map(|row| &row.record)
            .filter(|line| line.int("InvoiceID") == Some(record.id))
            .collect();
        Invoice {
            head: vec![
                ("InvoiceID", record.id.to_string()),
                ("InvoiceNumber", record.text("InvoiceNumber").to_owned()),
                ("InvoiceDate", date),
                ("AccountName", account.to_owned()),
                ("InvoiceTotal", money(record.double("InvoiceTotal"))),
            ],
            lines,
        }
    }

    fn xml(&self) -> String {
        let mut xml = Xml::new();
        xml.open("Invoice");
        for (name, value) in &self.head {
            xml.leaf(name, value);
        }
        xml.open("Items");
        for line in &self.lines {
            xml.open("Item")
                .leaf("ItemName", line.text("ItemName"))
                .leaf("Quantity", &money(line.double("Quantity")))
                .leaf("Rate", &money(line.double("Rate")))
                .leaf("TotalAmount", &money(line.double("TotalAmount")))
                .close("Item");
        }
        xml.close("Items").close("Invoice");
        xml.finish()
    }

    fn html(&self) -> String {
        let mut xml = Xml::new();
        xml.open("html").open("body").open("h1");
        xml.text("Invoice").close("h1").open("table");
        for (name, value) in &self.head {
            xml.open("tr").leaf("th", name).leaf("td", value);
            xml.close("tr");
        }
        xml.close("table").open("table");
        for line in &self.lines {
            xml.open("tr")
                .leaf("td", line.text("ItemName"))
                .leaf("td", &money(line.double("Quantity")))
                .leaf("td", &money(line.double("Rate")))
                .leaf("td", &money(line.double("TotalAmount")))
                .close("tr");
        }
        xml.close("table").close("body").close("html");
        xml.finish()
    }
}
