//! Faults that a test asks for.

use std::collections::VecDeque;
use std::time::Duration;

/// Something that goes wrong with one API call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The true answer comes late.
    Delay(Duration),
    /// HTTP 500 with an HTML page; the call has no effect.
    Status500Html,
    /// HTTP 200 with an HTML page, as from a proxy or a login form; the call has no effect.
    Html200,
    /// The call has its effect, but the body stops half-way and the connection closes.
    TruncatedBody,
    /// HTTP 401 although the token was good. The token is dead from then on, so repeating the call
    /// with it fails as well.
    Unauthorized401,
    /// HTTP 429 with `Retry-After` in whole seconds; the call has no effect.
    RateLimited429(Duration),
    /// The connection closes without an answer; the call has no effect.
    ConnectionDrop,
    /// The call has its effect, then the connection closes without an answer.
    AnswerLost,
    /// The true answer, in an XML namespace that no appliance is known to use.
    WrongNamespace,
}

/// A fault with the calls it applies to.
///
/// ```
/// use bomgar_sim::{Fault, FaultRule};
///
/// let rule = FaultRule::new(Fault::Status500Html).on("SupportSession").times(2);
/// # let _ = rule;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    fault: Fault,
    on: Option<String>,
    times: u32,
}

impl FaultRule {
    /// The fault for one call of the Command or Reporting API, whichever comes next.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            on: None,
            times: 1,
        }
    }

    /// Only calls of this name: an action (`generate_session_key`), a report (`SupportSession`) or
    /// `token`.
    pub fn on(mut self, action_or_report: impl Into<String>) -> Self {
        self.on = Some(action_or_report.into());
        self
    }

    /// The next `times` matching calls instead of one. 0 makes the rule void.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

/// Rules in the order given; the first that matches is used up by one call.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<FaultRule>);

impl Faults {
    pub(crate) fn push(&mut self, rule: FaultRule) {
        if rule.times > 0 {
            self.0.push_back(rule);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn take(&mut self, name: &str, is_api: bool) -> Option<Fault> {
        let index = self.0.iter().position(|rule| match &rule.on {
            Some(on) => on == name,
            None => is_api,
        })?;
        let rule = self.0.get_mut(index)?;
        rule.times -= 1;
        let fault = rule.fault.clone();
        if rule.times == 0 {
            self.0.remove(index);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_waits_for_its_call_and_is_used_up() {
        let mut faults = Faults::default();
        faults.push(FaultRule::new(Fault::Html200).on("SupportSession").times(2));
        faults.push(Fault::ConnectionDrop.into());
        assert_eq!(faults.take("token", false), None);
        assert_eq!(
            faults.take("check_health", true),
            Some(Fault::ConnectionDrop)
        );
        assert_eq!(faults.take("SupportSession", true), Some(Fault::Html200));
        assert_eq!(faults.take("SupportSession", true), Some(Fault::Html200));
        assert_eq!(faults.take("SupportSession", true), None);
    }
}
