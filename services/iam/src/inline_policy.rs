//! Inline policies of users, groups and roles.

use std::collections::BTreeMap;

use identity::{Document, Group, Role, User};
use pipeline::Failure;
use policy::Grammar;

use crate::attachment::Holder;
use crate::paging::{Paged, Paging};
use crate::{errors, policy_size};

/// What has inline policies.
pub(crate) trait Inline: Holder {
    /// Characters that all inline policies together may have.
    /// AWS: IAM User Guide, "IAM and AWS STS quotas", section "IAM and STS character limits".
    const MOST: usize;
    /// Its inline policies.
    fn inline(&self) -> &BTreeMap<String, Document>;
    /// Its inline policies, for changing.
    fn inline_mut(&mut self) -> &mut BTreeMap<String, Document>;
}

impl Inline for User {
    const MOST: usize = 2_048;
    fn inline(&self) -> &BTreeMap<String, Document> {
        &self.inline
    }
    fn inline_mut(&mut self) -> &mut BTreeMap<String, Document> {
        &mut self.inline
    }
}

impl Inline for Group {
    const MOST: usize = 5_120;
    fn inline(&self) -> &BTreeMap<String, Document> {
        &self.inline
    }
    fn inline_mut(&mut self) -> &mut BTreeMap<String, Document> {
        &mut self.inline
    }
}

impl Inline for Role {
    const MOST: usize = 10_240;
    fn inline(&self) -> &BTreeMap<String, Document> {
        &self.inline
    }
    fn inline_mut(&mut self) -> &mut BTreeMap<String, Document> {
        &mut self.inline
    }
}

/// The entity with the policy put in, in place of one of the same name.
pub(crate) fn with<R: Inline>(entity: &R, policy: &str, text: &str) -> Result<R, Failure> {
    let document = Document::parse(text, Grammar::Identity).map_err(errors::malformed_policy)?;
    let mut changed = entity.clone();
    changed.inline_mut().insert(policy.to_owned(), document);
    let texts = changed.inline().values().map(Document::text);
    if texts.map(policy_size::characters).sum::<usize>() > R::MOST {
        return Err(errors::policies_too_long(R::KIND, entity.name(), R::MOST));
    }
    Ok(changed)
}

/// The policy of this name.
pub(crate) fn find<'a, R: Inline>(entity: &'a R, policy: &str) -> Result<&'a Document, Failure> {
    let found = entity.inline().get(policy);
    found.ok_or_else(|| missing::<R>(policy))
}

/// The entity without the policy of this name.
pub(crate) fn without<R: Inline>(entity: &R, policy: &str) -> Result<R, Failure> {
    let mut changed = entity.clone();
    let removed = changed.inline_mut().remove(policy);
    removed.map(|_| changed).ok_or_else(|| missing::<R>(policy))
}

/// One page of the names of its policies.
pub(crate) fn names<R: Inline>(entity: &R, paging: &Paging) -> Paged<String> {
    paging.list(entity.inline().keys().cloned(), String::clone)
}

fn missing<R: Inline>(policy: &str) -> Failure {
    errors::no_such(&format!("{} policy", R::KIND), policy)
}
