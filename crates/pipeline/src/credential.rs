//! What an access key id stands for: a long-term key, or the session of a token.

use std::sync::Arc;

use base::{AccountId, Secret};
use identity::{
    AccessKey, AccessKeyStatus, Caller, Identity, OpenIdConnectProvider, Owner, Role, SamlProvider,
    Session, SessionKind, User, Vouched,
};
use storage::{Look, StorageError};

/// A credential. Not yet proved that the caller holds its secret.
#[derive(Clone)]
pub(crate) enum Credential {
    LongTerm(Arc<AccessKey>),
    Temporary(Arc<Session>),
    /// No access key: a verified token of this caller.
    Vouched(Arc<Vouched>),
}

impl Credential {
    /// The active long-term key of this id.
    pub(crate) async fn long_term(
        records: &impl Look,
        id: &str,
    ) -> Result<Option<Self>, StorageError> {
        let key = records.look::<AccessKey>(&AccessKey::key_of(id)).await?;
        let active = key.filter(|key| key.status == AccessKeyStatus::Active);
        Ok(active.map(Self::LongTerm))
    }

    pub(crate) fn id(&self) -> &str {
        match self {
            Self::LongTerm(key) => &key.id,
            Self::Temporary(session) => &session.access_key_id,
            Self::Vouched(_) => "",
        }
    }
    /// What signs; nothing where no signature proves it.
    pub(crate) fn secret(&self) -> Option<&Secret<String>> {
        match self {
            Self::LongTerm(key) => Some(&key.secret),
            Self::Temporary(session) => Some(&session.secret),
            Self::Vouched(_) => None,
        }
    }
    pub(crate) fn account(&self) -> AccountId {
        match self {
            Self::LongTerm(key) => key.account,
            Self::Temporary(session) => session.account,
            Self::Vouched(vouched) => vouched.account(),
        }
    }
    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        match self {
            Self::LongTerm(_) | Self::Vouched(_) => None,
            Self::Temporary(session) => Some(session),
        }
    }

    /// Who calls with it; none if it stands for nobody any more.
    pub(crate) async fn caller(&self, records: &impl Look) -> Result<Option<Caller>, StorageError> {
        let identity = match self {
            Self::LongTerm(key) => of_key(records, key).await?,
            Self::Temporary(session) => of_session(records, session).await?,
            Self::Vouched(vouched) => of_provider(records, vouched).await?,
        };
        let caller = |identity| {
            Caller::new(
                self.account(),
                self.id().into(),
                identity,
                self.session().cloned(),
            )
        };
        Ok(identity.map(caller))
    }
}

/// The owner of `key`, if the key is as it was when it was read before.
async fn of_key(records: &impl Look, key: &AccessKey) -> Result<Option<Identity>, StorageError> {
    match Credential::long_term(records, &key.id).await? {
        Some(Credential::LongTerm(now)) if *now == *key => {}
        _ => return Ok(None),
    }
    match &key.owner {
        Owner::Root => Ok(Some(Identity::Root)),
        Owner::User(name) => {
            let place = User::key_of(key.account, name);
            Ok(records.look::<User>(&place).await?.map(Identity::User))
        }
    }
}

/// Whom a provider vouches for is somebody as long as the provider is there.
async fn of_provider(
    records: &impl Look,
    vouched: &Arc<Vouched>,
) -> Result<Option<Identity>, StorageError> {
    let (account, provider) = (vouched.account(), vouched.provider());
    let there = match **vouched {
        Vouched::Web(_) => {
            let url = OpenIdConnectProvider::url_in(provider).unwrap_or_default();
            let place = OpenIdConnectProvider::key_of(account, url);
            records
                .look::<OpenIdConnectProvider>(&place)
                .await?
                .is_some()
        }
        Vouched::Saml(_) => {
            let name = SamlProvider::name_in(provider).unwrap_or_default();
            let place = SamlProvider::key_of(account, name);
            records.look::<SamlProvider>(&place).await?.is_some()
        }
    };
    Ok(there.then(|| Identity::Vouched(vouched.clone())))
}

/// A session holds only as long as the very user or role it was issued to is there.
async fn of_session(
    records: &impl Look,
    session: &Session,
) -> Result<Option<Identity>, StorageError> {
    match &session.kind {
        SessionKind::Token(Owner::Root, _) | SessionKind::RootTask => Ok(Some(Identity::Root)),
        SessionKind::Token(Owner::User(name), id) => {
            let user = same_user(records, session, name, id).await?;
            Ok(user.map(Identity::User))
        }
        SessionKind::Federated {
            issuer: Owner::Root,
            ..
        } => Ok(Some(Identity::FederatedUser(None))),
        SessionKind::Federated {
            issuer: Owner::User(name),
            issuer_id,
            ..
        } => {
            let user = same_user(records, session, name, issuer_id).await?;
            Ok(user.map(|user| Identity::FederatedUser(Some(user))))
        }
        SessionKind::Role { name, id, .. } => {
            let place = Role::key_of(session.account, name);
            let role = records.look::<Role>(&place).await?;
            let role = role.filter(|role| role.id == *id);
            Ok(role.map(Identity::AssumedRole))
        }
    }
}

async fn same_user(
    records: &impl Look,
    session: &Session,
    name: &str,
    id: &str,
) -> Result<Option<Arc<User>>, StorageError> {
    let place = User::key_of(session.account, name);
    let user = records.look::<User>(&place).await?;
    Ok(user.filter(|user| user.id == id))
}
