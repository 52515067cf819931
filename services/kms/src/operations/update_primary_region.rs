//! `kms:UpdatePrimaryRegion`: makes a replica the primary key, and the primary key a replica.

use std::borrow::Cow;
use std::sync::Arc;

use base::Region;
use kms_api::shapes::UpdatePrimaryRegionRequest;
use kms_api::{operations, permission};
use pipeline::audit::Abroad;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::{InRegion, NamedResource, Resource};
use serde_json::{Value, json};
use wire::Empty;

use crate::key::Key;
use crate::multi_region::MultiRegion;
use crate::sought::Sought;
use crate::{errors, event, multi_region, queue};

pub(crate) struct UpdatePrimaryRegion;

/// The primary key, and the key that shall be it.
pub(crate) struct Target {
    primary: Sought,
    region: Region,
    replica: Option<Arc<Key>>,
}

impl Operation for UpdatePrimaryRegion {
    type Api = operations::UpdatePrimaryRegion;
    type Target = Target;

    async fn access(
        input: &UpdatePrimaryRegionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let primary = Sought::own(look, &input.key_id).await?;
        let region = multi_region::region(&input.primary_region, "primaryRegion")?;
        let (account, id) = (look.call().account(), primary.arn().resource());
        let id = id.strip_prefix("key/").unwrap_or(id);
        let replica = match crate::key_id::KeyId::parse(id) {
            Some(id) => look.get::<Key>(&Key::key_of(account, &region, &id)).await?,
            None => None,
        };
        let there: Arc<dyn Resource> = match &replica {
            Some(replica) => replica.clone(),
            None => {
                let arn = Key::arn_of(account, &region, id);
                Arc::new(NamedResource::new(arn, account))
            }
        };
        let on = |key| permission::UpdatePrimaryRegion {
            key,
            primary_region: Some(Cow::Owned(region.to_string())),
        };
        let here = on(primary.resource());
        let target = Target {
            primary,
            region,
            replica,
        };
        Ok(Access::to(target, here).and(InRegion(region, on(there))))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let Target {
            primary,
            region,
            replica,
        } = call.target();
        let (primary, now) = (primary.key()?, call.call().now());
        let before = multi_region::check_primary(primary)?;
        primary.materials(now)?;
        if !before.replicas.contains(region) {
            return Err(errors::no_replica_in(region.as_str()));
        }
        let replica = replica.as_ref();
        let replica = replica.ok_or_else(|| errors::no_replica_in(region.as_str()))?;
        replica.materials(now)?;
        let after = moved(before, *region);
        let knowing = |key: &Key| Key {
            multi_region: Some(after.clone()),
            ..key.clone()
        };
        for related in multi_region::related(call.look(), primary).await? {
            call.write(queue::replace(&related, knowing(&related)));
        }
        call.write(queue::replace(primary, knowing(primary)));
        if let Some(event) = event::synchronized(&knowing(replica)) {
            call.record(&event);
        }
        call.record_abroad(changed_abroad(replica));
        Ok(Empty)
    }
}

fn moved(before: &MultiRegion, primary: Region) -> MultiRegion {
    let mut after = before.clone();
    after.replicas.remove(&primary);
    after.replicas.insert(before.primary);
    after.primary = primary;
    after
}

/// AWS document: AWS KMS Developer Guide, "UpdatePrimaryRegion" (AWS CloudTrail log entries).
fn changed_abroad(primary: &Key) -> Abroad {
    Abroad {
        operation: "UpdatePrimaryRegion",
        region: primary.region,
        parameters: json!({
            "keyId": primary.arn.as_str(),
            "primaryRegion": primary.region.as_str(),
        }),
        elements: Value::Null,
        resource: None,
    }
}
