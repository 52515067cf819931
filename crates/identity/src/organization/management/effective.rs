//! What the policies of one kind come to for one account.
//!
//! AWS document: AWS Organizations User Guide, "Inheritance examples".

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value as Json};

use super::document::Node;
use super::operators::{APPEND, ASSIGN, Operators, REMOVE};
use super::shape::Shape;
use super::value::Value;
use super::{Defect, ManagementDocument, ManagementKind};

/// The documents above an account, a list a level: the root's, those of each unit, the account's own, each list in the
/// order in which policies were attached.
pub type Inherited<'a> = [Vec<&'a ManagementDocument>];

/// What the policies of one kind come to for one account.
#[derive(Debug)]
pub struct EffectivePolicy {
    kind: ManagementKind,
    top: State,
}

/// A setting or a group of them, as far as levels have been looked at.
#[derive(Debug)]
struct State {
    /// Its name as the first policy has it.
    name: String,
    value: Option<Value>,
    /// What policies below may still do to it; of a group, by what they may add to it.
    allowed: Operators,
    children: BTreeMap<String, State>,
}

impl EffectivePolicy {
    /// Merges the documents of one kind, level by level.
    ///
    /// - A level may do to a setting what every level above leaves to it; what it may not has no effect.
    /// - Of several policies of a level the one attached first assigns; all of them append, then all of them remove.
    /// - A group that leaves nothing to policies below has nothing added; what is in it already has rules of its own.
    pub fn of(kind: ManagementKind, levels: &Inherited<'_>) -> Self {
        let mut top = State::new("", Operators::ALL);
        for level in levels {
            let nodes: Vec<&Node> = level.iter().map(|document| document.top()).collect();
            top.merge(&nodes);
        }
        Self { kind, top }
    }

    /// As `DescribeEffectivePolicy` shows it: settings without operators.
    pub fn text(&self) -> String {
        let groups = self.top.children.values();
        let groups = groups.map(|group| {
            let json = group.json();
            (
                group.name.clone(),
                json.unwrap_or_else(|| Json::Object(Map::new())),
            )
        });
        Json::Object(groups.collect()).to_string()
    }

    /// Whether nothing is wrong with it.
    pub fn is_valid(&self) -> bool {
        self.missing().is_empty()
    }

    /// What is wrong with it, which `levels` it was made of.
    pub fn defects(&self, levels: &Inherited<'_>) -> Vec<Defect> {
        let missing = self.missing();
        let documents: Vec<&ManagementDocument> = levels.iter().flatten().copied().collect();
        let defect = |path: Vec<String>| {
            let above = path.split_last().map_or(&[][..], |(_, above)| above);
            let about = documents.iter().enumerate();
            let about = about.filter(|(_, document)| document.is_about(above));
            Defect {
                path: pointer(&path),
                documents: about.map(|(place, _)| place).collect(),
            }
        };
        missing.into_iter().map(defect).collect()
    }

    fn missing(&self) -> Vec<Vec<String>> {
        let mut missing = Vec::new();
        let shape = self.kind.shape();
        self.top.look(shape, &mut Vec::new(), &mut missing);
        missing
    }
}

/// AWS document: none. RFC 6901 section 3 has names with slashes in them told apart.
fn pointer(path: &[String]) -> String {
    let names = path.iter();
    let names = names.map(|name| name.replace('~', "~0").replace('/', "~1"));
    names.collect::<Vec<_>>().join("/")
}

impl State {
    fn new(name: &str, allowed: Operators) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            allowed,
            children: BTreeMap::new(),
        }
    }

    /// Takes what the policies of the next level say here.
    fn merge(&mut self, nodes: &[&Node]) {
        self.set(nodes);
        let mut below: BTreeMap<&str, (&str, Vec<&Node>)> = BTreeMap::new();
        for (compared, (name, child)) in nodes.iter().flat_map(|node| &node.children) {
            let (_, group) = below.entry(compared).or_insert((name, Vec::new()));
            group.push(child);
        }
        for (compared, (name, group)) in below {
            if let Some(child) = self.children.get_mut(compared) {
                child.merge(&group);
            } else if self.allowed != Operators::NONE {
                let mut child = Self::new(name, self.allowed);
                child.merge(&group);
                self.children.insert(compared.to_owned(), child);
            }
        }
        // AWS: what a level allows is for those below, and no level takes back what one above has said.
        for allowed in nodes.iter().filter_map(|node| node.allowed) {
            self.allowed = self.allowed.and(allowed);
        }
    }

    fn set(&mut self, nodes: &[&Node]) {
        let may = |operator| self.allowed.has(operator);
        if let Some(value) = nodes.iter().find_map(|node| node.assign.as_ref())
            && may(ASSIGN)
        {
            self.value = Some(value.clone());
        }
        if may(APPEND) {
            let lists = nodes.iter().filter_map(|node| node.append.as_ref());
            append(&mut self.value, &lists.collect::<Vec<_>>());
        }
        if self.allowed.has(REMOVE) {
            let lists = nodes.iter().filter_map(|node| node.remove.as_ref());
            lists.for_each(|list| remove(&mut self.value, list));
        }
    }

    fn json(&self) -> Option<Json> {
        if let Some(value) = &self.value {
            return Some(value.json());
        }
        let shown = self.children.values();
        let shown = shown.filter_map(|child| Some((child.name.clone(), child.json()?)));
        let shown: Map<String, Json> = shown.collect();
        (!shown.is_empty()).then_some(Json::Object(shown))
    }

    /// Adds the paths of what should be in it and is not.
    fn look(&self, shape: &Shape, path: &mut Vec<String>, missing: &mut Vec<Vec<String>>) {
        if let Shape::Keys(keys) = shape {
            for key in keys.iter().filter(|key| key.required) {
                let there = self.children.get(key.name).is_some_and(State::says);
                if !there {
                    missing.push(path.iter().cloned().chain([key.name.to_owned()]).collect());
                }
            }
        }
        for (compared, child) in self.children.iter().filter(|(_, child)| child.says()) {
            if let Some(shape) = shape.under(compared) {
                path.push(compared.clone());
                child.look(shape, path, missing);
                path.pop();
            }
        }
    }

    /// Whether anything of it is in the effective policy.
    fn says(&self) -> bool {
        self.value.is_some() || self.children.values().any(State::says)
    }
}

/// AWS: where nothing was inherited, this adds the setting. It is for lists alone.
fn append(value: &mut Option<Value>, lists: &[&Vec<Json>]) {
    if lists.is_empty() {
        return;
    }
    match value.get_or_insert_with(|| Value::Many(Vec::new())) {
        Value::One(_) => {}
        Value::Many(values) => {
            let mut known: HashSet<String> = values.iter().map(Json::to_string).collect();
            let new = lists.iter().copied().flatten();
            let new = new.filter(|value| known.insert(value.to_string()));
            values.extend(new.cloned());
        }
    }
}

/// A list of which everything is removed is a setting no more.
fn remove(value: &mut Option<Value>, list: &[Json]) {
    let Some(Value::Many(values)) = value else {
        return;
    };
    let unwanted: HashSet<String> = list.iter().map(Json::to_string).collect();
    let before = values.len();
    values.retain(|value| !unwanted.contains(&value.to_string()));
    if values.is_empty() && before > 0 {
        *value = None;
    }
}

#[cfg(test)]
mod tests;
