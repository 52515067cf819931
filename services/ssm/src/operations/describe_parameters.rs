//! `ssm:DescribeParameters`: the parameters of an account in a region, without their values.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{DescribeParametersRequest, DescribeParametersResult};
use ssm_api::{operations, permission};

use crate::filters::{Asked, Filters};
use crate::listing::{self, Below};
use crate::paging::Pages;
use crate::{errors, told};

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
        if input.shared == Some(true) {
            return Err(errors::not_built("Shared"));
        }
        let filters = filters(input)?;
        let texts = filters.texts();
        let mut what = vec!["all"];
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
        let found = listing::page(&call, &below, after, size, |it| filters.pass(it)).await?;
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
        (Some(before), _) if !before.is_empty() => Ok(Filters::of_before(before)),
        (_, now) => Filters::read(now, Asked::All),
    }
}
