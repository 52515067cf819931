//! A policy, parsed, validated and compiled.

use std::collections::BTreeMap;

use crate::action::{Action, ActionIndex, ActionPattern};
use crate::grammar::Grammar;
use crate::malformed::Malformed;
use crate::principal_element::{Grant, NamedPrincipal};
use crate::statement::{Circumstances, Effect, Statement};
use crate::syntax::{self, StatementSource};

/// A compiled policy. Immutable; deciding with it allocates nothing.
///
/// ```
/// use policy::{Grammar, Policy};
///
/// let document = r#"{
///     "Version": "2012-10-17",
///     "Statement": {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
/// }"#;
/// let policy = Policy::parse(document, Grammar::Identity).unwrap();
/// assert_eq!(policy.statements().len(), 1);
///
/// let refused = Policy::parse("{}", Grammar::Identity).unwrap_err();
/// assert_eq!(refused.message, "Syntax errors in policy.");
/// ```
#[derive(Debug)]
pub struct Policy {
    statements: Box<[Statement]>,
    index: ActionIndex,
}

/// What one policy says to one request: places of statements.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) deny: Option<usize>,
    pub(crate) allow: Option<(Grant, usize)>,
}

impl Policy {
    /// Reads, checks and compiles a document in time linear to its length. How long it may be
    /// depends on what keeps it: that is the caller's.
    ///
    /// # Errors
    /// `Malformed` with AWS's message, for whatever IAM refuses.
    pub fn parse(document: &str, grammar: Grammar) -> Result<Policy, Malformed> {
        let source = syntax::read(document)?;
        grammar.check(&source)?;
        let variables = source.version.as_deref() == Some("2012-10-17");
        let actions = source.statements.iter().map(action_patterns);
        let index = ActionIndex::build(actions.collect::<Result<_, _>>()?);
        let statements = source.statements.into_iter();
        let statements = statements.map(|source| Statement::compile(source, grammar, variables));
        Ok(Self {
            statements: statements.collect::<Result<_, _>>()?,
            index,
        })
    }

    /// As `parse`, but an ARN of a user, role or role session that stands in `Principal` or `NotPrincipal` and has a
    /// unique id in `ids` names only the user or role of that id.
    ///
    /// # Errors
    /// As `parse`.
    ///
    /// Source: IAM User Guide, "AWS JSON policy elements: Principal".
    pub fn parse_bound(
        document: &str,
        grammar: Grammar,
        ids: &BTreeMap<String, String>,
    ) -> Result<Policy, Malformed> {
        let mut policy = Self::parse(document, grammar)?;
        for statement in &mut policy.statements {
            statement.bind(ids);
        }
        Ok(policy)
    }

    /// The statements in their order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Every principal that is named in it, so that who keeps it can see whether they exist.
    pub fn principals(&self) -> impl Iterator<Item = &NamedPrincipal> {
        self.statements.iter().flat_map(Statement::principals)
    }

    /// Evaluates the statements of `action`; of several that apply the first counts, among those
    /// that allow the first of the most direct.
    pub(crate) fn evaluate(&self, action: Action<'_>, to: &Circumstances<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        for place in self.index.matching(action) {
            let Some(statement) = self.statements.get(place) else {
                continue;
            };
            let Some(grant) = statement.applies(to) else {
                continue;
            };
            match (statement.effect(), verdict) {
                (
                    Effect::Deny,
                    Verdict {
                        deny: Some(first), ..
                    },
                ) if first <= place => {}
                (Effect::Deny, _) => verdict.deny = Some(place),
                (
                    Effect::Allow,
                    Verdict {
                        allow: Some((best, first)),
                        ..
                    },
                ) if best > grant || (best == grant && first <= place) => {}
                (Effect::Allow, _) => verdict.allow = Some((grant, place)),
            }
        }
        verdict
    }
}

fn action_patterns(source: &StatementSource) -> Result<(bool, Vec<ActionPattern>), Malformed> {
    let Some(element) = &source.action else {
        return Ok((false, Vec::new()));
    };
    let patterns = element.value.iter().map(|text| ActionPattern::parse(text));
    Ok((element.negated, patterns.collect::<Result<_, _>>()?))
}
