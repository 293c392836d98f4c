//! A client that knows nothing but HTTP and text.

use autotask_sim::AutotaskSim;
use base64::Engine as _;

pub(crate) const NS: &str = "http://autotask.net/ATWS/v1_6/";

/// An answer, or the lack of one.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Got {
    /// The texts of all elements of that local name.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        document
            .descendants()
            .filter(|node| node.tag_name().name() == name)
            .map(|node| node.text().unwrap_or("").to_owned())
            .collect()
    }

    pub(crate) fn one(&self, name: &str) -> String {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {}", self.body);
        all[0].clone()
    }

    /// The ids of the entities.
    pub(crate) fn ids(&self) -> Vec<i64> {
        self.all("id")
            .iter()
            .map(|id| id.parse().unwrap())
            .collect()
    }

    /// The errors of a refused call.
    pub(crate) fn refused(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.one("ReturnCode"), "-1", "{}", self.body);
        assert!(self.ids().is_empty());
        self.all("Message")
    }

    /// The ids of what was stored.
    pub(crate) fn stored(&self) -> Vec<i64> {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.one("ReturnCode"), "1", "{}", self.body);
        self.ids()
    }
}

/// A call before it is sent.
pub(crate) struct Caller<'a> {
    pub(crate) url: String,
    pub(crate) namespace: &'a str,
    pub(crate) authorization: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) impersonate: Option<i64>,
}

pub(crate) fn caller(sim: &AutotaskSim) -> Caller<'_> {
    let pair = format!("{}:{}", sim.username(), sim.password());
    let token = base64::engine::general_purpose::STANDARD.encode(pair);
    Caller {
        url: sim.endpoint(),
        namespace: NS,
        authorization: Some(format!("Basic {token}")),
        code: Some(sim.integration_code()),
        impersonate: None,
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

impl Caller<'_> {
    pub(crate) fn envelope(&self, operation: &str, inner: &str) -> String {
        let ns = self.namespace;
        let code = self.code.as_ref().map_or(String::new(), |code| {
            format!("<IntegrationCode>{code}</IntegrationCode>")
        });
        let impersonate = self.impersonate.map_or(String::new(), |id| {
            format!("<ImpersonateAsResourceID>{id}</ImpersonateAsResourceID>")
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
             <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><soap:Header>\
             <AutotaskIntegrations xmlns=\"{ns}\">{code}{impersonate}</AutotaskIntegrations>\
             </soap:Header><soap:Body><{operation} xmlns=\"{ns}\">{inner}</{operation}></soap:Body>\
             </soap:Envelope>"
        )
    }

    pub(crate) async fn post(&self, action: &str, envelope: String) -> Result<Got, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let mut request = client
            .post(&self.url)
            .header("content-type", "text/xml; charset=utf-8")
            .header("soapaction", action)
            .body(envelope);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok(Got {
            status,
            body: response.text().await?,
        })
    }

    pub(crate) async fn try_call(
        &self,
        operation: &str,
        inner: &str,
    ) -> Result<Got, reqwest::Error> {
        let action = format!("\"{}{operation}\"", self.namespace);
        self.post(&action, self.envelope(operation, inner)).await
    }

    pub(crate) async fn call(&self, operation: &str, inner: &str) -> Got {
        self.try_call(operation, inner).await.unwrap()
    }

    /// A query with these items inside `<query>`.
    pub(crate) async fn query(&self, entity: &str, items: &str) -> Got {
        let xml = format!("<queryxml><entity>{entity}</entity><query>{items}</query></queryxml>");
        self.call("query", &format!("<sXML>{}</sXML>", escape(&xml)))
            .await
    }

    pub(crate) async fn create(&self, entities: &[String]) -> Got {
        self.call(
            "create",
            &format!("<Entities>{}</Entities>", entities.concat()),
        )
        .await
    }
}

/// An entity; fields are `(name, xsd type or "", text)`.
pub(crate) fn entity(name: &str, id: i64, fields: &[(&str, &str, &str)]) -> String {
    let mut xml = format!("<Entity xsi:type=\"{name}\"><id>{id}</id>");
    for (field, ty, text) in fields {
        let ty = if ty.is_empty() {
            String::new()
        } else {
            format!(" xsi:type=\"xsd:{ty}\"")
        };
        xml.push_str(&format!("<{field}{ty}>{}</{field}>", escape(text)));
    }
    xml.push_str("</Entity>");
    xml
}

pub(crate) fn note(ticket: i64, title: &str, description: &str) -> String {
    entity(
        "TicketNote",
        0,
        &[
            ("Description", "string", description),
            ("NoteType", "int", "3"),
            ("Publish", "int", "2"),
            ("TicketID", "long", &ticket.to_string()),
            ("Title", "string", title),
        ],
    )
}

/// A time entry of one hour; `more` replaces or adds fields, an empty text leaves one out.
pub(crate) fn time_entry(sim: &AutotaskSim, more: &[(&str, &str, &str)]) -> String {
    let demo = sim.demo();
    let (ticket, resource, role) = (
        demo.ticket.to_string(),
        demo.technician.to_string(),
        demo.role.to_string(),
    );
    let mut fields: Vec<(&str, &str, &str)> = vec![
        ("TicketID", "int", &ticket),
        ("ResourceID", "int", &resource),
        ("RoleID", "int", &role),
        ("StartDateTime", "dateTime", "2026-06-01T10:00:00"),
        ("EndDateTime", "dateTime", "2026-06-01T11:00:00"),
    ];
    for field in more {
        fields.retain(|old| old.0 != field.0);
        if !field.2.is_empty() {
            fields.push(*field);
        }
    }
    entity("TimeEntry", 0, &fields)
}

pub(crate) fn field(name: &str, op: &str, value: &str) -> String {
    format!(
        "<field>{name}<expression op=\"{op}\">{}</expression></field>",
        escape(value)
    )
}
