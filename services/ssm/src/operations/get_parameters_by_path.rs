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
use crate::told;

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
        let path = Path::above(&input.path)?.map_or("", Path::as_str);
        let arn: Arn = Parameter::arn_of(account, &region, path);
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
            let version = &parameter.current;
            let told = told::with_value(&call, parameter, version, input.with_decryption);
            parameters.push(told.await?);
        }
        Ok(GetParametersByPathResult {
            parameters: Some(parameters),
            next_token: pages.token(call.call(), found.last)?,
        })
    }
}
