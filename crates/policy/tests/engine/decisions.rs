//! Documented cases of the decision, each with where it is documented: a title, the scene, the answer.

use policy::{Attached, Grammar, Policies, Request, decide};

use crate::case::{check, describe};
use crate::support::{Facts, HOME, Kept, Thing, caller, policy};

/// Source: IAM User Guide, "Policy evaluation logic": evaluating policies within a single account.
#[test]
fn within_one_account() {
    check(
        "
        by default all is denied | | not allowed by Identity
        identity policy allows | identity=other,allow | allowed
        explicit deny wins over allow | identity=allow,deny | denied by Identity
        resource without a policy | kind=ordinary identity=allow | allowed
        resource policy alone suffices | kind=ordinary resource=allow:user | allowed
        by unique id too | kind=ordinary resource=allow:user-id | allowed
        everyone is the user too | kind=ordinary resource=allow:everyone | allowed
        a role is not a user | kind=ordinary resource=allow:role | not allowed by Identity
        the account only delegates | kind=ordinary resource=allow:account | not allowed by Identity
        the account delegates, and the identity policy allows | kind=ordinary resource=allow:root identity=allow | allowed
        union: identity allows, resource policy allows another | kind=ordinary resource=allow:role identity=allow | allowed
        resource policy denies | kind=ordinary resource=deny:account identity=allow | denied by Resource
        a deny for another account is none | kind=ordinary resource=deny:other-account identity=allow | allowed
        ",
    );
}

/// Source: IAM User Guide, "Permissions boundaries for IAM entities".
#[test]
fn permissions_boundaries() {
    check(
        "
        both allow | identity=allow boundary=allow | allowed
        a boundary grants nothing | boundary=allow | not allowed by Identity
        a boundary limits | identity=allow boundary=other | not allowed by Boundary
        a boundary denies | identity=allow boundary=deny | denied by Boundary
        what names the user is not limited | kind=ordinary resource=allow:user boundary=other | allowed
        but can be denied | kind=ordinary resource=allow:user boundary=deny | denied by Boundary
        what names the role is limited | caller=session kind=ordinary resource=allow:role boundary=other | not allowed by Boundary
        what names the session is not limited | caller=session kind=ordinary resource=allow:session boundary=other | allowed
        nor what names everyone | caller=session kind=ordinary resource=allow:everyone-in-aws boundary=other | allowed
        ",
    );
}

/// Source: IAM User Guide, "Policies and permissions": session policies; "Permissions for GetFederationToken".
#[test]
fn sessions() {
    check(
        "
        a session without session policies | caller=session kind=ordinary identity=allow | allowed
        intersection | caller=session kind=ordinary identity=allow session=other,allow | allowed
        session policy does not allow | caller=session kind=ordinary identity=allow session=other | not allowed by Session
        session policy grants nothing | caller=session kind=ordinary session=allow | not allowed by Identity
        session policy denies | caller=session kind=ordinary identity=allow session=allow,deny | denied by Session
        the role is named | caller=session kind=ordinary resource=allow:role | allowed
        by unique id | caller=session kind=ordinary resource=allow:role-id | allowed
        the role is named, the session limited | caller=session kind=ordinary resource=allow:role session=other | not allowed by Session
        the session is named and not limited | caller=session kind=ordinary resource=allow:session session=other | allowed
        another session is named | caller=session kind=ordinary resource=allow:other-session | not allowed by Identity
        federated: issuer and session allow | caller=federated kind=ordinary identity=allow session=allow | allowed
        federated without session policies | caller=federated kind=ordinary identity=allow session=none | not allowed by Session
        federated, and nobody said so | caller=federated kind=ordinary identity=allow | not allowed by Session
        federated and named | caller=federated kind=ordinary resource=allow:federated session=none | allowed
        the issuer is named: limited | caller=federated kind=ordinary resource=allow:user session=other | not allowed by Session
        the issuer is named by unique id: limited | caller=federated kind=ordinary resource=allow:user-id session=other | not allowed by Session
        the issuer is named, and the session allows | caller=federated kind=ordinary resource=allow:user session=allow | allowed
        issued by root | caller=federated-by-root kind=ordinary session=allow | allowed
        issued by root without policies | caller=federated-by-root kind=ordinary session=none | not allowed by Session
        ",
    );
}

/// Source: IAM User Guide, "Cross-account policy evaluation logic".
#[test]
fn across_accounts() {
    check(
        "
        identity policy alone | owner=away kind=ordinary identity=allow | not allowed by Resource
        resource policy alone | owner=away kind=ordinary resource=allow:user | not allowed by Identity
        both | owner=away kind=ordinary resource=allow:user identity=allow | allowed
        both, by account | owner=away kind=ordinary resource=allow:account identity=allow | allowed
        the resource names its own account | owner=away kind=ordinary resource=allow:other-account identity=allow | not allowed by Resource
        everyone, but no identity policy | owner=away kind=ordinary resource=allow:everyone | not allowed by Identity
        the session is named, and still limited | caller=session owner=away kind=ordinary resource=allow:session identity=allow session=other | not allowed by Session
        the user is named, and still limited | owner=away kind=ordinary resource=allow:user identity=allow boundary=other | not allowed by Boundary
        the role is named, but no identity policy | caller=session owner=away kind=ordinary resource=allow:role | not allowed by Identity
        root of another account | caller=root owner=away kind=ordinary resource=allow:account | allowed
        root of another account that is not named | caller=root owner=away kind=ordinary | not allowed by Resource
        a resource that has no policies | owner=away identity=allow | not allowed by Resource
        ",
    );
}

/// Source: AWS KMS Developer Guide, "Key policies in AWS KMS", "Allowing users in other accounts to use a key".
#[test]
fn key_policies() {
    check(
        "
        a key policy that does not delegate | kind=key resource=allow:role identity=allow | not allowed by Resource
        delegated, and no identity policy | kind=key resource=allow:root | not allowed by Identity
        delegated and allowed | kind=key resource=allow:root identity=allow | allowed
        delegated by account id | kind=key resource=allow:account identity=allow | allowed
        delegated and limited | kind=key resource=allow:account identity=allow boundary=other | not allowed by Boundary
        named: no identity policy needed | kind=key resource=allow:user | allowed
        everyone | kind=key resource=allow:everyone-in-aws | allowed
        root needs the key policy | caller=root kind=key resource=allow:user | not allowed by Resource
        root is the account | caller=root kind=key resource=allow:root | allowed
        abroad: both sides | owner=away kind=key resource=allow:account identity=allow | allowed
        abroad: named, but no identity policy | owner=away kind=key resource=allow:user | not allowed by Identity
        abroad: delegated to the owner only | owner=away kind=key resource=allow:other-account identity=allow | not allowed by Resource
        a service | caller=service kind=key resource=allow:service | allowed
        ",
    );
}

/// Source: IAM User Guide, "IAM roles": "How to use trust policies"; "Policy evaluation logic".
#[test]
fn trust_policies() {
    check(
        "
        identity policy alone | kind=trust resource=allow:service identity=allow | not allowed by Trust
        the user is trusted | kind=trust resource=allow:user | allowed
        the account is trusted | kind=trust resource=allow:account | not allowed by Identity
        the account is trusted, and gives it on | kind=trust resource=allow:account identity=allow | allowed
        trusted, but denied | kind=trust resource=allow:user identity=deny | denied by Identity
        trusted and distrusted | kind=trust resource=allow:account,deny:user identity=allow | denied by Trust
        chained | caller=session kind=trust resource=allow:role | allowed
        chained and limited | caller=session kind=trust resource=allow:role session=other | not allowed by Session
        abroad: both | owner=away kind=trust resource=allow:account identity=allow | allowed
        abroad: trusted, but no identity policy | owner=away kind=trust resource=allow:user | not allowed by Identity
        abroad: not trusted | owner=away kind=trust resource=allow:other-account identity=allow | not allowed by Trust
        a service | caller=service kind=trust resource=allow:service | allowed
        another service | caller=service kind=trust resource=allow:other-service | not allowed by Trust
        ",
    );
}

/// Source: IAM User Guide, "AWS JSON policy elements: Principal": root user, services, all principals.
#[test]
fn root_services_and_nobody() {
    check(
        "
        root may all | caller=root kind=ordinary | allowed
        even where another is named | caller=root kind=ordinary resource=allow:user | allowed
        but not what is denied to it | caller=root kind=ordinary resource=deny:root | denied by Resource
        a service may nothing by itself | caller=service kind=ordinary | not allowed by Resource
        identity policies do not count for it | caller=service kind=ordinary identity=allow | not allowed by Resource
        it is named | caller=service kind=ordinary resource=allow:service | allowed
        every service is | caller=service kind=ordinary resource=allow:every-service | allowed
        everyone is | caller=service kind=ordinary resource=allow:everyone | allowed
        its account is | caller=service kind=ordinary resource=allow:account | not allowed by Resource
        abroad as at home | caller=service owner=away kind=ordinary resource=allow:service | allowed
        nobody may nothing | caller=nobody kind=ordinary identity=allow | not allowed by Resource
        but what everyone may | caller=nobody kind=ordinary resource=allow:everyone | allowed
        not what an account may | caller=nobody kind=ordinary resource=allow:account | not allowed by Resource
        nor the every service | caller=nobody kind=ordinary resource=allow:every-service | not allowed by Resource
        ",
    );
}

/// Source: AWS Organizations User Guide, "SCP evaluation", "RCP evaluation".
#[test]
fn organizations() {
    check(
        "
        every level allows | kind=ordinary identity=allow scp=allow/other,allow/allow | allowed
        one level does not | kind=ordinary identity=allow scp=allow/other/allow | not allowed by ServiceControl
        a level without policies | kind=ordinary identity=allow scp=allow/none | not allowed by ServiceControl
        one level denies | kind=ordinary identity=allow scp=allow/allow,deny | denied by ServiceControl
        it grants nothing | kind=ordinary scp=allow | not allowed by Identity
        root is limited too | caller=root kind=ordinary scp=other | not allowed by ServiceControl
        what names the user is limited | kind=ordinary resource=allow:user scp=other | not allowed by ServiceControl
        resource control policies come first | kind=ordinary identity=allow scp=deny endpoint=deny | denied by ServiceControl
        endpoint allows | kind=ordinary identity=allow endpoint=allow | allowed
        endpoint does not | kind=ordinary identity=allow endpoint=other | not allowed by Endpoint
        an explicit deny further on is told before a missing allow | kind=ordinary identity=deny endpoint=other | denied by Identity
        resource control: every level allows | kind=ordinary identity=allow rcp=allow/allow | allowed
        resource control: denied | kind=ordinary identity=allow scp=deny rcp=allow,deny | denied by ResourceControl
        resource control: not allowed | kind=ordinary identity=allow rcp=other | not allowed by ResourceControl
        ",
    );
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
