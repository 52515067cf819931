//! Findings as they are gathered, and as they are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::issue::{FindingKind, IssueCode};
use super::tree::{Json, Node, Span};
use crate::span::Position;

/// One issue and where it is.
/// Source: IAM Access Analyzer API Reference, "ValidatePolicyFinding".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which issue.
    pub issue_code: IssueCode,
    /// What to change.
    pub details: String,
    /// Every place that has to do with it; the first is the one to look at.
    pub locations: Vec<Location>,
}

impl Finding {
    /// How much it matters.
    pub fn kind(&self) -> FindingKind {
        self.issue_code.kind()
    }
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// From the document down to the part.
    pub path: Vec<PathElement>,
    /// Where it begins.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathElement {
    /// To the value of this name in an object.
    Value(Arc<str>),
    /// To this place in a list, counted from 0.
    Index(usize),
}

/// What has been found so far.
#[derive(Default)]
pub(crate) struct Report {
    found: Vec<(IssueCode, String, Vec<Span>)>,
}

/// More text of the policy than this is not repeated in a finding.
const SHOWN: usize = 128;

impl Report {
    /// Adds a finding at one place, with what fills the gaps of its text.
    pub(crate) fn add(&mut self, code: IssueCode, at: Span, words: &[&str]) {
        self.add_all(code, vec![at], words);
    }

    /// Adds a finding that is about several places.
    pub(crate) fn add_all(&mut self, code: IssueCode, at: Vec<Span>, words: &[&str]) {
        let mut words = words.iter();
        let mut details = String::new();
        for (number, piece) in code.template().split("{}").enumerate() {
            if number > 0 {
                details.extend(words.next().unwrap_or(&"").chars().take(SHOWN));
            }
            details.push_str(piece);
        }
        self.found.push((code, details, at));
    }

    /// Tells the findings in the order of their places.
    pub(crate) fn finish(mut self, document: &str, root: Option<&Node>) -> Vec<Finding> {
        let start = |at: &[Span]| at.first().map(|span| span.start);
        self.found
            .sort_by_key(|(code, _, at)| (start(at), code.kind(), *code));
        let spans = self.found.iter().flat_map(|(_, _, at)| at);
        let offsets = spans.flat_map(|span| [span.start, span.end]);
        let positions = positions(document, offsets.collect());
        let at = |offset| positions.get(&offset).copied().unwrap_or_default();
        let location = |span: &Span| Location {
            path: root.map_or_else(Vec::new, |root| path(root, *span)),
            start: at(span.start),
            end: at(span.end),
        };
        let found = self.found.iter();
        let found = found.map(|(issue_code, details, at)| Finding {
            issue_code: *issue_code,
            details: details.clone(),
            locations: at.iter().map(location).collect(),
        });
        found.collect()
    }
}

/// Lines and columns of all offsets, in one walk through the document.
fn positions(document: &str, mut offsets: Vec<usize>) -> BTreeMap<usize, Position> {
    offsets.sort_unstable();
    offsets.dedup();
    let mut offsets = offsets.into_iter().peekable();
    let mut positions = BTreeMap::new();
    let mut at = Position::default();
    for letter in document.chars().chain(['\n']) {
        while offsets.next_if(|offset| *offset <= at.offset).is_some() {
            positions.insert(at.offset, at);
        }
        at.offset += letter.len_utf8();
        at.column += 1;
        if letter == '\n' {
            (at.line, at.column) = (at.line + 1, 1);
        }
    }
    positions
}

/// The way down to what stands at `span`.
fn path(root: &Node, span: Span) -> Vec<PathElement> {
    let (mut path, mut node) = (Vec::new(), root);
    while node.span != span {
        let (step, next) = match &node.json {
            Json::List(list) => {
                let place = list.partition_point(|item| item.span.end < span.end);
                (PathElement::Index(place), list.get(place))
            }
            Json::Map(members) => {
                let place = members.partition_point(|member| member.node.span.end < span.end);
                let Some(member) = members.get(place) else {
                    break;
                };
                let step = PathElement::Value(Arc::clone(&member.name));
                if member.name_span == span {
                    path.push(step);
                    break;
                }
                (step, Some(&member.node))
            }
            _ => break,
        };
        let Some(next) = next else { break };
        path.push(step);
        node = next;
    }
    path
}
