//! Session keys.

use crate::people::Customer;
use crate::state::State;
use crate::{random, time};

/// A session key as `generate_session_key` made it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionKey {
    /// Seven digits that the customer types in.
    pub short_key: String,
    /// The address that the customer opens instead.
    pub key_url: String,
    /// When the key stops working, in Unix seconds.
    pub expires: i64,
    /// The queue as it was asked for, for example `general` or `rep:7`.
    pub queue: String,
    /// The external key that a session started with this key gets; empty if none was given.
    pub external_key: String,
    /// 1 high, 2 medium, 3 low.
    pub priority: Option<u8>,
    /// Code names of the skills asked for.
    pub skills: Vec<String>,
    pub(crate) custom: Vec<(String, String)>,
    /// What the key says about the customer.
    pub(crate) customer: Option<Customer>,
    pub(crate) ak: String,
}

/// What a key is to be like.
#[derive(Clone, Debug)]
pub(crate) struct KeyRequest {
    pub(crate) queue: String,
    /// Seconds.
    pub(crate) ttl: i64,
    pub(crate) external_key: String,
    pub(crate) custom: Vec<(String, String)>,
    pub(crate) customer: Option<Customer>,
    pub(crate) priority: Option<u8>,
    pub(crate) skills: Vec<String>,
    /// Host for the address instead of the appliance's own.
    pub(crate) url_hostname: Option<String>,
}

impl KeyRequest {
    pub(crate) const DEFAULT_TTL: i64 = 86_400;

    pub(crate) fn new(queue: impl Into<String>) -> Self {
        Self {
            queue: queue.into(),
            ttl: Self::DEFAULT_TTL,
            external_key: String::new(),
            custom: Vec::new(),
            customer: None,
            priority: None,
            skills: Vec::new(),
            url_hostname: None,
        }
    }
}

/// `base_url` with another host: all public sites answer at the same port.
fn at_host(base_url: &str, host: &str) -> String {
    let (scheme, authority) = base_url.split_once("://").unwrap_or(("http", base_url));
    let port = authority
        .rsplit_once(':')
        .map_or(String::new(), |(_, port)| format!(":{port}"));
    format!("{scheme}://{host}{port}")
}

impl State {
    pub(crate) fn make_key(&mut self, base_url: &str, request: KeyRequest) -> SessionKey {
        let ak = random::hex32();
        let site = match &request.url_hostname {
            Some(host) => at_host(base_url, host),
            None => base_url.to_owned(),
        };
        let key = SessionKey {
            short_key: random::digits7(),
            key_url: format!("{site}/?ak={ak}"),
            expires: time::now().saturating_add(request.ttl),
            queue: request.queue,
            external_key: request.external_key,
            priority: request.priority,
            skills: request.skills,
            custom: request.custom,
            customer: request.customer,
            ak,
        };
        self.keys.push(key.clone());
        key
    }

    /// A key that still works, by its number or by the code in its address.
    pub(crate) fn valid_key(&self, code: &str) -> Option<SessionKey> {
        self.keys
            .iter()
            .find(|key| (key.short_key == code || key.ak == code) && key.expires > time::now())
            .cloned()
    }
}
