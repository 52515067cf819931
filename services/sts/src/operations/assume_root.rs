//! `sts:AssumeRoot`: a session as the root user of a member account, for one task.
//!
//! AWS document: IAM User Guide, "Perform a privileged task on an AWS Organizations member account".

use std::sync::Arc;

use base::{AccountId, Arn, Tags};
use identity::organization::{Member, RootStanding};
use identity::{Account, Document, Identity, Session, SessionKind};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::{Grammar, NamedResource};
use sts_api::shapes::{AssumeRootRequest, AssumeRootResponse};
use sts_api::{operations, permission};

use crate::{errors, token};

/// Longest session, and the default, in seconds.
const FIFTEEN_MINUTES: i32 = 900;
/// The tasks on root users' credentials.
const CREDENTIAL_TASKS: [&str; 3] = [
    "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
    "arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword",
    "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
];
/// The tasks on what policies have locked.
const UNLOCKING_TASKS: [&str; 2] = [
    "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    "arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy",
];
/// The policies of tasks deny all but their task, and allow nothing: this is what they deny it of.
const ANYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

pub(crate) struct AssumeRoot;

impl Operation for AssumeRoot {
    type Api = operations::AssumeRoot;
    type Target = AccountId;
    const RECORDS_REPLY: bool = true;

    async fn access(input: &AssumeRootRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let account = target(&input.target_principal)?;
        let arn = Account::root_arn(account);
        let task = input.task_policy_arn.arn.clone();
        let needs = permission::AssumeRoot {
            // Whether the caller's account may is decided by its standing, not by a policy of the member's.
            root_user: Arc::new(NamedResource::new(arn.clone(), look.call().account())),
            task_policy_arn: task.map(Into::into),
        };
        Ok(Access::to(account, needs).making(arn, account))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<AssumeRootResponse, Failure> {
        let (input, account) = (call.input(), *call.target());
        let task = input.task_policy_arn.arn.as_deref().unwrap_or_default();
        let is_of_credentials = CREDENTIAL_TASKS.contains(&task);
        if !is_of_credentials && !UNLOCKING_TASKS.contains(&task) {
            return Err(errors::not_a_task_policy(task));
        }
        if !may_act(call.look(), account, is_of_credentials).await? {
            let arn = Account::root_arn(account);
            return Err(errors::not_authorized(call.call(), "sts:AssumeRoot", &arn));
        }
        let session = session(&call, account, task)?;
        let issued = token::issue(&call, &session, input.minimum_session_token_size)?;
        Ok(AssumeRootResponse {
            credentials: Some(issued.credentials),
            source_identity: session.source_identity,
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.token_bytes),
        })
    }
}

/// The account whose root user is meant: by number, or by the root user's ARN.
fn target(text: &str) -> Result<AccountId, Failure> {
    let invalid = || errors::invalid_arn(text);
    if let Ok(account) = text.parse() {
        return Ok(account);
    }
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    let account = arn.account().parse().map_err(|_| invalid())?;
    match arn == Account::root_arn(account) {
        true => Ok(account),
        false => Err(invalid()),
    }
}

/// Whether the caller's account governs that of the root user, and this kind of task is enabled. Only users and roles
/// do tasks.
async fn may_act(
    look: &Lookup<'_>,
    account: AccountId,
    is_of_credentials: bool,
) -> Result<bool, Failure> {
    let caller = look.call().caller();
    if !matches!(
        caller.identity,
        Identity::User(_) | Identity::AssumedRole(_)
    ) {
        return Ok(false);
    }
    let Some(standing) = RootStanding::load(look, caller.account).await? else {
        return Ok(false);
    };
    let enabled = match is_of_credentials {
        true => standing.enabled.credentials,
        false => standing.enabled.sessions,
    };
    let member = look.get::<Member>(&Member::key_of(account)).await?;
    let is_member = member.is_some_and(|member| {
        member.organization == standing.organization.id
            && member.is_active()
            && account != standing.organization.management
    });
    Ok(standing.governs() && enabled && is_member)
}

fn session(
    call: &Permitted<'_, AssumeRoot>,
    account: AccountId,
    task: &str,
) -> Result<Session, Failure> {
    let wanted = call.input().duration_seconds.filter(|seconds| *seconds > 0);
    let (issued, expires) = token::lifetime(call, wanted.unwrap_or(FIFTEEN_MINUTES));
    let anything = Document::parse(ANYTHING, Grammar::Session).map_err(Failure::internal)?;
    let caller = call.call().caller().session.as_deref();
    Ok(Session {
        access_key_id: token::access_key_id(call, account),
        secret: call.secret_access_key(),
        account,
        kind: SessionKind::RootTask,
        issued,
        expires,
        policies: vec![anything],
        policy_arns: vec![task.to_owned()],
        tags: Tags::default(),
        transitive_tag_keys: vec![],
        source_identity: caller.and_then(|session| session.source_identity.clone()),
        mfa_authenticated: None,
        workload: None,
        federation: None,
    })
}

#[cfg(test)]
mod tests {
    use base::{Tags, Timestamp};
    use harness::{ACCOUNT, Alcazar, Answer, Client, OTHER_ACCOUNT};
    use identity::organization::{
        FeatureSet, JoinedMethod, Member, MemberStatus, Organization, RootAccess, ServiceAccess,
    };
    use serde_json::{Value, json};

    use super::{CREDENTIAL_TASKS, UNLOCKING_TASKS};
    use crate::testing::{EVERYTHING, with};

    const ID: &str = "o-exampleorg";
    const AUDIT: &str = CREDENTIAL_TASKS[0];
    const DELETE: &str = CREDENTIAL_TASKS[2];

    fn start() -> Timestamp {
        Timestamp::from_seconds(0)
    }

    async fn enable(alcazar: &Alcazar, credentials: bool, sessions: bool) {
        let organization = ID.to_owned();
        alcazar
            .keep(RootAccess {
                organization,
                credentials,
                sessions,
            })
            .await;
    }

    async fn trust(alcazar: &Alcazar, service: &str) {
        alcazar
            .keep(ServiceAccess {
                organization: ID.to_owned(),
                services: [(service.to_owned(), start())].into(),
            })
            .await;
    }

    /// An organization of two accounts that governs its members' root users, and a user who may do everything.
    async fn governed() -> (Alcazar, Client) {
        let alcazar = Alcazar::new(&[&crate::SERVICE, &iam::SERVICE]).await;
        alcazar
            .keep(Organization {
                id: ID.to_owned(),
                management: ACCOUNT.parse().unwrap(),
                root: "r-root".to_owned(),
                features: FeatureSet::All,
                enabled: [].into(),
                root_tags: Tags::default(),
                created: start(),
            })
            .await;
        for account in [ACCOUNT, OTHER_ACCOUNT] {
            alcazar
                .keep(Member {
                    account: account.parse().unwrap(),
                    organization: ID.to_owned(),
                    name: account.to_owned(),
                    email: format!("{account}@example.com"),
                    parents: vec!["r-root".to_owned()],
                    status: MemberStatus::Active,
                    joined: JoinedMethod::Created,
                    joined_at: start(),
                    closed: None,
                    tags: Tags::default(),
                })
                .await;
        }
        trust(&alcazar, "iam.amazonaws.com").await;
        enable(&alcazar, true, true).await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        (alcazar, ann)
    }

    async fn assume(client: &Client, task: &str, more: Value) -> Answer {
        let input = json!({"TargetPrincipal": OTHER_ACCOUNT, "TaskPolicyArn": {"arn": task}});
        client.call("sts", "AssumeRoot", with(input, more)).await
    }

    #[tokio::test]
    async fn does_its_task_and_nothing_else() {
        let (alcazar, ann) = governed().await;
        let root_key = alcazar.other_root().access_key_id;
        let answer = assume(&ann, DELETE, json!({})).await.ok();
        assert_eq!(answer.field("Expiration"), "2026-11-23T06:53:13Z");
        let session = ann.with_credentials_of(&answer);
        let who = session
            .call("sts", "GetCallerIdentity", json!({}))
            .await
            .ok();
        assert_eq!(who.field("Arn"), "arn:aws:iam::444455556666:root");
        let keys = session.call("iam", "ListAccessKeys", json!({})).await.ok();
        assert_eq!(keys.field("AccessKeyId"), root_key);
        for (operation, input) in [
            ("CreateAccessKey", json!({})),
            ("ListUsers", json!({})),
            ("ListAccessKeys", json!({"UserName": "bob"})),
        ] {
            session
                .call("iam", operation, input)
                .await
                .fails("AccessDenied");
        }
        let delete = json!({"AccessKeyId": root_key});
        session.call("iam", "DeleteAccessKey", delete).await.ok();
        let gone = alcazar.other_root();
        let refused = gone.call("sts", "GetCallerIdentity", json!({})).await;
        refused.fails("InvalidClientTokenId");
        alcazar.clock.advance_seconds(901);
        let late = session.call("iam", "ListAccessKeys", json!({})).await;
        late.fails("ExpiredToken");
    }

    #[tokio::test]
    async fn by_arn_for_as_long_as_asked() {
        let (_alcazar, ann) = governed().await;
        let more = json!({"TargetPrincipal": "arn:aws:iam::444455556666:root", "DurationSeconds": 60, "MinimumSessionTokenSize": 2048});
        let answer = assume(&ann, AUDIT, more).await.ok();
        assert_eq!(answer.field("Expiration"), "2026-11-23T06:39:13Z");
        assert_eq!(answer.field("SessionToken").len(), 2048);
        let session = ann.with_credentials_of(&answer);
        session
            .call("iam", "GetAccountSummary", json!({}))
            .await
            .ok();
        let more = session.call(
            "sts",
            "AssumeRoot",
            json!({"TargetPrincipal": OTHER_ACCOUNT, "TaskPolicyArn": {"arn": AUDIT}}),
        );
        more.await.fails("AccessDenied");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, ann) = governed().await;
        for (task, more, code) in [
            (AUDIT, json!({"TargetPrincipal": ACCOUNT}), "AccessDenied"),
            (
                AUDIT,
                json!({"TargetPrincipal": "999999999999"}),
                "AccessDenied",
            ),
            (
                AUDIT,
                json!({"TargetPrincipal": "arn:aws:iam::444455556666:user/bob"}),
                "ValidationError",
            ),
            (
                AUDIT,
                json!({"TargetPrincipal": "nothing-valid"}),
                "ValidationError",
            ),
            (AUDIT, json!({"DurationSeconds": 901}), "ValidationError"),
            (
                "arn:aws:iam::aws:policy/AdministratorAccess",
                json!({}),
                "ValidationError",
            ),
        ] {
            assume(&ann, task, more).await.fails(code);
        }
        assume(&alcazar.root(), AUDIT, json!({}))
            .await
            .fails("AccessDenied");
        let bob = alcazar.other_user("bob", EVERYTHING).await;
        assume(&bob, AUDIT, json!({})).await.fails("AccessDenied");
    }

    #[tokio::test]
    async fn each_kind_of_task_must_be_enabled() {
        let (alcazar, ann) = governed().await;
        let unlock = UNLOCKING_TASKS[1];
        for (credentials, sessions) in [(true, false), (false, true), (false, false)] {
            enable(&alcazar, credentials, sessions).await;
            for (task, enabled) in [(AUDIT, credentials), (unlock, sessions)] {
                let answer = assume(&ann, task, json!({})).await;
                match enabled {
                    true => answer.ok(),
                    false => answer.fails("AccessDenied"),
                };
            }
        }
        enable(&alcazar, true, true).await;
        trust(&alcazar, "ram.amazonaws.com").await;
        assume(&ann, AUDIT, json!({})).await.fails("AccessDenied");
    }

    #[tokio::test]
    async fn a_policy_may_name_the_task() {
        let (alcazar, _) = governed().await;
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "sts:AssumeRoot", "Resource": "arn:aws:iam::444455556666:root",
            "Condition": {"StringEquals": {"sts:TaskPolicyArn": AUDIT}}}});
        let eve = alcazar.user("eve", &policy.to_string()).await;
        assume(&eve, AUDIT, json!({})).await.ok();
        assume(&eve, DELETE, json!({})).await.fails("AccessDenied");
    }

    #[tokio::test]
    async fn is_recorded_in_both_accounts_as_aws_shows_it() {
        let (alcazar, ann) = governed().await;
        let answer = assume(&ann, AUDIT, json!({})).await.ok();
        let events = alcazar.events().await;
        let of = |account: &str| {
            let mut events = events.iter();
            events.find(|event| {
                event["eventName"] == "AssumeRoot" && event["recipientAccountId"] == account
            })
        };
        let own = of(ACCOUNT).unwrap();
        assert_eq!(own["requestParameters"]["targetPrincipal"], OTHER_ACCOUNT);
        assert_eq!(own["userIdentity"]["userName"], "ann");
        let theirs = of(OTHER_ACCOUNT).unwrap();
        assert_eq!(theirs["userIdentity"]["type"], "AWSAccount");
        let text = own.to_string();
        assert!(!text.contains(&answer.field("SecretAccessKey")));
        assert!(!text.contains(&answer.field("SessionToken")));
        let session = ann.with_credentials_of(&answer);
        session
            .call("iam", "GetAccountSummary", json!({}))
            .await
            .ok();
        let event = alcazar.event("GetAccountSummary").await;
        assert_eq!(event["userIdentity"]["type"], "Root");
        assert_eq!(event["userIdentity"]["accountId"], OTHER_ACCOUNT);
        assert_eq!(
            event["userIdentity"]["sessionContext"]["assumedRoot"],
            "true"
        );
        let powerless = alcazar.powerless().await;
        assume(&powerless, AUDIT, json!({}))
            .await
            .fails("AccessDenied");
    }
}
