//! `userIdentity` of an event.
//!
//! AWS document: CloudTrail User Guide, "CloudTrail userIdentity element".

use std::io::Write;

use identity::{
    Account, Caller, Federation, Identity, SamlIdentity, Session, SessionKind, Vouched, WebIdentity,
};

use super::event::{member, put, text};

/// Who claims to have the access key `claimed`, where nothing was proved.
pub(super) fn write_unknown(to: &mut Vec<u8>, claimed: Option<&str>) {
    put(to, "{\"type\":\"Unknown\"");
    if let Some(access_key_id) = claimed {
        member(to, "accessKeyId", access_key_id);
    }
    put(to, "}");
}

/// `identity`, a JSON object, and the service that calls on the caller's behalf.
pub(super) fn write_identity(to: &mut Vec<u8>, identity: &[u8], invoked_by: Option<&str>) {
    match (identity.split_last(), invoked_by) {
        (Some((b'}', members)), Some(service)) => {
            to.extend_from_slice(members);
            member(to, "invokedBy", service);
            put(to, "}");
        }
        _ => to.extend_from_slice(identity),
    }
}

/// The caller as its own account sees it.
pub(crate) fn identity_json(caller: &Caller) -> Vec<u8> {
    let mut json = Vec::new();
    write_caller(&mut json, caller);
    json
}

fn write_caller(to: &mut Vec<u8>, caller: &Caller) {
    let kind = match &caller.identity {
        Identity::Vouched(vouched) => {
            return match &**vouched {
                Vouched::Web(web) => write_web_identity(to, web),
                Vouched::Saml(saml) => write_saml_identity(to, saml),
            };
        }
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
    put(to, "}");
}

/// Who has no credentials, as the provider's token names him.
fn write_web_identity(to: &mut Vec<u8>, web: &WebIdentity) {
    put(to, "{\"type\":\"WebIdentityUser\"");
    member(to, "principalId", &web.principal_id());
    member(to, "userName", &web.subject);
    member(to, "identityProvider", web.provider.as_str());
    put(to, "}");
}

/// Who has no credentials, as the provider's assertion names him.
fn write_saml_identity(to: &mut Vec<u8>, saml: &SamlIdentity) {
    put(to, "{\"type\":\"SAMLUser\"");
    member(to, "principalId", &saml.principal_id());
    member(to, "userName", &saml.subject);
    member(to, "identityProvider", &saml.name_qualifier);
    put(to, "}");
}

/// The caller as another account sees it: an account and a principal id.
pub(crate) fn account_identity_json(caller: &Caller) -> Vec<u8> {
    let mut json = Vec::new();
    put(&mut json, "{\"type\":\"AWSAccount\"");
    member(&mut json, "principalId", &caller.user_id());
    member(&mut json, "accountId", caller.account.as_str());
    put(&mut json, "}");
    json
}

fn write_session(to: &mut Vec<u8>, caller: &Caller, session: &Session) {
    put(to, ",\"sessionContext\":{");
    if session.kind == SessionKind::RootTask {
        put(to, "\"assumedRoot\":\"true\",");
    }
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
        Identity::Root | Identity::User(_) | Identity::Vouched(_) => {}
    }
    // AWS: a SAML provider is not told of here.
    let web = |federation: &&Federation| !federation.provider.contains(":saml-provider/");
    if let Some(federation) = session.federation.as_ref().filter(web) {
        put(to, "\"webIdFederationData\":{\"federatedProvider\":");
        text(to, &federation.provider);
        put(to, ",\"attributes\":{}},");
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
