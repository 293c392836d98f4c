//! A session as its test sees it.

use crate::session::Session;

/// A session as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The session's identifier.
    pub lsid: String,
    /// False after its end, orderly or not.
    pub active: bool,
    /// The external key; may be empty.
    pub external_key: String,
    /// When it began, in Unix seconds.
    pub start_time: i64,
    /// When it ended, in Unix seconds; `None` while it runs and for ever after an abnormal end.
    pub end_time: Option<i64>,
    /// 1 high, 2 medium, 3 low.
    pub priority: Option<u8>,
    /// Id and name of the team whose queue it came through last.
    pub team: Option<(u32, String)>,
    /// Username of the owner; `None` while it waits in a queue.
    pub owner: Option<String>,
    /// Usernames of the representatives who are there.
    pub representatives: Vec<String>,
    /// Names of the customers who are there.
    pub customers: Vec<String>,
    /// Code names and values of the custom attributes, without the external key.
    pub attributes: Vec<(String, String)>,
}

impl SessionInfo {
    pub(crate) fn of(session: &Session) -> Self {
        let owner = session.reps.iter().find(|member| member.owner);
        let reps = session.reps.iter().filter(|member| member.present());
        let customers = session.customers.iter().filter(|member| member.present());
        let custom = session.custom.iter();
        Self {
            lsid: session.lsid.clone(),
            active: session.active,
            external_key: session.external_key.clone(),
            start_time: session.start,
            end_time: session.end,
            priority: session.priority,
            team: session.team.clone(),
            owner: owner.map(|member| member.rep.username.clone()),
            representatives: reps.map(|member| member.rep.username.clone()).collect(),
            customers: customers.map(|m| m.customer.name.clone()).collect(),
            attributes: custom
                .map(|a| (a.code_name.clone(), a.value.clone()))
                .collect(),
        }
    }
}
