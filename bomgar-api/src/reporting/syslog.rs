//! The appliance's log.

#[cfg(feature = "archive")]
mod join;
#[cfg(feature = "archive")]
mod line;
#[cfg(feature = "archive")]
mod reader;

#[cfg(feature = "archive")]
pub use line::{SyslogRecord, UnparsedLine};
#[cfg(feature = "archive")]
pub use reader::{SyslogItem, SyslogReader};

use super::binary::{Wanted, file_report};
use crate::call::Fields;

/// Asks for the appliance's log files, a ZIP archive. Newer versions only; needs the permission
/// for syslog reports.
///
/// The feature `archive` has a reader for it: `SyslogReader`. Where there is nothing to report, the
/// appliance may answer with an error text, which is [`ErrorKind::Api`](crate::ErrorKind::Api).
///
/// ```
/// use bomgar_api::reporting::Syslog;
/// use bomgar_api::{Call, Spelling};
///
/// let request = Syslog.encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.body().as_ref(), b"generate_report=Syslog");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct Syslog;

file_report!(Syslog, "Syslog", Wanted::Zip, self => Ok(Fields::new()));

#[cfg(test)]
mod tests {
    use super::super::binary::tests::refuses;
    use super::*;
    use crate::{Call, ErrorKind};

    #[test]
    fn only_a_zip_archive_is_taken() {
        refuses(&Syslog, &[(b"Oct 12 a BG: ", ErrorKind::WrongContent)]);
        for empty_or_not in [&b"PK\x05\x06"[..], b"PK\x03\x04"] {
            assert_eq!(Syslog.decode(empty_or_not).unwrap(), empty_or_not);
        }
    }
}
