//! Where something of an identity provider is: an `https` URL.

use http::Uri;
use http::uri::Scheme;

use super::options::PORT;

/// Longest URL, in bytes.
const LONGEST: usize = 2048;

/// A URL of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HttpsUrl {
    /// The name of the host in lower case.
    pub(super) host: String,
    pub(super) port: u16,
    /// The path, with the query.
    pub(super) path: String,
}

impl HttpsUrl {
    /// Reads one: of TLS, without a user.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok().filter(|_| text.len() <= LONGEST)?;
        let authority = uri.authority()?;
        if uri.scheme() != Some(&Scheme::HTTPS) || authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().to_ascii_lowercase();
        let port = match authority.as_str().strip_prefix(authority.host())? {
            "" => PORT,
            written => written.strip_prefix(':')?.parse().ok()?,
        };
        Some(Self {
            host,
            port,
            path: uri
                .path_and_query()
                .map_or("/", |it| it.as_str())
                .to_owned(),
        })
    }

    /// Where an issuer says where its keys are. Source: OpenID Connect Discovery 1.0, section 4.
    pub(super) fn of_discovery(issuer: &str) -> Option<Self> {
        let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
        Self::parse(&format!("{issuer}/.well-known/openid-configuration"))
    }

    /// As the header Host has it.
    pub(super) fn authority(&self) -> String {
        match self.port {
            PORT => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_where_a_url_of_tls_leads() {
        for (text, host, port, path) in [
            ("https://ID.example.com", "id.example.com", 443, "/"),
            (
                "https://id.example.com:8443/a?b=c",
                "id.example.com",
                8443,
                "/a?b=c",
            ),
            ("https://[::1]/a", "[::1]", 443, "/a"),
        ] {
            let expected = HttpsUrl {
                host: host.into(),
                port,
                path: path.into(),
            };
            assert_eq!(HttpsUrl::parse(text), Some(expected));
        }
        for wrong in [
            "",
            "/a",
            "http://id.example.com/a",
            "ftp://id.example.com/a",
            "file:///etc/passwd",
            "https://user@id.example.com/a",
            "https://user:secret@id.example.com/a",
            "https://id.example.com:/a",
            "https://id.example.com:99999/a",
            "https://id.example.com/a b",
            "https://id.example.com/a\r\nhost: b",
            "id.example.com",
        ] {
            assert_eq!(HttpsUrl::parse(wrong), None, "{wrong}");
        }
        let long = format!("https://id.example.com/{}", "a".repeat(LONGEST));
        assert_eq!(HttpsUrl::parse(&long), None);
    }

    #[test]
    fn the_slash_at_the_end_of_an_issuer_is_not_doubled() {
        for issuer in ["https://id.example.com/a", "https://id.example.com/a/"] {
            let url = HttpsUrl::of_discovery(issuer).unwrap();
            assert_eq!(url.path, "/a/.well-known/openid-configuration");
            assert_eq!(url.authority(), "id.example.com");
        }
    }
}
