//! `userIdentity` of an event.
//!
//! AWS document: CloudTrail User Guide, "CloudTrail userIdentity element".

use std::io::Write;

use identity::{Account, Caller, Identity, Session};

use super::event::{member, put, text};

/// The caller as its own account sees it; what the request claimed, where nothing was proved.
/// `invoked_by` is the service that calls on the caller's behalf.
pub(super) fn write_identity(
    to: &mut Vec<u8>,
    caller: Option<&Caller>,
    claimed: Option<&str>,
    invoked_by: Option<&str>,
) {
    let Some(caller) = caller else {
        put(to, "{\"type\":\"Unknown\"");
        if let Some(access_key_id) = claimed {
            member(to, "accessKeyId", access_key_id);
        }
        return put(to, "}");
    };
    let kind = match &caller.identity {
        Identity::Root => "Root",
        Identity::User(_) => "IAMUser",
        Identity::AssumedRole(_) => "AssumedRole",
        Identity::FederatedUser(_) => "FederatedUser",
    };
    put(to, "{\"type\":\"");
    put(to, kind);
    put(to, "\"");
    member(to, "principalId", &caller.user_id());
    member(to, "arn", caller.arn().as_str());
    member(to, "accountId", caller.account.as_str());
    member(to, "accessKeyId", &caller.access_key_id);
    if let Identity::User(user) = &caller.identity {
        member(to, "userName", &user.name);
    }
    if let Some(session) = &caller.session {
        write_session(to, caller, session);
    }
    write_invoked_by(to, invoked_by);
    put(to, "}");
}

/// The caller as another account sees it: an account and a principal id.
pub(super) fn write_account_identity(
    to: &mut Vec<u8>,
    caller: Option<&Caller>,
    invoked_by: Option<&str>,
) {
    put(to, "{\"type\":\"AWSAccount\"");
    if let Some(caller) = caller {
        member(to, "principalId", &caller.user_id());
        member(to, "accountId", caller.account.as_str());
    }
    write_invoked_by(to, invoked_by);
    put(to, "}");
}

fn write_invoked_by(to: &mut Vec<u8>, service: Option<&str>) {
    if let Some(service) = service {
        member(to, "invokedBy", service);
    }
}

fn write_session(to: &mut Vec<u8>, caller: &Caller, session: &Session) {
    put(to, ",\"sessionContext\":{");
    match &caller.identity {
        Identity::AssumedRole(role) => {
            write_issuer(
                to,
                "Role",
                &role.id,
                role.arn.as_str(),
                caller,
                Some(&role.name),
            );
        }
        Identity::FederatedUser(Some(user)) => {
            write_issuer(
                to,
                "IAMUser",
                &user.id,
                user.arn.as_str(),
                caller,
                Some(&user.name),
            );
        }
        Identity::FederatedUser(None) => {
            let arn = Account::root_arn(caller.account);
            write_issuer(
                to,
                "Root",
                caller.account.as_str(),
                arn.as_str(),
                caller,
                None,
            );
        }
        Identity::Root | Identity::User(_) => {}
    }
    let issued = session.issued.rfc3339();
    let vouched = session.mfa_authenticated.is_some();
    let _ = write!(
        to,
        "\"attributes\":{{\"creationDate\":\"{issued}\",\"mfaAuthenticated\":\"{vouched}\"}}"
    );
    if let Some(source) = &session.source_identity {
        member(to, "sourceIdentity", source);
    }
    put(to, "}");
}

fn write_issuer(
    to: &mut Vec<u8>,
    kind: &str,
    id: &str,
    arn: &str,
    caller: &Caller,
    name: Option<&str>,
) {
    put(to, "\"sessionIssuer\":{\"type\":");
    text(to, kind);
    member(to, "principalId", id);
    member(to, "arn", arn);
    member(to, "accountId", caller.account.as_str());
    if let Some(name) = name {
        member(to, "userName", name);
    }
    put(to, "},");
}
