//! `GetInvoiceMarkup`: an invoice as a document.

use super::{Call, Context, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::wire::envelope;
use bytes::Bytes;
use http::{Request, Response};

/// The form of an invoice's document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvoiceFormat {
    /// A web page, laid out as the invoice's template says.
    Html,
    /// XML, as the user interface exports it.
    Xml,
}

impl InvoiceFormat {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Xml => "XML",
        }
    }
}

/// Asks for the document of one invoice.
#[derive(Clone, Copy, Debug)]
pub struct GetInvoiceMarkup {
    /// Id of the `Invoice`.
    pub invoice_id: i32,
    /// The document's form.
    pub format: InvoiceFormat,
}

impl Call for GetInvoiceMarkup {
    /// The document, as the server wrote it.
    type Answer = String;

    fn operation(&self) -> Operation {
        Operation::GetInvoiceMarkup
    }

    fn entity(&self) -> Option<&str> {
        Some("Invoice")
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        envelope::request(context, self.operation(), |writer| {
            writer.element("InvoiceId", &self.invoice_id.to_string());
            writer.element("Format", self.format.name());
        })
        .map_err(|error| error.with_call(self.operation(), self.entity()))
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<String> {
        let (operation, entity) = (self.operation(), self.entity());
        let text = envelope::open_text(&response, context, operation, entity)?;
        if text.trim().is_empty() {
            let error = Error::new(ErrorKind::Malformed, "the answer has no document");
            return Err(envelope::place(
                error, &response, context, operation, entity,
            ));
        }
        Ok(text)
    }
}
