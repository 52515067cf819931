//! One statement of a policy.

use std::collections::BTreeMap;

use crate::arn_pattern::Short;
use crate::condition::Condition;
use crate::context::Context;
use crate::grammar::Grammar;
use crate::malformed::Malformed;
use crate::principal::Principal;
use crate::principal_element::{NamedPrincipal, PrincipalElement, Reach};
use crate::resource_element::{ResourceElement, ResourcePattern, Target};
use crate::span::Span;
use crate::syntax::{Element, StatementSource};

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// A compiled statement, which can still say how it was written.
#[derive(Debug)]
pub struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    principal: PrincipalElement,
    resource: ResourceElement,
    conditions: Box<[Condition]>,
    written: Written,
    span: Span,
}

#[derive(Debug)]
struct Written {
    actions: Element<Vec<String>>,
    resources: Element<Vec<String>>,
}

/// What statements are held against, but for the action, which the index knows.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) principal: Principal<'a>,
    /// Whether a permissions boundary is set on the caller.
    pub(crate) bounded: bool,
    pub(crate) target: Target<'a>,
    pub(crate) context: &'a dyn Context,
}

impl Statement {
    /// The statement's id, where it has one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }
    /// What it does.
    pub fn effect(&self) -> Effect {
        self.effect
    }
    /// Whether it has `NotAction` in place of `Action`.
    pub fn is_not_action(&self) -> bool {
        self.written.actions.negated
    }
    /// The actions as written.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.written.actions.value.iter().map(String::as_str)
    }
    /// Whether it has `NotResource` in place of `Resource`.
    pub fn is_not_resource(&self) -> bool {
        self.written.resources.negated
    }
    /// The resources as written; none in a trust policy.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.written.resources.value.iter().map(String::as_str)
    }
    /// Whether it has `NotPrincipal` in place of `Principal`.
    pub fn is_not_principal(&self) -> bool {
        matches!(self.principal, PrincipalElement::AllBut(_))
    }
    /// The principals it names; none in a policy that is attached to one.
    pub fn principals(&self) -> &[NamedPrincipal] {
        self.principal.names()
    }
    /// Its conditions.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
    /// Where it stands in the document.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Compiles what `grammar` has checked.
    pub(crate) fn compile(
        source: StatementSource,
        grammar: Grammar,
        variables: bool,
    ) -> Result<Self, Malformed> {
        let principal = match source.principal {
            None => PrincipalElement::Attached,
            Some(element) => PrincipalElement::compile(element)
                .map_err(|(kind, name)| grammar.invalid_principal(&kind, &name))?,
        };
        let conditions = source.conditions.into_iter();
        let conditions = conditions.map(|condition| Condition::compile(condition, variables));
        Ok(Self {
            sid: source.sid.filter(|sid| !sid.is_empty()).map(Into::into),
            effect: match source.effect.as_str() {
                "Allow" => Effect::Allow,
                _ => Effect::Deny,
            },
            principal,
            resource: resource_element(&source.resource, grammar, variables)?,
            conditions: conditions.collect::<Result<_, _>>()?,
            written: Written {
                actions: source.action.unwrap_or_else(nothing),
                resources: source.resource.unwrap_or_else(nothing),
            },
            span: source.span,
        })
    }

    /// Binds ARNs in its `Principal` or `NotPrincipal`.
    pub(crate) fn bind(&mut self, ids: &BTreeMap<String, String>) {
        self.principal.bind(ids);
    }

    /// How directly the statement reaches the caller; `None` where it does not apply.
    pub(crate) fn applies(&self, to: &Circumstances<'_>) -> Option<Reach> {
        let grant = self.reaches(to);
        let applies = grant.is_some()
            && self.covers(to)
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(to.context));
        if applies { grant } else { None }
    }

    /// How directly its principals are the caller, whatever else it says.
    pub(crate) fn reaches(&self, to: &Circumstances<'_>) -> Option<Reach> {
        match self.effect {
            Effect::Allow => self.principal.grants(&to.principal),
            // AWS: whom a `NotPrincipal` names is not spared where a boundary is set on them.
            Effect::Deny => ((to.bounded && self.is_not_principal())
                || self.principal.denies(&to.principal))
            .then_some(Reach::Direct),
        }
    }

    /// Whether its resources have the one that is asked for among them, whatever else it says.
    pub(crate) fn covers(&self, to: &Circumstances<'_>) -> bool {
        self.resource.covers(&to.target, to.context)
    }

    /// Whether the statement is about whoever its policy is attached to.
    pub(crate) fn names_no_principal(&self) -> bool {
        matches!(self.principal, PrincipalElement::Attached)
    }
}

fn nothing() -> Element<Vec<String>> {
    Element {
        negated: false,
        value: Vec::new(),
    }
}

fn resource_element(
    source: &Option<Element<Vec<String>>>,
    grammar: Grammar,
    variables: bool,
) -> Result<ResourceElement, Malformed> {
    let Some(element) = source else {
        return Ok(match grammar {
            Grammar::Trust => ResourceElement::Attached,
            _ => ResourceElement::Named([].into()),
        });
    };
    let pattern = |text: &String| {
        let short = match grammar.pads_short_arns() || text.contains('*') {
            true => Short::Padded,
            false => Short::Nothing,
        };
        ResourcePattern::parse(text, variables, short)
    };
    let patterns = element
        .value
        .iter()
        .map(pattern)
        .collect::<Result<_, _>>()?;
    Ok(match element.negated {
        false => ResourceElement::Named(patterns),
        true => ResourceElement::AllBut(patterns),
    })
}
