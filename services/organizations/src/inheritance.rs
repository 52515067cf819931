//! The policies of one type above an account, and what they come to.
//!
//! AWS document: AWS Organizations User Guide, "Viewing effective management policies".

use std::collections::HashMap;
use std::sync::Arc;

use base::Timestamp;
use identity::organization::{
    Content, Defect, EffectivePolicy, ManagementDocument, ManagementKind, Member, Organization,
    OrganizationPolicy, PolicyKind, PolicyTarget,
};
use organizations_api::shapes::EffectivePolicyType;
use pipeline::{Failure, Lookup};

use crate::{errors, policies};

/// The policies of one type above an account, level by level.
pub(crate) struct Inheritance {
    kind: ManagementKind,
    levels: Vec<Vec<Arc<OrganizationPolicy>>>,
    /// When any of them was changed, attached or detached last.
    pub(crate) changed: Timestamp,
}

/// The type that a caller names, where the organization has it enabled.
pub(crate) fn kind(
    organization: &Organization,
    named: EffectivePolicyType,
) -> Result<ManagementKind, Failure> {
    let kind = ManagementKind::parse(named.as_str());
    let kind = kind.ok_or_else(|| errors::not_built(format_args!("Policy type {named}")))?;
    let enabled = organization.enabled.contains(&PolicyKind::Management(kind));
    match enabled {
        true => Ok(kind),
        false => Err(errors::no_effective_policy()),
    }
}

impl Inheritance {
    /// What is above this member of the organization; none where nothing is.
    pub(crate) async fn above(
        look: &Lookup<'_>,
        organization: &Organization,
        (member, kind): (&Member, ManagementKind),
    ) -> Result<Option<Self>, Failure> {
        let mut levels = Vec::new();
        let mut changed = member.joined_at;
        let own = [member.account.to_string()];
        for target in member.parents.iter().chain(&own) {
            let place = (target.as_str(), PolicyKind::Management(kind));
            let key = PolicyTarget::key_of(&organization.id, place.0, place.1);
            let row = look.get::<PolicyTarget>(&key).await?;
            let row = row.as_deref();
            changed = changed.max(row.and_then(|row| row.changed).unwrap_or(changed));
            let mut level = Vec::new();
            for id in row.map_or(&[][..], |row| &row.policies) {
                let policy = policies::find(look, &organization.id, id).await?;
                let policy =
                    policy.ok_or_else(|| Failure::internal("an attached policy is gone"))?;
                changed = changed.max(policy.changed.unwrap_or(changed));
                level.push(policy);
            }
            levels.push(level);
        }
        let some = levels.iter().any(|level| !level.is_empty());
        Ok(some.then_some(Self {
            kind,
            levels,
            changed,
        }))
    }

    fn documents(&self) -> Vec<Vec<&ManagementDocument>> {
        self.levels.iter().map(|level| documents(level)).collect()
    }

    /// What they come to.
    pub(crate) fn text(&self) -> String {
        EffectivePolicy::of(self.kind, &self.documents()).text()
    }

    fn is_valid(&self) -> bool {
        EffectivePolicy::of(self.kind, &self.documents()).is_valid()
    }

    /// What is wrong with what they come to, with the ids of the policies that have a part in it.
    pub(crate) fn defects(&self) -> Vec<(Defect, Vec<String>)> {
        let documents = self.documents();
        let defects = EffectivePolicy::of(self.kind, &documents).defects(&documents);
        let ids = self.ids();
        let with_ids = defects.into_iter().map(|defect| {
            let of = defect.documents.iter();
            let of = of.filter_map(|place| ids.get(*place).map(|id| (*id).to_owned()));
            let of = of.collect();
            (defect, of)
        });
        with_ids.collect()
    }

    fn ids(&self) -> Vec<&str> {
        let policies = self.levels.iter().flatten();
        policies.map(|policy| policy.id.as_str()).collect()
    }
}

/// Only documents of one type are attached as policies of it.
fn documents(level: &[Arc<OrganizationPolicy>]) -> Vec<&ManagementDocument> {
    let contents = level.iter().map(|policy| &policy.content);
    contents.filter_map(Content::management).collect()
}

/// Tells of many accounts whether their effective policies are valid: most accounts share all of theirs.
#[derive(Default)]
pub(crate) struct Judged(HashMap<Vec<Vec<String>>, bool>);

impl Judged {
    pub(crate) fn is_invalid(&mut self, inheritance: &Inheritance) -> bool {
        let of_level = |level: &Vec<Arc<OrganizationPolicy>>| {
            level.iter().map(|policy| policy.id.clone()).collect()
        };
        let key: Vec<Vec<String>> = inheritance.levels.iter().map(of_level).collect();
        let judge = || !inheritance.is_valid();
        *self.0.entry(key).or_insert_with(judge)
    }
}
