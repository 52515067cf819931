//! What can go wrong between KMS and an external key store proxy, and what callers of KMS are told of it.
//!
//! Source: AWS KMS External Key Store Proxy API Specification, "Error codes".

use kms_api::shapes::ConnectionErrorCodeType;
use pipeline::{Failure, XksFault};

use super::errors;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// An answer that nobody understands, or that contradicts itself.
    Malformed,
    /// The external key is not enabled.
    KeyDisabled,
    /// The proxy does not take the ciphertext.
    CiphertextRefused,
    /// What the proxy gave back is not what KMS had given it.
    CiphertextWrong,
    /// The external key is for something else.
    KeyUsage,
    /// The proxy does not know the credential.
    NotAuthenticated,
    /// The proxy does not allow it.
    Denied,
    /// There is no such external key.
    KeyNotFound,
    /// The proxy has no such path.
    UriPath,
    /// The proxy cannot do that.
    Unsupported,
    /// What is behind the proxy did not answer in time.
    BehindTimedOut,
    /// The proxy has too much to do.
    Throttled,
    /// The proxy does not reach the key manager.
    Internal,
    /// Every key manager behind the proxy is unavailable.
    Unavailable,
    /// There is no connection.
    NotReachable,
    /// There is no connection that can be trusted.
    Tls,
    /// The proxy did not answer in time.
    TimedOut,
}

impl From<XksFault> for Trouble {
    fn from(fault: XksFault) -> Self {
        match fault {
            XksFault::NotReachable => Self::NotReachable,
            XksFault::Tls => Self::Tls,
            XksFault::TimedOut => Self::TimedOut,
            XksFault::Malformed => Self::Malformed,
        }
    }
}

impl Trouble {
    /// By `errorName`.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "InvalidStateException" => Self::KeyDisabled,
            "InvalidCiphertextException" => Self::CiphertextRefused,
            "InvalidKeyUsageException" => Self::KeyUsage,
            "AuthenticationFailedException" => Self::NotAuthenticated,
            "AccessDeniedException" => Self::Denied,
            "KeyNotFoundException" => Self::KeyNotFound,
            "InvalidUriPathException" => Self::UriPath,
            "UnsupportedOperationException" => Self::Unsupported,
            "DependencyTimeoutException" => Self::BehindTimedOut,
            "ThrottlingException" => Self::Throttled,
            "InternalException" => Self::Internal,
            // `ValidationException`, and names of nobody.
            _ => Self::Malformed,
        }
    }

    /// AWS's words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Malformed => {
                "AWS KMS cannot interpret the response from the external key store proxy. If you see this error \
                 repeatedly, report it to your external key store proxy administrator."
            }
            Self::KeyDisabled => {
                "The external key associated with this KMS key in an external key store is not enabled in the external \
                 key manager. Enable the external key in the external key manager and retry the request."
            }
            Self::CiphertextRefused => {
                "The external key store proxy rejected the request because the specified ciphertext or encryption \
                 context is corrupted, missing, or otherwise invalid."
            }
            Self::CiphertextWrong => {
                "The ciphertext that the external key store proxy submitted for decryption, or the encryption context, \
                 is corrupted, missing, or otherwise invalid."
            }
            Self::KeyUsage => {
                "The external key associated with this KMS key in an external key store does not support the requested \
                 operation. Enable the operation on the key in your external key manager, and try the request again."
            }
            Self::NotAuthenticated => {
                "The external key store proxy rejected the request because it could not authenticate AWS KMS. Verify \
                 the XKS proxy authentication credentials for your external key store and update if necessary."
            }
            Self::Denied => {
                "The external key store proxy denied access to the operation. Verify that the user and the external key \
                 are both authorized for this operation, and try the request again."
            }
            Self::KeyNotFound => {
                "The external key associated with this KMS key in an external key store was not found in its external \
                 key manager. If the external key ID associated with this KMS key is incorrect, create a new KMS key \
                 with the correct external key ID."
            }
            Self::UriPath => {
                "The external key store proxy rejected the request because of an invalid URI path. Verify the URI path \
                 for your external key store and update if necessary."
            }
            Self::Unsupported => {
                "The external key store proxy rejected the request because it does not support the requested operation. \
                 If you see this error repeatedly, report it to your external key store proxy administrator."
            }
            Self::BehindTimedOut => {
                "The external key store proxy did not respond to the request in the time allotted. Retry the request. \
                 If you see this error repeatedly, report it to your external key store proxy administrator."
            }
            Self::Throttled => {
                "The external key store proxy rejected the request due to a very high request rate. Reduce the \
                 frequency of your calls using KMS keys in this external key store."
            }
            Self::Internal | Self::Unavailable => {
                "The external key store proxy rejected the request because it cannot communicate with the external key \
                 manager. Verify that the external key store proxy configuration is correct and that the external key \
                 manager is available."
            }
            Self::NotReachable | Self::Tls | Self::TimedOut => self.words_unanswered(),
        }
    }

    fn words_unanswered(self) -> &'static str {
        match self {
            Self::NotReachable => {
                "AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. \
                 If you see this error repeatedly, verify that your external key store proxy is active and is connected \
                 to the network, and that its endpoint URI is correct in your external key store."
            }
            Self::Tls => {
                "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS \
                 configuration, including its certificate."
            }
            _ => {
                "AWS KMS rejected the request because the external key store proxy did not respond in time. Retry the \
                 request. If you see this error repeatedly, report it to your external key store proxy administrator."
            }
        }
    }

    /// What whoever uses a key is told.
    pub(crate) fn in_use(self) -> Failure {
        errors::invalid_key_state(self.words())
    }

    /// What whoever makes a key is told.
    pub(crate) fn in_making(self) -> Failure {
        match self {
            Self::KeyDisabled | Self::KeyUsage => errors::xks_key_configuration(self.words()),
            Self::KeyNotFound => errors::xks_key_not_found(self.words()),
            Self::Denied => errors::invalid_key_state(self.words()),
            _ => errors::invalid_state(self.words()),
        }
    }

    /// What whoever says where the proxy is, is told.
    pub(crate) fn in_settings(self) -> Failure {
        match self {
            Self::NotAuthenticated => errors::proxy_credential(self.words()),
            Self::UriPath => errors::proxy_configuration(self.words()),
            Self::BehindTimedOut
            | Self::Throttled
            | Self::Unavailable
            | Self::NotReachable
            | Self::Tls
            | Self::TimedOut => errors::proxy_unreachable(self.words()),
            _ => errors::proxy_response(self.words()),
        }
    }

    /// `ConnectionErrorCode`
    pub(crate) fn code(self) -> ConnectionErrorCodeType {
        use ConnectionErrorCodeType as Code;
        match self {
            Self::NotAuthenticated => Code::InvalidCredentials,
            Self::Denied => Code::XksProxyAccessDenied,
            Self::UriPath => Code::XksProxyInvalidConfiguration,
            Self::Tls => Code::XksProxyInvalidTlsConfiguration,
            Self::TimedOut | Self::BehindTimedOut | Self::Throttled => Code::XksProxyTimedOut,
            Self::NotReachable | Self::Unavailable => Code::XksProxyNotReachable,
            _ => Code::XksProxyInvalidResponse,
        }
    }
}
