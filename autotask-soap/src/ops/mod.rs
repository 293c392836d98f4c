//! The operations of ATWS, each as pure functions: a request out, an answer in.
//!
//! `Client::send` runs them; without the feature `client` you can run them over HTTP of your own:
//!
//! ```
//! use autotask_soap::ops::{Call, Context, GetZoneInfo};
//! use autotask_soap::Credentials;
//!
//! let endpoint = "https://webservices.autotask.net/ATServices/1.6/atws.asmx".parse()?;
//! let credentials = Credentials::new("api@example.com", "password", "INTEGRATIONCODE");
//! let context = Context::new(&endpoint, &credentials);
//! let call = GetZoneInfo { username: "api@example.com".into() };
//!
//! let request = call.encode(&context)?;
//! assert_eq!(request.headers()["SOAPAction"], "\"http://autotask.net/ATWS/v1_6/getZoneInfo\"");
//!
//! // Send it, and give what came back to `decode`.
//! let response = http::Response::new(bytes::Bytes::from_static(
//!     b"<Envelope><Body><getZoneInfoResponse><getZoneInfoResult>\
//!       <URL>https://webservices3.autotask.net/ATServices/1.6/atws.asmx</URL>\
//!       <ErrorCode>0</ErrorCode><CI>123456</CI>\
//!       <WebUrl>https://ww3.autotask.net/</WebUrl>\
//!       </getZoneInfoResult></getZoneInfoResponse></Body></Envelope>",
//! ));
//! assert_eq!(call.decode(response, &context)?.ci, 123456);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attachment;
mod check;
mod create;
mod delete;
mod entity_info;
mod field_info;
mod invoice;
mod query;
mod threshold;
mod update;
mod write;
mod wsdl_version;
mod zone_info;

pub use attachment::{CreateAttachment, DeleteAttachment, GetAttachment};
pub use check::IntegrationCodeCheck;
pub use create::{CreateEntities, Created};
pub use delete::{DeleteEntities, Deleted};
pub use entity_info::GetEntityInfo;
pub use field_info::{GetFieldInfo, GetUdfInfo};
pub use invoice::{GetInvoiceMarkup, InvoiceFormat};
pub use query::{QueryAny, QueryEntities, QueryIds};
pub use threshold::GetThresholdAndUsageInfo;
#[cfg(feature = "client")]
pub(crate) use update::check_update_ids;
pub use update::{UpdateEntities, Updated};
pub use wsdl_version::GetWsdlVersion;
pub use zone_info::GetZoneInfo;

use crate::auth::Credentials;
use crate::error::Result;
use crate::time::WireZone;
use crate::version::ApiVersion;
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use url::Url;

/// Most entities that one `create`, `update` or `delete` takes.
pub const MAX_ENTITIES: usize = 200;

/// Most records that one query answers with.
pub const PAGE_SIZE: usize = 500;

/// Name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `getZoneInfo`
    GetZoneInfo,
    /// `query`
    Query,
    /// `create`
    Create,
    /// `update`
    Update,
    /// `delete`
    Delete,
    /// `CreateAttachment`
    CreateAttachment,
    /// `GetAttachment`
    GetAttachment,
    /// `DeleteAttachment`
    DeleteAttachment,
    /// `GetFieldInfo`
    GetFieldInfo,
    /// `getUDFInfo`
    GetUdfInfo,
    /// `GetEntityInfo`
    GetEntityInfo,
    /// `getThresholdAndUsageInfo`
    GetThresholdAndUsageInfo,
    /// `GetWsdlVersion`
    GetWsdlVersion,
    /// `IntegrationCodeCheck`
    IntegrationCodeCheck,
    /// `GetInvoiceMarkup`
    GetInvoiceMarkup,
}

impl Operation {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::GetZoneInfo => "getZoneInfo",
            Self::Query => "query",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::CreateAttachment => "CreateAttachment",
            Self::GetAttachment => "GetAttachment",
            Self::DeleteAttachment => "DeleteAttachment",
            Self::GetFieldInfo => "GetFieldInfo",
            Self::GetUdfInfo => "getUDFInfo",
            Self::GetEntityInfo => "GetEntityInfo",
            Self::GetThresholdAndUsageInfo => "getThresholdAndUsageInfo",
            Self::GetWsdlVersion => "GetWsdlVersion",
            Self::IntegrationCodeCheck => "IntegrationCodeCheck",
            Self::GetInvoiceMarkup => "GetInvoiceMarkup",
        }
    }

    /// Whether it changes anything in the tenant.
    pub fn writes(self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::Update
                | Self::Delete
                | Self::CreateAttachment
                | Self::DeleteAttachment
        )
    }

    /// Only the zone lookup is open to everybody.
    pub(crate) fn needs_credentials(self) -> bool {
        !matches!(self, Self::GetZoneInfo)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a call needs beside its own parameters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context<'a> {
    /// Where it goes.
    pub endpoint: &'a Url,
    /// Who calls.
    pub credentials: &'a Credentials,
    /// Which version of the API. Default: 1.6.
    pub version: ApiVersion,
    /// Whom to act as: the id of a resource.
    pub impersonate: Option<i64>,
    /// The zone of date-times on the wire. Default: US Eastern.
    pub wire_zone: WireZone,
}

impl<'a> Context<'a> {
    /// A context with the defaults.
    pub fn new(endpoint: &'a Url, credentials: &'a Credentials) -> Self {
        Self {
            endpoint,
            credentials,
            version: ApiVersion::default(),
            impersonate: None,
            wire_zone: WireZone::default(),
        }
    }
}

/// One call of an operation: how it is written, and how its answer is read. No I/O takes part.
pub trait Call: Send + Sync {
    /// What a successful call gives.
    type Answer: Send;

    /// Which operation it is.
    fn operation(&self) -> Operation;

    /// Wire name of the entity that it is about, for error messages and the server's limits.
    fn entity(&self) -> Option<&str> {
        None
    }

    /// The HTTP request.
    ///
    /// # Errors
    ///
    /// When the parameters cannot be sent; nothing has happened then.
    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>>;

    /// Reads the answer to that request.
    ///
    /// # Errors
    ///
    /// When the server refused the call, or the answer is not the one to this call.
    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Self::Answer>;
}
