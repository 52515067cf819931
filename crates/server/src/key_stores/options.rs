//! Which external key store proxies the server may ask, as the operator says it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// Where Debian and others keep the authorities that the operating system trusts.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What `alcazar serve` takes about external key stores.
#[derive(Args, Debug)]
pub(crate) struct XksOptions {
    /// A host that may be the proxy of external key stores (KMS CreateCustomKeyStore, XksProxyUriEndpoint); no other host
    /// is ever asked. It is looked up by name and asked at port 443, or at ADDR:PORT. May be given several times.
    #[arg(long, value_name = "HOST[=ADDR:PORT]")]
    pub(crate) xks_proxy: Vec<ListedProxy>,
    /// The authorities that may vouch for such proxies (PEM), in place of those that the operating system trusts.
    #[arg(long, value_name = "FILE", default_value = SYSTEM_AUTHORITIES)]
    pub(crate) xks_ca: PathBuf,
}

impl XksOptions {
    /// Most connections to proxies at a time: none where none is listed.
    pub(crate) fn connections(&self) -> usize {
        match self.xks_proxy.is_empty() {
            true => 0,
            false => super::proxies::REQUESTS.all,
        }
    }
}

/// A host that the operator lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedProxy {
    /// Its name, in lower case.
    pub(crate) host: String,
    /// Where it is, if not where its name leads.
    pub(crate) at: Option<SocketAddr>,
}

impl FromStr for ListedProxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, at) = match text.split_once('=') {
            Some((host, at)) => (host, Some(at)),
            None => (text, None),
        };
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if host.is_empty() || !host.chars().all(letters) {
            return Err(format!(
                "{host:?} is not the name of a host: neither scheme, port nor path belong here"
            ));
        }
        let parsed = at.map(SocketAddr::from_str).transpose();
        Ok(Self {
            host: host.to_ascii_lowercase(),
            at: parsed.map_err(|_| "behind = an address and a port belong, as 10.0.0.7:8443")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_listed_with_an_address_or_without() {
        let listed = |text: &str| text.parse::<ListedProxy>();
        let plain = listed("XKS.example.com").unwrap();
        assert_eq!((plain.host.as_str(), plain.at), ("xks.example.com", None));
        let placed = listed("xks.example.com=127.0.0.1:8443").unwrap();
        assert_eq!(placed.at, Some("127.0.0.1:8443".parse().unwrap()));
        for wrong in [
            "",
            "https://xks.example.com",
            "xks.example.com:443",
            "a b",
            "=127.0.0.1:1",
            "xks.example.com=127.0.0.1",
            "xks.example.com=elsewhere:443",
        ] {
            assert!(listed(wrong).is_err(), "{wrong}");
        }
    }
}
