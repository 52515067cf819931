//! From JSON to the elements of a policy: which there are and of what type.

use crate::document::{self, Node};
use crate::malformed::Malformed;
use crate::span::{self, Span};

/// A policy as written.
#[derive(Debug, Default)]
pub(crate) struct PolicySource {
    pub(crate) version: Option<String>,
    pub(crate) statements: Vec<StatementSource>,
}

/// A statement as written.
#[derive(Debug, Default)]
pub(crate) struct StatementSource {
    pub(crate) sid: Option<String>,
    pub(crate) effect: String,
    pub(crate) principal: Option<Element<PrincipalSource>>,
    pub(crate) action: Option<Element<Vec<String>>>,
    pub(crate) resource: Option<Element<Vec<String>>>,
    pub(crate) conditions: Vec<ConditionSource>,
    pub(crate) span: Span,
}

/// An element that has a negated twin, as `Action` and `NotAction`.
#[derive(Debug)]
pub(crate) struct Element<T> {
    pub(crate) negated: bool,
    pub(crate) value: T,
}

/// What a `Principal` names.
#[derive(Debug)]
pub(crate) enum PrincipalSource {
    Everyone,
    /// Type, as `AWS`, and names.
    Named(Vec<(String, Vec<String>)>),
}

/// One operator on one key.
#[derive(Debug)]
pub(crate) struct ConditionSource {
    pub(crate) operator: String,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
}

/// Reads the elements. Source: IAM User Guide, "Grammar of the IAM JSON policy language".
pub(crate) fn read(document: &str) -> Result<PolicySource, Malformed> {
    let read = document::read(document).and_then(policy);
    let mut source = read.ok_or_else(Malformed::syntax)?;
    let spans = span::statements(document);
    for (statement, span) in source.statements.iter_mut().zip(spans) {
        statement.span = span;
    }
    Ok(source)
}

fn policy(node: Node) -> Option<PolicySource> {
    let mut source = PolicySource::default();
    for (name, value) in map(node)? {
        match name.as_str() {
            "Version" => source.version = Some(text(value)?),
            "Id" => drop(text(value)?),
            "Statement" => source.statements = statements(value)?,
            _ => return None,
        }
    }
    (!source.statements.is_empty()).then_some(source)
}

fn statements(node: Node) -> Option<Vec<StatementSource>> {
    match node {
        Node::List(list) => list.into_iter().map(statement).collect(),
        single => Some(vec![statement(single)?]),
    }
}

fn statement(node: Node) -> Option<StatementSource> {
    let mut source = StatementSource::default();
    let mut has_effect = false;
    for (name, value) in map(node)? {
        let negated = name.starts_with("Not");
        match name.as_str() {
            "Sid" => source.sid = Some(text(value)?),
            "Effect" => {
                has_effect = true;
                source.effect = text(value)?;
            }
            "Principal" | "NotPrincipal" => {
                put(&mut source.principal, negated, principal(value)?)?;
            }
            "Action" | "NotAction" => put(&mut source.action, negated, texts(value)?)?,
            "Resource" | "NotResource" => put(&mut source.resource, negated, texts(value)?)?,
            "Condition" => source.conditions = conditions(value)?,
            _ => return None,
        }
    }
    has_effect.then_some(source)
}

/// An element and its negated twin exclude each other.
fn put<T>(place: &mut Option<Element<T>>, negated: bool, value: T) -> Option<()> {
    let twice = place.replace(Element { negated, value }).is_some();
    (!twice).then_some(())
}

fn principal(node: Node) -> Option<PrincipalSource> {
    match node {
        Node::Text(star) if star == "*" => Some(PrincipalSource::Everyone),
        Node::Map(types) => {
            let named = types
                .into_iter()
                .map(|(kind, names)| Some((kind, texts(names)?)));
            Some(PrincipalSource::Named(named.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn conditions(node: Node) -> Option<Vec<ConditionSource>> {
    let mut conditions = Vec::new();
    for (operator, keys) in map(node)? {
        for (key, values) in map(keys)? {
            conditions.push(ConditionSource {
                operator: operator.clone(),
                key,
                values: literals(values)?,
            });
        }
    }
    Some(conditions)
}

fn map(node: Node) -> Option<Vec<(String, Node)>> {
    match node {
        Node::Map(map) => Some(map),
        _ => None,
    }
}

fn text(node: Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(text),
        _ => None,
    }
}

fn texts(node: Node) -> Option<Vec<String>> {
    match node {
        Node::List(list) => list.into_iter().map(text).collect(),
        single => Some(vec![text(single)?]),
    }
}

/// Quotation marks are optional for numbers and booleans.
fn literal(node: Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(text),
        Node::Bool(value) => Some(value.to_string()),
        Node::Number(number) => Some(number.to_string()),
        Node::Null | Node::List(_) | Node::Map(_) => None,
    }
}

fn literals(node: Node) -> Option<Vec<String>> {
    match node {
        Node::List(list) => list.into_iter().map(literal).collect(),
        single => Some(vec![literal(single)?]),
    }
}
