//! The two products that share the Reporting API.

/// The appliance's product. Both have the same reports of sessions under different names.
///
/// ```
/// use bomgar_api::Call;
/// use bomgar_api::reporting::{Product, SupportSession, TimeWindow};
///
/// let since = TimeWindow::ended_since("2019-11-05T11:43:09Z".parse()?);
/// let request = SupportSession::new(since).product(Product::PrivilegedRemoteAccess);
/// assert_eq!(request.operation(), "AccessSession");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Product {
    /// Remote Support, once called Bomgar. Its reports are about support sessions.
    #[default]
    RemoteSupport,
    /// Privileged Remote Access. Its reports are about access sessions.
    PrivilegedRemoteAccess,
}

impl Product {
    /// The one of two report names that this product knows.
    pub(super) fn choose(self, support: &'static str, access: &'static str) -> &'static str {
        match self {
            Product::RemoteSupport => support,
            Product::PrivilegedRemoteAccess => access,
        }
    }
}
