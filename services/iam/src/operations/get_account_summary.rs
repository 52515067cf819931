//! `iam:GetAccountSummary`: how much of everything there is, and how much there may be.

use std::collections::BTreeMap;

use iam_api::shapes::GetAccountSummaryResponse;
use iam_api::{operations, permission};
use identity::{
    Group, InstanceProfile, ManagedPolicy, MfaAssignment, MfaDevice, OpenIdConnectProvider, Role,
    SamlProvider, ServerCertificate, TokenPreference, User,
};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::{Key, Record};
use wire::Empty;

use crate::inline_policy::Inline;
use crate::{access_keys, find, server_certificate, trust};

use super::{add_user_to_group, create_group, create_role, upload_signing_certificate};

pub(crate) struct GetAccountSummary;

impl Operation for GetAccountSummary {
    type Api = operations::GetAccountSummary;
    type Target = ();

    async fn access(_: &Empty, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GetAccountSummary {}))
    }

    /// Reads every record of the account: its cost grows with them.
    async fn run(call: Permitted<'_, Self>) -> Result<GetAccountSummaryResponse, Failure> {
        let look = call.look();
        let (account, id) = (find::account(look).await?, call.call().account());
        let prefix = ManagedPolicy::prefix(id);
        let policies = look
            .scan::<ManagedPolicy>(&prefix, None, usize::MAX)
            .await?;
        let versions = policies.iter().map(|policy| policy.versions.len()).sum();
        let preference = TokenPreference::key_of(id);
        let preference = look.get::<TokenPreference>(&preference).await?;
        let version = preference.map_or(TokenPreference::DEFAULT, |chosen| chosen.version);
        let has_keys = usize::from(!account.access_keys.is_empty());
        let counts = [
            ("AccountAccessKeysPresent", has_keys),
            ("GlobalEndpointTokenVersion", version.into()),
            ("Groups", all::<Group>(look, Group::prefix(id)).await?),
            (
                "InstanceProfiles",
                all::<InstanceProfile>(look, InstanceProfile::prefix(id)).await?,
            ),
            (
                "MFADevices",
                all::<MfaDevice>(look, MfaDevice::prefix(id)).await?,
            ),
            (
                "MFADevicesInUse",
                all::<MfaAssignment>(look, Key::root().then(id.as_str())).await?,
            ),
            (
                "ServerCertificates",
                all::<ServerCertificate>(look, ServerCertificate::prefix(id)).await?,
            ),
            ("Policies", policies.len()),
            (
                "Providers",
                all::<OpenIdConnectProvider>(look, OpenIdConnectProvider::prefix(id)).await?
                    + all::<SamlProvider>(look, SamlProvider::prefix(id)).await?,
            ),
            ("PolicyVersionsInUse", versions),
            ("Roles", all::<Role>(look, Role::prefix(id)).await?),
            ("Users", all::<User>(look, User::prefix(id)).await?),
        ];
        let numbers = counts
            .into_iter()
            .chain(QUOTAS)
            .chain(NONE.map(|name| (name, 0)));
        let numbers = numbers
            .map(|(name, number)| (name.to_owned(), i32::try_from(number).unwrap_or(i32::MAX)));
        Ok(GetAccountSummaryResponse {
            summary_map: Some(numbers.collect::<BTreeMap<_, _>>()),
        })
    }
}

/// What holds for every account. Quotas that are not kept are not told.
const QUOTAS: [(&str, usize); 15] = [
    ("AccessKeysPerUserQuota", access_keys::MOST),
    ("AssumeRolePolicySizeQuota", trust::MOST),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GroupPolicySizeQuota", Group::MOST),
    ("GroupsPerUserQuota", add_user_to_group::MOST),
    ("GroupsQuota", create_group::MOST),
    ("PolicySizeQuota", 6_144),
    ("RolePolicySizeQuota", Role::MOST),
    ("RolesQuota", create_role::MOST),
    ("ServerCertificatesQuota", server_certificate::MOST),
    (
        "SigningCertificatesPerUserQuota",
        upload_signing_certificate::MOST,
    ),
    ("UserPolicySizeQuota", User::MOST),
    ("VersionsPerPolicyQuota", 5),
];

/// What no account has here.
const NONE: [&str; 3] = [
    "AccountMFAEnabled",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
];

async fn all<R: Record>(look: &Lookup<'_>, prefix: Key) -> Result<usize, Failure> {
    look.count::<R>(&prefix, usize::MAX).await
}

#[cfg(test)]
mod tests {
    use harness::{Alcazar, Answer};
    use serde_json::json;

    use crate::testing::mfa::Authenticator;
    use crate::testing::{denies, group, iam, role, root, server, user};

    async fn summary(alcazar: &Alcazar) -> impl Fn(&str) -> String {
        let answer: Answer = root(alcazar, "GetAccountSummary", json!({})).await;
        let keys = answer.fields("key");
        let pairs: Vec<_> = keys.into_iter().zip(answer.fields("value")).collect();
        move |wanted| {
            let pair = pairs.iter().find(|(key, _)| key == wanted);
            pair.map(|(_, value)| value.clone()).unwrap_or_default()
        }
    }

    #[tokio::test]
    async fn counts_what_is_there() {
        let alcazar = server().await;
        iam(
            &alcazar.other_root(),
            "CreateUser",
            json!({"UserName": "zoe"}),
        )
        .await
        .ok();
        for name in ["ann", "bob"] {
            user(&alcazar, name).await;
        }
        group(&alcazar, "dev").await;
        role(&alcazar, "Ops").await;
        Authenticator::enabled(&alcazar, "ann").await;
        Authenticator::new(&alcazar, "spare").await;
        let summary = summary(&alcazar).await;
        for (key, expected) in [
            ("Users", "2"),
            ("Groups", "1"),
            ("Roles", "1"),
            ("Policies", "0"),
            ("PolicyVersionsInUse", "0"),
            ("InstanceProfiles", "0"),
            ("AccountAccessKeysPresent", "1"),
            ("AccountMFAEnabled", "0"),
            ("MFADevices", "2"),
            ("MFADevicesInUse", "1"),
            ("ServerCertificates", "0"),
            ("ServerCertificatesQuota", "20"),
            ("GroupsPerUserQuota", "10"),
            ("RolesQuota", "1000"),
            ("AssumeRolePolicySizeQuota", "2048"),
            ("UserPolicySizeQuota", "2048"),
        ] {
            assert_eq!(summary(key), expected, "{key}");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "GetAccountSummary", json!({})).await;
        root(&alcazar, "GetAccountSummary", json!({})).await;
        assert_eq!(alcazar.event("GetAccountSummary").await["readOnly"], true);
    }
}
