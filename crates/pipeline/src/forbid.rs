//! What temporary credentials cannot call, whatever policies say.
//!
//! AWS document: IAM User Guide, "Compare AWS STS credentials". Sessions of GetSessionToken reach IAM where a device of
//! multi-factor authentication vouched for them.

use identity::{Caller, SessionKind};
use wire::{Facts, Fault, errors};

/// AWS's error for a call that the caller's kind of session cannot make at all.
pub(crate) fn forbidden(caller: &Caller, facts: &Facts) -> Option<Fault> {
    let session = caller.session.as_deref()?;
    refusal(
        &session.kind,
        session.mfa_authenticated.is_some(),
        facts.service.name,
        facts.name,
        facts.service.protocol,
    )
}

fn refusal(
    kind: &SessionKind,
    vouched: bool,
    service: &str,
    operation: &str,
    protocol: wire::Protocol,
) -> Option<Fault> {
    let reaches_iam = match kind {
        SessionKind::Role { .. } | SessionKind::RootTask => true,
        SessionKind::Token(..) => vouched,
        SessionKind::Federated { .. } => false,
    };
    match service {
        // AWS: IAM does not know such credentials, rather than deny them.
        "iam" if !reaches_iam => Some(errors::UNKNOWN_KEY.fault(protocol)),
        "sts" if !reaches(kind, operation) => {
            let message = format!("Cannot call {operation} with session credentials");
            Some(errors::ACCESS_DENIED.says(protocol, message))
        }
        _ => None,
    }
}

/// Whether a session of this kind can call this operation of STS.
fn reaches(kind: &SessionKind, operation: &str) -> bool {
    match kind {
        SessionKind::Role { .. } => !matches!(operation, "GetSessionToken" | "GetFederationToken"),
        SessionKind::Token(..) => matches!(operation, "AssumeRole" | "GetCallerIdentity"),
        SessionKind::Federated { .. } | SessionKind::RootTask => operation == "GetCallerIdentity",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use identity::Owner;
    use wire::Protocol;

    fn kinds() -> [SessionKind; 4] {
        [
            SessionKind::Role {
                name: "Ops".into(),
                id: "AROA1".into(),
                session_name: "ann".into(),
            },
            SessionKind::Token(Owner::User("ann".into()), "AIDA1".into()),
            SessionKind::Federated {
                name: "bob".into(),
                issuer: Owner::Root,
                issuer_id: "1".into(),
            },
            SessionKind::RootTask,
        ]
    }

    #[test]
    fn each_kind_has_its_bounds() {
        const INVALID: &str = "InvalidClientTokenId";
        const DENIED: &str = "AccessDenied";
        for (service, operation, expected) in [
            ("sts", "GetCallerIdentity", [""; 4]),
            ("sts", "AssumeRole", ["", "", DENIED, DENIED]),
            (
                "sts",
                "DecodeAuthorizationMessage",
                ["", DENIED, DENIED, DENIED],
            ),
            ("sts", "GetAccessKeyInfo", ["", DENIED, DENIED, DENIED]),
            ("sts", "GetSessionToken", [DENIED; 4]),
            ("sts", "GetFederationToken", [DENIED; 4]),
            ("iam", "GetUser", ["", INVALID, INVALID, ""]),
            ("kms", "Encrypt", [""; 4]),
        ] {
            for (kind, code) in kinds().iter().zip(expected) {
                let refused = refusal(kind, false, service, operation, Protocol::Query);
                let found = refused.map_or("", |fault| fault.facts.code);
                assert_eq!(found, code, "{service}:{operation} by {kind:?}");
            }
        }
    }

    #[test]
    fn a_device_opens_iam_to_users_own_sessions() {
        for (kind, reached) in kinds().iter().zip([true, true, false]) {
            let refused = refusal(kind, true, "iam", "GetUser", Protocol::Query);
            assert_eq!(refused.is_none(), reached, "{kind:?}");
        }
    }

    #[test]
    fn says_what_cannot_be_called() {
        let [role, ..] = kinds();
        let refused = refusal(&role, false, "sts", "GetFederationToken", Protocol::Query).unwrap();
        assert_eq!(
            refused.message,
            "Cannot call GetFederationToken with session credentials"
        );
    }
}
