//! The tenant and the API user, from arguments and environment.

use super::{
    Failure, Outcome,
    cli::{Global, Zone},
    describe,
    output::Printer,
};
use crate::tool::filled;
use autotask_soap::{
    Client, Credentials,
    ops::{Call, Context},
    time::WireZone,
    transport::HttpOptions,
};
use url::Url;

/// Stands in printed envelopes where the integration code does in sent ones.
const MASK: &str = "********";

/// A client, and whether it may send.
pub(super) struct Connection {
    pub(super) client: Client,
    impersonate: Option<i64>,
    dry_run: bool,
    /// For envelopes that are printed: they have never held the secrets.
    masked: Credentials,
    endpoint: Url,
}

pub(super) fn connect(
    global: &Global,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Outcome<Connection> {
    let get = |name| filled(variable, name);
    let (Some(username), Some(password), Some(code)) = (
        get("AUTOTASK_USERNAME"),
        get("AUTOTASK_PASSWORD"),
        get("AUTOTASK_INTEGRATION_CODE"),
    ) else {
        let what = "no credentials: set AUTOTASK_USERNAME, AUTOTASK_PASSWORD and \
                    AUTOTASK_INTEGRATION_CODE";
        return Err(Failure::Usage(what.to_owned()));
    };
    let mut http = HttpOptions::default();
    http.user_agent = concat!("autotask-example/", env!("CARGO_PKG_VERSION")).to_owned();
    let mut builder = Client::builder(&username, password, code)
        .http(http)
        .wire_zone(match global.wire_zone {
            Zone::Eastern => WireZone::eastern(),
            Zone::Utc => WireZone::utc(),
        });
    if let Some(url) = &global.url {
        builder = builder.endpoint(url);
    }
    let client = builder.build()?;
    let endpoint = client.version().lookup_endpoint();
    let endpoint =
        Url::parse(endpoint).map_err(|error| Failure::Failed(format!("{endpoint}: {error}")))?;
    Ok(Connection {
        client,
        impersonate: global.impersonate,
        dry_run: global.dry_run,
        masked: Credentials::new(username, "", MASK),
        endpoint,
    })
}

impl Connection {
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    pub(super) fn wire_zone(&self) -> &WireZone {
        self.client.wire_zone()
    }

    /// Sends a call that reads; in a dry run prints its envelope instead, and there is no answer.
    pub(super) async fn send<C: Call>(
        &self,
        call: &C,
        printer: &mut Printer<'_>,
    ) -> Outcome<Option<C::Answer>> {
        if self.dry_run {
            return self.print(call, None, printer).map(|()| None);
        }
        Ok(Some(self.client.send(call).await?))
    }

    /// The same for a call that writes. If nobody can tell whether it has, the failure says so and
    /// names the command that `look` gives.
    pub(super) async fn write<C: Call>(
        &self,
        call: &C,
        look: impl FnOnce() -> String,
        printer: &mut Printer<'_>,
    ) -> Outcome<Option<C::Answer>> {
        if self.dry_run {
            return self.print(call, self.impersonate, printer).map(|()| None);
        }
        let client = match self.impersonate {
            Some(resource) => self.client.impersonate(resource),
            None => self.client.clone(),
        };
        match client.send(call).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.outcome() == autotask_soap::Outcome::Ambiguous => {
                Err(Failure::Failed(format!(
                    "{} Autotask may go on working on it for up to 5 minutes. Then see what is \
                     there: {}",
                    describe(&error),
                    look()
                )))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn print<C: Call>(
        &self,
        call: &C,
        impersonate: Option<i64>,
        printer: &mut Printer<'_>,
    ) -> Outcome {
        let mut context = Context::new(&self.endpoint, &self.masked);
        context.version = self.client.version();
        context.wire_zone = self.wire_zone().clone();
        context.impersonate = impersonate;
        let request = call.encode(&context)?;
        let body = String::from_utf8_lossy(request.body());
        printer.text(&format!("{body}\n"))
    }
}
