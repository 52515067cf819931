//! `ssm:GetParametersByPath`: the parameters below a path, with their values.

use std::borrow::Cow;
use std::sync::Arc;

use base::Arn;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::NamedResource;
use ssm_api::shapes::{GetParametersByPathRequest, GetParametersByPathResult};
use ssm_api::{operations, permission};

use crate::filters::{Asked, Filters};
use crate::listing::{self, Below};
use crate::name::Path;
use crate::paging::Pages;
use crate::parameter::Parameter;
use crate::version::Version;
use crate::{sought, told};

/// Parameters of a page.
const MOST: usize = 10;

pub(crate) struct GetParametersByPath;

impl Operation for GetParametersByPath {
    type Api = operations::GetParametersByPath;
    type Target = ();

    /// AWS: who may read a path may read all below it. Permission is decided on the path alone.
    async fn access(
        input: &GetParametersByPathRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        let path = Path::above(&input.path)?;
        let is_public = path.is_some_and(Path::leads_to_public);
        let path = path.map_or("", Path::as_str);
        let arn: Arn = match is_public {
            true => Parameter::arn_of_public(&region, path),
            false => Parameter::arn_of(account, &region, path),
        };
        let recursive = if input.recursive == Some(true) {
            "true"
        } else {
            "false"
        };
        let needs = permission::GetParametersByPath {
            parameter: Arc::new(NamedResource::new(arn, account)),
            recursive: Some(Cow::Borrowed(recursive)),
        };
        Ok(Access::to((), needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetParametersByPathResult, Failure> {
        let input = call.input();
        let filters = Filters::read(&input.parameter_filters, Asked::ByPath)?;
        let recursive = input.recursive == Some(true);
        let texts = filters.texts();
        let mut what = vec!["by path", &input.path, if recursive { "all" } else { "" }];
        what.extend(texts.iter().map(String::as_str));
        let pages = Pages::read(call.call(), &what, input.next_token.as_deref())?;
        let below = Below {
            path: Path::above(&input.path)?,
            recursive,
        };
        let size = input
            .max_results
            .and_then(|most| usize::try_from(most).ok());
        let (after, size) = (pages.after.as_deref(), size.unwrap_or(MOST));
        let found = listing::page(&call, &below, after, size, |it| filters.pass(it)).await?;
        let mut parameters = Vec::new();
        for parameter in &found.parameters {
            for version in versions(&call, &filters, parameter).await? {
                let told = told::with_value(&call, parameter, &version, input.with_decryption);
                parameters.push(told.await?);
            }
        }
        Ok(GetParametersByPathResult {
            parameters: Some(parameters),
            next_token: pages.token(call.call(), found.last)?,
        })
    }
}

/// The versions that are asked for: those with the label, or the newest.
async fn versions(
    call: &Permitted<'_, GetParametersByPath>,
    filters: &Filters,
    parameter: &Parameter,
) -> Result<Vec<Version>, Failure> {
    let Some(numbers) = filters.labelled(parameter) else {
        return Ok(vec![parameter.current.clone()]);
    };
    let mut versions = Vec::new();
    for number in numbers {
        versions.push(sought::version(call.look(), parameter, number).await?);
    }
    versions.retain(|version| filters.pass_version(parameter, version));
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_label_chooses_the_version() {
        let root = alcazar().await.root();
        for value in ["one", "two", "three"] {
            root.put("/a/b", value).await;
        }
        for (version, label) in [(1, "prod"), (2, "test")] {
            let label = json!({"Name": "/a/b", "ParameterVersion": version, "Labels": [label]});
            root.ssm("LabelParameterVersion", label).await.ok();
        }
        for (labels, values) in [
            (json!(["prod"]), json!(["one"])),
            (json!(["prod", "test"]), json!(["one", "two"])),
            (json!(["none"]), json!([])),
        ] {
            let filters = json!([{"Key": "Label", "Values": labels}]);
            let input = json!({"Path": "/a", "ParameterFilters": filters});
            let page = root.ssm("GetParametersByPath", input).await.ok();
            let page = page.json().unwrap();
            let found = page["Parameters"].as_array().unwrap().iter();
            let found: Vec<_> = found.map(|it| it["Value"].clone()).collect();
            assert_eq!(json!(found), values, "{labels}");
        }
    }

    #[tokio::test]
    async fn filters_are_few() {
        let root = alcazar().await.root();
        let filters = vec![json!({"Key": "tag:a", "Values": ["b"]}); 51];
        let refused = root.ssm("DescribeParameters", json!({"ParameterFilters": filters}));
        let refused = refused.await.fails("ValidationException");
        refused.saying(
            "1 validation error detected: Value at 'parameterFilters' failed to satisfy constraint: \
             Member must have length less than or equal to 50",
        );
    }

    async fn names(client: &harness::Client, input: Value) -> Vec<String> {
        let (mut names, mut input) = (Vec::new(), input);
        loop {
            let page = client
                .ssm("GetParametersByPath", input.clone())
                .await
                .ok()
                .json()
                .unwrap();
            let found = page["Parameters"].as_array().unwrap().iter();
            names.extend(found.map(|it| it["Name"].as_str().unwrap().to_owned()));
            if page["NextToken"].is_null() {
                return names;
            }
            input["NextToken"] = page["NextToken"].clone();
        }
    }

    #[tokio::test]
    async fn one_level_and_all() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for name in [
            "/a", "/a/b", "/a/b/c", "/a/b/d", "/a/e", "/a-x/f", "g", "/a/h/i/j", "/z",
        ] {
            root.put(name, "1").await;
        }
        alcazar.other_root().put("/a/foreign", "1").await;
        root.region("eu-west-1").put("/a/abroad", "1").await;
        for size in [1, 2, 3, 10] {
            for (path, recursive, expected) in [
                ("/", false, &["/a", "g", "/z"][..]),
                ("/a", false, &["/a/b", "/a/e"]),
                (
                    "/a/",
                    true,
                    &["/a/b", "/a/b/c", "/a/b/d", "/a/e", "/a/h/i/j"],
                ),
                ("/a/b", false, &["/a/b/c", "/a/b/d"]),
                ("/a/b/c", true, &[]),
                ("/none", true, &[]),
            ] {
                let input = json!({"Path": path, "Recursive": recursive, "MaxResults": size});
                assert_eq!(names(&root, input).await, expected, "{path} {size}");
            }
        }
    }

    #[tokio::test]
    async fn filters_and_forged_tokens() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.put("/a/b", "1").await;
        root.put_secret("/a/s", "1").await;
        let label = json!({"Name": "/a/b", "Labels": ["x"]});
        root.ssm("LabelParameterVersion", label).await.ok();
        let filter = |key: &str, value: &str| json!({"Path": "/a", "ParameterFilters": [{"Key": key, "Values": [value]}]});
        assert_eq!(names(&root, filter("Type", "SecureString")).await, ["/a/s"]);
        assert_eq!(names(&root, filter("Label", "x")).await, ["/a/b"]);
        assert_eq!(
            names(&root, filter("KeyId", "alias/aws/ssm")).await,
            ["/a/s"]
        );
        let page = root
            .ssm(
                "GetParametersByPath",
                json!({"Path": "/a", "MaxResults": 1}),
            )
            .await
            .ok();
        let token = page.field("NextToken");
        for input in [
            json!({"Path": "/a", "NextToken": "forged"}),
            json!({"Path": "/", "NextToken": token}),
            json!({"Path": "/a", "Recursive": true, "NextToken": token}),
        ] {
            root.ssm("GetParametersByPath", input)
                .await
                .fails("InvalidNextToken");
        }
        let other = alcazar.other_root();
        let stolen = json!({"Path": "/a", "MaxResults": 1, "NextToken": token});
        other
            .ssm("GetParametersByPath", stolen)
            .await
            .fails("InvalidNextToken");
        for (input, code) in [
            (json!({"Path": "a"}), "ValidationException"),
            (json!({"Path": "/a//b"}), "ValidationException"),
            (
                json!({"Path": "/a", "MaxResults": 11}),
                "ValidationException",
            ),
            (filter("Name", "x"), "InvalidFilterKey"),
            (filter("Tier", "Standard"), "InvalidFilterKey"),
            (filter("Type", "Text"), "InvalidFilterValue"),
        ] {
            root.ssm("GetParametersByPath", input).await.fails(code);
        }
    }

    #[tokio::test]
    async fn permission_is_that_of_the_path() {
        let alcazar = alcazar().await;
        alcazar.root().put("/a/b", "1").await;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:*:*:parameter/a"},
            {"Effect": "Deny", "Action": "ssm:GetParametersByPath", "Resource": "*",
                "Condition": {"StringEquals": {"ssm:Recursive": "true"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        assert_eq!(names(&ann, json!({"Path": "/a"})).await, ["/a/b"]);
        for input in [
            json!({"Path": "/"}),
            json!({"Path": "/a/b"}),
            json!({"Path": "/a", "Recursive": true}),
        ] {
            ann.ssm("GetParametersByPath", input)
                .await
                .fails("AccessDeniedException");
        }
    }
}
