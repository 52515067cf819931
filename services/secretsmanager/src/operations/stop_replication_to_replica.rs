//! `secretsmanager:StopReplicationToReplica`: a replica becomes a secret of its own.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    StopReplicationToReplicaRequest, StopReplicationToReplicaResponse,
};
use secretsmanager_api::{operations, permission};

use crate::errors;
use crate::keeping::{is_copy, same_name};
use crate::replication::Replication;
use crate::secret::Secret;
use crate::sought::Sought;

pub(crate) struct StopReplicationToReplica;

impl Operation for StopReplicationToReplica {
    type Api = operations::StopReplicationToReplica;
    type Target = Sought;

    async fn access(
        input: &StopReplicationToReplicaRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::StopReplicationToReplica {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<StopReplicationToReplicaResponse, Failure> {
        let secret = call.target().usable()?;
        let Replication::ReplicaOf(home) = secret.replication else {
            return Err(errors::is_no_replica());
        };
        let primary = same_name(&call, secret, home).await?;
        if let Some(primary) = primary.filter(|primary| is_copy(secret, primary)) {
            let mut replicas = primary.replication.replicas().to_vec();
            replicas.retain(|replica| replica.region != secret.region);
            call.put(Secret {
                replication: Replication::to(replicas),
                ..Secret::clone(&primary)
            });
        }
        call.put(Secret {
            changed: call.call().now(),
            replication: Replication::None,
            // AWS: it is to be set up anew.
            rotation: None,
            ..Secret::clone(secret)
        });
        Ok(StopReplicationToReplicaResponse {
            arn: Some(secret.arn.to_string()),
        })
    }
}
