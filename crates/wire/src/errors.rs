//! The errors every service shares, by protocol.
//!
//! AWS: <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>

use std::borrow::Cow;

use crate::{ErrorFacts, Fault, Protocol, Rejection, ServiceFacts};

/// One situation, with its error in the JSON protocols and in Query.
#[derive(Debug)]
pub struct SharedError {
    json: ErrorFacts,
    query: ErrorFacts,
    words: &'static str,
}

impl SharedError {
    const fn new(
        json: (&'static str, u16),
        query: (&'static str, u16),
        words: &'static str,
    ) -> Self {
        Self {
            json: facts(json),
            query: facts(query),
            words,
        }
    }

    /// The facts of this error in `protocol`.
    pub const fn of(&'static self, protocol: Protocol) -> &'static ErrorFacts {
        match protocol {
            Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => &self.json,
            Protocol::Query => &self.query,
        }
    }

    /// This error in AWS's standing words, which are empty where each case has its own: see
    /// [`says`](Self::says).
    pub fn fault(&'static self, protocol: Protocol) -> Fault {
        self.of(protocol).says(self.words)
    }

    /// This error with a message of its own.
    pub fn says(&'static self, protocol: Protocol, message: impl Into<Cow<'static, str>>) -> Fault {
        self.of(protocol).says(message)
    }
}

const fn facts((code, status): (&'static str, u16)) -> ErrorFacts {
    ErrorFacts {
        code,
        status,
        sender: status < 500,
    }
}

/// No policy allows the call, or one denies it. Has no standing words: the pipeline explains.
pub static ACCESS_DENIED: SharedError =
    SharedError::new(("AccessDeniedException", 400), ("AccessDenied", 403), "");
/// The call carries no signature.
pub static MISSING_TOKEN: SharedError = SharedError::new(
    ("MissingAuthenticationTokenException", 400),
    ("MissingAuthenticationToken", 403),
    "Request is missing Authentication Token",
);
/// The access key is unknown or inactive, or the session token is not one of ours or not of that key.
pub static UNKNOWN_KEY: SharedError = SharedError::new(
    ("UnrecognizedClientException", 400),
    ("InvalidClientTokenId", 403),
    "The security token included in the request is invalid.",
);
/// The signature is wrong, or its date is outside the allowed skew, or its scope is of another service or region:
/// the two latter with messages of their own.
pub static WRONG_SIGNATURE: SharedError = SharedError::new(
    ("InvalidSignatureException", 400),
    ("SignatureDoesNotMatch", 403),
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
     Key and signing method. Consult the service documentation for details.",
);
/// Parts of the signature are missing or malformed. Has no standing words: each part has its own.
pub static INCOMPLETE_SIGNATURE: SharedError = SharedError::new(
    ("IncompleteSignatureException", 400),
    ("IncompleteSignature", 400),
    "",
);
/// A presigned request after its end.
pub static REQUEST_EXPIRED: SharedError = SharedError::new(
    ("InvalidSignatureException", 400),
    ("RequestExpired", 400),
    "Request has expired",
);
/// The query string is not readable.
pub static MALFORMED_QUERY_STRING: SharedError = SharedError::new(
    ("MalformedQueryString", 404),
    ("MalformedQueryString", 404),
    "The query string contains a syntax error",
);
/// The connection ended, or was too slow, before the body did.
pub static INCOMPLETE_BODY: SharedError = SharedError::new(
    ("RequestTimeoutException", 408),
    ("RequestTimeout", 408),
    "The request body did not arrive in time",
);
/// The session of the credentials is over.
pub static EXPIRED_TOKEN: SharedError = SharedError::new(
    ("ExpiredTokenException", 400),
    ("ExpiredToken", 403),
    "The security token included in the request is expired",
);
/// The rate of calls is above its quota.
pub static THROTTLED: SharedError = SharedError::new(
    ("ThrottlingException", 400),
    ("Throttling", 400),
    "Rate exceeded",
);
/// The input breaks constraints. Has no standing words: see [`Rejection::fault`].
pub static VALIDATION: SharedError =
    SharedError::new(("ValidationException", 400), ("ValidationError", 400), "");
/// The input cannot be read. Has no standing words: see [`Rejection::fault`].
pub static SERIALIZATION: SharedError =
    SharedError::new(("SerializationException", 400), ("MalformedInput", 400), "");
/// The service has no such operation: see [`unknown_operation`].
pub static UNKNOWN_OPERATION: SharedError = SharedError::new(
    ("UnknownOperationException", 400),
    ("InvalidAction", 400),
    "",
);
/// The call names no operation at all.
pub static MISSING_OPERATION: SharedError = SharedError::new(
    ("UnknownOperationException", 400),
    ("MissingAction", 400),
    "The request must name an operation",
);
/// The operation is known to AWS and not built here: see [`not_implemented`].
pub static NOT_IMPLEMENTED: SharedError =
    SharedError::new(("NotImplemented", 501), ("NotImplemented", 501), "");
/// The body or a header is larger than any operation takes.
pub static TOO_LARGE: SharedError = SharedError::new(
    ("RequestEntityTooLarge", 413),
    ("RequestEntityTooLarge", 413),
    "Request entity too large",
);
/// Something failed inside. The cause is in the server's log under the request id, never in the reply.
pub static INTERNAL: SharedError = SharedError::new(
    ("InternalFailure", 500),
    ("InternalFailure", 500),
    "The request failed because of an internal error",
);
/// The server cannot serve now: it is sealed, or its store is out of reach. Clients try again.
pub static UNAVAILABLE: SharedError = SharedError::new(
    ("ServiceUnavailableException", 503),
    ("ServiceUnavailable", 503),
    "The service is unavailable. Please try again",
);

static ALL: [&SharedError; 18] = [
    &REQUEST_EXPIRED,
    &MALFORMED_QUERY_STRING,
    &INCOMPLETE_BODY,
    &ACCESS_DENIED,
    &MISSING_TOKEN,
    &UNKNOWN_KEY,
    &WRONG_SIGNATURE,
    &INCOMPLETE_SIGNATURE,
    &EXPIRED_TOKEN,
    &THROTTLED,
    &VALIDATION,
    &SERIALIZATION,
    &UNKNOWN_OPERATION,
    &MISSING_OPERATION,
    &NOT_IMPLEMENTED,
    &TOO_LARGE,
    &INTERNAL,
    &UNAVAILABLE,
];

/// Whether `facts` are of an error of this table.
pub(crate) fn is_shared(facts: &ErrorFacts) -> bool {
    ALL.iter()
        .any(|error| error.json == *facts || error.query == *facts)
}

/// The service has no operation `name`, in AWS's words.
pub fn unknown_operation(service: &ServiceFacts, name: &str, version: &str) -> Fault {
    let message = match service.protocol {
        Protocol::Query => format!("Could not find operation {name} for version {version}"),
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => String::new(),
    };
    UNKNOWN_OPERATION.says(service.protocol, message)
}

/// Operation `name` is part of AWS's model and not built.
pub fn not_implemented(service: &ServiceFacts, name: &str) -> Fault {
    let message = format!("{name} of {} is not implemented", service.full_name);
    NOT_IMPLEMENTED.says(service.protocol, message)
}

impl Rejection {
    /// This rejection as the error of `protocol`.
    pub fn fault(self, protocol: Protocol) -> Fault {
        match self {
            Self::Serialization(message) => SERIALIZATION.says(protocol, message),
            Self::Validation(message) => VALIDATION.says(protocol, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_has_the_code_of_its_protocol() {
        for (protocol, serialization, validation) in [
            (
                Protocol::Json11,
                "SerializationException",
                "ValidationException",
            ),
            (Protocol::Query, "MalformedInput", "ValidationError"),
        ] {
            let fault = Rejection::Serialization("words".into()).fault(protocol);
            assert_eq!(
                (fault.facts.code, &*fault.message),
                (serialization, "words")
            );
            let fault = Rejection::Validation("words".into()).fault(protocol);
            assert_eq!((fault.facts.code, fault.facts.status), (validation, 400));
        }
    }

    #[test]
    fn whose_fault_it_is_follows_from_the_status() {
        for error in ALL {
            for facts in [&error.json, &error.query] {
                assert_eq!(
                    facts.sender,
                    (400..500).contains(&facts.status),
                    "{facts:?}"
                );
            }
        }
    }
}
