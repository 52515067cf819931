//! `kms:ConnectCustomKeyStore`: lets the keys of a custom key store be used, once a background duty has reached it.

use kms_api::shapes::{ConnectCustomKeyStoreRequest, ConnectCustomKeyStoreResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::custom_key_store::{Backing, Connection, CustomKeyStore, cluster, errors};

pub(crate) struct ConnectCustomKeyStore;

impl Operation for ConnectCustomKeyStore {
    type Api = operations::ConnectCustomKeyStore;
    type Target = ();

    async fn access(
        _: &ConnectCustomKeyStoreRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ConnectCustomKeyStore {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ConnectCustomKeyStoreResponse, Failure> {
        let store = CustomKeyStore::own(call.look(), &call.input().custom_key_store_id).await?;
        match store.connection {
            Connection::Disconnected => {}
            Connection::Connecting | Connection::Connected => {
                return Ok(ConnectCustomKeyStoreResponse {});
            }
            Connection::Disconnecting | Connection::Failed(_) => {
                let state = store.connection.state();
                return Err(errors::wrong_state(
                    &store.id,
                    state.as_str(),
                    "ConnectCustomKeyStore",
                ));
            }
        }
        if let Backing::CloudHsm(hsm) = &store.backing {
            let (stores, id) = (call.key_stores(), &hsm.cluster);
            // A cluster that is gone is found missing by whoever connects: AWS has no error for it here.
            if let Some(found) = stores.cluster(store.account, store.region, id).await? {
                if !found.active {
                    return Err(errors::cluster_not_active(id));
                }
                cluster::check_one_hsm(&found, id)?;
            }
        }
        call.put(store.with(Connection::Connecting));
        Ok(ConnectCustomKeyStoreResponse {})
    }
}
