//! A policy, parsed, validated and compiled.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Action, ActionIndex, ActionPattern};
use crate::grammar::Grammar;
use crate::malformed::Malformed;
use crate::principal_element::{NamedPrincipal, Reach};
use crate::request::Request;
use crate::resource_element::Target;
use crate::statement::{Circumstances, Effect, Statement};
use crate::syntax::{self, PolicySource, StatementSource};

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
    /// Whether its version knows policy variables.
    variables: bool,
    text: Box<str>,
}

/// What one policy says to one request: places of statements.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) deny: Option<usize>,
    pub(crate) allow: Option<(Reach, usize)>,
}

impl Policy {
    /// Reads, checks and compiles a document in time linear to its length. How long it may be
    /// depends on what keeps it: that is the caller's.
    ///
    /// # Errors
    /// `Malformed` with AWS's message, for whatever IAM refuses.
    pub fn parse(document: &str, grammar: Grammar) -> Result<Policy, Malformed> {
        Self::compile(syntax::read(document)?, grammar, document)
    }

    /// Checks and compiles what was read from `text`, or what `text` shows to people.
    pub(crate) fn compile(
        source: PolicySource,
        grammar: Grammar,
        text: &str,
    ) -> Result<Policy, Malformed> {
        grammar.check(&source)?;
        let variables = source.version.as_deref() == Some("2012-10-17");
        let actions = source.statements.iter().map(action_patterns);
        let index = ActionIndex::build(actions.collect::<Result<_, _>>()?);
        let statements = source.statements.into_iter();
        let statements = statements.map(|source| Statement::compile(source, grammar, variables));
        Ok(Self {
            statements: statements.collect::<Result<_, _>>()?,
            index,
            variables,
            text: text.into(),
        })
    }

    /// As `parse`, but an ARN of a user, role or role session that stands in `Principal` or `NotPrincipal` and has a
    /// unique id in `ids` names only the user or role of that id, and a canonical user id with an account in `ids` is
    /// that account.
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
        policy.bind(ids);
        Ok(policy)
    }

    pub(crate) fn bind(&mut self, ids: &BTreeMap<String, String>) {
        for statement in &mut self.statements {
            statement.bind(ids);
        }
    }

    /// The document as it was given; statements say where in it they stand.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The statements in their order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Every principal that is named in it, so that who keeps it can see whether they exist.
    pub fn principals(&self) -> impl Iterator<Item = &NamedPrincipal> {
        self.statements.iter().flat_map(Statement::principals)
    }

    /// Whether a statement has `Allow` with `NotPrincipal`. AWS supports it no more: here it allows nobody, so whoever
    /// is about to keep such a policy should refuse it.
    /// Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
    pub fn allows_all_but(&self) -> bool {
        let mut statements = self.statements.iter();
        statements.any(|it| it.effect() == Effect::Allow && it.is_not_principal())
    }

    /// Whether a statement with `Allow` is about `action`, as `kms:Encrypt`, on whatever resources and under whatever
    /// conditions: for reports on what policies are there for.
    pub fn names_as_allowed(&self, action: &str) -> bool {
        let mut places = self.index.matching(Action::new(action));
        places.any(|place| {
            let statement = self.statements.get(place);
            statement.is_some_and(|statement| statement.effect() == Effect::Allow)
        })
    }

    /// Places of the statements that are about `action`, whatever else they say.
    pub(crate) fn of_action(&self, action: Action<'_>) -> impl Iterator<Item = usize> {
        self.index.matching(action)
    }

    /// Whether `${…}` stands for a value in it, as its version has it.
    pub(crate) fn has_variables(&self) -> bool {
        self.variables
    }

    /// The places of all statements that apply to `request`, in their order, be they what decides or not.
    ///
    /// ```
    /// # use policy::{Context, ConditionKey, Grammar, Policy, Principal, PrincipalKind, Request, Value};
    /// # struct Nothing;
    /// # impl Context for Nothing {
    /// #     fn values(&self, _: &ConditionKey, _: &mut dyn FnMut(Value<'_>)) -> bool { false }
    /// # }
    /// let document = r#"{"Statement": [
    ///     {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
    ///     {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"},
    ///     {"Effect": "Allow", "Action": "*", "Resource": "*"}
    /// ]}"#;
    /// let policy = Policy::parse(document, Grammar::Identity).unwrap();
    /// let account = "111122223333".parse().unwrap();
    /// let request = Request {
    ///     principal: Principal { account, kind: PrincipalKind::Root },
    ///     action: "kms:Encrypt",
    ///     resource: None,
    ///     context: &Nothing,
    /// };
    /// assert_eq!(policy.applying(&request), [0, 2]);
    /// ```
    pub fn applying(&self, request: &Request<'_>) -> Vec<usize> {
        let arn = request.resource.map(|resource| resource.arn().as_str());
        let circumstances = Circumstances {
            principal: request.principal,
            bounded: false,
            target: Target::new(arn),
            context: request.context,
        };
        let applies = |place: &usize| {
            let statement = self.statements.get(*place);
            statement.is_some_and(|statement| statement.applies(&circumstances).is_some())
        };
        let matching = self.index.matching(Action::new(request.action));
        let places: BTreeSet<usize> = matching.filter(applies).collect();
        places.into_iter().collect()
    }

    /// Evaluates the statements of `action`; of several that apply the first counts, among those
    /// that allow the first of the most direct.
    pub(crate) fn evaluate(&self, action: Action<'_>, to: &Circumstances<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        self.index.matching(action).for_each(|place| {
            let statement = self.statements.get(place);
            let applies = statement.and_then(|statement| Some((statement, statement.applies(to)?)));
            if let Some((statement, grant)) = applies {
                verdict.add(statement.effect(), grant, place);
            }
        });
        verdict
    }
}

impl Verdict {
    /// Takes a statement that applies; the order in which they come does not count.
    fn add(&mut self, effect: Effect, grant: Reach, place: usize) {
        match (effect, self.deny, self.allow) {
            (Effect::Deny, Some(first), _) if first <= place => {}
            (Effect::Deny, ..) => self.deny = Some(place),
            (Effect::Allow, _, Some((best, first)))
                if best > grant || (best == grant && first <= place) => {}
            (Effect::Allow, ..) => self.allow = Some((grant, place)),
        }
    }
}

fn action_patterns(source: &StatementSource) -> Result<(bool, Vec<ActionPattern>), Malformed> {
    let Some(element) = &source.action else {
        return Ok((false, Vec::new()));
    };
    let patterns = element.value.iter().map(|text| ActionPattern::parse(text));
    Ok((element.negated, patterns.collect::<Result<_, _>>()?))
}
