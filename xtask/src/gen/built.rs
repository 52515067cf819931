//! Which operations of a service are built, and what they reach.

use crate::model::{Model, Operation, Shape};
use crate::names;
use crate::outcome::{During, Outcome};
use crate::workspace;
use std::collections::{BTreeMap, BTreeSet};

/// A service: its model, and the operations that have a file.
pub struct Built {
    pub model: Model,
    /// Names of the built operations.
    pub operations: BTreeSet<String>,
}

impl Built {
    /// Reads the model and the folder of operations.
    pub fn load(service: &str) -> Outcome<Self> {
        let model = Model::load(service)?;
        let operations = operations(service, &model)?;
        Ok(Self { model, operations })
    }

    /// The built operations with their facts.
    pub fn facts(&self) -> impl Iterator<Item = (&String, &Operation)> {
        let all = self.model.operations.iter();
        all.filter(|(name, _)| self.operations.contains(*name))
    }

    /// Names of all shapes that built operations reach.
    pub fn shapes(&self) -> Outcome<BTreeSet<&str>> {
        let mut reached = BTreeSet::new();
        for (name, operation) in self.facts() {
            for body in [&operation.input, &operation.output].into_iter().flatten() {
                self.reach(body, &mut reached).during(name)?;
            }
        }
        Ok(reached)
    }

    fn reach<'a>(&'a self, name: &'a str, reached: &mut BTreeSet<&'a str>) -> Outcome {
        if !reached.insert(name) {
            return Ok(());
        }
        match self.model.shape(name)? {
            Shape::List(list) => self.reach(&list.member, reached),
            Shape::Map(map) => {
                self.reach(&map.key, reached)?;
                self.reach(&map.value, reached)
            }
            Shape::Structure { members } => members
                .iter()
                .try_for_each(|member| self.reach(&member.shape, reached)),
            _ => Ok(()),
        }
    }

    /// Whether the structure `from` holds `to` without a list or map between them.
    pub fn holds(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            if let Some(Shape::Structure { members }) = self.model.shapes.get(name) {
                if seen.insert(name) {
                    open.extend(members.iter().map(|member| member.shape.as_str()));
                }
                if members.iter().any(|member| member.shape == to) {
                    return true;
                }
            }
        }
        false
    }
}

/// The operations that have a file `src/operations/NAME.rs`. A file of another name is refused.
fn operations(service: &str, model: &Model) -> Outcome<BTreeSet<String>> {
    let names = model.operations.keys();
    let by_file: BTreeMap<String, &String> = names.map(|name| (names::snake(name), name)).collect();
    let mut built = BTreeSet::new();
    for path in workspace::files(&workspace::service(service).join("src/operations"), "rs")? {
        let file = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = by_file.get(file.as_ref());
        let name =
            name.ok_or_else(|| format!("{}: {service} has no such operation", path.display()))?;
        built.insert(name.to_string());
    }
    Ok(built)
}
