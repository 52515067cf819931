//! `kms:RetireGrant`: ends a grant, by whoever the grant lets.
//!
//! AWS document: AWS KMS Developer Guide, "Retiring and revoking grants".

use std::borrow::Cow;
use std::sync::Arc;

use base::{AccountId, Arn, Secret, Tags};
use identity::Account;
use kms_api::shapes::RetireGrantRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::{ConditionKey, Grammar, Policy, Resource, ResourcePolicy, Value};
use wire::Empty;

use crate::grant::{self, Grant, GrantId, token};
use crate::key::Key;
use crate::sought::Sought;
use crate::{errors, sealing};

pub(crate) struct RetireGrant;

/// The grant a caller asked for, be there one or not.
pub(crate) struct SoughtGrant {
    key: Sought,
    id: Option<GrantId>,
    grant: Option<Arc<Grant>>,
    by_token: bool,
}

impl Operation for RetireGrant {
    type Api = operations::RetireGrant;
    type Target = SoughtGrant;

    async fn access(
        input: &RetireGrantRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = match (&input.grant_token, &input.key_id, &input.grant_id) {
            (Some(token), None, None) => SoughtGrant::by_token(look, token).await?,
            (None, Some(key), Some(id)) => SoughtGrant::by_id(look, key, id).await?,
            _ => return Err(errors::token_or_id_of_grant()),
        };
        let constraints = sought.grant.as_ref().map(|grant| &grant.constraints);
        let name = constraints.and_then(|it| it.name());
        let needs = permission::RetireGrant {
            key: sought.resource()?,
            encryption_context: constraints.and_then(|it| it.pairs()),
            grant_constraint_type: name.map(Cow::Borrowed),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let grant = call.target().grant()?;
        sealing::check_dry_run(call.input().dry_run)?;
        call.write(grant.removed());
        Ok(Empty)
    }
}

impl SoughtGrant {
    async fn by_token(look: &Lookup<'_>, token: &Secret<String>) -> Result<Self, Failure> {
        let named = token::open(look.call(), token)?;
        let key = Sought::key_of(look, named.account, &named.key).await?;
        Self::of(look, key, Some(named.id), true).await
    }

    async fn by_id(look: &Lookup<'_>, key: &str, id: &str) -> Result<Self, Failure> {
        let key = Sought::key_named(look, key).await?;
        Self::of(look, key, GrantId::parse(id), false).await
    }

    async fn of(
        look: &Lookup<'_>,
        key: Sought,
        id: Option<GrantId>,
        by_token: bool,
    ) -> Result<Self, Failure> {
        let grant = match (key.key(), id) {
            (Ok(key), Some(id)) => Grant::find(look, key, id).await?,
            _ => None,
        };
        Ok(Self {
            key,
            id,
            grant,
            by_token,
        })
    }

    /// The grant, which must exist.
    fn grant(&self) -> Result<&Arc<Grant>, Failure> {
        if let Some(grant) = &self.grant {
            return Ok(grant);
        }
        if self.by_token {
            return Err(errors::invalid_grant_token());
        }
        self.key.key()?;
        let id = self.id.ok_or_else(errors::invalid_grant_id)?;
        Err(errors::no_such_grant(id))
    }

    /// The key as a policy about the grant sees it: who may retire the grant is said by the grant, and by nobody else.
    fn resource(&self) -> Result<Arc<dyn Resource>, Failure> {
        let Ok(key) = self.key.key() else {
            return Ok(self.key.resource());
        };
        let entitled = self.grant.as_ref().map(|grant| grant::retiring(grant));
        let entitled = entitled.transpose().map_err(Failure::internal)?;
        let grants = entitled.unwrap_or_default().into_iter().map(Arc::new);
        Ok(Arc::new(Retired {
            policy: home(key.account)?,
            key: key.clone(),
            grants: grants.collect(),
        }))
    }
}

/// AWS: `kms:RetireGrant` in a key policy has no effect. The key's account may retire every grant on it, by its root
/// user or by whoever it lets with identity policies.
fn home(account: AccountId) -> Result<Policy, Failure> {
    let root = Account::root_arn(account);
    let text = format!(
        r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{root}"}}, "Action": "kms:RetireGrant", "Resource": "*"}}}}"#
    );
    Policy::parse(&text, Grammar::Key).map_err(Failure::internal)
}

/// A key in a call that retires one grant on it.
struct Retired {
    key: Arc<Key>,
    policy: Policy,
    grants: Vec<Arc<policy::Grant>>,
}

impl Resource for Retired {
    fn arn(&self) -> &Arn {
        self.key.arn()
    }
    fn account(&self) -> AccountId {
        Resource::account(&*self.key)
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Key(&self.policy)
    }
    fn tags(&self) -> &Tags {
        self.key.tags()
    }
    fn grants(&self) -> &[Arc<policy::Grant>] {
        &self.grants
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        self.key.condition(key, each)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, Kms, NO_GRANT, NO_KEY, POWERLESS, alcazar, arn};
    use harness::Client;
    use serde_json::{Value, json};

    fn allowing(action: &str) -> String {
        json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": action, "Resource": "*"}})
        .to_string()
    }

    /// Retires a new grant by token and by id, first as a trial, and sees whether it is gone.
    async fn check(root: &Client, key: &str, caller: &Client, case: (&str, &str, Value, bool)) {
        let (name, grantee, more, may) = case;
        for by_token in [false, true] {
            let (id, token) = root.granted(key, grantee, &["Encrypt"], more.clone()).await;
            let input = match by_token {
                true => json!({"GrantToken": token}),
                false => json!({"KeyId": arn(key), "GrantId": id}),
            };
            let mut tried = input.clone();
            tried["DryRun"] = json!(true);
            let tried = caller.kms("RetireGrant", tried).await;
            let answer = caller.kms("RetireGrant", input).await;
            let code = |answer: &harness::Answer| match answer.status {
                200 => String::new(),
                _ => answer.code(),
            };
            let expected = match may {
                true => ("DryRunOperationException", ""),
                false => ("AccessDeniedException", "AccessDeniedException"),
            };
            assert_eq!((&*code(&tried), &*code(&answer)), expected, "{name}");
            let listed = json!({"KeyId": key, "GrantId": id});
            let listed = root.kms("ListGrants", listed).await;
            assert_eq!(listed.status == 200, !may, "{name}");
        }
    }

    #[tokio::test]
    async fn by_whoever_the_grant_lets() {
        let alcazar = alcazar().await;
        let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
        let other_root = alcazar.other_root();
        let delegate = alcazar.user("delegate", &allowing("kms:RetireGrant")).await;
        let reader = alcazar.user("reader", &allowing("kms:List*")).await;
        let abroad = alcazar.other_user("eve", EVERYTHING).await;
        let key = root.new_key().await;
        let eve = "arn:aws:iam::444455556666:user/eve";
        let other = "arn:aws:iam::444455556666:root";
        let reading = "arn:aws:iam::111122223333:user/reader";
        let by = |retiring: &str| json!({"RetiringPrincipal": retiring});
        let retiring = json!({"Operations": ["Encrypt", "RetireGrant"]});
        let none = json!({});
        for (caller, name, grantee, more, may) in [
            (&root, "account", reading, none.clone(), true),
            (
                &delegate,
                "delegate of the account",
                reading,
                none.clone(),
                true,
            ),
            (&powerless, "nobody", reading, none.clone(), false),
            (&reader, "grantee", reading, none.clone(), false),
            (&reader, "grantee who may", reading, retiring.clone(), true),
            (
                &powerless,
                "retiring principal",
                reading,
                by(POWERLESS),
                true,
            ),
            (
                &abroad,
                "stranger who may everything",
                reading,
                none.clone(),
                false,
            ),
            (&abroad, "grantee abroad", eve, none.clone(), false),
            (&abroad, "grantee abroad who may", eve, retiring, true),
            (&abroad, "retiring principal abroad", reading, by(eve), true),
            (
                &abroad,
                "delegate of the retiring account",
                reading,
                by(other),
                true,
            ),
            (&other_root, "retiring account", reading, by(other), true),
            (&other_root, "stranger", reading, none.clone(), false),
        ] {
            check(&root, &key, caller, (name, grantee, more, may)).await;
        }
    }

    #[tokio::test]
    async fn policies_deny_it_and_the_key_policy_does_not() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let deny = |statement: Value| json!({"Version": "2012-10-17", "Statement": statement});
        let denied = deny(json!({"Effect": "Deny", "Action": "kms:RetireGrant", "Resource": "*"}));
        let ann = alcazar.user("ann", &denied.to_string()).await;
        let bob = alcazar.user("bob", &allowing("kms:Describe*")).await;
        let policy = deny(json!([
            {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "kms:RetireGrant", "Resource": "*"},
        ]));
        let made = json!({"Policy": policy.to_string()});
        let made = root.kms("CreateKey", made).await.ok();
        let key = made.field("/KeyMetadata/KeyId");
        for (caller, name, may) in [(&ann, "ann", false), (&bob, "bob", true)] {
            let user = format!("arn:aws:iam::111122223333:user/{name}");
            let more = json!({"RetiringPrincipal": user});
            let (_, token) = root.granted(&key, &user, &["Encrypt"], more).await;
            let answer = caller
                .kms("RetireGrant", json!({"GrantToken": token}))
                .await;
            match may {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }

    #[tokio::test]
    async fn one_grant_does_not_retire_another() {
        let alcazar = alcazar().await;
        let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
        let key = root.new_key().await;
        root.granted(&key, POWERLESS, &["Encrypt", "RetireGrant"], json!({}))
            .await;
        let grantee = "arn:aws:iam::111122223333:root";
        let (id, token) = root.granted(&key, grantee, &["Encrypt"], json!({})).await;
        for input in [
            json!({"KeyId": key, "GrantId": id}),
            json!({"GrantToken": token}),
        ] {
            let denied = powerless.kms("RetireGrant", input).await;
            denied.fails("AccessDeniedException");
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        alcazar.powerless().await;
        let (key, other) = (root.new_key().await, root.new_key().await);
        let (id, token) = root.granted(&key, POWERLESS, &["Encrypt"], json!({})).await;
        let validation = "ValidationException";
        for (input, code) in [
            (json!({}), validation),
            (json!({"KeyId": key}), validation),
            (json!({"GrantId": id}), validation),
            (
                json!({"KeyId": key, "GrantId": id, "GrantToken": token}),
                validation,
            ),
            (json!({"GrantToken": "t"}), "InvalidGrantTokenException"),
            (
                json!({"GrantToken": format!("{token}AAAA")}),
                "InvalidGrantTokenException",
            ),
            (
                json!({"KeyId": key, "GrantId": "x"}),
                "InvalidGrantIdException",
            ),
            (
                json!({"KeyId": key, "GrantId": NO_GRANT}),
                "NotFoundException",
            ),
            (json!({"KeyId": other, "GrantId": id}), "NotFoundException"),
            (json!({"KeyId": NO_KEY, "GrantId": id}), "NotFoundException"),
        ] {
            root.kms("RetireGrant", input).await.fails(code);
        }
        let elsewhere = root.region("eu-west-1");
        let elsewhere = elsewhere
            .kms("RetireGrant", json!({"GrantToken": token}))
            .await;
        elsewhere.fails("InvalidGrantTokenException");
        alcazar.clock.advance_seconds(1);
        root.kms("RetireGrant", json!({"GrantToken": token}))
            .await
            .ok();
        let again = root.kms("RetireGrant", json!({"GrantToken": token})).await;
        again.fails("InvalidGrantTokenException");
        let event = alcazar.event("RetireGrant").await;
        assert_eq!(event["resources"][0]["ARN"], arn(&key));
        assert!(!event.to_string().contains(&token));
    }
}
