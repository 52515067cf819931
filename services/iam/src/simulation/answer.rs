//! Judgements as the API shows them.

use std::collections::{BTreeMap, BTreeSet};

use iam_api::shapes::{
    EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail,
    PolicyEvaluationDecisionType as Verdict, PolicySourceType, Position, ResourceSpecificResult,
    Statement,
};
use identity::Document;
use policy::Resource;

use super::Simulation;
use super::judgement::{Judgement, Laid, Place, strictest};

/// What the resource's own policy is called.
const RESOURCE_POLICY: &str = "ResourcePolicy";

impl Simulation {
    /// The result for one action on all resources.
    pub(super) fn result(&self, laid: &Laid<'_>, action: &str) -> EvaluationResult {
        let judgements: Vec<Judgement> = match self.resources.as_slice() {
            [] => vec![laid.judge(action, None)],
            resources => resources
                .iter()
                .map(|it| laid.judge(action, Some(it)))
                .collect(),
        };
        let decision = strictest(judgements.iter().map(|it| it.decision));
        let of_decision = judgements.iter().filter(|it| it.decision == decision);
        let matched: BTreeSet<Place> = match decision {
            Verdict::ImplicitDeny => BTreeSet::new(),
            _ => of_decision
                .flat_map(|it| it.matched.iter().copied())
                .collect(),
        };
        let organizations = all(judgements.iter().map(|it| it.allowed_by_organizations));
        EvaluationResult {
            eval_action_name: action.to_owned(),
            eval_resource_name: Some(match self.resources.as_slice() {
                [single] => single.arn().to_string(),
                _ => "*".to_owned(),
            }),
            eval_decision: decision,
            matched_statements: Some(self.statements(matched)),
            missing_context_values: Some(self.missing.clone()),
            organizations_decision_detail: organizations.map(|allowed| {
                OrganizationsDecisionDetail {
                    allowed_by_organizations: Some(allowed),
                }
            }),
            permissions_boundary_decision_detail: boundary(all(judgements
                .iter()
                .map(|it| it.allowed_by_boundary))),
            eval_decision_details: self.details(&judgements),
            resource_specific_results: self.specific(judgements),
        }
    }

    /// AWS: present though empty within an account; not there for `*`, nor where an organization denies.
    fn details(&self, judgements: &[Judgement]) -> Option<BTreeMap<String, Verdict>> {
        let denied = judgements
            .iter()
            .any(|it| it.allowed_by_organizations == Some(false));
        if self.resources.is_empty() || denied {
            return None;
        }
        let mut details: BTreeMap<String, Verdict> = BTreeMap::new();
        for (name, said) in judgements.iter().flat_map(|it| it.details.iter().flatten()) {
            let most = details.get(name).into_iter().chain([said]).copied();
            let most = strictest(most);
            details.insert(name.clone(), most);
        }
        Some(details)
    }

    fn specific(&self, judgements: Vec<Judgement>) -> Option<Vec<ResourceSpecificResult>> {
        let results = self
            .resources
            .iter()
            .zip(judgements)
            .map(|(resource, judgement)| ResourceSpecificResult {
                eval_resource_name: resource.arn().to_string(),
                eval_resource_decision: judgement.decision,
                matched_statements: Some(self.statements(judgement.matched)),
                missing_context_values: Some(self.missing.clone()),
                eval_decision_details: judgement.details,
                permissions_boundary_decision_detail: boundary(judgement.allowed_by_boundary),
            });
        (!self.resources.is_empty()).then(|| results.collect())
    }

    fn statements(&self, places: impl IntoIterator<Item = Place>) -> Vec<Statement> {
        places
            .into_iter()
            .filter_map(|place| self.statement(place))
            .collect()
    }

    fn statement(&self, place: Place) -> Option<Statement> {
        let (id, kind, document, index) = match place {
            Place::Resource(index) => {
                let mut documents = self
                    .resources
                    .iter()
                    .filter_map(|resource| resource.document());
                (
                    RESOURCE_POLICY,
                    PolicySourceType::ResourcePolicy,
                    documents.next()?,
                    index,
                )
            }
            Place::Identity(number, index) => {
                let source = self.sources.identity.get(number)?;
                (
                    source.id.as_str(),
                    PolicySourceType::IamPolicy,
                    &source.document,
                    index,
                )
            }
        };
        let end = document.policy().statements().get(index)?.span().end;
        Some(Statement {
            source_policy_id: Some(id.to_owned()),
            source_policy_type: Some(kind),
            start_position: position(start(document, index)?),
            end_position: position((end.line, end.column)),
        })
    }
}

/// `None` where nothing limits, else whether all allow.
fn all(said: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    said.flatten().reduce(|one, other| one && other)
}

fn boundary(allowed: Option<bool>) -> Option<PermissionsBoundaryDecisionDetail> {
    allowed.map(|allowed| PermissionsBoundaryDecisionDetail {
        allowed_by_permissions_boundary: Some(allowed),
    })
}

fn position((line, column): (usize, usize)) -> Option<Position> {
    Some(Position {
        line: i32::try_from(line).ok(),
        column: i32::try_from(column).ok(),
    })
}

/// Line and column where AWS lets a statement begin: behind the one before it, the first behind the bracket of the
/// list, and one that is not in a list behind its own.
fn start(document: &Document, index: usize) -> Option<(usize, usize)> {
    let statements = document.policy().statements();
    if let Some(before) = index.checked_sub(1) {
        let end = statements.get(before)?.span().end;
        return Some((end.line, end.column));
    }
    let span = statements.first()?.span();
    let before = document.text().get(..span.start.offset)?.trim_end();
    if !before.ends_with('[') {
        return Some((span.start.line, span.start.column + 1));
    }
    let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
    let last = before.rsplit('\n').next().unwrap_or_default();
    Some((line, 1 + last.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::Grammar;

    /// Places as AWS answered them: AdministratorAccess, and documents of one line.
    #[test]
    fn statements_begin_and_end_where_aws_has_them() {
        let spread = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}";
        let list = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
        let single = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        for (text, index, from, to) in [
            (spread, 0, (3, 17), (8, 6)),
            (list, 0, (1, 41), (1, 92)),
            (list, 1, (1, 92), (1, 144)),
            (single, 0, (1, 38), (1, 83)),
        ] {
            let document = Document::parse(text, Grammar::Identity).unwrap();
            let end = document.policy().statements()[index].span().end;
            assert_eq!(start(&document, index), Some(from), "{text}");
            assert_eq!((end.line, end.column), to, "{text}");
        }
    }
}
