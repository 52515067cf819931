//! Documented cases of the decision, each with where it is documented.

use policy::{Attached, Decision, Denial, Grammar, Policies, Policy, PolicyType, Request, decide};

use crate::support::{AWAY, Facts, HOME, Kept, Thing, caller, policy};

const USER: &str = r#"{"AWS": "arn:aws:iam::111111111111:user/path/ann"}"#;
const USER_ID: &str = r#"{"AWS": "AIDAANNANNANNANNANN"}"#;
const ROLE: &str = r#"{"AWS": "arn:aws:iam::111111111111:role/path/dev"}"#;
const ROLE_ID: &str = r#"{"AWS": "AROADEVDEVDEVDEVDEV"}"#;
const SESSION: &str = r#"{"AWS": "arn:aws:sts::111111111111:assumed-role/dev/one"}"#;
const OTHER_SESSION: &str = r#"{"AWS": "arn:aws:sts::111111111111:assumed-role/dev/two"}"#;
const FEDERATED: &str = r#"{"AWS": "arn:aws:sts::111111111111:federated-user/fay"}"#;
const ACCOUNT: &str = r#"{"AWS": "111111111111"}"#;
const ACCOUNT_ROOT: &str = r#"{"AWS": "arn:aws:iam::111111111111:root"}"#;
const OTHER_ACCOUNT: &str = r#"{"AWS": "222222222222"}"#;
const SERVICE: &str = r#"{"Service": "lambda.amazonaws.com"}"#;
const OTHER_SERVICE: &str = r#"{"Service": "ec2.amazonaws.com"}"#;
const EVERYONE: &str = r#""*""#;
const EVERYONE_IN_AWS: &str = r#"{"AWS": "*"}"#;

/// What a policy does with the action that is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    Allow,
    Deny,
    Other,
}
use Says::{Allow, Deny, Other};

#[derive(Clone, Copy, Debug)]
enum On {
    Nothing,
    Ordinary,
    OrdinaryUnset,
    Key,
    Trust,
}

/// A case; what is not given is not there.
#[derive(Clone, Copy)]
struct Case {
    caller: &'static str,
    owner: &'static str,
    on: On,
    resource: &'static [(Says, &'static str)],
    identity: &'static [Says],
    boundary: Option<Says>,
    session: Option<&'static [Says]>,
    service_control: &'static [&'static [Says]],
    resource_control: &'static [&'static [Says]],
    endpoint: Option<Says>,
}

const USUAL: Case = Case {
    caller: "user",
    owner: HOME,
    on: On::Nothing,
    resource: &[],
    identity: &[],
    boundary: None,
    session: None,
    service_control: &[],
    resource_control: &[],
    endpoint: None,
};
const ORDINARY: Case = Case {
    on: On::Ordinary,
    ..USUAL
};
const KEY: Case = Case {
    on: On::Key,
    ..USUAL
};
const TRUST: Case = Case {
    on: On::Trust,
    ..USUAL
};
const ABROAD: Case = Case {
    owner: AWAY,
    ..ORDINARY
};

fn resource_policy(case: &Case) -> Policy {
    let statements = case.resource.iter().map(|(says, principal)| {
        let effect = if *says == Deny { "Deny" } else { "Allow" };
        match case.on {
            On::Trust => format!(
                r#"{{"Effect": "{effect}", "Action": "sts:AssumeRole", "Principal": {principal}}}"#
            ),
            _ => format!(
                r#"{{"Effect": "{effect}", "Action": "kms:Encrypt", "Resource": "*", "Principal": {principal}}}"#
            ),
        }
    });
    let grammar = match case.on {
        On::Trust => Grammar::Trust,
        On::Key => Grammar::Key,
        _ => Grammar::Resource,
    };
    policy(grammar, &statements.collect::<Vec<_>>().join(","))
}

fn identity_policy(case: &Case, says: Says) -> Policy {
    let (effect, action) = match (says, case.on) {
        (Other, _) => ("Allow", "s3:*"),
        (Allow, On::Trust) => ("Allow", "sts:AssumeRole"),
        (Deny, On::Trust) => ("Deny", "sts:AssumeRole"),
        (Allow, _) => ("Allow", "kms:*"),
        (Deny, _) => ("Deny", "kms:Encrypt"),
    };
    let statement = format!(r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}"#);
    policy(Grammar::Identity, &statement)
}

fn describe(decision: Decision<'_>) -> String {
    let name = |policy_type: PolicyType| format!("{policy_type:?}");
    match decision {
        Decision::Allowed { .. } => "allowed".to_owned(),
        Decision::Denied(Denial::Explicit(matched)) => {
            format!("denied by {}", name(matched.policy_type))
        }
        Decision::Denied(Denial::Implicit(policy_type)) => {
            format!("not allowed by {}", name(policy_type))
        }
    }
}

fn answer(case: &Case) -> String {
    let (arn, action) = match case.on {
        On::Trust => (
            format!("arn:aws:iam::{}:role/r", case.owner),
            "sts:AssumeRole",
        ),
        _ => (format!("arn:aws:kms:r:{}:key/1", case.owner), "kms:Encrypt"),
    };
    let kept = match case.on {
        On::Nothing => Kept::None,
        On::OrdinaryUnset => Kept::Ordinary(None),
        On::Ordinary if case.resource.is_empty() => Kept::Ordinary(None),
        On::Ordinary => Kept::Ordinary(Some(resource_policy(case))),
        On::Key => Kept::Key(resource_policy(case)),
        On::Trust => Kept::Trust(resource_policy(case)),
    };
    let thing = Thing::new(&arn, case.owner, kept);
    let compile = |list: &[Says]| -> Vec<Policy> {
        list.iter()
            .map(|says| identity_policy(case, *says))
            .collect()
    };
    let levels = |levels: &[&[Says]]| -> Vec<Vec<Policy>> {
        levels.iter().map(|list| compile(list)).collect()
    };
    let identity = compile(case.identity);
    let boundary = case.boundary.map(|says| identity_policy(case, says));
    let session = case.session.map(compile);
    let endpoint = case.endpoint.map(|says| identity_policy(case, says));
    let service_control = levels(case.service_control);
    let resource_control = levels(case.resource_control);
    fn attach(policies: &[Policy]) -> Vec<Attached<'_>> {
        policies
            .iter()
            .map(|policy| Attached { name: "p", policy })
            .collect()
    }
    let identity = attach(&identity);
    let session = session.as_deref().map(attach);
    let service_control: Vec<_> = service_control.iter().map(|list| attach(list)).collect();
    let service_control: Vec<_> = service_control.iter().map(Vec::as_slice).collect();
    let resource_control: Vec<_> = resource_control.iter().map(|list| attach(list)).collect();
    let resource_control: Vec<_> = resource_control.iter().map(Vec::as_slice).collect();
    let policies = Policies {
        identity: &identity,
        boundary: boundary
            .as_ref()
            .map(|policy| Attached { name: "b", policy }),
        session: session.as_deref(),
        service_control: &service_control,
        resource_control: &resource_control,
        endpoint: endpoint
            .as_ref()
            .map(|policy| Attached { name: "e", policy }),
    };
    let facts = Facts::default();
    let request = Request {
        principal: caller(case.caller),
        action,
        resource: Some(&thing),
        context: &facts,
    };
    describe(decide(&request, &policies))
}

fn check(cases: &[(&str, Case, &str)]) {
    for (title, case, expected) in cases {
        assert_eq!(answer(case), *expected, "{title}");
    }
}

/// Source: IAM User Guide, "Policy evaluation logic": evaluating policies within a single account.
#[test]
fn within_one_account() {
    check(&[
        ("by default all is denied", USUAL, "not allowed by Identity"),
        (
            "identity policy allows",
            Case {
                identity: &[Other, Allow],
                ..USUAL
            },
            "allowed",
        ),
        (
            "explicit deny wins over allow",
            Case {
                identity: &[Allow, Deny],
                ..USUAL
            },
            "denied by Identity",
        ),
        (
            "resource without a policy",
            Case {
                on: On::OrdinaryUnset,
                identity: &[Allow],
                ..USUAL
            },
            "allowed",
        ),
        (
            "resource policy alone suffices",
            Case {
                resource: &[(Allow, USER)],
                ..ORDINARY
            },
            "allowed",
        ),
        (
            "by unique id too",
            Case {
                resource: &[(Allow, USER_ID)],
                ..ORDINARY
            },
            "allowed",
        ),
        (
            "everyone is the user too",
            Case {
                resource: &[(Allow, EVERYONE)],
                ..ORDINARY
            },
            "allowed",
        ),
        (
            "a role is not a user",
            Case {
                resource: &[(Allow, ROLE)],
                ..ORDINARY
            },
            "not allowed by Identity",
        ),
        (
            "the account only delegates",
            Case {
                resource: &[(Allow, ACCOUNT)],
                ..ORDINARY
            },
            "not allowed by Identity",
        ),
        (
            "the account delegates, and the identity policy allows",
            Case {
                resource: &[(Allow, ACCOUNT_ROOT)],
                identity: &[Allow],
                ..ORDINARY
            },
            "allowed",
        ),
        (
            "union: identity allows, resource policy allows another",
            Case {
                resource: &[(Allow, ROLE)],
                identity: &[Allow],
                ..ORDINARY
            },
            "allowed",
        ),
        (
            "resource policy denies",
            Case {
                resource: &[(Deny, ACCOUNT)],
                identity: &[Allow],
                ..ORDINARY
            },
            "denied by Resource",
        ),
        (
            "a deny for another account is none",
            Case {
                resource: &[(Deny, OTHER_ACCOUNT)],
                identity: &[Allow],
                ..ORDINARY
            },
            "allowed",
        ),
    ]);
}

/// Source: IAM User Guide, "Permissions boundaries for IAM entities".
#[test]
fn permissions_boundaries() {
    check(&[
        (
            "both allow",
            Case {
                identity: &[Allow],
                boundary: Some(Allow),
                ..USUAL
            },
            "allowed",
        ),
        (
            "a boundary grants nothing",
            Case {
                boundary: Some(Allow),
                ..USUAL
            },
            "not allowed by Identity",
        ),
        (
            "a boundary limits",
            Case {
                identity: &[Allow],
                boundary: Some(Other),
                ..USUAL
            },
            "not allowed by Boundary",
        ),
        (
            "a boundary denies",
            Case {
                identity: &[Allow],
                boundary: Some(Deny),
                ..USUAL
            },
            "denied by Boundary",
        ),
        (
            "what names the user is not limited",
            Case {
                resource: &[(Allow, USER)],
                boundary: Some(Other),
                ..ORDINARY
            },
            "allowed",
        ),
        (
            "but can be denied",
            Case {
                resource: &[(Allow, USER)],
                boundary: Some(Deny),
                ..ORDINARY
            },
            "denied by Boundary",
        ),
        (
            "what names the role is limited",
            Case {
                caller: "session",
                resource: &[(Allow, ROLE)],
                boundary: Some(Other),
                ..ORDINARY
            },
            "not allowed by Boundary",
        ),
        (
            "what names the session is not limited",
            Case {
                caller: "session",
                resource: &[(Allow, SESSION)],
                boundary: Some(Other),
                ..ORDINARY
            },
            "allowed",
        ),
        (
            "nor what names everyone",
            Case {
                caller: "session",
                resource: &[(Allow, EVERYONE_IN_AWS)],
                boundary: Some(Other),
                ..ORDINARY
            },
            "allowed",
        ),
    ]);
}

/// Source: IAM User Guide, "Policies and permissions": session policies; "Permissions for GetFederationToken".
#[test]
fn sessions() {
    let session = Case {
        caller: "session",
        ..ORDINARY
    };
    let federated = Case {
        caller: "federated",
        ..ORDINARY
    };
    let by_root = Case {
        caller: "federated by root",
        ..ORDINARY
    };
    check(&[
        (
            "a session without session policies",
            Case {
                identity: &[Allow],
                ..session
            },
            "allowed",
        ),
        (
            "intersection",
            Case {
                identity: &[Allow],
                session: Some(&[Other, Allow]),
                ..session
            },
            "allowed",
        ),
        (
            "session policy does not allow",
            Case {
                identity: &[Allow],
                session: Some(&[Other]),
                ..session
            },
            "not allowed by Session",
        ),
        (
            "session policy grants nothing",
            Case {
                session: Some(&[Allow]),
                ..session
            },
            "not allowed by Identity",
        ),
        (
            "session policy denies",
            Case {
                identity: &[Allow],
                session: Some(&[Allow, Deny]),
                ..session
            },
            "denied by Session",
        ),
        (
            "the role is named",
            Case {
                resource: &[(Allow, ROLE)],
                ..session
            },
            "allowed",
        ),
        (
            "by unique id",
            Case {
                resource: &[(Allow, ROLE_ID)],
                ..session
            },
            "allowed",
        ),
        (
            "the role is named, the session limited",
            Case {
                resource: &[(Allow, ROLE)],
                session: Some(&[Other]),
                ..session
            },
            "not allowed by Session",
        ),
        (
            "the session is named and not limited",
            Case {
                resource: &[(Allow, SESSION)],
                session: Some(&[Other]),
                ..session
            },
            "allowed",
        ),
        (
            "another session is named",
            Case {
                resource: &[(Allow, OTHER_SESSION)],
                ..session
            },
            "not allowed by Identity",
        ),
        (
            "federated: issuer and session allow",
            Case {
                identity: &[Allow],
                session: Some(&[Allow]),
                ..federated
            },
            "allowed",
        ),
        (
            "federated without session policies",
            Case {
                identity: &[Allow],
                session: Some(&[]),
                ..federated
            },
            "not allowed by Session",
        ),
        (
            "federated, and nobody said so",
            Case {
                identity: &[Allow],
                session: None,
                ..federated
            },
            "not allowed by Session",
        ),
        (
            "federated and named",
            Case {
                resource: &[(Allow, FEDERATED)],
                session: Some(&[]),
                ..federated
            },
            "allowed",
        ),
        (
            "the issuer is named: limited",
            Case {
                resource: &[(Allow, USER)],
                session: Some(&[Other]),
                ..federated
            },
            "not allowed by Session",
        ),
        (
            "the issuer is named, and the session allows",
            Case {
                resource: &[(Allow, USER)],
                session: Some(&[Allow]),
                ..federated
            },
            "allowed",
        ),
        (
            "issued by root",
            Case {
                session: Some(&[Allow]),
                ..by_root
            },
            "allowed",
        ),
        (
            "issued by root without policies",
            Case {
                session: Some(&[]),
                ..by_root
            },
            "not allowed by Session",
        ),
    ]);
}

/// Source: IAM User Guide, "Cross-account policy evaluation logic".
#[test]
fn across_accounts() {
    let session = Case {
        caller: "session",
        ..ABROAD
    };
    check(&[
        (
            "identity policy alone",
            Case {
                identity: &[Allow],
                ..ABROAD
            },
            "not allowed by Resource",
        ),
        (
            "resource policy alone",
            Case {
                resource: &[(Allow, USER)],
                ..ABROAD
            },
            "not allowed by Identity",
        ),
        (
            "both",
            Case {
                resource: &[(Allow, USER)],
                identity: &[Allow],
                ..ABROAD
            },
            "allowed",
        ),
        (
            "both, by account",
            Case {
                resource: &[(Allow, ACCOUNT)],
                identity: &[Allow],
                ..ABROAD
            },
            "allowed",
        ),
        (
            "the resource names its own account",
            Case {
                resource: &[(Allow, OTHER_ACCOUNT)],
                identity: &[Allow],
                ..ABROAD
            },
            "not allowed by Resource",
        ),
        (
            "everyone, but no identity policy",
            Case {
                resource: &[(Allow, EVERYONE)],
                ..ABROAD
            },
            "not allowed by Identity",
        ),
        (
            "the session is named, and still limited",
            Case {
                resource: &[(Allow, SESSION)],
                identity: &[Allow],
                session: Some(&[Other]),
                ..session
            },
            "not allowed by Session",
        ),
        (
            "the user is named, and still limited",
            Case {
                resource: &[(Allow, USER)],
                identity: &[Allow],
                boundary: Some(Other),
                ..ABROAD
            },
            "not allowed by Boundary",
        ),
        (
            "root of another account",
            Case {
                caller: "root",
                resource: &[(Allow, ACCOUNT)],
                ..ABROAD
            },
            "allowed",
        ),
        (
            "root of another account that is not named",
            Case {
                caller: "root",
                ..ABROAD
            },
            "not allowed by Resource",
        ),
        (
            "a resource that has no policies",
            Case {
                on: On::Nothing,
                identity: &[Allow],
                ..ABROAD
            },
            "not allowed by Resource",
        ),
    ]);
}

/// Source: AWS KMS Developer Guide, "Key policies in AWS KMS", "Allowing users in other accounts to use a key".
#[test]
fn key_policies() {
    let abroad = Case { owner: AWAY, ..KEY };
    check(&[
        (
            "a key policy that does not delegate",
            Case {
                resource: &[(Allow, ROLE)],
                identity: &[Allow],
                ..KEY
            },
            "not allowed by Resource",
        ),
        (
            "delegated, and no identity policy",
            Case {
                resource: &[(Allow, ACCOUNT_ROOT)],
                ..KEY
            },
            "not allowed by Identity",
        ),
        (
            "delegated and allowed",
            Case {
                resource: &[(Allow, ACCOUNT_ROOT)],
                identity: &[Allow],
                ..KEY
            },
            "allowed",
        ),
        (
            "delegated by account id",
            Case {
                resource: &[(Allow, ACCOUNT)],
                identity: &[Allow],
                ..KEY
            },
            "allowed",
        ),
        (
            "delegated and limited",
            Case {
                resource: &[(Allow, ACCOUNT)],
                identity: &[Allow],
                boundary: Some(Other),
                ..KEY
            },
            "not allowed by Boundary",
        ),
        (
            "named: no identity policy needed",
            Case {
                resource: &[(Allow, USER)],
                ..KEY
            },
            "allowed",
        ),
        (
            "everyone",
            Case {
                resource: &[(Allow, EVERYONE_IN_AWS)],
                ..KEY
            },
            "allowed",
        ),
        (
            "root needs the key policy",
            Case {
                caller: "root",
                resource: &[(Allow, USER)],
                ..KEY
            },
            "not allowed by Resource",
        ),
        (
            "root is the account",
            Case {
                caller: "root",
                resource: &[(Allow, ACCOUNT_ROOT)],
                ..KEY
            },
            "allowed",
        ),
        (
            "abroad: both sides",
            Case {
                resource: &[(Allow, ACCOUNT)],
                identity: &[Allow],
                ..abroad
            },
            "allowed",
        ),
        (
            "abroad: named, but no identity policy",
            Case {
                resource: &[(Allow, USER)],
                ..abroad
            },
            "not allowed by Identity",
        ),
        (
            "abroad: delegated to the owner only",
            Case {
                resource: &[(Allow, OTHER_ACCOUNT)],
                identity: &[Allow],
                ..abroad
            },
            "not allowed by Resource",
        ),
        (
            "a service",
            Case {
                caller: "service",
                resource: &[(Allow, SERVICE)],
                ..KEY
            },
            "allowed",
        ),
    ]);
}

/// Source: IAM User Guide, "IAM roles": "How to use trust policies"; "Policy evaluation logic".
#[test]
fn trust_policies() {
    let abroad = Case {
        owner: AWAY,
        ..TRUST
    };
    let session = Case {
        caller: "session",
        ..TRUST
    };
    check(&[
        (
            "identity policy alone",
            Case {
                resource: &[(Allow, SERVICE)],
                identity: &[Allow],
                ..TRUST
            },
            "not allowed by Trust",
        ),
        (
            "the user is trusted",
            Case {
                resource: &[(Allow, USER)],
                ..TRUST
            },
            "allowed",
        ),
        (
            "the account is trusted",
            Case {
                resource: &[(Allow, ACCOUNT)],
                ..TRUST
            },
            "not allowed by Identity",
        ),
        (
            "the account is trusted, and gives it on",
            Case {
                resource: &[(Allow, ACCOUNT)],
                identity: &[Allow],
                ..TRUST
            },
            "allowed",
        ),
        (
            "trusted, but denied",
            Case {
                resource: &[(Allow, USER)],
                identity: &[Deny],
                ..TRUST
            },
            "denied by Identity",
        ),
        (
            "trusted and distrusted",
            Case {
                resource: &[(Allow, ACCOUNT), (Deny, USER)],
                identity: &[Allow],
                ..TRUST
            },
            "denied by Trust",
        ),
        (
            "chained",
            Case {
                resource: &[(Allow, ROLE)],
                ..session
            },
            "allowed",
        ),
        (
            "chained and limited",
            Case {
                resource: &[(Allow, ROLE)],
                session: Some(&[Other]),
                ..session
            },
            "not allowed by Session",
        ),
        (
            "abroad: both",
            Case {
                resource: &[(Allow, ACCOUNT)],
                identity: &[Allow],
                ..abroad
            },
            "allowed",
        ),
        (
            "abroad: trusted, but no identity policy",
            Case {
                resource: &[(Allow, USER)],
                ..abroad
            },
            "not allowed by Identity",
        ),
        (
            "abroad: not trusted",
            Case {
                resource: &[(Allow, OTHER_ACCOUNT)],
                identity: &[Allow],
                ..abroad
            },
            "not allowed by Trust",
        ),
        (
            "a service",
            Case {
                caller: "service",
                resource: &[(Allow, SERVICE)],
                ..TRUST
            },
            "allowed",
        ),
        (
            "another service",
            Case {
                caller: "service",
                resource: &[(Allow, OTHER_SERVICE)],
                ..TRUST
            },
            "not allowed by Trust",
        ),
    ]);
}

/// Source: IAM User Guide, "AWS JSON policy elements: Principal": root user, services, all principals.
#[test]
fn root_services_and_nobody() {
    let root = Case {
        caller: "root",
        ..ORDINARY
    };
    let service = Case {
        caller: "service",
        ..ORDINARY
    };
    let anonymous = Case {
        caller: "nobody",
        ..ORDINARY
    };
    check(&[
        ("root may all", root, "allowed"),
        (
            "even where another is named",
            Case {
                resource: &[(Allow, USER)],
                ..root
            },
            "allowed",
        ),
        (
            "but not what is denied to it",
            Case {
                resource: &[(Deny, ACCOUNT_ROOT)],
                ..root
            },
            "denied by Resource",
        ),
        (
            "a service may nothing by itself",
            service,
            "not allowed by Resource",
        ),
        (
            "identity policies do not count for it",
            Case {
                identity: &[Allow],
                ..service
            },
            "not allowed by Resource",
        ),
        (
            "it is named",
            Case {
                resource: &[(Allow, SERVICE)],
                ..service
            },
            "allowed",
        ),
        (
            "every service is",
            Case {
                resource: &[(Allow, r#"{"Service": "*"}"#)],
                ..service
            },
            "allowed",
        ),
        (
            "everyone is",
            Case {
                resource: &[(Allow, EVERYONE)],
                ..service
            },
            "allowed",
        ),
        (
            "its account is",
            Case {
                resource: &[(Allow, ACCOUNT)],
                ..service
            },
            "not allowed by Resource",
        ),
        (
            "abroad as at home",
            Case {
                owner: AWAY,
                resource: &[(Allow, SERVICE)],
                ..service
            },
            "allowed",
        ),
        (
            "nobody may nothing",
            Case {
                identity: &[Allow],
                ..anonymous
            },
            "not allowed by Resource",
        ),
        (
            "but what everyone may",
            Case {
                resource: &[(Allow, EVERYONE)],
                ..anonymous
            },
            "allowed",
        ),
        (
            "not what an account may",
            Case {
                resource: &[(Allow, ACCOUNT)],
                ..anonymous
            },
            "not allowed by Resource",
        ),
        (
            "nor the every service",
            Case {
                resource: &[(Allow, r#"{"Service": "*"}"#)],
                ..anonymous
            },
            "not allowed by Resource",
        ),
    ]);
}

/// Source: AWS Organizations User Guide, "SCP evaluation", "RCP evaluation".
#[test]
fn organizations() {
    let allowed = Case {
        identity: &[Allow],
        ..ORDINARY
    };
    let root = Case {
        caller: "root",
        ..ORDINARY
    };
    check(&[
        (
            "every level allows",
            Case {
                service_control: &[&[Allow], &[Other, Allow], &[Allow]],
                ..allowed
            },
            "allowed",
        ),
        (
            "one level does not",
            Case {
                service_control: &[&[Allow], &[Other], &[Allow]],
                ..allowed
            },
            "not allowed by ServiceControl",
        ),
        (
            "a level without policies",
            Case {
                service_control: &[&[Allow], &[]],
                ..allowed
            },
            "not allowed by ServiceControl",
        ),
        (
            "one level denies",
            Case {
                service_control: &[&[Allow], &[Allow, Deny]],
                ..allowed
            },
            "denied by ServiceControl",
        ),
        (
            "it grants nothing",
            Case {
                service_control: &[&[Allow]],
                ..ORDINARY
            },
            "not allowed by Identity",
        ),
        (
            "root is limited too",
            Case {
                service_control: &[&[Other]],
                ..root
            },
            "not allowed by ServiceControl",
        ),
        (
            "what names the user is limited",
            Case {
                resource: &[(Allow, USER)],
                service_control: &[&[Other]],
                ..ORDINARY
            },
            "not allowed by ServiceControl",
        ),
        (
            "resource control policies come first",
            Case {
                service_control: &[&[Deny]],
                endpoint: Some(Deny),
                ..allowed
            },
            "denied by ServiceControl",
        ),
        (
            "endpoint allows",
            Case {
                endpoint: Some(Allow),
                ..allowed
            },
            "allowed",
        ),
        (
            "endpoint does not",
            Case {
                endpoint: Some(Other),
                ..allowed
            },
            "not allowed by Endpoint",
        ),
        (
            "an explicit deny further on is told before a missing allow",
            Case {
                endpoint: Some(Other),
                identity: &[Deny],
                ..ORDINARY
            },
            "denied by Identity",
        ),
        (
            "resource control: every level allows",
            Case {
                resource_control: &[&[Allow], &[Allow]],
                ..allowed
            },
            "allowed",
        ),
        (
            "resource control: denied",
            Case {
                resource_control: &[&[Allow, Deny]],
                service_control: &[&[Deny]],
                ..allowed
            },
            "denied by ResourceControl",
        ),
        (
            "resource control: not allowed",
            Case {
                resource_control: &[&[Other]],
                ..allowed
            },
            "not allowed by ResourceControl",
        ),
    ]);
}

/// A role's trust policy has no say in IAM's own actions on it.
#[test]
fn iam_actions_on_a_role_do_not_ask_its_trust_policy() {
    let trust = policy(
        Grammar::Trust,
        r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "222222222222"}}"#,
    );
    let role = Thing::new("arn:aws:iam::111111111111:role/r", HOME, Kept::Trust(trust));
    let all = policy(
        Grammar::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    );
    let identity = [Attached {
        name: "all",
        policy: &all,
    }];
    let policies = Policies {
        identity: &identity,
        ..Policies::default()
    };
    let facts = Facts::default();
    for (action, expected) in [
        ("iam:GetRole", "allowed"),
        ("sts:AssumeRole", "not allowed by Trust"),
        ("STS:assumerole", "not allowed by Trust"),
    ] {
        let request = Request {
            principal: caller("user"),
            action,
            resource: Some(&role),
            context: &facts,
        };
        assert_eq!(describe(decide(&request, &policies)), expected, "{action}");
    }
}

/// Actions that know no resource, and statements without one.
#[test]
fn no_resource_is_only_everything() {
    let facts = Facts::default();
    for (resource, expected) in [
        (r#""Resource": "*""#, "allowed"),
        (r#""Resource": ["arn:aws:kms:*:*:key/1", "*"]"#, "allowed"),
        (
            r#""Resource": "arn:aws:kms:*:*:*""#,
            "not allowed by Identity",
        ),
        (r#""NotResource": "arn:aws:kms:*:*:key/1""#, "allowed"),
        (r#""NotResource": "*""#, "not allowed by Identity"),
    ] {
        let statement = format!(r#"{{"Effect": "Allow", "Action": "kms:ListKeys", {resource}}}"#);
        let list = policy(Grammar::Identity, &statement);
        let identity = [Attached {
            name: "list",
            policy: &list,
        }];
        let policies = Policies {
            identity: &identity,
            ..Policies::default()
        };
        let request = Request {
            principal: caller("user"),
            action: "kms:ListKeys",
            resource: None,
            context: &facts,
        };
        assert_eq!(
            describe(decide(&request, &policies)),
            expected,
            "{resource}"
        );
    }
}

/// Source: AWS KMS Developer Guide, "Key policies in AWS KMS": the Resource element.
#[test]
fn a_key_policy_statement_without_resource_has_no_effect() {
    let without = policy(
        Grammar::Key,
        r#"{"Effect": "Allow", "Action": "kms:*", "Principal": "*"}"#,
    );
    let key = Thing::new("arn:aws:kms:r:111111111111:key/1", HOME, Kept::Key(without));
    let facts = Facts::default();
    let request = Request {
        principal: caller("root"),
        action: "kms:Encrypt",
        resource: Some(&key),
        context: &facts,
    };
    let answer = describe(decide(&request, &Policies::default()));
    assert_eq!(answer, "not allowed by Resource");
}

/// A policy that names no principal is about nobody when it hangs on a resource.
#[test]
fn an_identity_policy_on_a_resource_grants_nothing() {
    let all = policy(
        Grammar::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    );
    let key = Thing::new("arn:aws:kms:r:111111111111:key/1", HOME, Kept::Key(all));
    let facts = Facts::default();
    let request = Request {
        principal: caller("nobody"),
        action: "kms:Encrypt",
        resource: Some(&key),
        context: &facts,
    };
    let answer = describe(decide(&request, &Policies::default()));
    assert_eq!(answer, "not allowed by Resource");
}
