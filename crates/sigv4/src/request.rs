//! What is signed of a request: its line, its headers and its body.

/// The parts of a request that a signature covers, as they came over the wire.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method, as `POST`.
    pub method: &'a str,
    /// The path as sent, percent-encoding and all. Empty means `/`.
    pub path: &'a str,
    /// The query as sent, without its `?`.
    pub query: &'a str,
    /// The headers. For HTTP/2 the `:authority` stands here as `host`.
    pub headers: &'a dyn Headers,
}

/// Headers as a server or client keeps them.
pub trait Headers: Sync {
    /// Visits each header once with its lower-case name. One that came several times is visited
    /// several times, in the order of arrival.
    fn each<'h>(&'h self, visit: &mut dyn FnMut(&'h str, &'h [u8]));
}

impl<const N: usize> Headers for [(&str, &str); N] {
    fn each<'h>(&'h self, visit: &mut dyn FnMut(&'h str, &'h [u8])) {
        self.as_slice().each(visit);
    }
}

impl Headers for [(&str, &str)] {
    fn each<'h>(&'h self, visit: &mut dyn FnMut(&'h str, &'h [u8])) {
        for (name, value) in self {
            visit(name, value.as_bytes());
        }
    }
}

impl<N: AsRef<str> + Sync, V: AsRef<[u8]> + Sync> Headers for Vec<(N, V)> {
    fn each<'h>(&'h self, visit: &mut dyn FnMut(&'h str, &'h [u8])) {
        for (name, value) in self {
            visit(name.as_ref(), value.as_ref());
        }
    }
}

/// How the body takes part in the signature.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// The body's SHA-256 is signed, as every service but S3 demands. `UNSIGNED-PAYLOAD` is refused.
    Signed(&'a [u8]),
}
