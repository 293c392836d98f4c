//! Invoices as documents.

use crate::support::*;
use autotask_sim::AutotaskSim;
use autotask_soap::ErrorKind;
use autotask_soap::ops::InvoiceFormat;
use autotask_soap::v1_6::Invoice;

#[tokio::test]
async fn an_invoice_comes_as_page_and_as_xml() {
    let sim = AutotaskSim::builder()
        .service_provider()
        .start()
        .await
        .unwrap();
    let client = client_of(&sim).build().unwrap();
    let query = Invoice::INVOICE_NUMBER.eq("INV-2001");
    let invoice = client.first(query).await.unwrap().unwrap();
    let id = i32::try_from(invoice.id.unwrap()).unwrap();

    let xml = client.invoice_markup(id, InvoiceFormat::Xml).await.unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let number = document
        .descendants()
        .find(|node| node.has_tag_name("InvoiceNumber"));
    assert_eq!(number.unwrap().text(), Some("INV-2001"));
    let page = client
        .invoice_markup(id, InvoiceFormat::Html)
        .await
        .unwrap();
    assert!(
        page.contains("<html>") && page.contains("INV-2001"),
        "{page}"
    );

    let error = client
        .invoice_markup(1, InvoiceFormat::Xml)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault, "{error}");
    assert_eq!(error.entity(), Some("Invoice"));
}
