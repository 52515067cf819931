//! Documented cases of the decision, each under the title of the page that documents it: what it is, the scene,
//! the answer.

use crate::case::check;

/// IAM User Guide.
const EVALUATION: (&str, &str) = (
    "Policy evaluation logic",
    "
    by default all is denied | | not allowed by Identity
    identity policy allows | identity=other,allow | allowed
    explicit deny wins over allow | identity=allow,deny | denied by Identity
    whatever the order | identity=deny,allow | denied by Identity
    the root user may all | caller=root kind=ordinary | allowed
    even where another is named | caller=root kind=ordinary resource=allow:user | allowed
    but not what is denied to it | caller=root kind=ordinary resource=deny:root | denied by Resource
    nor what its account is denied | caller=root kind=ordinary resource=deny:account | denied by Resource
    denials are looked for in every policy first | identity=deny boundary=other | denied by Identity
    a service control policy's denial | kind=ordinary resource=allow:user scp=deny | denied by ServiceControl
    a boundary's denial binds whoever is named | kind=ordinary resource=allow:user boundary=deny | denied by Boundary
    a session policy's too | caller=session kind=ordinary resource=allow:session session=deny | denied by Session
    an identity policy's too | kind=ordinary resource=allow:user identity=deny | denied by Identity
    ",
);

/// IAM User Guide.
const SINGLE_ACCOUNT: (&str, &str) = (
    "Policy evaluation for requests within a single account",
    "
    resource without a policy | kind=ordinary identity=allow | allowed
    resource policy alone suffices | kind=ordinary resource=allow:user | allowed
    identity policy alone suffices | kind=ordinary resource=allow:other-user identity=allow | allowed
    neither allows | kind=ordinary resource=allow:other-user identity=other | not allowed by Identity
    the resource policy allows another action | kind=ordinary resource=other:user | not allowed by Identity
    a role is not a user | kind=ordinary resource=allow:role | not allowed by Identity
    union: identity allows, resource policy allows another | kind=ordinary resource=allow:role identity=allow | allowed
    resource policy denies | kind=ordinary resource=deny:account identity=allow | denied by Resource
    it denies only another | kind=ordinary resource=deny:other-user identity=allow | allowed
    a deny for another account is none | kind=ordinary resource=deny:other-account identity=allow | allowed
    a role and its identity policy | caller=session kind=ordinary identity=allow | allowed
    the role is named | caller=session kind=ordinary resource=allow:role | allowed
    ",
);

/// IAM User Guide.
const PRINCIPAL: (&str, &str) = (
    "AWS JSON policy elements: Principal",
    "
    a user by ARN | kind=ordinary resource=allow:user | allowed
    a user by unique id | kind=ordinary resource=allow:user-id | allowed
    the unique id of a deleted user names nobody | kind=ordinary resource=allow:deleted-id | not allowed by Identity
    a user of the same name elsewhere | kind=ordinary resource=allow:same-name-away | not allowed by Identity
    the account only delegates | kind=ordinary resource=allow:account | not allowed by Identity
    and so does its root ARN | kind=ordinary resource=allow:root | not allowed by Identity
    the account delegates, and the identity policy allows | kind=ordinary resource=allow:root identity=allow | allowed
    another account | kind=ordinary resource=allow:other-account | not allowed by Identity
    everyone is the user too | kind=ordinary resource=allow:everyone | allowed
    everyone in the other form | kind=ordinary resource=allow:everyone-in-aws | allowed
    a role by unique id | caller=session kind=ordinary resource=allow:role-id | allowed
    a role of the same name and another path | caller=session kind=ordinary resource=allow:other-role | not allowed by Identity
    a role session | caller=session kind=ordinary resource=allow:session | allowed
    another session of the role | caller=session kind=ordinary resource=allow:other-session | not allowed by Identity
    a federated user session | caller=federated kind=ordinary resource=allow:federated session=none | allowed
    several, of which one is the caller | kind=ordinary resource=allow:role+user+service | allowed
    an identity provider is not who came through it | caller=federated kind=ordinary resource=allow:provider session=none | not allowed by Identity
    a canonical user id | kind=ordinary resource=allow:canonical | not allowed by Identity
    a service may nothing by itself | caller=service kind=ordinary | not allowed by Resource
    identity policies do not count for it | caller=service kind=ordinary identity=allow | not allowed by Resource
    it is named | caller=service kind=ordinary resource=allow:service | allowed
    another service is named | caller=service kind=ordinary resource=allow:other-service | not allowed by Resource
    every service is | caller=service kind=ordinary resource=allow:every-service | allowed
    everyone is | caller=service kind=ordinary resource=allow:everyone | allowed
    a service is of no account | caller=service kind=ordinary resource=allow:account | not allowed by Resource
    abroad as at home | caller=service owner=away kind=ordinary resource=allow:service | allowed
    it is denied | caller=service kind=ordinary resource=allow:everyone,deny:service | denied by Resource
    nobody may nothing | caller=nobody kind=ordinary identity=allow | not allowed by Resource
    but what everyone may | caller=nobody kind=ordinary resource=allow:everyone | allowed
    abroad too | caller=nobody owner=away kind=ordinary resource=allow:everyone-in-aws | allowed
    not what an account may | caller=nobody kind=ordinary resource=allow:account | not allowed by Resource
    nor every service | caller=nobody kind=ordinary resource=allow:every-service | not allowed by Resource
    nor without a policy | caller=nobody kind=ordinary | not allowed by Resource
    ",
);

/// IAM User Guide.
const NOT_PRINCIPAL: (&str, &str) = (
    "AWS JSON policy elements: NotPrincipal",
    "
    user and account are spared | kind=ordinary resource=deny-but:user+account identity=allow | allowed
    the account is missing | kind=ordinary resource=deny-but:user identity=allow | denied by Resource
    the user is missing | kind=ordinary resource=deny-but:account identity=allow | denied by Resource
    another user | caller=other-user kind=ordinary resource=deny-but:user+account identity=allow | denied by Resource
    session, role and account are spared | caller=session kind=ordinary resource=deny-but:session+role+account identity=allow | allowed
    the session is missing | caller=session kind=ordinary resource=deny-but:role+account identity=allow | denied by Resource
    the role is missing | caller=session kind=ordinary resource=deny-but:session+account identity=allow | denied by Resource
    another session of the role | caller=other-session kind=ordinary resource=deny-but:session+role+account identity=allow | denied by Resource
    a service is spared | caller=service kind=ordinary resource=allow:everyone,deny-but:service | allowed
    another service is not | caller=service kind=ordinary resource=allow:everyone,deny-but:other-service | denied by Resource
    nobody is not | caller=nobody kind=ordinary resource=allow:everyone,deny-but:service | denied by Resource
    root is the account | caller=root kind=ordinary resource=deny-but:account | allowed
    with a boundary even who is named is denied | kind=ordinary resource=deny-but:user+account identity=allow boundary=allow | denied by Resource
    and a role's session | caller=session kind=ordinary resource=deny-but:session+role+account identity=allow boundary=allow | denied by Resource
    whatever is named | kind=ordinary resource=deny-but:everyone identity=allow boundary=allow | denied by Resource
    without a boundary nobody is left to deny | kind=ordinary resource=deny-but:everyone identity=allow | allowed
    on a key | kind=key resource=allow:account,deny-but:user+account identity=allow | allowed
    ",
);

/// IAM User Guide.
const BOUNDARIES: (&str, &str) = (
    "Permissions boundaries for IAM entities",
    "
    both allow | identity=allow boundary=allow | allowed
    a boundary grants nothing | boundary=allow | not allowed by Identity
    a boundary limits | identity=allow boundary=other | not allowed by Boundary
    a boundary denies | identity=allow boundary=deny | denied by Boundary
    what names the user is not limited | kind=ordinary resource=allow:user boundary=other | allowed
    by unique id neither | kind=ordinary resource=allow:user-id boundary=other | allowed
    but can be denied | kind=ordinary resource=allow:user boundary=deny | denied by Boundary
    what names the account is limited | kind=ordinary resource=allow:account identity=allow boundary=other | not allowed by Boundary
    what names the role is limited | caller=session kind=ordinary resource=allow:role boundary=other | not allowed by Boundary
    what names the role is not without effect | caller=session kind=ordinary resource=allow:role boundary=allow | allowed
    what names the role by id is limited | caller=session kind=ordinary resource=allow:role-id boundary=other | not allowed by Boundary
    what names the session is not limited | caller=session kind=ordinary resource=allow:session boundary=other | allowed
    nor what names everyone | caller=session kind=ordinary resource=allow:everyone-in-aws boundary=other | allowed
    nor what names the federated session | caller=federated kind=ordinary resource=allow:federated session=none boundary=other | allowed
    what names the issuer of the federated session is | caller=federated kind=ordinary resource=allow:user session=allow boundary=other | not allowed by Boundary
    boundary, service control and identity policies all allow | identity=allow boundary=allow scp=allow | allowed
    the service control policy does not | identity=allow boundary=allow scp=other | not allowed by ServiceControl
    boundary and session policies | caller=session identity=allow boundary=allow session=other | not allowed by Session
    the session policy allows, the boundary does not | caller=session identity=allow boundary=other session=allow | not allowed by Boundary
    ",
);

/// IAM User Guide.
const SESSIONS: (&str, &str) = (
    "Policies and permissions in AWS Identity and Access Management: session policies",
    "
    a session without session policies | caller=session kind=ordinary identity=allow | allowed
    intersection | caller=session kind=ordinary identity=allow session=other,allow | allowed
    session policy does not allow | caller=session kind=ordinary identity=allow session=other | not allowed by Session
    session policy grants nothing | caller=session kind=ordinary session=allow | not allowed by Identity
    session policy denies | caller=session kind=ordinary identity=allow session=allow,deny | denied by Session
    the role is named, the session limited | caller=session kind=ordinary resource=allow:role session=other | not allowed by Session
    the role is named, and the session allows | caller=session kind=ordinary resource=allow:role session=allow | allowed
    the session is named and not limited | caller=session kind=ordinary resource=allow:session session=other | allowed
    everyone is named, and the session not limited | caller=session kind=ordinary resource=allow:everyone session=other | allowed
    the account is named: limited | caller=session kind=ordinary resource=allow:account identity=allow session=other | not allowed by Session
    role and session are named: not limited | caller=session kind=ordinary resource=allow:role+session session=other | allowed
    ",
);

/// IAM User Guide.
const FEDERATION: (&str, &str) = (
    "Permissions for GetFederationToken",
    "
    issuer and session allow | caller=federated kind=ordinary identity=allow session=allow | allowed
    without session policies nothing | caller=federated kind=ordinary identity=allow session=none | not allowed by Session
    and nothing where none are known | caller=federated kind=ordinary identity=allow | not allowed by Session
    the issuer may not | caller=federated kind=ordinary session=allow | not allowed by Identity
    the session policy denies | caller=federated kind=ordinary identity=allow session=allow,deny | denied by Session
    named by a resource: more than the issuer may | caller=federated kind=ordinary resource=allow:federated session=none | allowed
    the issuer is named: limited | caller=federated kind=ordinary resource=allow:user session=other | not allowed by Session
    the issuer is named by unique id: limited | caller=federated kind=ordinary resource=allow:user-id session=other | not allowed by Session
    the issuer is named, and the session allows | caller=federated kind=ordinary resource=allow:user session=allow | allowed
    the issuer is denied | caller=federated kind=ordinary resource=deny:user identity=allow session=allow | denied by Resource
    abroad: named, and both allow | caller=federated owner=away kind=ordinary resource=allow:federated identity=allow session=allow | allowed
    abroad: named, and the session does not allow | caller=federated owner=away kind=ordinary resource=allow:federated identity=allow session=other | not allowed by Session
    issued by root | caller=federated-by-root kind=ordinary session=allow | allowed
    issued by root without policies | caller=federated-by-root kind=ordinary session=none | not allowed by Session
    ",
);

/// IAM User Guide.
const ACROSS_ACCOUNTS: (&str, &str) = (
    "Cross-account policy evaluation logic",
    "
    identity policy alone | owner=away kind=ordinary identity=allow | not allowed by Resource
    resource policy alone | owner=away kind=ordinary resource=allow:user | not allowed by Identity
    both | owner=away kind=ordinary resource=allow:user identity=allow | allowed
    both, by unique id | owner=away kind=ordinary resource=allow:user-id identity=allow | allowed
    both, by account | owner=away kind=ordinary resource=allow:account identity=allow | allowed
    the resource names its own account | owner=away kind=ordinary resource=allow:other-account identity=allow | not allowed by Resource
    everyone, but no identity policy | owner=away kind=ordinary resource=allow:everyone | not allowed by Identity
    everyone, and the identity policy | owner=away kind=ordinary resource=allow:everyone identity=allow | allowed
    the trusting account denies | owner=away kind=ordinary resource=allow:account,deny:user identity=allow | denied by Resource
    the trusted account denies | owner=away kind=ordinary resource=allow:user identity=allow,deny | denied by Identity
    the session is named, and still limited | caller=session owner=away kind=ordinary resource=allow:session identity=allow session=other | not allowed by Session
    the session is named, and its role allows | caller=session owner=away kind=ordinary resource=allow:session identity=allow | allowed
    the user is named, and still limited | owner=away kind=ordinary resource=allow:user identity=allow boundary=other | not allowed by Boundary
    the role is named, but no identity policy | caller=session owner=away kind=ordinary resource=allow:role | not allowed by Identity
    the caller's organization does not allow | owner=away kind=ordinary resource=allow:user identity=allow scp=other | not allowed by ServiceControl
    the resource's organization does not | owner=away kind=ordinary resource=allow:user identity=allow rcp=other | not allowed by ResourceControl
    root of another account | caller=root owner=away kind=ordinary resource=allow:account | allowed
    root of another account that is not named | caller=root owner=away kind=ordinary | not allowed by Resource
    a resource that has no policies | owner=away identity=allow | not allowed by Resource
    ",
);

/// AWS KMS Developer Guide.
const KEYS: (&str, &str) = (
    "Key policies in AWS KMS",
    "
    a key policy that does not delegate | kind=key resource=allow:role identity=allow | not allowed by Resource
    delegated, and no identity policy | kind=key resource=allow:root | not allowed by Identity
    delegated and allowed | kind=key resource=allow:root identity=allow | allowed
    delegated by account id | kind=key resource=allow:account identity=allow | allowed
    delegated and limited | kind=key resource=allow:account identity=allow boundary=other | not allowed by Boundary
    delegated for another action | kind=key resource=other:account identity=allow | not allowed by Resource
    named: no identity policy needed | kind=key resource=allow:user | allowed
    the role is named: no identity policy needed | caller=session kind=key resource=allow:role | allowed
    the role is named, the session limited | caller=session kind=key resource=allow:role session=other | not allowed by Session
    everyone | kind=key resource=allow:everyone-in-aws | allowed
    the key policy denies | kind=key resource=allow:account,deny:user identity=allow | denied by Resource
    root needs the key policy | caller=root kind=key resource=allow:user | not allowed by Resource
    root is the account | caller=root kind=key resource=allow:root | allowed
    a service | caller=service kind=key resource=allow:service | allowed
    a service that is not named | caller=service kind=key resource=allow:account | not allowed by Resource
    ",
);

/// AWS KMS Developer Guide.
const KEYS_ABROAD: (&str, &str) = (
    "Allowing users in other accounts to use a KMS key",
    "
    both sides | owner=away kind=key resource=allow:account identity=allow | allowed
    the key policy alone | owner=away kind=key resource=allow:user | not allowed by Identity
    the identity policy alone | owner=away kind=key resource=allow:other-account identity=allow | not allowed by Resource
    the role is named, and allowed | caller=session owner=away kind=key resource=allow:role identity=allow | allowed
    ",
);

/// IAM User Guide.
const TRUST: (&str, &str) = (
    "How to use trust policies with IAM roles",
    "
    identity policy alone | kind=trust resource=allow:service identity=allow | not allowed by Trust
    the user is trusted | kind=trust resource=allow:user | allowed
    the account is trusted | kind=trust resource=allow:account | not allowed by Identity
    the account is trusted, and gives it on | kind=trust resource=allow:account identity=allow | allowed
    trusted, but denied | kind=trust resource=allow:user identity=deny | denied by Identity
    trusted and distrusted | kind=trust resource=allow:account,deny:user identity=allow | denied by Trust
    root is not trusted | caller=root kind=trust resource=allow:user | not allowed by Trust
    chained | caller=session kind=trust resource=allow:role | allowed
    chained and limited | caller=session kind=trust resource=allow:role session=other | not allowed by Session
    abroad: both | owner=away kind=trust resource=allow:account identity=allow | allowed
    abroad: trusted, but no identity policy | owner=away kind=trust resource=allow:user | not allowed by Identity
    abroad: not trusted | owner=away kind=trust resource=allow:other-account identity=allow | not allowed by Trust
    a service | caller=service kind=trust resource=allow:service | allowed
    another service | caller=service kind=trust resource=allow:other-service | not allowed by Trust
    ",
);

/// AWS KMS Developer Guide.
const GRANTS: (&str, &str) = (
    "Grants in AWS KMS",
    "
    a grant suffices | kind=key resource=allow:role grants=allow:user | allowed
    whatever identity policies say | kind=key resource=allow:root identity=other grants=allow:user | allowed
    a grant for another operation | kind=key resource=allow:role grants=other:user | not allowed by Resource
    a grant to another | kind=key resource=allow:role grants=allow:other-user | not allowed by Resource
    of several one is enough | kind=key resource=allow:role grants=other:user,allow:other-user,allow:user | allowed
    to a user by unique id | kind=key resource=allow:role grants=allow:user-id | allowed
    to a role | caller=session kind=key resource=allow:user grants=allow:role | allowed
    to a role, and the session is limited | caller=session kind=key resource=allow:user grants=allow:role session=other | not allowed by Session
    to a session | caller=session kind=key resource=allow:user grants=allow:session session=other | allowed
    to a service | caller=service kind=key resource=allow:user grants=allow:service | allowed
    to another service | caller=service kind=key resource=allow:user grants=allow:other-service | not allowed by Resource
    to the account: it gives it on | kind=key resource=allow:role grants=allow:account identity=allow | allowed
    to the account, which does not | kind=key resource=allow:role grants=allow:account | not allowed by Identity
    to the account: root | caller=root kind=key resource=allow:role grants=allow:root | allowed
    abroad a grant suffices too | owner=away kind=key resource=allow:other-account grants=allow:user | allowed
    abroad to a role | caller=session owner=away kind=key resource=allow:other-account grants=allow:role | allowed
    abroad to the account | owner=away kind=key resource=allow:other-account grants=allow:account | not allowed by Identity
    abroad to the account, which gives it on | owner=away kind=key resource=allow:other-account grants=allow:account identity=allow | allowed
    the key policy denies | kind=key resource=allow:account,deny:user grants=allow:user | denied by Resource
    an identity policy denies | kind=key resource=allow:account identity=deny grants=allow:user | denied by Identity
    a service control policy does not allow | kind=key resource=allow:account grants=allow:user scp=other | not allowed by ServiceControl
    a resource control policy denies | kind=key resource=allow:account grants=allow:user rcp=allow,deny | denied by ResourceControl
    the endpoint's policy does not allow | kind=key resource=allow:account grants=allow:user endpoint=other | not allowed by Endpoint
    nobody is no grantee | caller=nobody kind=key resource=allow:account grants=allow:user | not allowed by Resource
    ",
);

/// Amazon S3 User Guide.
const ACCESS_CONTROL_LISTS: (&str, &str) = (
    "How Amazon S3 authorizes a request",
    "
    the list allows who is named | kind=ordinary acl=allow:user | allowed
    everyone | caller=nobody kind=ordinary acl=allow:everyone-in-aws | allowed
    the bucket policy denies | kind=ordinary resource=deny:user acl=allow:user | denied by Resource
    another is listed | owner=away kind=ordinary identity=allow acl=allow:other-user | not allowed by Resource
    the account, which gives it on | owner=away kind=ordinary identity=allow acl=allow:account | allowed
    the account, which does not | owner=away kind=ordinary acl=allow:account | not allowed by Identity
    abroad a list is not enough | owner=away kind=ordinary acl=allow:user | not allowed by Identity
    ",
);

/// AWS Organizations User Guide.
const SERVICE_CONTROL: (&str, &str) = (
    "SCP evaluation",
    "
    every level allows | kind=ordinary identity=allow scp=allow/other,allow/allow | allowed
    five levels | identity=allow scp=allow/allow/allow/allow/allow | allowed
    one level does not | kind=ordinary identity=allow scp=allow/other/allow | not allowed by ServiceControl
    the account's own level does not | identity=allow scp=allow/allow/other | not allowed by ServiceControl
    the root's does not | identity=allow scp=other/allow/allow | not allowed by ServiceControl
    a level without policies | kind=ordinary identity=allow scp=allow/none | not allowed by ServiceControl
    one level denies | kind=ordinary identity=allow scp=allow/allow,deny | denied by ServiceControl
    an allow below does not lift it | identity=allow scp=allow,deny/allow | denied by ServiceControl
    it grants nothing | kind=ordinary scp=allow | not allowed by Identity
    root is limited too | caller=root kind=ordinary scp=other | not allowed by ServiceControl
    and is denied | caller=root kind=ordinary scp=allow,deny | denied by ServiceControl
    what names the user is limited | kind=ordinary resource=allow:user scp=other | not allowed by ServiceControl
    what names the session is | caller=session kind=ordinary resource=allow:session scp=other | not allowed by ServiceControl
    the management account and roles linked to services have no levels | caller=session identity=allow | allowed
    ",
);

/// AWS Organizations User Guide.
const RESOURCE_CONTROL: (&str, &str) = (
    "RCP evaluation",
    "
    every level allows | kind=ordinary identity=allow rcp=allow/allow | allowed
    denied, before service control policies | kind=ordinary identity=allow scp=deny rcp=allow,deny | denied by ResourceControl
    not allowed | kind=ordinary identity=allow rcp=other | not allowed by ResourceControl
    it grants nothing | kind=ordinary rcp=allow | not allowed by Identity
    any level denies | identity=allow rcp=allow/allow,deny/allow | denied by ResourceControl
    root is denied | caller=root kind=ordinary rcp=allow,deny | denied by ResourceControl
    whoever is named is denied | kind=ordinary resource=allow:user rcp=allow,deny | denied by ResourceControl
    nobody is denied what everyone may | caller=nobody kind=ordinary resource=allow:everyone rcp=allow,deny | denied by ResourceControl
    callers from abroad are denied | owner=away kind=ordinary resource=allow:account identity=allow rcp=allow,deny | denied by ResourceControl
    assuming a role is denied | kind=trust resource=allow:user rcp=allow,deny | denied by ResourceControl
    ",
);

/// AWS PrivateLink Guide.
const ENDPOINTS: (&str, &str) = (
    "Control access to VPC endpoints using endpoint policies",
    "
    it allows | kind=ordinary identity=allow endpoint=allow | allowed
    it does not | kind=ordinary identity=allow endpoint=other | not allowed by Endpoint
    it denies | kind=ordinary identity=allow endpoint=deny | denied by Endpoint
    it grants nothing | kind=ordinary endpoint=allow | not allowed by Identity
    it limits who is named | kind=ordinary resource=allow:user endpoint=other | not allowed by Endpoint
    it limits root | caller=root kind=ordinary endpoint=other | not allowed by Endpoint
    an explicit deny further on is told before a missing allow | kind=ordinary identity=deny endpoint=other | denied by Identity
    ",
);

#[test]
fn documented_decisions() {
    let pages = [
        EVALUATION,
        SINGLE_ACCOUNT,
        PRINCIPAL,
        NOT_PRINCIPAL,
        BOUNDARIES,
        SESSIONS,
        FEDERATION,
        ACROSS_ACCOUNTS,
        KEYS,
        KEYS_ABROAD,
        GRANTS,
        ACCESS_CONTROL_LISTS,
        TRUST,
        SERVICE_CONTROL,
        RESOURCE_CONTROL,
        ENDPOINTS,
    ];
    let played: usize = pages.map(|(page, table)| check(page, table)).iter().sum();
    assert!(played >= 230, "{played}");
}
