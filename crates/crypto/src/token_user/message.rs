//! What the server and the process of a token say to one another: frames of a length (four bytes, big-endian) and a body.
//!
//! A body is one byte that tells which message it is, and its parts, each behind its length.

use base::Secret;

use crate::pkcs11::TokenError;

/// The longest body of a frame.
pub const FRAME_BYTES: usize = 64 * 1024;
/// What a token draws at once at most.
const RANDOM_BYTES: u32 = 1024;

/// What a token is to do. Keys are named by their labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRequest {
    /// Log in as the user.
    LogIn {
        /// The user's PIN.
        pin: Secret<String>,
    },
    /// Make an AES-256 key that cannot be read.
    Make {
        /// Its label.
        label: String,
    },
    /// Encrypt by AES-GCM.
    Encrypt {
        /// Label of the key.
        label: String,
        /// What is authenticated too.
        authenticated: Vec<u8>,
        /// What is encrypted.
        plaintext: Secret<Vec<u8>>,
    },
    /// Decrypt what was encrypted with the same `authenticated`.
    Decrypt {
        /// Label of the key.
        label: String,
        /// What is authenticated too.
        authenticated: Vec<u8>,
        /// What `Encrypt` answered.
        sealed: Vec<u8>,
    },
    /// Draw random bytes.
    Random {
        /// So many; no more than 1,024.
        bytes: u32,
    },
    /// Destroy the key.
    Destroy {
        /// Its label.
        label: String,
    },
}

/// What the token answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenReply {
    /// It is done; a plaintext, a ciphertext or nothing.
    Done(Secret<Vec<u8>>),
    /// It refuses the PIN.
    WrongPin,
    /// The PIN is locked, or would be by one more wrong one.
    PinLocked,
    /// The user has no PIN.
    NoUser,
    /// There is no such key.
    NoKey,
    /// What was to be decrypted was altered.
    NotAuthentic,
    /// Anything else, in the module's words.
    Failed(String),
}

impl From<Result<Secret<Vec<u8>>, TokenError>> for TokenReply {
    fn from(done: Result<Secret<Vec<u8>>, TokenError>) -> Self {
        match done {
            Ok(bytes) => Self::Done(bytes),
            Err(TokenError::WrongPin { .. }) => Self::WrongPin,
            Err(TokenError::Locked(_) | TokenError::LastAttempt(_)) => Self::PinLocked,
            Err(TokenError::NoPin(_)) => Self::NoUser,
            Err(TokenError::KeyAbsent { .. }) => Self::NoKey,
            Err(TokenError::NotAuthentic) => Self::NotAuthentic,
            Err(other) => Self::Failed(other.to_string()),
        }
    }
}

/// A frame, of parts that are copied once.
fn frame(kind: u8, parts: &[&[u8]]) -> Secret<Vec<u8>> {
    let parts_bytes: usize = parts.iter().map(|part| LENGTH + part.len()).sum();
    // Sized at once: what grows leaves copies behind.
    let mut bytes = Secret::new(Vec::with_capacity(LENGTH + 1 + parts_bytes));
    let out = bytes.expose_mut();
    out.extend(length(1 + parts_bytes));
    out.push(kind);
    for part in parts {
        out.extend(length(part.len()));
        out.extend_from_slice(part);
    }
    bytes
}

const LENGTH: usize = 4;

/// What does not fit four bytes does not fit a frame either, whose length is looked at by whoever reads it.
fn length(bytes: usize) -> [u8; LENGTH] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

/// The parts of a body.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<LENGTH>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }
    fn text(&mut self) -> Option<String> {
        Some(std::str::from_utf8(self.next()?).ok()?.to_owned())
    }
    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.next()?.try_into().ok()?))
    }
}

/// What `read` makes of a body, if nothing is left over.
fn parse<T>(body: &[u8], read: impl FnOnce(u8, &mut Parts<'_>) -> Option<T>) -> Option<T> {
    let (kind, rest) = body.split_first()?;
    let mut parts = Parts(rest);
    let message = read(*kind, &mut parts)?;
    parts.0.is_empty().then_some(message)
}

impl TokenRequest {
    /// The request as a frame.
    pub fn frame(&self) -> Secret<Vec<u8>> {
        match self {
            Self::LogIn { pin } => frame(1, &[pin.expose().as_bytes()]),
            Self::Make { label } => frame(2, &[label.as_bytes()]),
            Self::Encrypt {
                label,
                authenticated,
                plaintext,
            } => frame(3, &[label.as_bytes(), authenticated, plaintext.expose()]),
            Self::Decrypt {
                label,
                authenticated,
                sealed,
            } => frame(4, &[label.as_bytes(), authenticated, sealed]),
            Self::Random { bytes } => frame(5, &[&bytes.to_be_bytes()]),
            Self::Destroy { label } => frame(6, &[label.as_bytes()]),
        }
    }

    /// The request of a frame's body; none if it is none.
    pub fn parse(body: &[u8]) -> Option<Self> {
        parse(body, |kind, parts| {
            Some(match kind {
                1 => Self::LogIn {
                    pin: Secret::new(parts.text()?),
                },
                2 => Self::Make {
                    label: parts.text()?,
                },
                3 => Self::Encrypt {
                    label: parts.text()?,
                    authenticated: parts.next()?.to_vec(),
                    plaintext: Secret::new(parts.next()?.to_vec()),
                },
                4 => Self::Decrypt {
                    label: parts.text()?,
                    authenticated: parts.next()?.to_vec(),
                    sealed: parts.next()?.to_vec(),
                },
                5 => Self::Random {
                    bytes: parts.number().filter(|bytes| *bytes <= RANDOM_BYTES)?,
                },
                6 => Self::Destroy {
                    label: parts.text()?,
                },
                _ => return None,
            })
        })
    }
}

impl TokenReply {
    /// The reply as a frame.
    pub fn frame(&self) -> Secret<Vec<u8>> {
        match self {
            Self::Done(bytes) => frame(1, &[bytes.expose()]),
            Self::WrongPin => frame(2, &[]),
            Self::PinLocked => frame(3, &[]),
            Self::NoUser => frame(4, &[]),
            Self::NoKey => frame(5, &[]),
            Self::NotAuthentic => frame(6, &[]),
            Self::Failed(reason) => frame(7, &[reason.as_bytes()]),
        }
    }

    /// The reply of a frame's body; none if it is none.
    pub fn parse(body: &[u8]) -> Option<Self> {
        parse(body, |kind, parts| {
            Some(match kind {
                1 => Self::Done(Secret::new(parts.next()?.to_vec())),
                2 => Self::WrongPin,
                3 => Self::PinLocked,
                4 => Self::NoUser,
                5 => Self::NoKey,
                6 => Self::NotAuthentic,
                7 => Self::Failed(parts.text()?),
                _ => return None,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests() -> Vec<TokenRequest> {
        let label = || "arn".to_owned();
        vec![
            TokenRequest::LogIn {
                pin: Secret::new("1234".to_owned()),
            },
            TokenRequest::Make { label: label() },
            TokenRequest::Encrypt {
                label: label(),
                authenticated: vec![1, 2],
                plaintext: Secret::new(vec![3]),
            },
            TokenRequest::Decrypt {
                label: label(),
                authenticated: Vec::new(),
                sealed: vec![4; 300],
            },
            TokenRequest::Random { bytes: 1024 },
            TokenRequest::Destroy { label: label() },
        ]
    }

    fn replies() -> Vec<TokenReply> {
        vec![
            TokenReply::Done(Secret::new(vec![1; 5])),
            TokenReply::WrongPin,
            TokenReply::PinLocked,
            TokenReply::NoUser,
            TokenReply::NoKey,
            TokenReply::NotAuthentic,
            TokenReply::Failed("why".to_owned()),
        ]
    }

    fn body(frame: &Secret<Vec<u8>>) -> &[u8] {
        let (length, body) = frame.expose().split_first_chunk::<LENGTH>().unwrap();
        assert_eq!(u32::from_be_bytes(*length) as usize, body.len());
        body
    }

    #[test]
    fn what_is_written_is_read() {
        for request in requests() {
            assert_eq!(TokenRequest::parse(body(&request.frame())), Some(request));
        }
        for reply in replies() {
            assert_eq!(TokenReply::parse(body(&reply.frame())), Some(reply));
        }
    }

    #[test]
    fn what_is_cut_or_longer_is_none() {
        for request in requests() {
            let frame = request.frame();
            let body = body(&frame);
            for cut in 0..body.len() {
                assert_eq!(TokenRequest::parse(&body[..cut]), None, "{request:?} {cut}");
            }
            assert_eq!(TokenRequest::parse(&[body, &[0]].concat()), None);
        }
        let more = TokenRequest::Random { bytes: 1025 };
        assert_eq!(TokenRequest::parse(body(&more.frame())), None);
        for kind in [0, 8, 255] {
            assert_eq!(TokenRequest::parse(&[kind]), None);
            assert_eq!(TokenReply::parse(&[kind]), None);
        }
    }

    #[test]
    fn frames_are_sized_at_once_and_hidden() {
        for request in requests() {
            let frame = request.frame();
            assert_eq!(frame.expose().capacity(), frame.expose().len());
        }
        let shown = format!("{:?}", requests());
        assert!(!shown.contains("1234"), "{shown}");
    }
}
