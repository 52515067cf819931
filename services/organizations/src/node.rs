//! The root, units and accounts of an organization: what an id names, be it there or not.

use std::sync::Arc;

use base::{Arn, Tags};
use identity::organization::{Child, ChildKind, Member, Organization, OrganizationalUnit};
use organizations_api::shapes::TargetType;
use pipeline::{Failure, Lookup, Operation, Permitted};
use policy::Resource;
use storage::{Key, Record};

use crate::policies;
use crate::standing::Standing;

/// Rows read at once where all are wanted.
const CHUNK: usize = 500;

/// A root, unit or account.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// The root, which is kept with its organization.
    Root(Arc<Organization>),
    /// A unit.
    Unit(Arc<OrganizationalUnit>),
    /// An account.
    Account(Arc<Member>),
}

impl Node {
    /// What this id names in `organization`.
    pub(crate) async fn find(
        look: &Lookup<'_>,
        organization: &Arc<Organization>,
        id: &str,
    ) -> Result<Option<Self>, Failure> {
        if id == organization.root {
            return Ok(Some(Self::Root(organization.clone())));
        }
        if let Ok(account) = id.parse() {
            let member = look.get::<Member>(&Member::key_of(account)).await?;
            let member =
                member.filter(|member| member.organization == organization.id && !member.is_gone());
            return Ok(member.map(Self::Account));
        }
        let key = OrganizationalUnit::key_of(&organization.id, id);
        Ok(look.get(&key).await?.map(Self::Unit))
    }

    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Root(organization) => &organization.root,
            Self::Unit(unit) => &unit.id,
            Self::Account(member) => member.account.as_str(),
        }
    }
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Root(_) => "Root",
            Self::Unit(unit) => &unit.name,
            Self::Account(member) => &member.name,
        }
    }
    pub(crate) fn target_type(&self) -> TargetType {
        match self {
            Self::Root(_) => TargetType::Root,
            Self::Unit(_) => TargetType::OrganizationalUnit,
            Self::Account(_) => TargetType::Account,
        }
    }
    pub(crate) fn arn(&self, organization: &Organization) -> Arn {
        Kind::of(self.id()).arn(organization, self.id())
    }
    pub(crate) fn tags(&self) -> &Tags {
        match self {
            Self::Root(organization) => &organization.root_tags,
            Self::Unit(unit) => &unit.tags,
            Self::Account(member) => &member.tags,
        }
    }
    /// Id of what it lies in; none for the root.
    pub(crate) fn parent(&self) -> Option<&str> {
        match self {
            Self::Root(_) => None,
            Self::Unit(unit) => unit.parent(),
            Self::Account(member) => member.parent(),
        }
    }
    /// `parents` of what lies in it; none for an account, in which nothing lies.
    pub(crate) fn parents_within(&self) -> Option<Vec<String>> {
        match self {
            Self::Root(organization) => Some(vec![organization.root.clone()]),
            Self::Unit(unit) => {
                let own = std::iter::once(&unit.id);
                Some(unit.parents.iter().chain(own).cloned().collect())
            }
            Self::Account(_) => None,
        }
    }
    /// Keeps it with these tags.
    pub(crate) fn put_tags<O: Operation>(&self, call: &Permitted<'_, O>, tags: Tags) {
        match self {
            Self::Root(organization) => call.put(Organization {
                root_tags: tags,
                ..Organization::clone(organization)
            }),
            Self::Unit(unit) => call.put(OrganizationalUnit {
                tags,
                ..OrganizationalUnit::clone(unit)
            }),
            Self::Account(member) => call.put(Member {
                tags,
                ..Member::clone(member)
            }),
        }
    }
}

/// What kind of thing an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    Unit,
    Account,
}

impl Kind {
    fn of(id: &str) -> Self {
        match id.split_once('-') {
            Some(("r", _)) => Self::Root,
            Some(_) => Self::Unit,
            None => Self::Account,
        }
    }
    fn arn(self, organization: &Organization, id: &str) -> Arn {
        match (self, id.parse()) {
            (Self::Root, _) if id == organization.root => organization.root_arn(),
            (Self::Account, Ok(account)) => organization.account_arn(account),
            (Self::Root, _) => other_root(organization, id),
            _ => organization.unit_arn(id),
        }
    }
}

/// The ARN that a root of an organization would have if it had another one.
fn other_root(organization: &Organization, id: &str) -> Arn {
    let root = Organization {
        root: id.to_owned(),
        ..organization.clone()
    };
    root.root_arn()
}

/// A root, unit or account that a caller names, and what the caller's account is to it.
pub(crate) struct Sought {
    /// Of the caller.
    pub(crate) standing: Standing,
    /// What is there.
    pub(crate) node: Option<Node>,
    kind: Kind,
    resource: Arc<dyn Resource>,
}

impl Sought {
    /// What `id` names in the caller's organization.
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Self, Failure> {
        let standing = Standing::of_caller(look).await?;
        Self::within(look, standing, id).await
    }
    /// As `find`, where the standing is known.
    pub(crate) async fn within(
        look: &Lookup<'_>,
        standing: Standing,
        id: &str,
    ) -> Result<Self, Failure> {
        let node = match standing.known() {
            Some(organization) => Node::find(look, organization, id).await?,
            None => None,
        };
        let kind = Kind::of(id);
        let tags = node.as_ref().map(|node| node.tags().clone());
        let arn = kind.arn(standing.named(), id);
        let resource = standing.resource(arn, tags.unwrap_or_default());
        Ok(Self {
            standing,
            node,
            kind,
            resource,
        })
    }
    /// For a decision, whatever it is.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }
    /// For a decision, if it is an account.
    pub(crate) fn account(&self) -> Option<Arc<dyn Resource>> {
        (self.kind == Kind::Account).then(|| self.resource())
    }
    /// For a decision, if it is a unit.
    pub(crate) fn unit(&self) -> Option<Arc<dyn Resource>> {
        (self.kind == Kind::Unit).then(|| self.resource())
    }
    /// For a decision, if it is a root.
    pub(crate) fn root(&self) -> Option<Arc<dyn Resource>> {
        (self.kind == Kind::Root).then(|| self.resource())
    }
    /// The account, if it is one and there.
    pub(crate) fn member(&self) -> Option<&Arc<Member>> {
        match &self.node {
            Some(Node::Account(member)) => Some(member),
            _ => None,
        }
    }
    /// The unit, if it is one and there.
    pub(crate) fn found_unit(&self) -> Option<&Arc<OrganizationalUnit>> {
        match &self.node {
            Some(Node::Unit(unit)) => Some(unit),
            _ => None,
        }
    }
}

/// Everything below `prefix`.
pub(crate) async fn all<R: Record>(
    look: &Lookup<'_>,
    prefix: &Key,
) -> Result<Vec<Arc<R>>, Failure> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let found = look.scan::<R>(prefix, after.as_ref(), CHUNK).await?;
        rows.extend(found.iter().map(|row| row.arc()));
        match found.last() {
            Some(last) if found.len() >= CHUNK => after = Some(last.key()),
            _ => return Ok(rows),
        }
    }
}

/// Every unit and account of an organization.
pub(crate) async fn everything_in(
    look: &Lookup<'_>,
    organization: &str,
) -> Result<Vec<Arc<Child>>, Failure> {
    all::<Child>(look, &Key::root().then(organization)).await
}

/// Every account of an organization.
pub(crate) async fn members(
    look: &Lookup<'_>,
    organization: &Arc<Organization>,
) -> Result<Vec<Arc<Member>>, Failure> {
    let mut members = Vec::new();
    for child in everything_in(look, &organization.id).await? {
        if let (ChildKind::Account, Ok(account)) = (child.kind, child.id.parse()) {
            members.extend(look.get::<Member>(&Member::key_of(account)).await?);
        }
    }
    Ok(members)
}

/// Puts a new unit or account where it lies, with the policies that everything has.
pub(crate) fn settle<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &Organization,
    parent: &str,
    (kind, id): (ChildKind, &str),
) {
    call.put(Child {
        organization: organization.id.clone(),
        parent: parent.to_owned(),
        kind,
        id: id.to_owned(),
    });
    policies::attach_defaults(call, organization, id);
}

/// Takes a unit or account away from where it lies, with what is attached to it.
pub(crate) async fn unsettle<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &str,
    parent: &str,
    (kind, id): (ChildKind, &str),
) -> Result<(), Failure> {
    call.delete::<Child>(&Child::key_of(organization, parent, kind, id));
    policies::detach_all(call, organization, id).await
}
