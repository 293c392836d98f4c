//! The certificate that a simulated appliance makes for itself when it is to speak HTTPS.

use std::net::IpAddr;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::error::SimError;

/// A fresh key with its certificate.
pub(crate) struct Identity {
    pub(crate) certificate_pem: String,
    pub(crate) acceptor: TlsAcceptor,
}

/// What the certificate is to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// For these names instead of those under which the simulator can be reached.
    pub(crate) names: Option<Vec<String>>,
    pub(crate) expired: bool,
}

/// A certificate that is its own root, for the loopback names and the address listened on.
pub(crate) fn self_signed(address: IpAddr, wish: &Wish) -> Result<Identity, SimError> {
    let names = wish.names.clone().unwrap_or_else(|| {
        let address = address.to_string();
        let mut names = vec![address.clone()];
        let usual = ["localhost", "127.0.0.1", "::1"];
        names.extend(
            usual
                .map(str::to_owned)
                .into_iter()
                .filter(|n| *n != address),
        );
        names
    });
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| SimError::Tls(error);
    let mut params = rcgen::CertificateParams::new(names).map_err(|e| failed(e.into()))?;
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Simulated appliance");
    if wish.expired {
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    }
    let key = rcgen::KeyPair::generate().map_err(|e| failed(e.into()))?;
    let certificate = params.self_signed(&key).map_err(|e| failed(e.into()))?;
    // The provider is named because a program may contain a second one, and none is then the
    // default.
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(e.into()))?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .map_err(|e| failed(e.into()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity {
        certificate_pem: certificate.pem(),
        acceptor: TlsAcceptor::from(Arc::new(config)),
    })
}
