//! `kms:UpdateCustomKeyStore`: the name of a custom key store, and how it is reached.

use kms_api::shapes::{UpdateCustomKeyStoreRequest, UpdateCustomKeyStoreResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::custom_key_store::{
    Backing, CloudHsm, Connection, CustomKeyStore, External, cluster, errors, settings,
};
use crate::errors::validation;

pub(crate) struct UpdateCustomKeyStore;

impl Operation for UpdateCustomKeyStore {
    type Api = operations::UpdateCustomKeyStore;
    type Target = ();

    async fn access(
        input: &UpdateCustomKeyStoreRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let access = Access::to((), permission::UpdateCustomKeyStore {});
        Ok(match input.cloud_hsm_cluster_id {
            Some(_) => access.and(cloudhsmv2_api::permission::DescribeClusters {}),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdateCustomKeyStoreResponse, Failure> {
        let input = call.input();
        let store = CustomKeyStore::own(call.look(), &input.custom_key_store_id).await?;
        let all = CustomKeyStore::all(call.look()).await?;
        let all = || all.iter().map(|held| &**held);
        let mut changed = CustomKeyStore::clone(&store);
        if let Some(name) = &input.new_custom_key_store_name {
            settings::check_name(all(), &store.id, name)?;
            changed.name = name.clone();
        }
        match &store.backing {
            Backing::CloudHsm(hsm) => {
                check_disconnected(&store)?;
                changed.backing = Backing::CloudHsm(of_cluster(&call, &store, hsm, all()).await?);
            }
            Backing::External(external) => {
                if let Some(external) = of_proxy(&call, &store, external)? {
                    settings::check_proxy(&call, all(), &store.id, &external).await?;
                    changed.backing = Backing::External(external);
                }
            }
        }
        call.put(changed);
        Ok(UpdateCustomKeyStoreResponse {})
    }
}

fn check_disconnected(store: &CustomKeyStore) -> Result<(), Failure> {
    match store.connection {
        Connection::Disconnected => Ok(()),
        other => Err(errors::wrong_state(
            &store.id,
            other.state().as_str(),
            "UpdateCustomKeyStore",
        )),
    }
}

/// The cluster and its password, as they shall be. The password is tried when the store is connected.
async fn of_cluster(
    call: &Permitted<'_, UpdateCustomKeyStore>,
    store: &CustomKeyStore,
    hsm: &CloudHsm,
    all: impl Iterator<Item = &CustomKeyStore>,
) -> Result<CloudHsm, Failure> {
    let input = call.input();
    if input.xks_proxy_uri_endpoint.is_some()
        || input.xks_proxy_uri_path.is_some()
        || input.xks_proxy_authentication_credential.is_some()
        || input.xks_proxy_connectivity.is_some()
        || input.xks_proxy_vpc_endpoint_service_name.is_some()
        || input.xks_proxy_vpc_endpoint_service_owner.is_some()
    {
        return Err(validation(
            "XksProxy… cannot be specified for an AWS CloudHSM key store.",
        ));
    }
    let mut changed = hsm.clone();
    if let Some(password) = &input.key_store_password {
        changed.password = password.clone();
    }
    if let Some(id) = &input.cloud_hsm_cluster_id {
        let found = cluster::active(call.key_stores(), store.account, store.region, id).await?;
        if found.certificate.as_ref() != Some(&hsm.certificate) {
            return Err(errors::cluster_not_related(id));
        }
        settings::check_cluster_free(all, &store.id, id, &hsm.certificate)?;
        cluster::check_two_zones(&found, id)?;
        changed.cluster = id.clone();
    }
    Ok(changed)
}

/// The proxy, if it shall be reached otherwise. AWS: all but the connectivity can be changed while a store is connected.
fn of_proxy(
    call: &Permitted<'_, UpdateCustomKeyStore>,
    store: &CustomKeyStore,
    external: &External,
) -> Result<Option<External>, Failure> {
    let input = call.input();
    if input.key_store_password.is_some() || input.cloud_hsm_cluster_id.is_some() {
        return Err(validation(
            "CloudHsmClusterId or KeyStorePassword cannot be specified for an external key store.",
        ));
    }
    let connectivity = input.xks_proxy_connectivity.is_some()
        || input.xks_proxy_vpc_endpoint_service_name.is_some()
        || input.xks_proxy_vpc_endpoint_service_owner.is_some();
    match store.connection {
        Connection::Disconnected => {}
        Connection::Connected if !connectivity => {}
        _ => check_disconnected(store)?,
    }
    settings::changed(external, input)
}
