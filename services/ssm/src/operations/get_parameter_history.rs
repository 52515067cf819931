//! `ssm:GetParameterHistory`: the versions of a parameter, the oldest first.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{GetParameterHistoryRequest, GetParameterHistoryResult};
use ssm_api::{operations, permission};

use crate::paging::Pages;
use crate::sought::{self, Sought};
use crate::{errors, told};

/// Versions of a page.
const MOST: u64 = 50;

pub(crate) struct GetParameterHistory;

impl Operation for GetParameterHistory {
    type Api = operations::GetParameterHistory;
    type Target = Sought;

    async fn access(
        input: &GetParameterHistoryRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.name).await?;
        if sought.selector().is_some() {
            return Err(errors::invalid_reference());
        }
        let needs = permission::GetParameterHistory {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetParameterHistoryResult, Failure> {
        let input = call.input();
        let parameter = call.target().existing()?;
        let what = ["history", parameter.arn.as_str()];
        let pages = Pages::read(call.call(), &what, input.next_token.as_deref())?;
        let after = match &pages.after {
            Some(after) => Some(
                after
                    .parse::<u64>()
                    .map_err(|_| errors::invalid_next_token())?,
            ),
            None => None,
        };
        let first = after.map_or(parameter.oldest, |after| parameter.oldest.max(after + 1));
        let size = input.max_results.and_then(|most| u64::try_from(most).ok());
        let last = parameter
            .current
            .number
            .min(first + size.unwrap_or(MOST) - 1);
        let mut parameters = Vec::new();
        for number in first..=last {
            let version = sought::version(call.look(), parameter, number).await?;
            let told = told::history(&call, parameter, &version, input.with_decryption).await?;
            parameters.push(told);
        }
        let more = (last < parameter.current.number).then(|| last.to_string());
        Ok(GetParameterHistoryResult {
            parameters: Some(parameters),
            next_token: pages.token(call.call(), more)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn in_pages() {
        let root = alcazar().await.root();
        for value in ["1", "2", "3"] {
            root.put("/a", value).await;
        }
        let page = json!({"Name": "/a", "MaxResults": 2});
        let page = root
            .ssm("GetParameterHistory", page)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(page["Parameters"][1]["Value"], "2");
        let next = json!({"Name": "/a", "MaxResults": 2, "NextToken": page["NextToken"]});
        let page = root
            .ssm("GetParameterHistory", next)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(page["Parameters"][0]["Version"], 3);
        assert_eq!(page["NextToken"], Value::Null);
        root.ssm("GetParameterHistory", json!({"Name": "/b"}))
            .await
            .fails("ParameterNotFound");
    }
}
