//! `secretsmanager:RemoveRegionsFromReplication`: deletes the copies of a secret in some regions.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    RemoveRegionsFromReplicationRequest, RemoveRegionsFromReplicationResponse,
};
use secretsmanager_api::{operations, permission};

use crate::keeping::{Change, forget, is_copy, same_name};
use crate::replication::Replication;
use crate::secret::Secret;
use crate::sought::Sought;
use crate::{errors, replication};

pub(crate) struct RemoveRegionsFromReplication;

impl Operation for RemoveRegionsFromReplication {
    type Api = operations::RemoveRegionsFromReplication;
    type Target = Sought;

    async fn access(
        input: &RemoveRegionsFromReplicationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::RemoveRegionsFromReplication {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<RemoveRegionsFromReplicationResponse, Failure> {
        let secret = call.target().changeable()?;
        let mut replicas = secret.replication.replicas().to_vec();
        for name in &call.input().remove_replica_regions {
            let at = replicas
                .iter()
                .position(|replica| replica.region.as_str() == name);
            let removed = replicas.remove(at.ok_or_else(|| errors::not_replicated(name))?);
            let copy = same_name(&call, secret, removed.region).await?;
            if let Some(copy) = copy.filter(|copy| is_copy(copy, secret)) {
                forget(&call, &copy);
            }
        }
        let change = Change::of(Secret {
            replication: Replication::to(replicas),
            ..Secret::clone(secret)
        });
        let kept = change.keep(&call).await?;
        Ok(RemoveRegionsFromReplicationResponse {
            arn: Some(kept.arn.to_string()),
            replication_status: Some(replication::status(&kept).unwrap_or_default()),
        })
    }
}
