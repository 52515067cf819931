//! `ssm:PutParameter`: a new parameter, or a new version of one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::Tags;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{ParameterTier, ParameterType, PutParameterRequest, PutParameterResult};
use ssm_api::{operations, permission};

use crate::limits::{ARN_LENGTH, STANDARD_PARAMETERS};
use crate::name::Path;
use crate::parameter::Parameter;
use crate::parameter_policy::{self, ParameterPolicy, carried_over};
use crate::sealing::{self, MANAGED_ALIAS};
use crate::sought::Sought;
use crate::version::{self, Kept, Version};
use crate::{data_type, errors, keeping, service_setting, tags, tally, value};

pub(crate) struct PutParameter;

/// What is to be kept, and where.
pub(crate) struct Wanted {
    sought: Sought,
    tags: Tags,
}

impl Operation for PutParameter {
    type Api = operations::PutParameter;
    type Target = Wanted;

    async fn access(
        input: &PutParameterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Path::read(&input.name)?.may_be_made(&input.name)?;
        let sought = Sought::find_by_name(look, &input.name).await?;
        if sought.arn().as_str().len() > ARN_LENGTH {
            return Err(errors::name_too_long());
        }
        let tags = tags::requested(input.tags.as_deref().unwrap_or_default())?;
        let truth = |yes: bool| Some(Cow::Borrowed(if yes { "true" } else { "false" }));
        let needs = permission::PutParameter {
            parameter: sought.resource(),
            overwrite: truth(input.overwrite == Some(true)),
            policies: truth(input.policies.is_some()),
            request_tags: tags.clone(),
        };
        let also = (!tags.is_empty()).then(|| permission::AddTagsToResource {
            parameter: sought.resource(),
            request_tags: tags.clone(),
        });
        let access = Access::to(Wanted { sought, tags }, needs);
        Ok(also.into_iter().fold(access, Access::and))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<PutParameterResult, Failure> {
        let (input, wanted) = (call.input(), call.target());
        check(input)?;
        let old = wanted.sought.parameter();
        if old.is_some() && input.overwrite != Some(true) {
            return Err(errors::exists());
        }
        let version = version(&call, old.map(|old| &**old)).await?;
        let reply = PutParameterResult {
            version: version::told(version.number),
            tier: Some(version.tier),
        };
        match old {
            Some(old) => keeping::renew(&call, old, version).await?,
            None => keeping::begin(&call, new_parameter(&call, version)?).await?,
        }
        Ok(reply)
    }
}

/// What does not do, whatever there is already.
fn check(input: &PutParameterRequest) -> Result<(), Failure> {
    if input.overwrite == Some(true) && input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        return Err(errors::tags_with_overwrite());
    }
    value::check(&input.value)
}

fn new_parameter(
    call: &Permitted<'_, PutParameter>,
    current: Version,
) -> Result<Parameter, Failure> {
    let wanted = call.target();
    Ok(Parameter {
        name: call.input().name.clone(),
        arn: wanted.sought.arn().clone(),
        account: call.call().account(),
        region: call.call().region(),
        tags: tags::added(&Tags::default(), &wanted.tags)?,
        labels: BTreeMap::new(),
        oldest: current.number,
        current,
        policy: None,
    })
}

/// The new version, after `old` if there is one.
async fn version(
    call: &Permitted<'_, PutParameter>,
    old: Option<&Parameter>,
) -> Result<Version, Failure> {
    let input = call.input();
    let before = old.map(|old| &old.current);
    let kind = kind(input, before)?;
    let policies = policies(call, before)?;
    let tier = tier(call, before, !policies.is_empty()).await?;
    value::fits(&input.value, tier)?;
    let kept = |given: &Option<String>, before: Option<&Option<String>>| {
        let text = given.clone().or_else(|| before.cloned().flatten());
        text.filter(|text| !text.is_empty())
    };
    let allowed_pattern = kept(&input.allowed_pattern, before.map(|it| &it.allowed_pattern));
    value::check_pattern(&input.value, allowed_pattern.as_deref()).await?;
    let data_type = kept(
        &input.data_type,
        before.map(|it| Some(it.data_type.clone())).as_ref(),
    );
    let data_type = data_type.unwrap_or_else(|| data_type::TEXT.to_owned());
    let path = Path::read(&input.name)?;
    data_type::check(&data_type, kind, path.as_str(), input.value.expose())?;
    let number = before.map_or(1, |before| before.number + 1);
    let (value, key_id) = keep_value(call, kind, tier, number).await?;
    Ok(Version {
        number,
        kind,
        value,
        key_id,
        modified: call.call().now(),
        modified_by: call.call().caller().arn().to_string(),
        description: kept(&input.description, before.map(|it| &it.description)),
        allowed_pattern,
        tier,
        data_type,
        policies,
    })
}

fn kind(input: &PutParameterRequest, before: Option<&Version>) -> Result<ParameterType, Failure> {
    let kind = match (input.type_, before) {
        (Some(kind), Some(before)) if kind != before.kind => return Err(errors::other_type()),
        (Some(kind), _) => kind,
        (None, Some(before)) => before.kind,
        (None, None) => return Err(errors::no_type()),
    };
    match kind != ParameterType::SecureString && input.key_id.is_some() {
        true => Err(errors::key_without_secret()),
        false => Ok(kind),
    }
}

/// Those that the caller gives, or those that the version before has.
fn policies(
    call: &Permitted<'_, PutParameter>,
    before: Option<&Version>,
) -> Result<Vec<ParameterPolicy>, Failure> {
    match &call.input().policies {
        Some(text) => parameter_policy::read(text, call.call().now()),
        None => Ok(before.map_or_else(Vec::new, |before| carried_over(&before.policies))),
    }
}

/// AWS document: AWS Systems Manager User Guide, "Managing parameter tiers".
async fn tier(
    call: &Permitted<'_, PutParameter>,
    before: Option<&Version>,
    has_policies: bool,
) -> Result<ParameterTier, Failure> {
    let input = call.input();
    let was_advanced = before.is_some_and(|before| before.tier == ParameterTier::Advanced);
    let asked = match input.tier {
        Some(tier) => tier,
        None => service_setting::default_tier(call.look()).await?,
    };
    let needs_advanced = has_policies || !value::is_standard(&input.value);
    if was_advanced && input.tier == Some(ParameterTier::Standard) {
        return Err(errors::no_way_back());
    }
    Ok(match asked {
        _ if was_advanced => ParameterTier::Advanced,
        ParameterTier::Advanced => ParameterTier::Advanced,
        ParameterTier::Standard if has_policies => return Err(errors::policies_of_standard()),
        ParameterTier::Standard => ParameterTier::Standard,
        ParameterTier::IntelligentTiering if needs_advanced => ParameterTier::Advanced,
        ParameterTier::IntelligentTiering => {
            let (account, region) = (call.call().account(), call.call().region());
            let there = tally::total(call, account, &region, ParameterTier::Standard).await?;
            match before.is_none() && there >= STANDARD_PARAMETERS {
                true => ParameterTier::Advanced,
                false => ParameterTier::Standard,
            }
        }
    })
}

/// The value as it is kept, and the key of one that is sealed.
async fn keep_value(
    call: &Permitted<'_, PutParameter>,
    kind: ParameterType,
    tier: ParameterTier,
    number: u64,
) -> Result<(Kept, Option<String>), Failure> {
    let (input, arn) = (call.input(), call.target().sought.arn());
    if kind != ParameterType::SecureString {
        let sealed = sealing::seal_own(call, arn, number, &input.value).await?;
        return Ok((Kept::Owned(sealed), None));
    }
    let key = input.key_id.as_deref().unwrap_or(MANAGED_ALIAS);
    let sealed = sealing::seal(call, arn, key, tier, &input.value).await?;
    Ok((Kept::Sealed(sealed), Some(key.to_owned())))
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_parameter_with_all_it_can_have() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let input = json!({"Name": "/a/b", "Value": "7", "Type": "String", "Description": "d", "AllowedPattern": "\\d",
            "Tier": "Advanced", "Tags": [{"Key": "team", "Value": "red"}]});
        let put = root.ssm("PutParameter", input).await.ok().json().unwrap();
        assert_eq!(put, json!({"Version": 1, "Tier": "Advanced"}));
        let told = root
            .ssm("DescribeParameters", json!({}))
            .await
            .ok()
            .json()
            .unwrap();
        let told = &told["Parameters"][0];
        assert_eq!(
            told["ARN"],
            "arn:aws:ssm:us-east-1:111122223333:parameter/a/b"
        );
        assert_eq!(told["AllowedPattern"], "\\d");
        assert_eq!(told["LastModifiedUser"], "arn:aws:iam::111122223333:root");
        let input = json!({"Name": "/a/b", "Value": "8", "Overwrite": true});
        let put = root.ssm("PutParameter", input).await.ok().json().unwrap();
        assert_eq!(put, json!({"Version": 2, "Tier": "Advanced"}));
        let event = alcazar.event("PutParameter").await;
        assert_eq!(event["requestParameters"]["name"], "/a/b");
        assert_eq!(event["requestParameters"]["value"], Value::Null);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.put("/a", "1").await;
        let deep = "/a".repeat(16);
        for (input, code) in [
            (
                json!({"Name": "/a", "Value": "2"}),
                "ParameterAlreadyExists",
            ),
            (json!({"Name": "a", "Value": "2"}), "ParameterAlreadyExists"),
            (json!({"Name": "/b", "Value": "2"}), "ValidationException"),
            (
                json!({"Name": "/b", "Value": "", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b", "Value": "{{x}}", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "Text"}),
                "ValidationException",
            ),
            (
                json!({"Name": "b/c", "Value": "x", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b//c", "Value": "x", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b/", "Value": "x", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b:1", "Value": "x", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "awsx", "Value": "x", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/AWS/x", "Value": "x", "Type": "String"}),
                "AccessDeniedException",
            ),
            (
                json!({"Name": "/ssm/x", "Value": "x", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "b".repeat(1000), "Value": "x", "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": deep, "Value": "x", "Type": "String"}),
                "HierarchyLevelLimitExceededException",
            ),
        ] {
            root.ssm("PutParameter", input).await.fails(code);
        }
    }

    #[tokio::test]
    async fn values_that_are_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.put("/a", "1").await;
        let long = "x".repeat(4097);
        for (input, code) in [
            (
                json!({"Name": "/b", "Value": long, "Type": "String"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b", "Value": "x".repeat(8193), "Type": "String", "Tier": "Advanced"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "String", "KeyId": "alias/a"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "SecureString", "KeyId": "alias/a"}),
                "InvalidKeyId",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "String", "AllowedPattern": "("}),
                "InvalidAllowedPatternException",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "String", "AllowedPattern": "y"}),
                "ParameterPatternMismatchException",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "String", "DataType": "Text"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "String", "DataType": "aws:ec2:image"}),
                "ValidationException",
            ),
            (
                json!({"Name": "/a", "Value": "x", "Type": "StringList", "Overwrite": true}),
                "HierarchyTypeMismatchException",
            ),
            (
                json!({"Name": "/a", "Value": "x", "Overwrite": true, "Tags": [{"Key": "a", "Value": "b"}]}),
                "ValidationException",
            ),
            (
                json!({"Name": "/b", "Value": "x", "Type": "String", "Tags": [{"Key": "aws:a", "Value": "b"}]}),
                "ValidationException",
            ),
        ] {
            root.ssm("PutParameter", input).await.fails(code);
        }
        let told = root
            .ssm("DescribeParameters", json!({}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(told["Parameters"].as_array().unwrap().len(), 1);
        assert_eq!(root.value("/a").await, "1");
    }

    #[tokio::test]
    async fn tiers() {
        let root = alcazar().await.root();
        let long = "x".repeat(4097);
        let put = |name: &str, tier: &str, value: &str| json!({"Name": name, "Value": value, "Type": "String", "Tier": tier, "Overwrite": true});
        for (input, tier) in [
            (put("/a", "Intelligent-Tiering", "x"), "Standard"),
            (put("/a", "Intelligent-Tiering", &long), "Advanced"),
            (put("/a", "Intelligent-Tiering", "x"), "Advanced"),
            (put("/b", "Standard", "x"), "Standard"),
            (put("/b", "Advanced", "x"), "Advanced"),
        ] {
            let put = root.ssm("PutParameter", input).await.ok();
            assert_eq!(put.field("Tier"), tier);
        }
        let back = root.ssm("PutParameter", put("/b", "Standard", "x")).await;
        back.fails("ValidationException");
    }

    #[tokio::test]
    async fn a_hundred_versions() {
        let root = alcazar().await.root();
        for number in 1..=100 {
            root.put("/a", &number.to_string()).await;
        }
        let label = json!({"Name": "/a", "ParameterVersion": 1, "Labels": ["first"]});
        root.ssm("LabelParameterVersion", label).await.ok();
        let more = json!({"Name": "/a", "Value": "101", "Overwrite": true});
        let refused = root.ssm("PutParameter", more.clone()).await;
        refused.fails("ParameterMaxVersionLimitExceeded");
        let moved = json!({"Name": "/a", "ParameterVersion": 2, "Labels": ["first"]});
        root.ssm("LabelParameterVersion", moved).await.ok();
        root.ssm("PutParameter", more).await.ok();
        let gone = root.ssm("GetParameter", json!({"Name": "/a:1"})).await;
        gone.fails("ParameterVersionNotFound").saying(
            "Systems Manager could not find version 1 of /a. Verify the version and try again.",
        );
        assert_eq!(root.value("/a:first").await, "2");
        assert_eq!(root.value("/a").await, "101");
    }

    #[tokio::test]
    async fn versions_at_once() {
        let root = alcazar().await.root();
        root.put("/a", "0").await;
        let puts = (0..8).map(|number| {
            let root = root.clone();
            tokio::spawn(async move { root.put("/a", &number.to_string()).await })
        });
        for put in puts.collect::<Vec<_>>() {
            put.await.unwrap();
        }
        let history = root
            .ssm("GetParameterHistory", json!({"Name": "/a"}))
            .await
            .ok();
        let history = history.json().unwrap();
        let numbers: Vec<_> = history["Parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["Version"].as_u64().unwrap())
            .collect();
        assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn conditions_of_the_request() {
        let alcazar = alcazar().await;
        alcazar.root().put("/a", "1").await;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*"},
            {"Effect": "Deny", "Action": "ssm:PutParameter", "Resource": "*",
                "Condition": {"StringEquals": {"ssm:Overwrite": "true"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let input = json!({"Name": "/b", "Value": "1", "Type": "String"});
        ann.ssm("PutParameter", input).await.ok();
        let input = json!({"Name": "/a", "Value": "2", "Overwrite": true});
        ann.ssm("PutParameter", input)
            .await
            .fails("AccessDeniedException");
        let tagged = json!({"Name": "/c", "Value": "1", "Type": "String", "Tags": [{"Key": "a", "Value": "b"}]});
        ann.ssm("PutParameter", tagged)
            .await
            .fails("AccessDeniedException");
    }
}
