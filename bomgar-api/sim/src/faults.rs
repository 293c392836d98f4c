//! Faults that a test asks for.

use std::collections::VecDeque;
use std::time::Duration;

use crate::request::Params;

/// A place in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// After so many bytes.
    Byte(u64),
    /// After so many hundredths of the bytes.
    Percent(u8),
}

impl Position {
    /// The offset in a body of this length; never more than that.
    pub(crate) fn offset(self, length: usize) -> usize {
        match self {
            Self::Byte(byte) => usize::try_from(byte).unwrap_or(length).min(length),
            Self::Percent(percent) => length * usize::from(percent.min(100)) / 100,
        }
    }
}

/// Something that goes wrong with one call.
///
/// Where a fault changes the true answer, the call has its effect; where it replaces the answer,
/// the call has none. Each variant says which it is.
///
/// A request that is lost on its way is a [`ConnectionDrop`](Self::ConnectionDrop).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The call is dealt with late: its effect and its answer come after this pause, the effect also
    /// if the client has gone by then.
    Delay(Duration),
    /// The call has its effect at once, but its answer comes late.
    DelayAnswer(Duration),
    /// HTTP 500 with an HTML page; the call has no effect.
    Status500Html,
    /// Any other status with an HTML page, for example 404 or 502; the call has no effect. A
    /// number that is no HTTP status becomes 500.
    Status(u16),
    /// HTTP 503 with `Retry-After` in whole seconds; the call has no effect.
    Unavailable503(Duration),
    /// HTTP 302 to this address; the call has no effect. If it is another simulated appliance's, its
    /// [`Call::authorization`](crate::Call::authorization) shows whether the client took the token
    /// there.
    Redirect(String),
    /// HTTP 200 with an HTML page, as from a proxy or a login form; the call has no effect.
    Html200,
    /// HTTP 200 with a JSON object; the call has no effect.
    Json200,
    /// HTTP 200 with the true answer's headers and no body at all; the call has its effect.
    EmptyBody,
    /// HTTP 200 with an XML error of this text, also where a video or an archive was asked for;
    /// the call has no effect.
    XmlError(String),
    /// The call has its effect, but the body stops half-way and the connection closes.
    TruncatedBody,
    /// The call has its effect, but the connection closes at this place of the body.
    Cut(Position),
    /// The call has its effect; the answer is a proper HTTP message, but its body ends at this
    /// place.
    Shortened(Position),
    /// The call has its effect; from this place of the body on nothing comes any more, and the
    /// connection stays open.
    Stalled(Position),
    /// The call has its effect; the body comes one byte at a time with this pause after each.
    SlowDrip(Duration),
    /// The call has its effect; before the document's last end tag elements come without an end.
    /// A body that is no XML is followed by zeros.
    Endless,
    /// The call has its effect; after the document's first start tag comes a text without an end.
    EndlessText,
    /// The call has its effect; the answer claims to have this many bytes, has its true body, and
    /// the connection closes.
    ClaimedLength(u64),
    /// The true answer compressed with gzip, which no header tells; the call has its effect.
    Gzip,
    /// The true answer with another name for the root element; the call has its effect.
    WrongRoot,
    /// The true answer, in an XML namespace that no appliance is known to use.
    WrongNamespace,
    /// The true answer with this content type; the call has its effect.
    WrongContentType(String),
    /// The true answer with this many elements inside of one another after the first start tag;
    /// the call has its effect.
    Nested(u32),
    /// The true answer with an element of this many attributes after the first start tag; the
    /// call has its effect.
    Attributes(u32),
    /// The true answer with a document type that declares entities which would grow to a
    /// thousand million characters, and a reference to the last of them; the call has its effect.
    EntityBomb,
    /// The true answer with a document type and an entity that is to be fetched from
    /// `/external-entity` of this appliance; the call has its effect. A call of that path is
    /// listed under the name `external-entity`.
    ExternalEntity,
    /// The true answer with bytes that are no UTF-8; the call has its effect.
    InvalidUtf8,
    /// The true answer with control characters that XML does not allow; the call has its effect.
    ControlCharacters,
    /// The true answer with session cookies, one for the whole site. A client that sends one of
    /// them back shows in [`Call::cookies`](crate::Call::cookies). The call has its effect.
    Cookies,
    /// HTTP 401 although the token was good. The token is dead from then on, so repeating the call
    /// with it fails as well.
    Unauthorized401,
    /// HTTP 429 with `Retry-After` in whole seconds; the call has no effect.
    RateLimited429(Duration),
    /// The connection closes without an answer; the call has no effect.
    ConnectionDrop,
    /// The call has its effect, then the connection closes without an answer.
    AnswerLost,
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
    pub(crate) fault: Fault,
    pub(crate) on: Option<String>,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) skip: u32,
    /// `None` is for ever.
    pub(crate) times: Option<u32>,
}

impl FaultRule {
    /// The fault for one call of the Command, Reporting or Backup API, whichever comes next.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            on: None,
            parameters: Vec::new(),
            skip: 0,
            times: Some(1),
        }
    }

    /// Only calls of this name: an action (`generate_session_key`), a report (`SupportSession`),
    /// `token`, or the last part of any other path (`backup`, `session_download`).
    pub fn on(mut self, action_or_report: impl Into<String>) -> Self {
        self.on = Some(action_or_report.into());
        self
    }

    /// Only calls with this parameter value, for example `lsid`. All parameters named must match.
    pub fn with(mut self, parameter: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((parameter.into(), value.into()));
        self
    }

    /// Lets so many matching calls pass first.
    pub fn after(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    /// The next `times` matching calls instead of one. 0 makes the rule void.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// All matching calls until the faults are cleared.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    fn matches(&self, name: &str, is_api: bool, params: &Params) -> bool {
        self.on.as_ref().map_or(is_api, |on| on == name)
            && self
                .parameters
                .iter()
                .all(|(parameter, value)| params.get(parameter) == Some(value))
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
        if rule.times != Some(0) {
            self.0.push_back(rule);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = &FaultRule> {
        self.0.iter()
    }

    pub(crate) fn take(&mut self, name: &str, is_api: bool, params: &Params) -> Option<Fault> {
        // A rule that lets this call pass has had its turn; the next rule may want the call.
        let mut found = None;
        for (index, rule) in self.0.iter_mut().enumerate() {
            if !rule.matches(name, is_api, params) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            if let Some(times) = &mut rule.times {
                *times -= 1;
            }
            found = Some((index, rule.fault.clone(), rule.times == Some(0)));
            break;
        }
        let (index, fault, used_up) = found?;
        if used_up {
            self.0.remove(index);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(faults: &mut Faults, name: &str) -> Option<Fault> {
        faults.take(name, name != "token", &Params::default())
    }

    #[test]
    fn a_rule_waits_for_its_call_and_is_used_up() {
        let mut faults = Faults::default();
        faults.push(FaultRule::new(Fault::Html200).on("SupportSession").times(2));
        faults.push(Fault::ConnectionDrop.into());
        assert_eq!(take(&mut faults, "token"), None);
        assert_eq!(
            take(&mut faults, "check_health"),
            Some(Fault::ConnectionDrop)
        );
        assert_eq!(take(&mut faults, "SupportSession"), Some(Fault::Html200));
        assert_eq!(take(&mut faults, "SupportSession"), Some(Fault::Html200));
        assert_eq!(take(&mut faults, "SupportSession"), None);
    }

    #[test]
    fn a_rule_may_let_calls_pass_first_and_may_never_end() {
        let mut faults = Faults::default();
        faults.push(FaultRule::new(Fault::Gzip).after(1).always());
        let seen: Vec<_> = (0..3).map(|_| take(&mut faults, "x").is_some()).collect();
        assert_eq!(seen, [false, true, true]);
        faults.clear();
        assert_eq!(take(&mut faults, "x"), None);
    }

    #[test]
    fn a_rule_may_want_parameters() {
        let mut faults = Faults::default();
        faults.push(FaultRule::new(Fault::Gzip).with("lsid", "a"));
        assert_eq!(take(&mut faults, "x"), None);
        let params = Params::of([("lsid", "a"), ("b", "c")]);
        assert_eq!(faults.take("x", true, &params), Some(Fault::Gzip));
    }

    #[test]
    fn positions_stay_inside_of_the_body() {
        assert_eq!(Position::Percent(50).offset(7), 3);
        assert_eq!(Position::Percent(200).offset(7), 7);
        assert_eq!(Position::Byte(u64::MAX).offset(7), 7);
    }
}
