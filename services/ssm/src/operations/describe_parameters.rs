//! `ssm:DescribeParameters`: the parameters of an account in a region, without their values.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{DescribeParametersRequest, DescribeParametersResult};
use ssm_api::{operations, permission};

use crate::filters::{Asked, Filters};
use crate::listing::{self, Below};
use crate::paging::Pages;
use crate::parameter::Parameter;
use crate::{errors, shared, told};

/// Parameters of a page.
const MOST: usize = 10;

pub(crate) struct DescribeParameters;

impl Operation for DescribeParameters {
    type Api = operations::DescribeParameters;
    type Target = ();

    async fn access(
        _: &DescribeParametersRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DescribeParameters {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeParametersResult, Failure> {
        let input = call.input();
        let is_shared = input.shared == Some(true);
        let filters = filters(input)?;
        let texts = filters.texts();
        let mut what = vec![if is_shared { "shared" } else { "all" }];
        what.extend(texts.iter().map(String::as_str));
        let pages = Pages::read(call.call(), &what, input.next_token.as_deref())?;
        let below = Below {
            path: filters.path(),
            recursive: true,
        };
        let size = input
            .max_results
            .and_then(|most| usize::try_from(most).ok());
        let (after, size) = (pages.after.as_deref(), size.unwrap_or(MOST));
        let pass = |it: &Parameter| filters.pass(it);
        let found = match is_shared {
            true => shared::page(&call, after, size, pass).await?,
            false => listing::page(&call, &below, after, size, pass).await?,
        };
        let parameters = found.parameters.iter().map(|it| told::metadata(it));
        Ok(DescribeParametersResult {
            parameters: Some(parameters.collect()),
            next_token: pages.token(call.call(), found.last)?,
        })
    }
}

fn filters(input: &DescribeParametersRequest) -> Result<Filters, Failure> {
    match (&input.filters, &input.parameter_filters) {
        (Some(before), Some(now)) if !before.is_empty() && !now.is_empty() => {
            Err(errors::filters_of_two_kinds())
        }
        (Some(before), _) if !before.is_empty() => Filters::of_before(before),
        (_, now) => Filters::read(now, Asked::All),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::json;

    #[tokio::test]
    async fn filters() {
        let root = alcazar().await.root();
        let tagged = json!({"Name": "/a/b", "Value": "1", "Type": "String", "Tier": "Advanced", "Tags": [{"Key": "team", "Value": "red"}]});
        root.ssm("PutParameter", tagged).await.ok();
        root.put("/a/b/c", "1").await;
        root.put_secret("s", "1").await;
        let filter = |key: &str, option: &str, values: &[&str]| json!({"ParameterFilters": [{"Key": key, "Option": option, "Values": values}]});
        for (input, expected) in [
            (json!({}), &["/a/b", "/a/b/c", "s"][..]),
            (filter("Name", "Equals", &["/a/b"]), &["/a/b"]),
            (filter("Name", "BeginsWith", &["/a"]), &["/a/b", "/a/b/c"]),
            (filter("Name", "Contains", &["b/c"]), &["/a/b/c"]),
            (filter("Path", "OneLevel", &["/a"]), &["/a/b"]),
            (filter("Path", "Recursive", &["/a"]), &["/a/b", "/a/b/c"]),
            (filter("Path", "Recursive", &["/a/b", "/x"]), &["/a/b/c"]),
            (filter("Type", "Equals", &["SecureString"]), &["s"]),
            (filter("Tier", "Equals", &["Advanced"]), &["/a/b"]),
            (
                filter("DataType", "Equals", &["text"]),
                &["/a/b", "/a/b/c", "s"],
            ),
            (filter("tag:team", "Equals", &["red", "blue"]), &["/a/b"]),
            (
                json!({"ParameterFilters": [{"Key": "tag:team"}]}),
                &["/a/b"],
            ),
            (
                json!({"Filters": [{"Key": "Name", "Values": ["s"]}]}),
                &["s"],
            ),
        ] {
            let found = root
                .ssm("DescribeParameters", input.clone())
                .await
                .ok()
                .json()
                .unwrap();
            let found: Vec<_> = found["Parameters"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["Name"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(found, expected, "{input}");
        }
        for (input, code) in [
            (filter("Label", "Equals", &["x"]), "InvalidFilterKey"),
            (filter("Name", "Recursive", &["x"]), "InvalidFilterOption"),
            (filter("Path", "Equals", &["/x"]), "InvalidFilterOption"),
            (filter("Path", "OneLevel", &["x"]), "ValidationException"),
            (filter("Tier", "Equals", &["x"]), "InvalidFilterValue"),
            (
                json!({"ParameterFilters": [{"Key": "Name"}]}),
                "InvalidFilterValue",
            ),
            (
                json!({"ParameterFilters": [{"Key": "Name", "Values": ["a"]}, {"Key": "Name", "Values": ["b"]}]}),
                "InvalidFilterKey",
            ),
            (
                json!({"Filters": [{"Key": "Name", "Values": ["s"]}], "ParameterFilters": [{"Key": "Name", "Values": ["a"]}]}),
                "ValidationException",
            ),
            (json!({"MaxResults": 51}), "ValidationException"),
            (json!({"NextToken": "x"}), "InvalidNextToken"),
        ] {
            root.ssm("DescribeParameters", input).await.fails(code);
        }
    }
}
