//! What policies would say to calls that nobody makes, by the engine that decides on real ones.
//!
//! AWS documents: IAM API Reference, "SimulateCustomPolicy" and "SimulatePrincipalPolicy"; IAM User Guide, "Testing IAM
//! policies with the IAM policy simulator".

mod answer;
mod context;
pub(crate) mod entity;
pub(crate) mod exclusion;
mod judgement;
pub(crate) mod organization;
pub(crate) mod refusals;
mod resource;
pub(crate) mod source;
mod weight;

use base::Timestamp;
use iam_api::shapes::{
    ContextEntry, SimulateCustomPolicyRequest, SimulatePolicyResponse,
    SimulatePrincipalPolicyRequest,
};
use pipeline::Failure;

use crate::paging::Paging;
use context::SimulatedContext;
use entity::Caller;
use judgement::Laid;
use resource::SimulatedResource;
use source::Sources;

/// Results of a page unless the caller says otherwise. AWS: `MaxItems`.
const DEFAULT: i32 = 100;

/// What both operations ask.
pub(crate) struct Question<'a> {
    actions: &'a [String],
    resources: &'a [String],
    resource_policy: Option<&'a str>,
    resource_owner: Option<&'a str>,
    resource_handling_option: Option<&'a str>,
    caller: Option<&'a str>,
    context: &'a [ContextEntry],
    max_items: Option<i32>,
    marker: &'a Option<String>,
}

macro_rules! question {
    ($request:ident) => {
        impl<'a> From<&'a $request> for Question<'a> {
            fn from(input: &'a $request) -> Self {
                Self {
                    actions: &input.action_names,
                    resources: input.resource_arns.as_deref().unwrap_or_default(),
                    resource_policy: input.resource_policy.as_deref(),
                    resource_owner: input.resource_owner.as_deref(),
                    resource_handling_option: input.resource_handling_option.as_deref(),
                    caller: input.caller_arn.as_deref(),
                    context: input.context_entries.as_deref().unwrap_or_default(),
                    max_items: input.max_items,
                    marker: &input.marker,
                }
            }
        }
    };
}
question!(SimulateCustomPolicyRequest);
question!(SimulatePrincipalPolicyRequest);

/// A simulation whose every part is valid.
pub(crate) struct Simulation {
    caller: Caller,
    sources: Sources,
    resources: Vec<SimulatedResource>,
    context: SimulatedContext,
    /// Condition keys that policies name and nobody has given.
    missing: Vec<String>,
}

impl Simulation {
    /// Asks `sources` what `question` asks, on behalf of `caller` unless it names another.
    pub(crate) fn answer(
        question: &Question<'_>,
        caller: Caller,
        sources: Sources,
        now: Timestamp,
    ) -> Result<SimulatePolicyResponse, Failure> {
        question
            .actions
            .iter()
            .try_for_each(|action| check_action(action))?;
        resource::check_handling(question)?;
        let caller = caller.or_named(question.caller)?;
        let resources = resource::resources(question, &caller)?;
        let context = SimulatedContext::parse(question.context)?.with_defaults(&caller, now);
        let missing = missing(&sources, &resources, &context);
        let simulation = Self {
            caller,
            sources,
            resources,
            context,
            missing,
        };
        simulation.page(question)
    }

    fn page(&self, question: &Question<'_>) -> Result<SimulatePolicyResponse, Failure> {
        let most = self.most_results()?;
        let size = question.max_items.unwrap_or(DEFAULT).min(most);
        let paging = Paging::new(question.marker, Some(size))?;
        let actions = question.actions.iter().enumerate();
        let page = paging.list(actions, |(place, _)| format!("{place:09}"));
        let laid = Laid::out(self);
        Ok(SimulatePolicyResponse {
            evaluation_results: Some(page.map(|(_, action)| self.result(&laid, action))),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

/// AWS: every key that the policies name, whether it matters to the action or not.
fn missing(
    sources: &Sources,
    resources: &[SimulatedResource],
    context: &SimulatedContext,
) -> Vec<String> {
    let on_resource = resources.first().and_then(|resource| resource.document());
    let mut keys = sources.condition_keys();
    keys.extend(
        on_resource
            .into_iter()
            .flat_map(|document| document.policy().condition_keys()),
    );
    keys.retain(|key| !context.has(key));
    distinct(keys)
}

/// Keys as first written, each once.
pub(crate) fn distinct(keys: Vec<&str>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let once = keys
        .into_iter()
        .filter(|key| seen.insert(key.to_ascii_lowercase()));
    once.map(str::to_owned).collect()
}

/// AWS: "Each operation must include the service identifier, such as iam:CreateUser."
fn check_action(text: &str) -> Result<(), Failure> {
    let valid = text.split_once(':').is_some_and(|(service, name)| {
        !service.is_empty() && !name.is_empty() && !name.contains(':') && !text.contains(['*', '?'])
    });
    match valid {
        true => Ok(()),
        false => Err(refusals::invalid_action()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::simulating::{OPERATION, allow, asked};
    use crate::testing::{fails, root, server};

    #[tokio::test]
    async fn pages() {
        let alcazar = server().await;
        let actions: Vec<_> = (0..120).map(|number| format!("s3:Get{number}")).collect();
        let input = |more: Value| asked(&[allow("*")], more);
        let first = root(&alcazar, OPERATION, input(json!({"ActionNames": actions}))).await;
        assert_eq!(first.fields("EvalActionName"), actions[..100]);
        assert_eq!(first.field("IsTruncated"), "true");
        let more = json!({"ActionNames": actions, "Marker": first.field("Marker"), "MaxItems": 15});
        let second = root(&alcazar, OPERATION, input(more)).await;
        assert_eq!(second.fields("EvalActionName"), actions[100..115]);
        let more = json!({"ActionNames": actions, "Marker": second.field("Marker")});
        let last = root(&alcazar, OPERATION, input(more)).await;
        assert_eq!(last.fields("EvalActionName"), actions[115..]);
        assert_eq!(last.field("IsTruncated"), "false");
        fails(
            &alcazar,
            OPERATION,
            input(json!({"Marker": "%"})),
            ("ValidationError", "Invalid Marker."),
        )
        .await;
    }

    #[tokio::test]
    async fn heavy_questions_come_in_smaller_pages_or_not_at_all() {
        let alcazar = server().await;
        let heavy = allow(&"a".repeat(100_000)).replace("aaaa\"", "aaaa:b\"");
        let arns = |count: usize| -> Vec<_> {
            (0..count).map(|it| format!("arn:aws:s3:::b{it}")).collect()
        };
        let input = |count| {
            asked(
                std::slice::from_ref(&heavy),
                json!({"ResourceArns": arns(count), "ActionNames": ["s3:A", "s3:B", "s3:C"]}),
            )
        };
        let answer = root(&alcazar, OPERATION, input(20)).await;
        assert_eq!(answer.fields("EvalActionName"), ["s3:A", "s3:B"]);
        assert_eq!(answer.field("IsTruncated"), "true");
        let error = (
            "InvalidInput",
            "Too many resources for policies of this size.",
        );
        fails(&alcazar, OPERATION, input(170), error).await;
    }

    #[tokio::test]
    async fn patterns_against_many_values_are_refused_before_they_are_matched() {
        let alcazar = server().await;
        let patterns = vec![format!("*{}b", "?a".repeat(500)); 50];
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"ForAllValues:StringLike": {"aws:TagKeys": patterns}},
        }});
        let values = vec!["a".repeat(2_048); 100];
        let entry = json!({"ContextKeyName": "aws:TagKeys", "ContextKeyType": "stringList",
            "ContextKeyValues": values});
        let input = asked(&[policy.to_string()], json!({"ContextEntries": [entry]}));
        let words = "Too many resources for policies of this size.";
        fails(&alcazar, OPERATION, input, ("InvalidInput", words)).await;
    }
}
