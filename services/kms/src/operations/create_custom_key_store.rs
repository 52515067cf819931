//! `kms:CreateCustomKeyStore`: a place of the account's own for keys.

use kms_api::shapes::{CreateCustomKeyStoreRequest, CreateCustomKeyStoreResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::custom_key_store::settings::{self, Wanted};
use crate::custom_key_store::{
    Backing, CloudHsm, Connection, CustomKeyStore, MOST, cluster, errors,
};

pub(crate) struct CreateCustomKeyStore;

impl Operation for CreateCustomKeyStore {
    type Api = operations::CreateCustomKeyStore;
    type Target = ();

    async fn access(
        input: &CreateCustomKeyStoreRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let access = Access::to((), permission::CreateCustomKeyStore {});
        // AWS: whoever associates a cluster with a key store needs to be allowed to see it.
        Ok(match input.cloud_hsm_cluster_id {
            Some(_) => access.and(cloudhsmv2_api::permission::DescribeClusters {}),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateCustomKeyStoreResponse, Failure> {
        let input = call.input();
        let wanted = settings::read(input)?;
        let others = CustomKeyStore::all(call.look()).await?;
        let others = || others.iter().map(|held| &**held);
        let (id, name) = (CustomKeyStore::new_id(), &input.custom_key_store_name);
        settings::check_name(others(), &id, name)?;
        if others().count() >= MOST {
            return Err(errors::too_many_stores(MOST));
        }
        let (account, region) = (call.call().account(), call.call().region());
        let backing = match wanted {
            Wanted::CloudHsm {
                cluster: cluster_id,
                trust_anchor,
                password,
            } => {
                let found = cluster::active(call.key_stores(), account, region, cluster_id).await?;
                let certificate = cluster::check_anchor(&found, cluster_id, trust_anchor)?;
                settings::check_cluster_free(others(), &id, cluster_id, &certificate)?;
                cluster::check_two_zones(&found, cluster_id)?;
                Backing::CloudHsm(CloudHsm {
                    cluster: cluster_id.to_owned(),
                    trust_anchor: trust_anchor.to_owned(),
                    certificate,
                    password: password.clone(),
                })
            }
            Wanted::External(external) => {
                settings::check_proxy(&call, others(), &id, &external).await?;
                Backing::External(external)
            }
        };
        call.put(CustomKeyStore {
            id: id.clone(),
            account,
            region,
            name: name.clone(),
            created: call.call().now(),
            backing,
            connection: Connection::Disconnected,
        });
        Ok(CreateCustomKeyStoreResponse {
            custom_key_store_id: Some(id),
        })
    }
}
