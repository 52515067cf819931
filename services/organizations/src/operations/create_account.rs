//! `organizations:CreateAccount`: a new account in the organization's root, with a role that the management account
//! may assume.

use std::collections::BTreeMap;

use base::{AccountId, Tags};
use identity::organization::{ChildKind, JoinedMethod, Member, MemberStatus, Organization};
use identity::{Account, Attachment, Document, EntityKind, Prefix, Role};
use organizations_api::shapes::{CreateAccountRequest, CreateAccountResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::Grammar;

use crate::request::{self, Ended};
use crate::standing::Standing;
use crate::tagging::{self, New};
use crate::{errors, handshakes, ids, node, quotas, shapes, tags};

/// Name of the role unless told otherwise. AWS: AWS Organizations API Reference, "CreateAccount".
const ROLE: &str = "OrganizationAccountAccessRole";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
/// Longest session of the role, in seconds.
const SESSION_SECONDS: i32 = 3_600;

pub(crate) struct CreateAccount;

impl Operation for CreateAccount {
    type Api = operations::CreateAccount;
    type Target = Standing;

    async fn access(
        input: &CreateAccountRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let request_tags = tags::requested(input.tags.as_deref().unwrap_or_default())?;
        let needs = permission::CreateAccount {
            request_tags: request_tags.clone(),
        };
        let tagging = tagging::of_new(&standing, New::Account, request_tags);
        let access = Access::to(standing, needs);
        Ok(match tagging {
            Some(tagging) => access.and(tagging),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateAccountResponse, Failure> {
        let organization = call.target().manages()?;
        let tags = tags::new(&call.input().tags)?;
        let members = node::members(call.look(), organization).await?;
        let invited = handshakes::open(call.look(), organization).await?;
        let limit = quotas::accounts(&call);
        if limit.is_some_and(|limit| members.len() + invited >= limit) {
            return Err(errors::too_many_accounts());
        }
        let email = call.input().email.expose();
        let taken = members
            .iter()
            .any(|it| it.email.eq_ignore_ascii_case(email));
        let ended = match taken {
            true => Ended::EmailExists,
            false => Ended::Made(make(&call, organization, tags).await?),
        };
        let request = request::CreateAccountRequest {
            id: ids::create_account_request(),
            organization: organization.id.clone(),
            name: call.input().account_name.expose().clone(),
            at: call.call().now(),
            ended,
        };
        let answer = shapes::request(&request);
        call.put(request);
        Ok(CreateAccountResponse {
            create_account_status: Some(answer),
        })
    }
}

async fn make(
    call: &Permitted<'_, CreateAccount>,
    organization: &Organization,
    tags: Tags,
) -> Result<AccountId, Failure> {
    let (input, id) = (call.input(), unused_id(call.look()).await?);
    let name = input.account_name.expose();
    call.put(Account {
        id,
        name: name.clone(),
        created: call.call().now(),
        access_keys: vec![],
        alias: None,
    });
    put_role(call, organization.management, id)?;
    let child = (ChildKind::Account, id.as_str());
    node::settle(call, organization, &organization.root, child);
    call.put(Member {
        account: id,
        organization: organization.id.clone(),
        name: name.clone(),
        email: input.email.expose().clone(),
        parents: vec![organization.root.clone()],
        status: MemberStatus::Active,
        joined: JoinedMethod::Created,
        joined_at: call.call().now(),
        closed: None,
        tags,
    });
    Ok(id)
}

/// A number that no account has; who takes it meanwhile is found out at commit.
async fn unused_id(look: &Lookup<'_>) -> Result<AccountId, Failure> {
    loop {
        let id = ids::account();
        if look.get::<Account>(&Account::key_of(id)).await?.is_none() {
            return Ok(id);
        }
    }
}

/// Lets the management account administer the new one.
fn put_role(
    call: &Permitted<'_, CreateAccount>,
    management: AccountId,
    account: AccountId,
) -> Result<(), Failure> {
    let name = call.input().role_name.as_deref().unwrap_or(ROLE);
    if name.is_empty() {
        return Err(errors::invalid_role_name());
    }
    let trusted = Account::root_arn(management);
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{trusted}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    call.put(Attachment {
        account,
        policy: ADMINISTRATOR.to_owned(),
        boundary: false,
        kind: EntityKind::Role,
        name: name.to_owned(),
    });
    call.put(Role {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: call.unique_id_in(account, Prefix::Role),
        arn: Role::arn_of(account, "/", name),
        account,
        created: call.call().now(),
        description: None,
        max_session_duration: SESSION_SECONDS,
        trust: Document::parse(&trust, Grammar::Trust).map_err(Failure::internal)?,
        tags: Tags::default(),
        boundary: None,
        attached: vec![ADMINISTRATOR.to_owned()],
        inline: BTreeMap::new(),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use harness::Client;
    use pipeline::Quotas;
    use serde_json::{Value, json};

    use crate::testing::{ANYTHING, Organizations, guards, organized, text};

    const OPERATION: &str = "CreateAccount";

    fn input(name: &str) -> Value {
        json!({"Email": format!("{name}@example.com"), "AccountName": name})
    }

    async fn assume(caller: &Client, account: &str, role: &str) -> harness::Answer {
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        let input = json!({"RoleArn": arn, "RoleSessionName": "night"});
        caller.call("sts", "AssumeRole", input).await
    }

    #[tokio::test]
    async fn the_management_account_administers_it() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let made = root.does(OPERATION, input("dev")).await;
        let status = &made["CreateAccountStatus"];
        assert_eq!(
            (&status["State"], &status["AccountName"]),
            (&json!("SUCCEEDED"), &json!("dev"))
        );
        let id = text(&status["AccountId"]);
        let account = root.does("DescribeAccount", json!({"AccountId": id})).await;
        assert_eq!(account["Account"]["Email"], "dev@example.com");
        assert_eq!(account["Account"]["JoinedMethod"], "CREATED");
        let parents = root.does("ListParents", json!({"ChildId": id})).await;
        assert_eq!(parents["Parents"][0]["Id"], top);
        let ann = alcazar.user("ann", ANYTHING).await;
        let session = assume(&ann, &id, "OrganizationAccountAccessRole")
            .await
            .ok();
        let session = root.session(
            &session.field("AccessKeyId"),
            &session.field("SecretAccessKey"),
            &session.field("SessionToken"),
        );
        let identity = session
            .call("sts", "GetCallerIdentity", json!({}))
            .await
            .ok();
        assert_eq!(identity.field("Account"), id);
        session.does("DescribeOrganization", json!({})).await;
        session
            .fails("ListRoots", json!({}), "AccessDeniedException")
            .await;
        let stranger = alcazar.other_user("eve", ANYTHING).await;
        assume(&stranger, &id, "OrganizationAccountAccessRole")
            .await
            .fails("AccessDenied");
    }

    #[tokio::test]
    async fn with_a_role_of_another_name_and_tags() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let mut wanted = input("dev");
        wanted["RoleName"] = json!("Boss");
        wanted["Tags"] = json!([{"Key": "a", "Value": "b"}]);
        let made = root.does(OPERATION, wanted).await;
        let id = text(&made["CreateAccountStatus"]["AccountId"]);
        let ann = alcazar.user("ann", ANYTHING).await;
        assume(&ann, &id, "Boss").await.ok();
        let tags = root
            .does("ListTagsForResource", json!({"ResourceId": id}))
            .await;
        assert_eq!(tags["Tags"][0]["Value"], "b");
    }

    #[tokio::test]
    async fn an_address_has_one_account() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        root.does(OPERATION, input("dev")).await;
        let again = root.does(OPERATION, input("DEV")).await;
        let status = &again["CreateAccountStatus"];
        assert_eq!(
            (&status["State"], &status["FailureReason"]),
            (&json!("FAILED"), &json!("EMAIL_ALREADY_EXISTS"))
        );
        let accounts = root.does("ListAccounts", json!({})).await;
        assert_eq!(accounts["Accounts"].as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn as_many_as_the_quota_allows() {
        let services: [&'static pipeline::Service; 1] = [&crate::SERVICE];
        let quotas = [
            "accounts",
            "create-account",
            "invite-account-to-organization",
        ];
        let quotas = quotas.map(|name| format!("organizations/{name}"));
        let quotas = quotas.into_iter().zip([4, 100, 100]).collect();
        let alcazar = harness::Alcazar::with_quotas(&services, Quotas::File(quotas)).await;
        let root = alcazar.root();
        root.does("CreateOrganization", json!({})).await;
        root.does(OPERATION, input("dev")).await;
        let target = json!({"Target": {"Id": harness::OTHER_ACCOUNT, "Type": "ACCOUNT"}});
        let invite = "InviteAccountToOrganization";
        let invited = root.does(invite, target.clone()).await;
        root.does(OPERATION, input("test")).await;
        let violation = "ConstraintViolationException";
        let reason = root.reason(OPERATION, input("more"), violation).await;
        assert_eq!(reason, "ACCOUNT_NUMBER_LIMIT_EXCEEDED");
        let handshake = json!({"HandshakeId": invited["Handshake"]["Id"]});
        root.does("CancelHandshake", handshake).await;
        root.does(OPERATION, input("more")).await;
        let violation = "HandshakeConstraintViolationException";
        let reason = root.reason(invite, target, violation).await;
        assert_eq!(reason, "ACCOUNT_NUMBER_LIMIT_EXCEEDED");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let tag = json!({"Key": "a", "Value": ""});
        let mut twice = input("dev");
        twice["Tags"] = json!([tag, tag]);
        let reason = root.reason(OPERATION, twice, "InvalidInputException").await;
        assert_eq!(reason, "DUPLICATE_TAG_KEY");
        let mut nowhere = input("dev");
        nowhere["Email"] = json!("no address");
        root.fails(OPERATION, nowhere, "ValidationException").await;
    }

    #[tokio::test]
    async fn names_and_addresses_are_not_recorded() {
        let (alcazar, _) = organized().await;
        alcazar.root().does(OPERATION, input("dev")).await;
        let event = alcazar.event(OPERATION).await;
        assert!(!event.to_string().contains("dev"), "{event}");
        let status = &event["responseElements"]["createAccountStatus"];
        assert_eq!(status["state"], "SUCCEEDED");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input("dev")).await;
    }
}
