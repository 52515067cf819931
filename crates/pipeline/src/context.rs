//! Where the values of condition keys come from: the call, the permission, the resource.
//!
//! AWS document: IAM User Guide, "AWS global condition context keys".

mod network;
mod organization;

use std::fmt::Write;

use base::{AccountId, Region};
use identity::organization::Guardrails;
use identity::{Caller, Identity, SessionKind, Workload};
use policy::{ConditionKey, Context, Permission, Resource, Value};

use crate::Call;

pub(crate) use organization::{organization_id, path};

/// Keys of every call that a function or an instance makes under its role.
///
/// AWS documents: Lambda Developer Guide, "Using source function ARN to control function access behavior"; Service
/// Authorization Reference, "Actions, resources, and condition keys for Amazon EC2".
const WORKLOAD: [&str; 3] = [
    "lambda:sourcefunctionarn",
    "ec2:sourceinstancearn",
    "ec2:roledelivery",
];
/// `ec2:RoleDelivery` of what the instance metadata service gives against a token alone.
const ROLE_DELIVERY: f64 = 2.0;
/// Longest header that is a condition value, in bytes: matching costs the product of the lengths of value and pattern.
const LONGEST_HEADER: usize = 1024;

/// Answers the engine's questions about one call. Nothing is computed before it is asked for.
pub(crate) struct RequestContext<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) need: &'a dyn Permission,
    pub(crate) resource: Option<&'a dyn Resource>,
    pub(crate) guardrails: &'a Guardrails,
}

impl Context for RequestContext<'_> {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match key.name().strip_prefix("aws:") {
            Some(global) => self.global(global, key, each),
            None => self.of_service(key, each) || claim(self.call.caller(), key, each),
        }
    }
}

impl RequestContext<'_> {
    fn of_service(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match (key.name(), key.qualifier()) {
            ("iam:resourcetag", Some(tag)) => {
                let of_iam = self.resource.filter(|held| held.arn().service() == "iam");
                resource_tag(of_iam, tag, each)
            }
            (name, None) if WORKLOAD.contains(&name) => of_workload(self.call.caller(), name, each),
            (name, None) if self.need.action().starts_with("kms:") => {
                self.of_kms(name, each) || self.stated(key, each)
            }
            _ => self.stated(key, each),
        }
    }

    /// Keys of KMS that the service does not know, for the actions that have them.
    /// AWS document: Service Authorization Reference, "Condition keys for AWS Key Management Service".
    fn of_kms(&self, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let action = self.need.action();
        match name {
            "kms:calleraccount" if !is_without_key(action) => {
                said(each, Value::Text(self.call.account().as_str()))
            }
            "kms:viaservice" if !is_without_key(action) && !action.contains("CustomKeyStore") => {
                optional(each, self.call.via_service().as_deref())
            }
            "kms:grantisforawsresource" if is_of_grants(action) => {
                said(each, Value::Bool(self.call.via.is_some()))
            }
            _ => false,
        }
    }

    /// What the permission says, or its resource.
    fn stated(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        self.need.condition(key, each) || self.of_resource(key, each)
    }

    fn of_resource(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let resource = self.resource;
        resource.is_some_and(|resource| resource.condition(key, each))
    }

    /// `name` is without its prefix. A name with a qualifier where AWS has none is no key.
    fn global(&self, name: &str, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match (name, key.qualifier()) {
            ("resourcetag", Some(tag)) => resource_tag(self.resource, tag, each),
            ("principaltag", Some(tag)) => principal_tag(self.call.caller(), tag, each),
            ("requesttag", Some(_)) | ("tagkeys", None) => self.need.condition(key, each),
            (_, Some(_)) => false,
            ("multifactorauthpresent" | "multifactorauthage", None) => {
                self.multi_factor(name, key, each)
            }
            (_, None) => self.unqualified(name, each),
        }
    }

    fn unqualified(&self, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match name {
            "resourceaccount" => said(each, Value::Text(self.resource_account().as_str())),
            "currenttime" | "epochtime" => said(each, Value::Date(self.call.now())),
            "requestedregion" => said(each, Value::Text(self.requested_region().as_str())),
            "securetransport" => said(each, Value::Bool(self.call.received.tls.is_some())),
            "sourceip" => self.source_ip(each),
            "useragent" => self.header("user-agent", each),
            "referer" => self.header("referer", each),
            "viaawsservice" => said(each, Value::Bool(self.call.via.is_some())),
            "viaawsmcpservice" | "principalisawsservice" => said(each, Value::Bool(false)),
            "calledvia" | "calledviafirst" | "calledvialast" => self.called_via(name, each),
            _ => {
                of_caller(self.call.caller(), name, each)
                    || self.of_organization(name, each)
                    || self.of_network(name, each)
            }
        }
    }

    /// A call may carry a code of its own, which counts before what the session says.
    fn multi_factor(
        &self,
        name: &str,
        key: &ConditionKey,
        each: &mut dyn FnMut(Value<'_>),
    ) -> bool {
        if self.need.condition(key, each) {
            return true;
        }
        if name == "multifactorauthpresent" {
            return of_caller(self.call.caller(), name, each);
        }
        let session = self.call.caller().session.as_deref();
        let since = session.and_then(|session| session.mfa_authenticated);
        // The difference of two instants of our time is far below 2⁵².
        since.is_some_and(|since| {
            let age = self.call.now().seconds_since(since) as f64;
            said(each, Value::Number(age))
        })
    }

    /// Absent where the caller called himself.
    fn called_via(&self, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let Some(via) = self.call.via else {
            return false;
        };
        match name {
            "calledviafirst" => each(Value::Text(via.first())),
            "calledvialast" => each(Value::Text(via.principal())),
            _ => via.each(&mut |principal| each(Value::Text(principal))),
        }
        true
    }

    /// What has no resource is decided on `*` in the caller's account.
    fn resource_account(&self) -> AccountId {
        let resource = self.resource.map(|resource| resource.account());
        resource.unwrap_or(self.call.account())
    }

    /// AWS: a service with one endpoint for all regions is called in us-east-1.
    fn requested_region(&self) -> Region {
        match self.call.facts.service.global {
            true => Region::US_EAST_1,
            false => self.need.region().unwrap_or(self.call.region),
        }
    }

    /// A header that is too long counts as not sent, which its sender could choose as well.
    fn header(&self, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let header = self.call.received.header(name);
        optional(each, header.filter(|text| text.len() <= LONGEST_HEADER))
    }
}

/// Actions of KMS about neither a key nor a key store.
fn is_without_key(action: &str) -> bool {
    matches!(
        action,
        "kms:GenerateRandom" | "kms:ListAliases" | "kms:ListKeys" | "kms:ListRetirableGrants"
    )
}

fn is_of_grants(action: &str) -> bool {
    matches!(
        action,
        "kms:CreateGrant" | "kms:ListGrants" | "kms:RevokeGrant"
    )
}

/// A claim of the identity provider that vouched for the caller.
fn claim(caller: &Caller, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
    let Some(claims) = caller.claims() else {
        return false;
    };
    let found = match key.qualifier() {
        None => claims.get(key.name()),
        // A slash in the name of a claim.
        Some(rest) => claims.get(&format!("{}/{}", key.name(), rest.to_ascii_lowercase())),
    };
    let Some(values) = found else {
        return false;
    };
    values.iter().for_each(|value| each(Value::Text(value)));
    true
}

fn resource_tag(
    resource: Option<&dyn Resource>,
    tag: &str,
    each: &mut dyn FnMut(Value<'_>),
) -> bool {
    let found = resource.and_then(|resource| resource.tags().get_ignoring_case(tag));
    optional(each, found)
}

fn said(each: &mut dyn FnMut(Value<'_>), value: Value<'_>) -> bool {
    each(value);
    true
}

fn optional(each: &mut dyn FnMut(Value<'_>), text: Option<&str>) -> bool {
    text.is_some_and(|text| said(each, Value::Text(text)))
}

/// Values of a key that describes the principal; answers whether it is present. For whoever decides without a call.
pub fn principal_values(
    caller: &Caller,
    key: &ConditionKey,
    each: &mut dyn FnMut(Value<'_>),
) -> bool {
    match (key.name().strip_prefix("aws:"), key.qualifier()) {
        (Some("principaltag"), Some(tag)) => principal_tag(caller, tag, each),
        (Some(name), None) => of_caller(caller, name, each),
        (None, None) if WORKLOAD.contains(&key.name()) => of_workload(caller, key.name(), each),
        _ => false,
    }
}

fn of_workload(caller: &Caller, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
    let session = caller.session.as_deref();
    match (session.and_then(|session| session.workload.as_ref()), name) {
        (Some(Workload::Function(arn)), "lambda:sourcefunctionarn")
        | (Some(Workload::Instance(arn)), "ec2:sourceinstancearn") => {
            said(each, Value::Text(arn.as_str()))
        }
        (Some(Workload::Instance(_)), "ec2:roledelivery") => {
            said(each, Value::Number(ROLE_DELIVERY))
        }
        _ => false,
    }
}

/// Keys that describe the principal.
fn of_caller(caller: &Caller, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
    // AWS: of who has no credentials they tell nothing.
    if let Identity::Vouched(_) = caller.identity {
        return false;
    }
    match name {
        "principalarn" => said(each, Value::Text(principal_arn(caller))),
        "principalaccount" => said(each, Value::Text(caller.account.as_str())),
        "principaltype" => said(each, Value::Text(principal_type(caller))),
        "userid" => user_id(caller, each),
        "username" => match &caller.identity {
            Identity::User(user) => said(each, Value::Text(&user.name)),
            _ => false,
        },
        _ => of_session(caller, name, each),
    }
}

/// Keys that only temporary credentials have.
fn of_session(caller: &Caller, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
    let Some(session) = caller.session.as_deref() else {
        return false;
    };
    match name {
        "tokenissuetime" => said(each, Value::Date(session.issued)),
        // AWS: present, and false, for temporary credentials obtained without MFA; absent for access keys.
        "multifactorauthpresent" => said(each, Value::Bool(session.mfa_authenticated.is_some())),
        "assumedroot" if session.kind == SessionKind::RootTask => said(each, Value::Bool(true)),
        "sourceidentity" => optional(each, session.source_identity.as_deref()),
        "federatedprovider" => {
            let federation = session.federation.as_ref();
            optional(each, federation.map(|found| found.provider.as_str()))
        }
        _ => false,
    }
}

/// For a role session AWS gives the role's ARN, not the session's.
fn principal_arn(caller: &Caller) -> &str {
    match &caller.identity {
        Identity::AssumedRole(role) => role.arn.as_str(),
        _ => caller.arn().as_str(),
    }
}

fn principal_type(caller: &Caller) -> &'static str {
    match &caller.identity {
        Identity::Root => "Account",
        Identity::User(_) => "User",
        Identity::AssumedRole(_) => "AssumedRole",
        Identity::FederatedUser(_) | Identity::Vouched(_) => "FederatedUser",
    }
}

/// A session's tags precede those of its role or user.
fn principal_tag(caller: &Caller, tag: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
    let session = caller.session.as_deref();
    let in_session = session.and_then(|session| session.tags.get_ignoring_case(tag));
    let in_record = match &caller.identity {
        Identity::User(user) => user.tags.get_ignoring_case(tag),
        Identity::AssumedRole(role) => role.tags.get_ignoring_case(tag),
        // AWS: a federated user has the tags of the user who issued the session, beneath those of the session.
        Identity::FederatedUser(Some(user)) => user.tags.get_ignoring_case(tag),
        // Tags that a token gives are its session's, not its caller's.
        Identity::Root | Identity::FederatedUser(None) | Identity::Vouched(_) => None,
    };
    optional(each, in_session.or(in_record))
}

/// `aws:userid`, composed on the stack.
fn user_id(caller: &Caller, each: &mut dyn FnMut(Value<'_>)) -> bool {
    let mut text = Line::default();
    let written = match (&caller.identity, caller.session.as_deref().map(|s| &s.kind)) {
        (Identity::User(user), _) => text.write_str(&user.id),
        (Identity::AssumedRole(role), Some(SessionKind::Role { session_name, .. })) => {
            write!(text, "{}:{session_name}", role.id)
        }
        (Identity::AssumedRole(role), _) => text.write_str(&role.id),
        (_, Some(SessionKind::Federated { name, .. })) => write!(text, "{}:{name}", caller.account),
        _ => text.write_str(caller.account.as_str()),
    };
    written.is_ok() && said(each, Value::Text(text.as_str()))
}

/// A short text without allocation. 128 bytes hold every user id: 21 + 1 + 64.
struct Line {
    bytes: [u8; 128],
    length: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            bytes: [0; 128],
            length: 0,
        }
    }
}

impl Line {
    fn as_str(&self) -> &str {
        let used = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(used).unwrap_or_default()
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let room = self
            .bytes
            .get_mut(self.length..end)
            .ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use base::{Secret, Tags, Timestamp};
    use identity::{Owner, Session};

    use super::*;

    fn assumed_root(kind: SessionKind) -> Vec<bool> {
        let account = AccountId::from_number(1);
        let session = Session {
            access_key_id: "ASIA1".into(),
            secret: Secret::new("secret".into()),
            account,
            kind,
            issued: Timestamp::from_seconds(1),
            expires: Timestamp::from_seconds(2),
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: Tags::default(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            mfa_authenticated: None,
            workload: None,
            federation: None,
        };
        let session = Some(Arc::new(session));
        let caller = Caller::new(account, "ASIA1".into(), Identity::Root, session);
        let mut found = Vec::<bool>::new();
        let key = ConditionKey::new("aws:AssumedRoot");
        let present = principal_values(&caller, &key, &mut |value| {
            found.push(matches!(value, Value::Bool(true)));
        });
        assert_eq!(present, !found.is_empty());
        found
    }

    #[test]
    fn a_session_of_assume_root_says_so() {
        assert_eq!(assumed_root(SessionKind::RootTask), [true]);
        let other = SessionKind::Token(Owner::Root, "000000000001".into());
        assert!(assumed_root(other).is_empty());
    }
}
