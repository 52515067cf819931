//! `kms:DisconnectCustomKeyStore`: keeps the keys of a custom key store from being used, at once.

use kms_api::shapes::{DisconnectCustomKeyStoreRequest, DisconnectCustomKeyStoreResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::custom_key_store::{Connection, CustomKeyStore, errors};

pub(crate) struct DisconnectCustomKeyStore;

impl Operation for DisconnectCustomKeyStore {
    type Api = operations::DisconnectCustomKeyStore;
    type Target = ();

    async fn access(
        _: &DisconnectCustomKeyStoreRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DisconnectCustomKeyStore {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DisconnectCustomKeyStoreResponse, Failure> {
        let store = CustomKeyStore::own(call.look(), &call.input().custom_key_store_id).await?;
        match store.connection {
            Connection::Connecting | Connection::Connected | Connection::Failed(_) => {
                call.put(store.with(Connection::Disconnecting));
                Ok(DisconnectCustomKeyStoreResponse {})
            }
            Connection::Disconnecting | Connection::Disconnected => {
                let state = store.connection.state();
                Err(errors::wrong_state(
                    &store.id,
                    state.as_str(),
                    "DisconnectCustomKeyStore",
                ))
            }
        }
    }
}
