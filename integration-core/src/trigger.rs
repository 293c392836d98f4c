//! What happened.

use serde::{Deserialize, Serialize};

/// Something that happened on the appliance and may lead to a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "trigger", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trigger {
    /// "Support Session End": a session ended, told by an outbound event or found by polling.
    SessionEnd {
        /// The session's `lsid`.
        lsid: String,
    },
}

impl Trigger {
    /// The session it is about.
    pub fn lsid(&self) -> &str {
        match self {
            Trigger::SessionEnd { lsid } => lsid,
        }
    }

    /// The name of the kind, as the vendor's settings spell it.
    pub fn name(&self) -> &'static str {
        match self {
            Trigger::SessionEnd { .. } => "Support Session End",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_survives_being_stored() {
        let trigger = Trigger::SessionEnd {
            lsid: "0123456789abcdef0123456789abcdef".to_owned(),
        };
        let stored = serde_json::to_string(&trigger).unwrap();
        assert_eq!(
            stored,
            r#"{"trigger":"session_end","lsid":"0123456789abcdef0123456789abcdef"}"#
        );
        assert_eq!(serde_json::from_str::<Trigger>(&stored).unwrap(), trigger);
        assert_eq!(trigger.lsid(), "0123456789abcdef0123456789abcdef");
    }
}
