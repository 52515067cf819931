//! Passwords of users: the account's policy, and what it says of a new one.

use std::sync::Arc;

use base::{Arn, Secret, Tags};
use crypto::PasswordHash;
use iam_api::operations;
use identity::{Account, Document, Identity, LoginProfile, PasswordPolicy, User};
use pipeline::{Call, Failure, Lookup, Operation, Permitted};
use policy::{ConditionKey, Grammar, Permission, Policy, Resource, ResourcePolicy, Value};

use crate::errors;

/// The password policy that the caller's account has set.
pub(crate) async fn policy(look: &Lookup<'_>) -> Result<Option<Arc<PasswordPolicy>>, Failure> {
    look.get(&PasswordPolicy::key_of(look.call().account()))
        .await
}

/// The password of `user`, or the error that it has none.
pub(crate) async fn profile(look: &Lookup<'_>, user: &User) -> Result<Arc<LoginProfile>, Failure> {
    let found = look
        .get(&LoginProfile::key_of(user.account, &user.id))
        .await?;
    found.ok_or_else(|| errors::no_login_profile(&user.name))
}

/// The hash of a new password, once it is known to be good enough. `former` is the profile whose password it replaces.
pub(crate) async fn accepted<O: Operation>(
    call: &Permitted<'_, O>,
    password: &Secret<String>,
    former: Option<&LoginProfile>,
) -> Result<Secret<String>, Failure> {
    let policy = policy(call.look()).await?;
    let policy = policy.as_deref();
    if let Some(lacks) = PasswordPolicy::lacks(policy, password.expose()) {
        return Err(errors::weak_password(lacks));
    }
    let forbidden = former.map(|profile| profile.forbidden(policy));
    let forbidden = forbidden.unwrap_or_default().into_iter();
    let forbidden = forbidden.map(PasswordHash::from_text).collect();
    if call.is_password(password, forbidden).await? {
        return Err(errors::reused_password());
    }
    let hash = call.hash_password(password).await?;
    Ok(hash.text().clone())
}

/// What users may do to their own passwords without a policy of their own.
const ALLOWED: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":["iam:ChangePassword","iam:GetAccountPasswordPolicy"],"Resource":"*"}}"#;

/// A resource whose policy lets the account's users at it.
///
/// AWS: "Allow users to change their own password […] IAM applies the permissions at the account-level for all users
/// in the account."
pub(crate) struct OwnPassword {
    arn: Arn,
    account: base::AccountId,
    tags: Tags,
    allowed: Option<Document>,
}

impl OwnPassword {
    /// The password of the user who calls; of nobody, for others.
    pub(crate) async fn of(look: &Lookup<'_>) -> Result<Self, Failure> {
        let call = look.call();
        let allows = policy(look)
            .await?
            .is_some_and(|policy| policy.users_may_change);
        let is_user = matches!(call.caller().identity, Identity::User(_));
        let document = || Document::parse(ALLOWED, Grammar::Resource).map_err(Failure::internal);
        Ok(Self {
            allowed: (allows && is_user).then(document).transpose()?,
            ..Self::bare(call)
        })
    }

    fn bare(call: &Call<'_>) -> Self {
        let account = call.account();
        let (arn, tags) = match &call.caller().identity {
            Identity::User(user) => (user.arn.clone(), user.tags.clone()),
            _ => (Account::root_arn(account), Tags::default()),
        };
        Self {
            arn,
            account,
            tags,
            allowed: None,
        }
    }
}

impl Resource for OwnPassword {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> base::AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        let allowed: Option<&Policy> = self.allowed.as_ref().map(Document::policy);
        ResourcePolicy::Ordinary(allowed)
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

/// `iam:GetAccountPasswordPolicy`, which names a resource only where its policy allows the call.
pub(crate) struct ReadPasswordPolicy(Option<OwnPassword>);

impl ReadPasswordPolicy {
    pub(crate) async fn of(look: &Lookup<'_>) -> Result<Self, Failure> {
        let own = OwnPassword::of(look).await?;
        Ok(Self(Some(own).filter(|own| own.allowed.is_some())))
    }
}

impl Permission for ReadPasswordPolicy {
    fn action(&self) -> &'static str {
        "iam:GetAccountPasswordPolicy"
    }
    fn resources(&self, each: &mut dyn FnMut(&dyn Resource)) {
        if let Some(own) = &self.0 {
            each(own);
        }
    }
    fn condition(&self, _: &ConditionKey, _: &mut dyn FnMut(Value<'_>)) -> bool {
        false
    }
}

impl policy::Guards<operations::GetAccountPasswordPolicy> for ReadPasswordPolicy {}
