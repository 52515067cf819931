//! Where Secrets Manager is: the address of Alcazar, as its clients are told it.

use crate::failure::Failure;

/// The parts of `https://HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) tls: bool,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// As it stands in the `Host` header.
    pub(crate) authority: String,
}

impl Endpoint {
    /// Reads an address without path.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let refused = || Failure::Environment(format!("{text:?} is not https://HOST:PORT"));
        let uri: hyper::Uri = text.parse().map_err(|_| refused())?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refused()),
        };
        let authority = uri.authority().ok_or_else(refused)?;
        if uri.path() != "/" || uri.query().is_some() || authority.as_str().contains('@') {
            return Err(refused());
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let usual = if tls { 443 } else { 80 };
        Ok(Self {
            tls,
            host,
            port: authority.port_u16().unwrap_or(usual),
            authority: authority.as_str().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, tls, host, port, authority) in [
            (
                "https://127.0.0.1:4566",
                true,
                "127.0.0.1",
                4566,
                "127.0.0.1:4566",
            ),
            ("https://[::1]:4566/", true, "::1", 4566, "[::1]:4566"),
            ("http://alcazar", false, "alcazar", 80, "alcazar"),
        ] {
            let found = Endpoint::parse(text).unwrap();
            let (host, authority) = (host.to_owned(), authority.to_owned());
            assert_eq!(
                found,
                Endpoint {
                    tls,
                    host,
                    port,
                    authority
                },
                "{text}"
            );
        }
        for refused in [
            "",
            "127.0.0.1:4566",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://u@a",
        ] {
            assert!(Endpoint::parse(refused).is_err(), "{refused}");
        }
    }
}
