//! What the tests of this crate share.

use base::{AccountId, Tags, Timestamp};
use harness::{Alcazar, Answer, Client, OTHER_ACCOUNT};
use identity::organization::{Child, ChildKind, JoinedMethod, Member, MemberStatus};
use serde_json::{Value, json};

/// The first account, which manages the organization.
pub(crate) const MANAGEMENT: &str = harness::ACCOUNT;
/// An SCP that denies something.
pub(crate) const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}"#;
/// A document of each type that sets up services, with the type as ARNs have it.
pub(crate) const MANAGEMENT_POLICIES: [(&str, &str, &str); 13] = [
    ("TAG_POLICY", "tag_policy", TAGS),
    (
        "BACKUP_POLICY",
        "backup_policy",
        r#"{"plans":{"p":{"regions":{"@@assign":["us-east-1"]}}}}"#,
    ),
    (
        "AISERVICES_OPT_OUT_POLICY",
        "aiservices_opt_out_policy",
        r#"{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}"#,
    ),
    (
        "CHATBOT_POLICY",
        "chatbot_policy",
        r#"{"chatbot":{"default":{"client":{"@@assign":"disabled"}}}}"#,
    ),
    (
        "DECLARATIVE_POLICY_EC2",
        "declarative_policy_ec2",
        r#"{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}"#,
    ),
    (
        "SECURITYHUB_POLICY",
        "securityhub_policy",
        r#"{"securityhub":{"enable_in_regions":{"@@assign":["ALL_SUPPORTED"]},"disable_in_regions":{"@@assign":[]}}}"#,
    ),
    (
        "SECURITYHUB_CSPM_POLICY",
        "securityhub_cspm_policy",
        r#"{"securityhub_cspm":{"on":{"@@assign":"all"}}}"#,
    ),
    (
        "INSPECTOR_POLICY",
        "inspector_policy",
        r#"{"inspector":{"enablement":{"ec2_scanning":{"enable_in_regions":{"@@assign":["us-east-1"]}}}}}"#,
    ),
    (
        "UPGRADE_ROLLOUT_POLICY",
        "upgrade_rollout_policy",
        r#"{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"last"}}}}"#,
    ),
    (
        "BEDROCK_POLICY",
        "bedrock_policy",
        r#"{"bedrock":{"guardrail_inference":{"us-east-1":{"config_1":{"input_tags":{"@@assign":"honor"}}}}}}"#,
    ),
    (
        "S3_POLICY",
        "s3_policy",
        r#"{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}"#,
    ),
    (
        "NETWORK_SECURITY_DIRECTOR_POLICY",
        "network_security_director_policy",
        r#"{"network_security_director":{"on":{"@@assign":"all"}}}"#,
    ),
    (
        "GUARDDUTY_POLICY",
        "guardduty_policy",
        r#"{"guardduty":{"on":{"@@assign":"all"}}}"#,
    ),
];
/// A tag policy.
pub(crate) const TAGS: &str = r#"{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","200"]}}}}"#;
/// A valid identity policy.
pub(crate) const ANYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A server of Organizations and STS.
pub(crate) async fn alcazar() -> Alcazar {
    Alcazar::new(&[&crate::SERVICE, &sts::SERVICE]).await
}

/// The same, where the first account has an organization: the root's id comes with it.
pub(crate) async fn organized() -> (Alcazar, String) {
    let alcazar = alcazar().await;
    alcazar.root().does("CreateOrganization", json!({})).await;
    let root = alcazar.root().root_id().await;
    (alcazar, root)
}

/// Calls of Organizations, in fewer words.
pub(crate) trait Organizations {
    /// Calls `operation`.
    async fn org(&self, operation: &str, input: Value) -> Answer;

    /// Calls `operation`, which must succeed.
    async fn does(&self, operation: &str, input: Value) -> Value {
        let answer = self.org(operation, input).await.ok();
        answer.json().unwrap_or_default()
    }
    /// Calls `operation`, which must fail with this code.
    async fn fails(&self, operation: &str, input: Value, code: &str) -> Answer {
        self.org(operation, input).await.fails(code)
    }
    /// The `Reason` of a call that must fail with this code.
    async fn reason(&self, operation: &str, input: Value, code: &str) -> String {
        self.fails(operation, input, code).await.field("Reason")
    }
    /// Id of the root.
    async fn root_id(&self) -> String {
        let roots = self.does("ListRoots", json!({})).await;
        text(&roots["Roots"][0]["Id"])
    }
    /// Id of a new unit.
    async fn unit(&self, parent: &str, name: &str) -> String {
        let input = json!({"ParentId": parent, "Name": name});
        let made = self.does("CreateOrganizationalUnit", input).await;
        text(&made["OrganizationalUnit"]["Id"])
    }
    /// Id of a new account.
    async fn account(&self, name: &str) -> String {
        let input = json!({"Email": format!("{name}@example.com"), "AccountName": name});
        let made = self.does("CreateAccount", input).await;
        text(&made["CreateAccountStatus"]["AccountId"])
    }
    /// Id of a new service control policy.
    async fn policy(&self, name: &str) -> String {
        let kind = "SERVICE_CONTROL_POLICY";
        let input = json!({"Name": name, "Description": "", "Content": DENY, "Type": kind});
        let made = self.does("CreatePolicy", input).await;
        text(&made["Policy"]["PolicySummary"]["Id"])
    }
    /// Id of a new policy of this type.
    async fn policy_of(&self, name: &str, kind: &str, content: &str) -> String {
        let input = json!({"Name": name, "Description": "", "Content": content, "Type": kind});
        let made = self.does("CreatePolicy", input).await;
        text(&made["Policy"]["PolicySummary"]["Id"])
    }
    /// Attaches a policy to a root, unit or account.
    async fn attach(&self, policy: &str, target: &str) {
        let input = json!({"PolicyId": policy, "TargetId": target});
        self.does("AttachPolicy", input).await;
    }
    /// Enables policies of this type.
    async fn enable(&self, kind: &str) {
        let input = json!({"RootId": self.root_id().await, "PolicyType": kind});
        self.does("EnablePolicyType", input).await;
    }
    /// Trusts the services that tests administer.
    async fn trusts(&self) {
        for service in ["access-analyzer", "ram", "sso"] {
            let input = json!({"ServicePrincipal": format!("{service}.amazonaws.com")});
            self.does("EnableAWSServiceAccess", input).await;
        }
    }
    /// Ids of the policies at `target`.
    async fn attached(&self, target: &str, kind: &str) -> Vec<String> {
        let input = json!({"TargetId": target, "Filter": kind});
        let listed = self.does("ListPoliciesForTarget", input).await;
        ids(&listed["Policies"], "Id")
    }
}

impl Organizations for Client {
    async fn org(&self, operation: &str, input: Value) -> Answer {
        self.call("organizations", operation, input).await
    }
}

/// A JSON string.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// This member of each of a list.
pub(crate) fn ids(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter().map(|item| text(&item[member])).collect()
}

/// Makes the second account a member of the first's organization.
pub(crate) async fn join(alcazar: &Alcazar, root: &str) {
    let described = alcazar.root().does("DescribeOrganization", json!({})).await;
    let organization = text(&described["Organization"]["Id"]);
    let account: AccountId = OTHER_ACCOUNT.parse().unwrap();
    alcazar
        .keep(Child {
            organization: organization.clone(),
            parent: root.to_owned(),
            kind: ChildKind::Account,
            id: OTHER_ACCOUNT.to_owned(),
        })
        .await;
    alcazar
        .keep(Member {
            account,
            organization,
            name: "other".into(),
            email: String::new(),
            parents: vec![root.to_owned()],
            status: MemberStatus::Active,
            joined: JoinedMethod::Invited,
            joined_at: Timestamp::from_seconds(0),
            closed: None,
            tags: Tags::default(),
        })
        .await;
}

/// A server whose first account has an organization and has invited the second: the invitation's id comes with it.
pub(crate) async fn invited() -> (Alcazar, String) {
    let (alcazar, _) = organized().await;
    let input = json!({
        "Target": {"Id": OTHER_ACCOUNT, "Type": "ACCOUNT"},
        "Notes": "come in",
        "Tags": [{"Key": "a", "Value": "b"}],
    });
    let made = alcazar
        .root()
        .does("InviteAccountToOrganization", input)
        .await;
    let id = text(&made["Handshake"]["Id"]);
    (alcazar, id)
}

/// Nobody without permission, no account without organization and no member account may do this.
pub(crate) async fn guards(operation: &str, input: Value) {
    let (alcazar, root) = organized().await;
    denies(&alcazar, operation, input.clone()).await;
    let other = alcazar.other_root();
    let not_in_use = other.fails(
        operation,
        input.clone(),
        "AWSOrganizationsNotInUseException",
    );
    not_in_use
        .await
        .saying("Your account is not a member of an organization.");
    join(&alcazar, &root).await;
    let refused = other.fails(operation, input, "AccessDeniedException");
    refused
        .await
        .saying("You don't have permissions to access this resource.");
}

/// Nobody without permission may do this.
pub(crate) async fn denies(alcazar: &Alcazar, operation: &str, input: Value) {
    let powerless = alcazar.powerless().await;
    let denied = powerless.fails(operation, input, "AccessDeniedException");
    let message = denied.await.message();
    let wanted = format!("is not authorized to perform: organizations:{operation}");
    assert!(message.contains(&wanted), "{message}");
}
