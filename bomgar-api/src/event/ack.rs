//! The answer to an event.

use http::{HeaderValue, Response, StatusCode, header};

use super::OutboundEvent;

/// What a receiver answers, by what became of the event.
///
/// **Only status 200 makes the appliance go on.** After anything else it sends the same event
/// again and no later one, until that event is through or given up. So the answers that are not
/// 200 are for what may change: a store that is full, a wrong URL, a limit that is too low. What
/// can be stored is answered 200, even if nobody can make sense of it.
///
/// The text is one line for the administrator who looks at the list of recipients, where the
/// appliance shows whether the communication works.
///
/// ```
/// use bomgar_api::event::Ack;
///
/// assert!(Ack::Accepted.is_success());
/// assert!(Ack::SetAside.is_success());
/// assert!(Ack::Retry.blocks());
/// assert_eq!(Ack::Retry.status(), http::StatusCode::SERVICE_UNAVAILABLE);
///
/// let (status, text): (http::StatusCode, &str) = Ack::Duplicate.into();
/// assert_eq!((status.as_u16(), text), (200, "OK: stored already"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ack {
    /// 200: the event is stored durably. Never answer this before it is.
    Accepted,
    /// 200: an earlier delivery of the same event is stored.
    Duplicate,
    /// 200: the receiver is not interested in this kind of event and dropped it.
    NotSelected,
    /// 200: the event cannot be worked on, so it is kept aside for a person to look at. Refused, it
    /// would block all that follow.
    SetAside,
    /// 503: the event cannot be stored now. The appliance sends it again.
    Retry,
    /// 403: the sender is not allowed to post here; its URL lacks the right secret, for example.
    Forbidden,
    /// 404: this is not the receiver's path.
    NotFound,
    /// 405: the method is not `POST`.
    MethodNotAllowed,
    /// 408: the body did not come in time.
    TooSlow,
    /// 400: the body broke off, so it is not known what the event was.
    BrokenOff,
    /// 413: the body is longer than the receiver stores. The appliance will repeat it until it
    /// gives up, and send nothing else: raise an alarm.
    TooLarge,
}

impl Ack {
    /// The answer to an event that is stored durably: [`Accepted`](Ack::Accepted) if it can be
    /// worked on, [`SetAside`](Ack::SetAside) if not.
    pub fn stored(event: &OutboundEvent) -> Self {
        if event.is_usable() {
            Ack::Accepted
        } else {
            Ack::SetAside
        }
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Ack::Accepted | Ack::Duplicate | Ack::NotSelected | Ack::SetAside => StatusCode::OK,
            Ack::Retry => StatusCode::SERVICE_UNAVAILABLE,
            Ack::Forbidden => StatusCode::FORBIDDEN,
            Ack::NotFound => StatusCode::NOT_FOUND,
            Ack::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Ack::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Ack::BrokenOff => StatusCode::BAD_REQUEST,
            Ack::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    /// One line for people.
    pub const fn text(self) -> &'static str {
        match self {
            Ack::Accepted => "OK: stored",
            Ack::Duplicate => "OK: stored already",
            Ack::NotSelected => "OK: received; this kind of event is not selected here",
            Ack::SetAside => "OK: stored, but it could not be understood",
            Ack::Retry => "not stored: storing is impossible now; send it again later",
            Ack::Forbidden => "refused: the URL of the recipient lacks the right secret",
            Ack::NotFound => {
                "not found: the URL of the recipient ends in /ERSPost or /ERSPost?appliance=<id>"
            }
            Ack::MethodNotAllowed => "this is a receiver of outbound events; it waits for POST",
            Ack::TooSlow => "not stored: the body did not come in time",
            Ack::BrokenOff => "not stored: the body broke off",
            Ack::TooLarge => "refused: the body is longer than the receiver stores",
        }
    }

    /// Whether the appliance takes the event as received.
    pub fn is_success(self) -> bool {
        self.status() == StatusCode::OK
    }

    /// Whether the appliance will repeat the event and hold back all later ones.
    pub fn blocks(self) -> bool {
        !self.is_success()
    }

    /// The whole answer: status, text with a line feed, and the headers that belong to them.
    pub fn response(self) -> Response<String> {
        let mut response = Response::new(format!("{}\n", self.text()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        if self == Ack::MethodNotAllowed {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

impl From<Ack> for (StatusCode, &'static str) {
    fn from(ack: Ack) -> Self {
        (ack.status(), ack.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SUCCESS_STATUS;

    const ALL: [Ack; 11] = [
        Ack::Accepted,
        Ack::Duplicate,
        Ack::NotSelected,
        Ack::SetAside,
        Ack::Retry,
        Ack::Forbidden,
        Ack::NotFound,
        Ack::MethodNotAllowed,
        Ack::TooSlow,
        Ack::BrokenOff,
        Ack::TooLarge,
    ];

    #[test]
    fn c054_each_answer_is_one_readable_line() {
        for ack in ALL {
            let text = ack.text();
            assert!(!text.is_empty() && !text.contains(['\n', '\r']), "{ack:?}");
            // People see at once whether it worked.
            assert_eq!(text.starts_with("OK"), ack.is_success(), "{ack:?}");
        }
    }

    #[test]
    fn only_200_is_success() {
        for ack in ALL {
            let is_200 = ack.status().as_u16() == SUCCESS_STATUS;
            assert_eq!((ack.is_success(), ack.blocks()), (is_200, !is_200));
            // Nothing in between that a receiver might take for success.
            assert!(is_200 || ack.status().as_u16() >= 400, "{ack:?}");
        }
    }

    #[test]
    fn what_is_stored_is_acknowledged_whether_understood_or_not() {
        let stored = |body: &str| Ack::stored(&OutboundEvent::parse(body.as_bytes()));
        let good = "event=e&lsid=0123456789abcdef0123456789abcdef";
        assert_eq!(stored(good), Ack::Accepted);
        assert_eq!(stored(&format!("{good}&x=%")), Ack::Accepted);
        assert_eq!(
            stored("lsid=0123456789abcdef0123456789abcdef"),
            Ack::SetAside
        );
        assert_eq!(stored("event=e&lsid=1"), Ack::SetAside);
        assert!(stored("").is_success());
    }

    #[test]
    fn the_whole_answer_has_its_headers() {
        let response = Ack::MethodNotAllowed.response();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "POST");
        let response = Ack::Accepted.response();
        assert_eq!(
            (response.status().as_u16(), response.body().as_str()),
            (200, "OK: stored\n")
        );
        assert!(response.headers().get("allow").is_none());
    }
}
