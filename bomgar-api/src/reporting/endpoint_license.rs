//! Which Jump Items use endpoint licences.

#[cfg(feature = "archive")]
mod table;

#[cfg(feature = "archive")]
pub use table::{EndpointLicense, EndpointLicenses};

use super::binary::{Wanted, file_report};
use crate::call::Fields;

/// Asks for the endpoint licence report, a ZIP archive with a table. Needs "Allow Access to
/// License Usage Reports".
///
/// The feature `archive` has a reader for it: `EndpointLicenses`.
///
/// ```
/// use bomgar_api::reporting::EndpointLicenseUsage;
/// use bomgar_api::{Call, Spelling};
///
/// let request = EndpointLicenseUsage.encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.body().as_ref(), b"generate_report=EndpointLicenseUsage");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct EndpointLicenseUsage;

file_report!(EndpointLicenseUsage, "EndpointLicenseUsage", Wanted::Zip, self => Ok(Fields::new()));

#[cfg(test)]
mod tests {
    use super::super::binary::tests::refuses;
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn only_a_zip_archive_is_taken() {
        let more = [
            (&b"\x1f\x8b\x08"[..], ErrorKind::WrongContent),
            (b"name,host", ErrorKind::WrongContent),
            (b"{}", ErrorKind::WrongContent),
        ];
        refuses(&EndpointLicenseUsage, &more);
    }
}
