//! The policies that take part in every decision about one caller.

use std::sync::Arc;

use policy::{Attached, Policies};
use smallvec::SmallVec;
use storage::{Look, StorageError};

use crate::{
    Caller, Document, Group, Identity, ManagedPolicy, Role, Session, SessionKind, User, aws_managed,
};

/// Holds a caller's policies while a decision looks at them.
#[derive(Debug, Default)]
pub struct Effective {
    user: Option<Arc<User>>,
    role: Option<Arc<Role>>,
    groups: SmallVec<[Arc<Group>; 4]>,
    managed: SmallVec<[Arc<ManagedPolicy>; 8]>,
    boundary: Option<Arc<ManagedPolicy>>,
    session: Option<Arc<Session>>,
    session_managed: SmallVec<[Arc<ManagedPolicy>; 2]>,
}

/// Policies of a caller, laid out as the engine takes them.
#[derive(Debug)]
pub struct Granted<'a> {
    identity: SmallVec<[Attached<'a>; 16]>,
    session: Option<SmallVec<[Attached<'a>; 4]>>,
    boundary: Option<Attached<'a>>,
}

impl Effective {
    /// Gathers the policies of `caller`. Fails when a policy that should be there is not: then nothing is allowed.
    pub async fn load(records: &impl Look, caller: &Caller) -> Result<Self, StorageError> {
        let mut effective = Self::default();
        match &caller.identity {
            Identity::Root | Identity::FederatedUser(None) | Identity::Vouched(_) => {}
            Identity::User(user) | Identity::FederatedUser(Some(user)) => {
                effective.add_user(records, user).await?;
            }
            Identity::AssumedRole(role) => effective.add_role(records, role).await?,
        }
        if let Some(session) = caller.session.as_ref().filter(|s| s.is_limited()) {
            for arn in &session.policy_arns {
                match managed(records, arn).await {
                    Ok(policy) => effective.session_managed.push(policy),
                    // Deleted since the session began: it allows nothing any more. But the policy of a root user's task
                    // is what denies all else.
                    Err(StorageError::Missing(_)) if session.kind != SessionKind::RootTask => {}
                    Err(error) => return Err(error),
                }
            }
            effective.session = Some(session.clone());
        }
        Ok(effective)
    }

    async fn add_user(
        &mut self,
        records: &impl Look,
        user: &Arc<User>,
    ) -> Result<(), StorageError> {
        self.user = Some(user.clone());
        self.boundary = boundary(records, user.boundary.as_deref()).await?;
        self.add_managed(records, &user.attached).await?;
        for name in &user.groups {
            let key = Group::key_of(user.account, name);
            let group = records.look::<Group>(&key).await?;
            let group = group.ok_or(StorageError::Missing("identity.group"))?;
            self.add_managed(records, &group.attached).await?;
            self.groups.push(group);
        }
        Ok(())
    }

    async fn add_role(
        &mut self,
        records: &impl Look,
        role: &Arc<Role>,
    ) -> Result<(), StorageError> {
        self.role = Some(role.clone());
        self.boundary = boundary(records, role.boundary.as_deref()).await?;
        self.add_managed(records, &role.attached).await
    }

    async fn add_managed(
        &mut self,
        records: &impl Look,
        arns: &[String],
    ) -> Result<(), StorageError> {
        for arn in arns {
            self.managed.push(managed(records, arn).await?);
        }
        Ok(())
    }

    /// How long the documents of all policies are together, in bytes.
    pub fn text_bytes(&self) -> usize {
        let granted = self.granted();
        let session = granted.session.iter().flatten();
        let attached = granted.identity.iter().chain(session);
        let attached = attached.chain(granted.boundary.as_ref());
        attached.map(|attached| attached.policy.text().len()).sum()
    }

    /// The policies as the engine takes them.
    pub fn granted(&self) -> Granted<'_> {
        let inline = [
            self.user.as_deref().map(|user| &user.inline),
            self.role.as_deref().map(|role| &role.inline),
        ];
        let inline = inline.into_iter().flatten();
        let inline = inline.chain(self.groups.iter().map(|group| &group.inline));
        let inline = inline
            .flatten()
            .map(|(name, document)| attached(name, document));
        let managed = self.managed.iter().filter_map(|policy| in_force(policy));
        Granted {
            identity: inline.chain(managed).collect(),
            session: self.session.as_deref().map(|s| self.session_policies(s)),
            boundary: self.boundary.as_deref().and_then(in_force),
        }
    }

    fn session_policies<'a>(&'a self, session: &'a Session) -> SmallVec<[Attached<'a>; 4]> {
        let inline = session
            .policies
            .iter()
            .map(|d| attached("session policy", d));
        let managed = self.session_managed.iter().filter_map(|p| in_force(p));
        inline.chain(managed).collect()
    }
}

impl Granted<'_> {
    /// For `policy::decide`.
    pub fn policies(&self) -> Policies<'_> {
        Policies {
            identity: &self.identity,
            boundary: self.boundary,
            session: self.session.as_deref(),
            ..Policies::default()
        }
    }
}

fn attached<'a>(name: &'a str, document: &'a Document) -> Attached<'a> {
    Attached {
        name,
        policy: document.policy(),
    }
}

fn in_force(policy: &ManagedPolicy) -> Option<Attached<'_>> {
    let version = policy.default()?;
    Some(attached(policy.arn.as_str(), &version.document))
}

async fn boundary(
    records: &impl Look,
    arn: Option<&str>,
) -> Result<Option<Arc<ManagedPolicy>>, StorageError> {
    match arn {
        Some(arn) => managed(records, arn).await.map(Some),
        None => Ok(None),
    }
}

/// The managed policy of this ARN, AWS's or a customer's, with a version in force.
async fn managed(records: &impl Look, arn: &str) -> Result<Arc<ManagedPolicy>, StorageError> {
    let found = match (aws_managed::find(arn), ManagedPolicy::key_of_arn(arn)) {
        (Some(policy), _) => Some(policy),
        (None, Some(key)) => records.look::<ManagedPolicy>(&key).await?,
        (None, None) => None,
    };
    found
        .filter(|policy| policy.default().is_some())
        .ok_or(StorageError::Missing("identity.managed_policy"))
}
