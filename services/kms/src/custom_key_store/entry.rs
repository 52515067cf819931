//! A store as DescribeCustomKeyStores tells of it.

use base::Secret;
use kms_api::shapes::{
    ConnectionStateType, CustomKeyStoresListEntry, XksProxyConfigurationType,
    XksProxyConnectivityType,
};

use super::{Backing, Connection, CustomKeyStore, External};

impl Connection {
    /// `ConnectionState`
    pub(crate) fn state(self) -> ConnectionStateType {
        match self {
            Self::Disconnected => ConnectionStateType::Disconnected,
            Self::Connecting => ConnectionStateType::Connecting,
            Self::Connected => ConnectionStateType::Connected,
            Self::Disconnecting => ConnectionStateType::Disconnecting,
            Self::Failed(_) => ConnectionStateType::Failed,
        }
    }
}

/// What is told of `store`: no password, and of the credential of its proxy the id alone.
pub(crate) fn of(store: &CustomKeyStore) -> CustomKeyStoresListEntry {
    let (hsm, external) = match &store.backing {
        Backing::CloudHsm(hsm) => (Some(hsm), None),
        Backing::External(external) => (None, Some(external)),
    };
    CustomKeyStoresListEntry {
        custom_key_store_id: Some(store.id.clone()),
        custom_key_store_name: Some(store.name.clone()),
        cloud_hsm_cluster_id: hsm.map(|hsm| hsm.cluster.clone()),
        trust_anchor_certificate: hsm.map(|hsm| hsm.trust_anchor.clone()),
        connection_state: Some(store.connection.state()),
        connection_error_code: match store.connection {
            Connection::Failed(code) => Some(code),
            _ => None,
        },
        creation_date: Some(store.created),
        custom_key_store_type: Some(store.kind()),
        xks_proxy_configuration: external.map(configuration),
    }
}

fn configuration(external: &External) -> XksProxyConfigurationType {
    XksProxyConfigurationType {
        connectivity: Some(XksProxyConnectivityType::PublicEndpoint),
        access_key_id: Some(Secret::new(external.access_key_id.clone())),
        uri_endpoint: Some(external.endpoint.clone()),
        uri_path: Some(external.path.clone()),
        vpc_endpoint_service_name: None,
        vpc_endpoint_service_owner: None,
    }
}
