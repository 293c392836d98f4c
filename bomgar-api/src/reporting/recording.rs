//! Recordings, as the video files they are.

use super::binary::{Wanted, file_report};
use crate::call::check_lsid;

/// Defines the request for a recording that is found by its session alone.
macro_rules! by_session {
    ($(#[$doc:meta])* $name:ident, $operation:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[must_use]
        pub struct $name {
            lsid: String,
        }

        impl $name {
            /// Asks for the recording of the session with this `lsid`.
            pub fn new(lsid: impl Into<String>) -> Self {
                $name { lsid: lsid.into() }
            }
        }

        file_report!($name, $operation, Wanted::Recording, self => {
            check_lsid(&self.lsid)?;
            Ok(vec![("lsid".into(), self.lsid.clone())])
        }, lsid);
    };
}

/// Defines the request for one of several recordings of a session.
macro_rules! by_instance {
    ($(#[$doc:meta])* $name:ident, $operation:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[must_use]
        pub struct $name {
            lsid: String,
            instance: u32,
        }

        impl $name {
            /// Asks for one recording of the session with this `lsid`. `instance` counts from 0;
            /// it is the [`instance`](super::Recording::instance) that the session report gives.
            pub fn new(lsid: impl Into<String>, instance: u32) -> Self {
                $name { lsid: lsid.into(), instance }
            }
        }

        file_report!($name, $operation, Wanted::Recording, self => {
            check_lsid(&self.lsid)?;
            Ok(vec![
                ("lsid".into(), self.lsid.clone()),
                ("instance".into(), self.instance.to_string()),
            ])
        }, lsid);
    };
}

by_session! {
    /// Asks for the screen recording of a support session, a video file. Needs "Allow Access to
    /// Support Session Reports and Recordings".
    ///
    /// Sessions that have one say so by
    /// [`session_recording_download_url`](super::Session::session_recording_download_url).
    /// Recordings are large: with a client, prefer `Client::download`, which gives the bytes as they
    /// arrive.
    ///
    /// The answer is [`ErrorKind::Api`](crate::ErrorKind::Api) with the appliance's text when
    /// there is no recording, or none any more.
    ///
    /// ```
    /// use bomgar_api::reporting::SupportSessionRecording;
    /// use bomgar_api::{Call, ErrorKind, Spelling};
    ///
    /// let call = SupportSessionRecording::new("0123456789abcdef0123456789abcdef");
    /// let request = call.encode("https://support.example.com", Spelling::Plain)?;
    /// assert_eq!(
    ///     request.body().as_ref(),
    ///     b"generate_report=SupportSessionRecording&lsid=0123456789abcdef0123456789abcdef",
    /// );
    ///
    /// let expired = call.decode(b"<error>This recording has expired.</error>").unwrap_err();
    /// assert_eq!(expired.kind(), ErrorKind::Api);
    /// assert_eq!(expired.server_text(), Some("This recording has expired."));
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    SupportSessionRecording, "SupportSessionRecording"
}

by_session! {
    /// Asks for the screen recording of an access session, a video file. Privileged Remote Access
    /// only; needs the permission for access session reports and recordings.
    ///
    /// ```
    /// use bomgar_api::reporting::AccessSessionRecording;
    /// use bomgar_api::{Call, Spelling};
    ///
    /// let request = AccessSessionRecording::new("0123456789abcdef0123456789abcdef")
    ///     .encode("https://access.example.com", Spelling::Plain)?;
    /// assert!(request.body().starts_with(b"generate_report=AccessSessionRecording&lsid=0123"));
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    AccessSessionRecording, "AccessSessionRecording"
}

by_session! {
    /// Asks for the recording of a presentation, a video file. Needs "Allow Access to Presentation
    /// Session Reports and Recordings".
    ///
    /// ```
    /// use bomgar_api::reporting::PresentationSessionRecording;
    /// use bomgar_api::{Call, Spelling};
    ///
    /// let request = PresentationSessionRecording::new("0123456789abcdef0123456789abcdef")
    ///     .encode("https://support.example.com", Spelling::Plain)?;
    /// assert!(request.body().starts_with(b"generate_report=PresentationSessionRecording&lsid=0123"));
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    PresentationSessionRecording, "PresentationSessionRecording"
}

by_instance! {
    /// Asks for a recording of "show my screen" in a support session, a video file. Needs "Allow
    /// Access to Support Session Reports and Recordings".
    ///
    /// Which there are is told by
    /// [`show_my_screen_recordings`](super::Session::show_my_screen_recordings).
    ///
    /// ```
    /// use bomgar_api::reporting::ShowMyScreenRecording;
    /// use bomgar_api::{Call, Spelling};
    ///
    /// let request = ShowMyScreenRecording::new("0123456789abcdef0123456789abcdef", 0)
    ///     .encode("https://support.example.com", Spelling::Plain)?;
    /// assert!(request.body().ends_with(b"&instance=0"));
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    ShowMyScreenRecording, "ShowMyScreenRecording"
}

by_instance! {
    /// Asks for the recording of a command shell in a session, a video file. Needs the permission
    /// for session reports and recordings.
    ///
    /// Which there are is told by
    /// [`command_shell_recordings`](super::Session::command_shell_recordings).
    ///
    /// ```
    /// use bomgar_api::reporting::CommandShellRecording;
    /// use bomgar_api::{Call, Spelling};
    ///
    /// let request = CommandShellRecording::new("0123456789abcdef0123456789abcdef", 1)
    ///     .encode("https://support.example.com", Spelling::Plain)?;
    /// assert!(request.body().ends_with(b"&instance=1"));
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    CommandShellRecording, "CommandShellRecording"
}

#[cfg(test)]
mod tests {
    use super::super::binary::tests::refuses;
    use super::*;
    use crate::{Call, ErrorKind, Spelling};

    const LSID: &str = "0123456789abcdef0123456789abcdef";

    fn body<C: Call>(call: &C) -> String {
        let request = call.encode("https://a", Spelling::Plain).unwrap();
        assert_eq!(call.session(), Some(LSID));
        String::from_utf8(request.body().to_vec()).unwrap()
    }

    #[test]
    fn each_recording_is_asked_for_by_its_parameters() {
        let by_lsid = format!("Recording&lsid={LSID}");
        assert_eq!(
            body(&SupportSessionRecording::new(LSID)),
            format!("generate_report=SupportSession{by_lsid}")
        );
        assert_eq!(
            body(&AccessSessionRecording::new(LSID)),
            format!("generate_report=AccessSession{by_lsid}")
        );
        assert_eq!(
            body(&PresentationSessionRecording::new(LSID)),
            format!("generate_report=PresentationSession{by_lsid}")
        );
        assert_eq!(
            body(&ShowMyScreenRecording::new(LSID, 0)),
            format!("generate_report=ShowMyScreen{by_lsid}&instance=0")
        );
        assert_eq!(
            body(&CommandShellRecording::new(LSID, 3)),
            format!("generate_report=CommandShell{by_lsid}&instance=3")
        );
        let error = SupportSessionRecording::new("l=1").fields().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn a_recording_is_bytes_and_an_error_is_not_a_recording() {
        let call = SupportSessionRecording::new(LSID);
        for video in [&b"FLV\x01\x05"[..], b"\x00\x00\x00\x18ftypmp42", b"RIFF"] {
            assert_eq!(call.decode(video).unwrap(), video);
        }
        refuses(&call, &[(b"[1]", ErrorKind::WrongContent)]);
        refuses(&CommandShellRecording::new(LSID, 0), &[]);
        let error = call.decode_response(&http::Response::new("<error>X</error>".into()));
        assert_eq!(error.unwrap_err().session(), Some(LSID));
    }
}
