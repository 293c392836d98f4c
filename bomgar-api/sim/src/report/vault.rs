//! What happened to vault accounts.

use super::window::{self, Windows};
use super::{document, empty};
use crate::reply::Reply;
use crate::request::Params;
use crate::state::State;

/// Activity is kept this long.
const KEPT_SECONDS: i64 = 90 * 86_400;

/// Something that happened to a vault account.
///
/// ```
/// use bomgar_sim::VaultActivity;
///
/// let used = VaultActivity::new("Credentials Used", 12, 1_700_000_000)
///     .performed_by(7, "User", "Grace Lang")
///     .data("0123456789abcdef0123456789abcdef");
/// # let _ = used;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VaultActivity {
    event_type: String,
    account: u32,
    timestamp: i64,
    performed_by: Option<(u32, String, String)>,
    data: Option<String>,
}

impl VaultActivity {
    /// An event of this type, for example `Account Created`, of the account with this number, at
    /// this time in Unix seconds.
    ///
    /// The report keeps 90 days, counted back from the newest activity of the simulator.
    pub fn new(event_type: impl Into<String>, account: u32, unix_seconds: i64) -> Self {
        Self {
            event_type: event_type.into(),
            account,
            timestamp: unix_seconds,
            performed_by: None,
            data: None,
        }
    }

    /// Who did it: number, kind (`User`) and name. Nobody did what the appliance did itself.
    pub fn performed_by(
        mut self,
        id: u32,
        kind: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        self.performed_by = Some((id, kind.into(), name.into()));
        self
    }

    /// The remark, such as `Manually Edited`, or the session in which credentials were used.
    pub fn data(mut self, text: impl Into<String>) -> Self {
        self.data = Some(text.into());
        self
    }
}

pub(crate) fn answer(state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = window::selection(params, Windows::Start)?;
    let all = &state.documents.vault;
    let newest = all.iter().map(|activity| activity.timestamp).max();
    let oldest = newest.unwrap_or_default().saturating_sub(KEPT_SECONDS);
    let chosen: Vec<_> = all
        .iter()
        .filter(|activity| activity.timestamp >= oldest && selection.covers(activity.timestamp))
        .collect();
    if chosen.is_empty() {
        return Ok(empty(state, "vault_account_activity_list"));
    }
    Ok(document(state, "vault_account_activity_list", |xml| {
        for activity in chosen {
            let attributes = [
                ("timestamp", &*activity.timestamp.to_string()),
                ("event_type", &activity.event_type),
                ("account", &*activity.account.to_string()),
            ];
            xml.open("vault_account_activity", &attributes);
            if let Some((id, kind, name)) = &activity.performed_by {
                let attributes = [("id", &*id.to_string()), ("type", kind)];
                xml.leaf("performed_by", &attributes, name);
            }
            if let Some(text) = &activity.data {
                xml.leaf("data", &[], text);
            }
            xml.close("vault_account_activity");
        }
    }))
}
