//! The elements of a statement, with their places; what is not of their form is reported.

use super::issue::IssueCode;
use super::report::Report;
use super::tree::{Json, Member, Node, Span};
use crate::condition::Operator;
use crate::statement::Effect;

/// A statement as far as it has the form of one.
#[derive(Debug, Default)]
pub(crate) struct Statement<'t> {
    pub(crate) sid: Option<Text<'t>>,
    pub(crate) effect: Option<Effect>,
    pub(crate) has_effect: bool,
    pub(crate) principal: Option<Element<'t>>,
    pub(crate) action: Option<Element<'t>>,
    pub(crate) resource: Option<Element<'t>>,
    pub(crate) condition: Option<&'t Node>,
    pub(crate) tests: Vec<Test<'t>>,
}

/// A text and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'t> {
    pub(crate) text: &'t str,
    pub(crate) span: Span,
}

/// An element that has a negated twin.
#[derive(Debug)]
pub(crate) struct Element<'t> {
    pub(crate) negated: bool,
    pub(crate) node: &'t Node,
    pub(crate) texts: Vec<Text<'t>>,
}

/// An operator on a key.
#[derive(Debug)]
pub(crate) struct Test<'t> {
    pub(crate) written: Text<'t>,
    /// `None` where there is no such operator.
    pub(crate) operator: Option<Operator>,
    pub(crate) key: Text<'t>,
    pub(crate) node: &'t Node,
}

impl Statement<'_> {
    /// Whether a condition tests one of these keys, given in lower case.
    pub(crate) fn tests_any(&self, keys: &[&str]) -> bool {
        let mut tests = self.tests.iter();
        tests.any(|test| keys.contains(&test.key.text.to_ascii_lowercase().as_str()))
    }

    pub(crate) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    pub(crate) fn actions(&self) -> &[Text<'_>] {
        self.action.as_ref().map_or(&[], |action| &action.texts)
    }
}

/// Reads a statement.
pub(crate) fn read<'t>(node: &'t Node, report: &mut Report) -> Option<Statement<'t>> {
    let members = members(node, report)?;
    let mut statement = Statement::default();
    for member in members {
        let negated = member.name.starts_with("Not");
        match &*member.name {
            "Sid" => statement.sid = text(&member.node, report),
            "Effect" => {
                statement.has_effect = true;
                statement.effect = effect(&member.node, report);
            }
            "Principal" | "NotPrincipal" => {
                let element = Element::new(negated, &member.node, Vec::new());
                put(
                    &mut statement.principal,
                    element,
                    "Principal",
                    member,
                    report,
                );
            }
            "Action" | "NotAction" => {
                let element = element(negated, member, report);
                put(&mut statement.action, element, "Action", member, report);
            }
            "Resource" | "NotResource" => {
                let element = element(negated, member, report);
                put(&mut statement.resource, element, "Resource", member, report);
            }
            "Condition" => {
                statement.condition = Some(&member.node);
                statement.tests = tests(&member.node, report);
            }
            other => report.add(IssueCode::InvalidPolicyElement, member.name_span, &[other]),
        }
    }
    Some(statement)
}

impl<'t> Element<'t> {
    fn new(negated: bool, node: &'t Node, texts: Vec<Text<'t>>) -> Self {
        Self {
            negated,
            node,
            texts,
        }
    }
}

fn put<'t>(
    place: &mut Option<Element<'t>>,
    element: Element<'t>,
    name: &str,
    member: &Member,
    report: &mut Report,
) {
    if place.replace(element).is_some() {
        let code = IssueCode::UnsupportedElementCombination;
        report.add(code, member.name_span, &[name, &format!("Not{name}")]);
    }
}

/// The members of an object; anything else is reported.
pub(crate) fn members<'t>(node: &'t Node, report: &mut Report) -> Option<&'t [Member]> {
    if node.members().is_none() {
        report.add(IssueCode::DataTypeMismatch, node.span, &["Object"]);
    }
    node.members()
}

/// A text; anything else is reported.
pub(crate) fn text<'t>(node: &'t Node, report: &mut Report) -> Option<Text<'t>> {
    let span = node.span;
    if node.text().is_none() {
        report.add(IssueCode::DataTypeMismatch, span, &["String"]);
    }
    node.text().map(|text| Text { text, span })
}

/// One text or a list of them; anything else is reported.
pub(crate) fn texts<'t>(node: &'t Node, report: &mut Report) -> Vec<Text<'t>> {
    let items = node.items().iter();
    items.filter_map(|item| text(item, report)).collect()
}

fn element<'t>(negated: bool, member: &'t Member, report: &mut Report) -> Element<'t> {
    Element::new(negated, &member.node, texts(&member.node, report))
}

fn effect(node: &Node, report: &mut Report) -> Option<Effect> {
    let Text { text, span } = text(node, report)?;
    match text {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        other => {
            report.add(IssueCode::InvalidEffect, span, &[other]);
            None
        }
    }
}

fn tests<'t>(node: &'t Node, report: &mut Report) -> Vec<Test<'t>> {
    let mut tests = Vec::new();
    for block in members(node, report).unwrap_or_default() {
        for member in members(&block.node, report).unwrap_or_default() {
            values(&member.node, report);
            tests.push(Test {
                written: named(block),
                operator: Operator::parse(&block.name),
                key: named(member),
                node: &member.node,
            });
        }
    }
    tests
}

fn named(member: &Member) -> Text<'_> {
    Text {
        text: &member.name,
        span: member.name_span,
    }
}

fn values(node: &Node, report: &mut Report) {
    for item in node.items() {
        if matches!(item.json, Json::Null | Json::List(_) | Json::Map(_)) {
            report.add(IssueCode::DataTypeMismatch, item.span, &["String"]);
        }
    }
}
