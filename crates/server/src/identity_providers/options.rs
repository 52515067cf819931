//! What the operator says of identity providers: keys put down, hosts that may be asked, and who vouches for them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::put_down::PutDown;

/// Where Debian and others keep the authorities that the operating system trusts.
pub(super) const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// The port of HTTPS.
pub(super) const PORT: u16 = 443;

/// What `alcazar serve` takes about identity providers.
#[derive(Args, Debug)]
pub(crate) struct OidcOptions {
    /// The keys of an OpenID Connect provider (IAM CreateOpenIDConnectProvider) that is never asked for them: its issuer as
    /// its tokens have it, and a file with its JSON Web Key Set (RFC 7517). Read at the start. May be given several times.
    #[arg(long, value_name = "https://ISSUER=FILE")]
    pub(crate) oidc_jwks: Vec<PutDown>,
    /// Which other providers are asked for their keys: those on the public internet, at port 443, and those listed with
    /// --oidc-fetch-from; or only those listed.
    #[arg(long, value_enum, default_value_t = OidcFetch::Public)]
    pub(crate) oidc_fetch: OidcFetch,
    /// A host that identity providers may be asked at though its address is not a public one, or its port not 443. It is
    /// looked up by name, or asked at ADDR:PORT. Every account may name it as its provider. May be given several times.
    #[arg(long, value_name = "HOST[:PORT][=ADDR:PORT]")]
    pub(crate) oidc_fetch_from: Vec<ListedHost>,
    /// The authorities that vouch for servers of identity providers (PEM), in place of those that the operating system
    /// trusts. For a server that none of them vouches for, the provider's thumbprints count.
    #[arg(long, value_name = "FILE")]
    pub(crate) oidc_ca: Option<PathBuf>,
}

/// Which providers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OidcFetch {
    /// Those at public addresses and those listed.
    Public,
    /// Those listed.
    Listed,
}

/// A host that the operator lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedHost {
    /// Its name in lower case, and the port in a provider's URLs.
    pub(super) named: (String, u16),
    /// Where it is, if not where its name leads.
    pub(super) at: Option<SocketAddr>,
}

impl FromStr for ListedHost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (named, at) = match text.split_once('=') {
            Some((named, at)) => (named, Some(at)),
            None => (text, None),
        };
        let (host, port) = match named.split_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)),
            None => (named, Some(PORT)),
        };
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let (Some(port), false) = (port, host.is_empty() || !host.chars().all(letters)) else {
            return Err(format!(
                "{named:?} is not the name of a host, or a name and a port: neither scheme nor path belong here"
            ));
        };
        let at = at.map(SocketAddr::from_str).transpose();
        Ok(Self {
            named: (host.to_ascii_lowercase(), port),
            at: at.map_err(|_| "behind = an address and a port belong, as 10.0.0.7:8443")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_listed_with_a_port_and_an_address_or_without() {
        let listed = |text: &str| text.parse::<ListedHost>();
        let place = "127.0.0.1:8443".parse::<SocketAddr>().unwrap();
        for (text, host, port, at) in [
            ("ID.example.com", "id.example.com", 443, None),
            ("id.example.com:8443", "id.example.com", 8443, None),
            (
                "id.example.com=127.0.0.1:8443",
                "id.example.com",
                443,
                Some(place),
            ),
            ("id:80=127.0.0.1:8443", "id", 80, Some(place)),
        ] {
            let named = (host.to_owned(), port);
            assert_eq!(listed(text), Ok(ListedHost { named, at }), "{text}");
        }
        for wrong in [
            "",
            "https://id.example.com",
            "id.example.com/path",
            "id.example.com:",
            "id.example.com:0",
            "id.example.com:70000",
            "id.example.com=127.0.0.1",
            "=127.0.0.1:1",
            "*.example.com",
        ] {
            assert!(listed(wrong).is_err(), "{wrong}");
        }
    }
}
