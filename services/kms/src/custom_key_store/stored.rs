//! The stored form of a custom key store.

use base::{Secret, Timestamp};
use kms_api::shapes::ConnectionErrorCodeType;
use serde::{Deserialize, Serialize};
use storage::{Key as Place, Record, Unreadable};

use super::{Backing, CloudHsm, Connection, CustomKeyStore, External};
use crate::stored;

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    account: String,
    region: String,
    name: String,
    /// Microseconds since the epoch.
    created: i64,
    backing: StoredBacking,
    connection: StoredConnection,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredBacking {
    CloudHsm {
        cluster: String,
        trust_anchor: String,
        certificate: String,
        password: String,
    },
    External {
        endpoint: String,
        path: String,
        access_key_id: String,
        secret_access_key: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredConnection {
    Disconnected,
    Connecting,
    Connected,
    Disconnecting,
    Failed(String),
}

impl From<&Backing> for StoredBacking {
    fn from(backing: &Backing) -> Self {
        match backing {
            Backing::CloudHsm(hsm) => Self::CloudHsm {
                cluster: hsm.cluster.clone(),
                trust_anchor: hsm.trust_anchor.clone(),
                certificate: hsm.certificate.clone(),
                password: hsm.password.expose().clone(),
            },
            Backing::External(external) => Self::External {
                endpoint: external.endpoint.clone(),
                path: external.path.clone(),
                access_key_id: external.access_key_id.clone(),
                secret_access_key: external.secret_access_key.expose().clone(),
            },
        }
    }
}

impl StoredBacking {
    fn read(self) -> Backing {
        match self {
            Self::CloudHsm {
                cluster,
                trust_anchor,
                certificate,
                password,
            } => Backing::CloudHsm(CloudHsm {
                cluster,
                trust_anchor,
                certificate,
                password: Secret::new(password),
            }),
            Self::External {
                endpoint,
                path,
                access_key_id,
                secret_access_key,
            } => Backing::External(External {
                endpoint,
                path,
                access_key_id,
                secret_access_key: Secret::new(secret_access_key),
            }),
        }
    }
}

impl From<Connection> for StoredConnection {
    fn from(connection: Connection) -> Self {
        match connection {
            Connection::Disconnected => Self::Disconnected,
            Connection::Connecting => Self::Connecting,
            Connection::Connected => Self::Connected,
            Connection::Disconnecting => Self::Disconnecting,
            Connection::Failed(code) => Self::Failed(code.as_str().to_owned()),
        }
    }
}

impl StoredConnection {
    fn read(&self) -> Option<Connection> {
        Some(match self {
            Self::Disconnected => Connection::Disconnected,
            Self::Connecting => Connection::Connecting,
            Self::Connected => Connection::Connected,
            Self::Disconnecting => Connection::Disconnecting,
            Self::Failed(code) => {
                Connection::Failed(stored::named::<ConnectionErrorCodeType>(code)?)
            }
        })
    }
}

impl Record for CustomKeyStore {
    const TABLE: &'static str = "kms.custom_key_store";
    fn key(&self) -> Place {
        Self::key_of(self.account, &self.region, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            id: self.id.clone(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            name: self.name.clone(),
            created: self.created.micros(),
            backing: StoredBacking::from(&self.backing),
            connection: self.connection.into(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            connection: form.connection.read().ok_or_else(bad("connection"))?,
            id: form.id,
            name: form.name,
            created: Timestamp::from_micros(form.created),
            backing: form.backing.read(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Region};

    fn store(backing: Backing, connection: Connection) -> CustomKeyStore {
        CustomKeyStore {
            id: "cks-0123456789abcdef0".into(),
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            name: "n".into(),
            created: Timestamp::from_seconds(1),
            backing,
            connection,
        }
    }

    fn cloudhsm() -> Backing {
        Backing::CloudHsm(CloudHsm {
            cluster: "cluster-a".into(),
            trust_anchor: "t".into(),
            certificate: "c".into(),
            password: Secret::new("seven77".into()),
        })
    }

    fn external() -> Backing {
        Backing::External(External {
            endpoint: "https://h".into(),
            path: "/kms/xks/v1".into(),
            access_key_id: "A".into(),
            secret_access_key: Secret::new("S".into()),
        })
    }

    const HEAD: &str = "\x01{\"id\":\"cks-0123456789abcdef0\",\"account\":\"000000000001\",\"region\":\"us-east-1\",\"name\":\"n\",\"created\":1000000,\"backing\":";

    #[test]
    fn golden_bytes() {
        let cases = [
            (
                store(cloudhsm(), Connection::Connected),
                "{\"cloud_hsm\":{\"cluster\":\"cluster-a\",\"trust_anchor\":\"t\",\"certificate\":\"c\",\"password\":\"seven77\"}},\"connection\":\"connected\"}",
            ),
            (
                store(
                    external(),
                    Connection::Failed(ConnectionErrorCodeType::XksProxyTimedOut),
                ),
                "{\"external\":{\"endpoint\":\"https://h\",\"path\":\"/kms/xks/v1\",\"access_key_id\":\"A\",\"secret_access_key\":\"S\"}},\"connection\":{\"failed\":\"XKS_PROXY_TIMED_OUT\"}}",
            ),
        ];
        for (store, tail) in cases {
            let bytes = format!("{HEAD}{tail}").into_bytes();
            assert_eq!(store.store(), bytes);
            let loaded = CustomKeyStore::load(&bytes).unwrap();
            assert_eq!(loaded.store(), bytes);
            assert_eq!(loaded.key(), store.key());
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        for backing in [cloudhsm(), external()] {
            let shown = format!("{:?}", store(backing, Connection::Connecting));
            assert!(
                !shown.contains("seven77") && !shown.contains("\"S\""),
                "{shown}"
            );
        }
    }
}
