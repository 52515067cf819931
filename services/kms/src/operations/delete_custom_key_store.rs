//! `kms:DeleteCustomKeyStore`: forgets a custom key store that keeps no keys. What is behind it stays as it is.

use kms_api::shapes::{DeleteCustomKeyStoreRequest, DeleteCustomKeyStoreResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;

use crate::custom_key_store::custody::InStore;
use crate::custom_key_store::{Connection, CustomKeyStore, errors};

pub(crate) struct DeleteCustomKeyStore;

impl Operation for DeleteCustomKeyStore {
    type Api = operations::DeleteCustomKeyStore;
    type Target = ();

    async fn access(
        _: &DeleteCustomKeyStoreRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DeleteCustomKeyStore {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteCustomKeyStoreResponse, Failure> {
        let store = CustomKeyStore::own(call.look(), &call.input().custom_key_store_id).await?;
        if store.connection != Connection::Disconnected {
            let state = store.connection.state();
            return Err(errors::wrong_state(
                &store.id,
                state.as_str(),
                "DeleteCustomKeyStore",
            ));
        }
        let keys = InStore::prefix(store.account, &store.region, &store.id);
        // That there is none is expected at commit: a key that is made meanwhile is in the way.
        let first = call.look().scan::<InStore>(&keys, None, 1).await?;
        if !first.is_empty() {
            return Err(errors::has_keys(&store.id));
        }
        call.delete::<CustomKeyStore>(&store.key());
        Ok(DeleteCustomKeyStoreResponse {})
    }
}
