//! The resources of a simulation, each with the policy that the call gives.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base::{AccountId, Arn, Tags};
use identity::Document;
use pipeline::Failure;
use policy::{Grammar, Resource, ResourcePolicy};

use super::Question;
use super::entity::Caller;
use super::refusals;

/// A resource that need not exist.
pub(crate) struct SimulatedResource {
    arn: Arn,
    account: AccountId,
    tags: Tags,
    policy: Option<(Grammar, Document)>,
}

impl SimulatedResource {
    /// The policy that is put on it.
    pub(crate) fn document(&self) -> Option<&Document> {
        self.policy.as_ref().map(|(_, document)| document)
    }
}

impl Resource for SimulatedResource {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    /// As on real calls a key's policy and a role's trust policy have the last word.
    fn policy(&self) -> ResourcePolicy<'_> {
        match &self.policy {
            None => ResourcePolicy::None,
            Some((Grammar::Key, document)) => ResourcePolicy::Key(document.policy()),
            Some((Grammar::Trust, document)) => ResourcePolicy::Trust(document.policy()),
            Some((_, document)) => ResourcePolicy::Ordinary(Some(document.policy())),
        }
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

/// The resources that `question` names; none for `*`.
pub(crate) fn resources(
    question: &Question<'_>,
    caller: &Caller,
) -> Result<Vec<SimulatedResource>, Failure> {
    let owner = question.resource_owner.map(owner).transpose()?;
    let named = match question.resources {
        [] => &[],
        [star] if star == "*" => &[],
        named => named,
    };
    if question.resource_policy.is_some() {
        if caller.arn().is_empty() {
            return Err(refusals::no_caller());
        }
        if named.is_empty() {
            return Err(refusals::unclear_entity("*"));
        }
    }
    let mut policies = HashMap::new();
    let mut resources = Vec::new();
    for text in named {
        let arn = arn(text).ok_or_else(|| refusals::invalid_resource(text))?;
        let policy = on(&arn, question, &mut policies)?;
        let account = match question.resource_policy.is_some() || owner.is_some() {
            true => arn
                .account()
                .parse()
                .ok()
                .or(owner)
                .unwrap_or(caller.account()),
            // AWS: without a word of the resource's side only that of the caller is simulated.
            false => caller.account(),
        };
        resources.push(SimulatedResource {
            arn,
            account,
            tags: Tags::default(),
            policy,
        });
    }
    Ok(resources)
}

fn arn(text: &str) -> Option<Arn> {
    let arn: Arn = text.parse().ok()?;
    let whole =
        !arn.partition().is_empty() && !arn.service().is_empty() && !arn.resource().is_empty();
    whole.then_some(arn)
}

/// AWS: the owner is given as `arn:aws:iam::ACCOUNT:root`.
fn owner(text: &str) -> Result<AccountId, Failure> {
    let account = text
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.strip_suffix(":root"));
    let account = account.and_then(|account| account.parse().ok());
    account.ok_or_else(|| refusals::invalid_owner(text))
}

/// The policy of the call as it stands on `arn`, read once a grammar.
fn on(
    arn: &Arn,
    question: &Question<'_>,
    read: &mut HashMap<Grammar, Document>,
) -> Result<Option<(Grammar, Document)>, Failure> {
    let Some(text) = question.resource_policy else {
        return Ok(None);
    };
    let grammar = match (arn.service(), arn.resource().split_once('/')) {
        ("kms", Some(("key", _))) => Grammar::Key,
        ("iam", Some(("role", _))) => Grammar::Trust,
        _ => Grammar::Resource,
    };
    let document = match read.entry(grammar) {
        Entry::Occupied(known) => known.get().clone(),
        Entry::Vacant(place) => {
            let parsed = Document::parse(text, grammar).map_err(refusals::malformed)?;
            place.insert(parsed).clone()
        }
    };
    Ok(Some((grammar, document)))
}

/// What each type of simulation must have resources of.
/// AWS: `ResourceHandlingOption` of SimulateCustomPolicy.
const HANDLING: [(&str, &[&str]); 4] = [
    (
        "EC2-VPC-InstanceStore",
        &["instance", "image", "security-group", "network-interface"],
    ),
    (
        "EC2-VPC-InstanceStore-Subnet",
        &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "subnet",
        ],
    ),
    (
        "EC2-VPC-EBS",
        &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "volume",
        ],
    ),
    (
        "EC2-VPC-EBS-Subnet",
        &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "subnet",
            "volume",
        ],
    ),
];

/// Fails unless the resources are those that the type of simulation demands.
pub(crate) fn check_handling(question: &Question<'_>) -> Result<(), Failure> {
    let Some(option) = question.resource_handling_option else {
        return Ok(());
    };
    let mut options = HANDLING.into_iter();
    let known = options.find(|(name, _)| *name == option);
    let (_, needed) = known.ok_or_else(|| refusals::invalid_handling(option))?;
    let ec2 = |action: &&String| action.to_ascii_lowercase().starts_with("ec2:");
    if let Some(other) = question.actions.iter().find(|action| !ec2(action)) {
        return Err(refusals::handling_not_for(other));
    }
    let given = |kind: &&&str| {
        let arns = question.resources.iter().filter_map(|text| arn(text));
        let mut of_ec2 = arns.filter(|arn| arn.service() == "ec2");
        of_ec2.any(|arn| arn.resource().split('/').next() == Some(**kind))
    };
    match needed.iter().find(|kind| !given(kind)) {
        Some(kind) => Err(refusals::handling_needs(option, kind)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::simulating::{
        ANN, BUCKET, OPERATION, OTHER_ROOT, ROOT, allow, asked, on_bucket, simulate,
    };
    use crate::testing::{ANYTHING, fails, root, server};

    #[tokio::test]
    async fn resource_policies_within_an_account() {
        let alcazar = server().await;
        for (policies, on_bucket, decision, source) in [
            (
                allow("iam:*"),
                on_bucket("Allow", ANN),
                "allowed",
                "ResourcePolicy",
            ),
            (allow("iam:*"), on_bucket("Allow", ROOT), "implicitDeny", ""),
            (
                allow("s3:*"),
                on_bucket("Deny", ROOT),
                "explicitDeny",
                "ResourcePolicy",
            ),
        ] {
            let more =
                json!({"ResourceArns": [BUCKET], "ResourcePolicy": on_bucket, "CallerArn": ANN});
            let answer = simulate(&alcazar, &[policies], more).await;
            assert_eq!(answer.field("EvalDecision"), decision);
            let shown = answer
                .text
                .split("<ResourceSpecificResults>")
                .next()
                .unwrap();
            assert_eq!(
                shown.contains("<SourcePolicyId>ResourcePolicy<"),
                !source.is_empty()
            );
            assert!(!answer.text.contains("<key>"));
        }
    }

    #[tokio::test]
    async fn resource_policies_across_accounts() {
        let alcazar = server().await;
        for (policies, on_bucket, decision, identity, resource) in [
            (
                allow("s3:*"),
                on_bucket("Allow", ANN),
                "allowed",
                "allowed",
                "allowed",
            ),
            (
                allow("iam:*"),
                on_bucket("Allow", ANN),
                "implicitDeny",
                "implicitDeny",
                "allowed",
            ),
            (
                allow("s3:*"),
                on_bucket("Allow", OTHER_ROOT),
                "implicitDeny",
                "allowed",
                "implicitDeny",
            ),
            (
                allow("s3:*"),
                on_bucket("Deny", ANN),
                "explicitDeny",
                "allowed",
                "explicitDeny",
            ),
        ] {
            let more = json!({
                "ResourceArns": [BUCKET], "ResourcePolicy": on_bucket,
                "ResourceOwner": OTHER_ROOT, "CallerArn": ANN,
                "PermissionsBoundaryPolicyInputList": [ANYTHING],
            });
            let answer = simulate(&alcazar, &[policies], more).await;
            assert_eq!(answer.field("EvalDecision"), decision);
            for (name, said) in [
                ("IAM Policy", identity),
                ("Resource Policy", resource),
                ("Permissions Boundary Policy", "allowed"),
            ] {
                let entry = format!("<key>{name}</key><value>{said}</value>");
                assert_eq!(
                    answer.text.matches(&entry).count(),
                    2,
                    "{entry} {}",
                    answer.text
                );
            }
        }
        let alone = json!({"ResourceArns": [BUCKET], "ResourceOwner": OTHER_ROOT});
        let answer = simulate(&alcazar, &[allow("s3:*")], alone).await;
        assert_eq!(answer.field("EvalDecision"), "implicitDeny");
        let theirs = json!({"ResourceArns": ["arn:aws:iam::444455556666:role/r"]});
        let answer = simulate(&alcazar, &[allow("s3:*")], theirs).await;
        assert_eq!(answer.field("EvalDecision"), "allowed");
    }

    #[tokio::test]
    async fn scenarios_of_ec2_demand_their_resources() {
        let alcazar = server().await;
        let arn = |kind: &str| format!("arn:aws:ec2:us-east-1:111122223333:{kind}/x");
        let all: Vec<_> = ["instance", "image", "security-group", "network-interface"]
            .map(arn)
            .into();
        let input = |option: &str, arns: &[String]| json!({"PolicyInputList": [ANYTHING], "ActionNames": ["ec2:RunInstances"], "ResourceArns": arns, "ResourceHandlingOption": option});
        let answer = root(&alcazar, OPERATION, input("EC2-VPC-InstanceStore", &all)).await;
        assert_eq!(answer.field("EvalDecision"), "allowed");
        let prefix = "Invalid input resource handling options";
        let needs = format!("{prefix}. EC2-VPC-EBS requires a resource of type volume.");
        fails(
            &alcazar,
            OPERATION,
            input("EC2-VPC-EBS", &all),
            ("InvalidInput", &needs),
        )
        .await;
        let unknown = format!("{prefix}: EC2.");
        fails(
            &alcazar,
            OPERATION,
            input("EC2", &all),
            ("InvalidInput", &unknown),
        )
        .await;
        let other =
            format!("{prefix}. Action does not support resource handling options: s3:GetObject.");
        let input = asked(
            &[allow("*")],
            json!({"ResourceHandlingOption": "EC2-VPC-EBS"}),
        );
        fails(&alcazar, OPERATION, input, ("InvalidInput", &other)).await;
    }
}
