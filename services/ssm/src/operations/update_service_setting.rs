//! `ssm:UpdateServiceSetting`: chooses for all parameters of an account in a region.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{UpdateServiceSettingRequest, UpdateServiceSettingResult};
use ssm_api::{operations, permission};

use crate::service_setting::{Chosen, Named};

pub(crate) struct UpdateServiceSetting;

impl Operation for UpdateServiceSetting {
    type Api = operations::UpdateServiceSetting;
    type Target = Named;

    async fn access(
        input: &UpdateServiceSettingRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::read(&input.setting_id, look)?;
        let needs = permission::UpdateServiceSetting {
            servicesetting: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdateServiceSettingResult, Failure> {
        let (setting, value) = (call.target().existing()?, &call.input().setting_value);
        setting.check(value)?;
        call.put(Chosen {
            setting,
            account: call.call().account(),
            region: call.call().region(),
            value: value.clone(),
            modified: call.call().now(),
            modified_by: call.call().caller().arn().to_string(),
        });
        Ok(UpdateServiceSettingResult {})
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use harness::{Alcazar, Client};
    use pipeline::{QuotaFile, Quotas};
    use serde_json::json;

    /// How many of 200 reads of one instant are admitted.
    async fn admitted(root: &Client, operation: &str, input: serde_json::Value) -> usize {
        let mut admitted = 0;
        for _ in 0..200 {
            let read = root.ssm(operation, input.clone()).await;
            admitted += usize::from(read.status == 200);
        }
        admitted
    }

    #[tokio::test]
    async fn higher_throughput_admits_more() {
        let file = QuotaFile::from([("ssm/get-parameters-of-higher-throughput".to_owned(), 100)]);
        let services = [&crate::SERVICE, &kms::SERVICE];
        let alcazar = Alcazar::with_quotas(&services, Quotas::File(file)).await;
        let root = alcazar.root();
        root.put("/a", "1").await;
        let (one, many) = (json!({"Name": "/a"}), json!({"Names": ["/a"]}));
        let path = json!({"Path": "/"});
        assert_eq!(admitted(&root, "GetParameter", one.clone()).await, 40);
        let id = "/ssm/parameter-store/high-throughput-enabled";
        let choose = |value: &str| json!({"SettingId": id, "SettingValue": value});
        root.ssm("UpdateServiceSetting", choose("true")).await.ok();
        alcazar.clock.advance_seconds(2);
        assert_eq!(admitted(&root, "GetParameter", one.clone()).await, 200);
        // The usual forty are spent; these are the operator's own number, and AWS's.
        assert_eq!(admitted(&root, "GetParameters", many).await, 100);
        assert_eq!(admitted(&root, "GetParametersByPath", path).await, 60);
        let stranger = alcazar.other_root();
        stranger.put("/a", "1").await;
        assert_eq!(admitted(&stranger, "GetParameter", one.clone()).await, 40);
        root.ssm("ResetServiceSetting", json!({"SettingId": id}))
            .await
            .ok();
        alcazar.clock.advance_seconds(2);
        assert_eq!(admitted(&root, "GetParameter", one).await, 40);
    }
}
