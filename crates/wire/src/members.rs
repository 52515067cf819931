//! The members of a structure, taken and put by the index its table gives them.

use std::borrow::Cow;

use crate::{Encoder, Rejection, Shape, Structure, Value};

/// The members of one structure, in the order of its table, ready to be taken by index.
pub struct Members<'a> {
    values: Vec<Option<Value<'a>>>,
    structure: &'static Structure,
}

impl<'a> Members<'a> {
    /// Sorts the members of an object into the order of `structure`. `null` counts as absent, unknown names are
    /// left out, and of one name the last value counts.
    ///
    /// # Errors
    /// `value` is not an object.
    pub fn of(value: Value<'a>, structure: &'static Structure) -> Result<Self, Rejection> {
        let Value::Object(entries) = value else {
            return Err(Rejection::Serialization(Cow::Borrowed(
                "Expected a structure",
            )));
        };
        let mut values = Vec::new();
        values.resize_with(structure.members.len(), || None);
        for (name, value) in entries {
            let index = structure
                .members
                .iter()
                .position(|member| member.name == name);
            if let Some(place) = index.and_then(|index| values.get_mut(index)) {
                *place = match value {
                    Value::Null => None,
                    present => Some(present),
                };
            }
        }
        Ok(Self { values, structure })
    }

    /// Takes the member at `index`, which must be there.
    ///
    /// # Errors
    /// It is absent, or is not of its shape.
    pub fn required<T: Shape>(&mut self, index: usize) -> Result<T, Rejection> {
        self.optional(index)?.ok_or_else(|| self.absent(index))
    }

    /// Takes the member at `index`.
    ///
    /// # Errors
    /// It is not of its shape.
    pub fn optional<T: Shape>(&mut self, index: usize) -> Result<Option<T>, Rejection> {
        let taken = self.values.get_mut(index).and_then(Option::take);
        match (taken, self.structure.members.get(index)) {
            (Some(value), Some(member)) => T::decode(value, member.schema).map(Some),
            _ => Ok(None),
        }
    }

    fn absent(&self, index: usize) -> Rejection {
        let name = self
            .structure
            .members
            .get(index)
            .map_or("", |member| member.name);
        Rejection::Validation(format!("{} lacks its member {name}", self.structure.name))
    }
}

/// Writes the member at `index` of `structure`.
pub fn put<T: Shape>(to: &mut dyn Encoder, structure: &'static Structure, index: usize, value: &T) {
    let member = structure.members.get(index);
    debug_assert!(member.is_some(), "{} has no member {index}", structure.name);
    if let Some(member) = member {
        to.member(member, &mut |to| value.encode(member.schema, to));
    }
}

/// Writes the member at `index` of `structure`, if there is a value.
pub fn put_optional<T: Shape>(
    to: &mut dyn Encoder,
    structure: &'static Structure,
    index: usize,
    value: &Option<T>,
) {
    if let Some(value) = value {
        put(to, structure, index, value);
    }
}
