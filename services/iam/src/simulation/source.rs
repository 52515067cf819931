//! The policies of a simulation: those an entity has, and those that are given.

use std::collections::BTreeMap;

use identity::{Document, Group};
use pipeline::{Failure, Lookup};
use policy::{Attached, Grammar};

use super::entity::{Kind, PolicySource};
use super::refusals;
use crate::find;
use crate::managed_policy;

/// Where a policy comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// With the call.
    Given,
    /// Inline at this entity.
    Inline {
        kind: Kind,
        entity: String,
        name: String,
    },
    /// Attached, of this ARN.
    Managed(String),
}

/// One policy.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// For `SourcePolicyId`.
    pub(crate) id: String,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// What it says.
    pub(crate) document: Document,
}

impl Source {
    /// As the engine takes it.
    pub(crate) fn attached(&self) -> Attached<'_> {
        Attached {
            name: &self.id,
            policy: self.document.policy(),
        }
    }

    fn inline(kind: Kind, entity: &str, name: &str, document: &Document) -> Self {
        Self {
            id: format!("{}_{entity}_{name}", kind.name()),
            origin: Origin::Inline {
                kind,
                entity: entity.to_owned(),
                name: name.to_owned(),
            },
            document: document.clone(),
        }
    }
}

/// What limits and grants in a simulation.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Policies of identities.
    pub(crate) identity: Vec<Source>,
    /// The permissions boundary.
    pub(crate) boundary: Option<Source>,
    /// Service control policies, one list a level; `None` outside of organizations, no level where they limit nobody.
    pub(crate) organization: Option<Vec<Vec<Source>>>,
}

/// Documents of this member of the call, which must follow `grammar`.
pub(crate) fn given(
    member: &str,
    documents: &[String],
    grammar: Grammar,
) -> Result<Vec<Source>, Failure> {
    let sources = documents.iter().enumerate().map(|(index, text)| {
        Ok(Source {
            id: format!("{member}.{}", index + 1),
            origin: Origin::Given,
            document: Document::parse(text, grammar).map_err(refusals::malformed)?,
        })
    });
    sources.collect()
}

impl Sources {
    /// Everything that `source` has.
    pub(crate) async fn of(look: &Lookup<'_>, source: &PolicySource) -> Result<Self, Failure> {
        let mut sources = Self::default();
        let boundary = match source {
            PolicySource::User(named) => {
                let user = named.found()?;
                sources
                    .add(look, Kind::User, &user.name, &user.inline, &user.attached)
                    .await?;
                for name in &user.groups {
                    let group = find::Named::<Group>::find(look, name).await?;
                    sources.add_group(look, group.found()?).await?;
                }
                &user.boundary
            }
            PolicySource::Group(named) => {
                sources.add_group(look, named.found()?).await?;
                &None
            }
            PolicySource::Role(named) => {
                let role = named.found()?;
                sources
                    .add(look, Kind::Role, &role.name, &role.inline, &role.attached)
                    .await?;
                &role.boundary
            }
        };
        if let Some(arn) = boundary {
            sources.boundary = Some(managed(look, arn).await?);
        }
        Ok(sources)
    }

    async fn add_group(&mut self, look: &Lookup<'_>, group: &Group) -> Result<(), Failure> {
        let (inline, attached) = (&group.inline, &group.attached);
        self.add(look, Kind::Group, &group.name, inline, attached)
            .await
    }

    async fn add(
        &mut self,
        look: &Lookup<'_>,
        kind: Kind,
        entity: &str,
        inline: &BTreeMap<String, Document>,
        attached: &[String],
    ) -> Result<(), Failure> {
        let inline = inline.iter();
        self.identity
            .extend(inline.map(|(name, document)| Source::inline(kind, entity, name, document)));
        for arn in attached {
            let known = |source: &Source| source.origin == Origin::Managed(arn.clone());
            if !self.identity.iter().any(known) {
                self.identity.push(managed(look, arn).await?);
            }
        }
        Ok(())
    }

    /// Adds documents for identities.
    pub(crate) fn add_given(&mut self, documents: &[String]) -> Result<(), Failure> {
        self.identity
            .extend(given("PolicyInputList", documents, Grammar::Identity)?);
        Ok(())
    }

    /// Puts a boundary, if one is given, in place of the one there is.
    pub(crate) fn set_boundary(&mut self, documents: &[String]) -> Result<(), Failure> {
        let member = "PermissionsBoundaryPolicyInputList";
        let mut boundaries = given(member, documents, Grammar::Boundary)?;
        match (boundaries.pop(), boundaries.is_empty()) {
            (_, false) => Err(refusals::too_many_boundaries()),
            (None, _) => Ok(()),
            (given, _) => {
                self.boundary = given;
                Ok(())
            }
        }
    }

    /// Condition keys that policies of identities and the boundary name, as first written.
    pub(crate) fn condition_keys(&self) -> Vec<&str> {
        let sources = self.identity.iter().chain(&self.boundary);
        sources
            .flat_map(|source| source.document.policy().condition_keys())
            .collect()
    }

    /// Every policy there is.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Source> {
        let control = self.organization.iter().flatten().flatten();
        self.identity.iter().chain(&self.boundary).chain(control)
    }
}

async fn managed(look: &Lookup<'_>, arn: &str) -> Result<Source, Failure> {
    let named = managed_policy::Named::find(look, arn).await?;
    let policy = named.found()?;
    let version = policy.default();
    let version =
        version.ok_or_else(|| Failure::internal(format!("{arn} has no version in force")))?;
    Ok(Source {
        id: policy.name.clone(),
        origin: Origin::Managed(arn.to_owned()),
        document: version.document.clone(),
    })
}
