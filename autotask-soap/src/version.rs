//! The two versions of the API.

/// A version of Autotask Web Services.
///
/// The version decides the XML namespace and the path of the service. Only 1.6 demands an
/// integration code, can impersonate and has `IntegrationCodeCheck`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiVersion {
    /// ATWS 1.6, the current one.
    #[default]
    V1_6,
    /// ATWS 1.5, which Autotask has switched off for most customers.
    V1_5,
}

impl ApiVersion {
    /// The XML namespace of all its elements, with the slash at its end.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V1_6 => "http://autotask.net/ATWS/v1_6/",
            Self::V1_5 => "http://autotask.net/ATWS/v1_5/",
        }
    }

    /// The endpoint that knows every tenant's zone.
    pub fn lookup_endpoint(self) -> &'static str {
        match self {
            Self::V1_6 => "https://webservices.autotask.net/ATServices/1.6/atws.asmx",
            Self::V1_5 => "https://webservices.autotask.net/ATServices/1.5/atws.asmx",
        }
    }

    /// Whether calls need an integration code.
    pub(crate) fn needs_integration_code(self) -> bool {
        matches!(self, Self::V1_6)
    }

    /// Whether the header can name a resource to act as, and the code can be checked.
    pub(crate) fn has_impersonation(self) -> bool {
        matches!(self, Self::V1_6)
    }
}

impl std::fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::V1_6 => "1.6",
            Self::V1_5 => "1.5",
        })
    }
}
