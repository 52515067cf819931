//! `ssm:GetServiceSetting`: what an account has chosen for all its parameters.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{GetServiceSettingRequest, GetServiceSettingResult};
use ssm_api::{operations, permission};

use crate::service_setting::{Chosen, Named};

pub(crate) struct GetServiceSetting;

impl Operation for GetServiceSetting {
    type Api = operations::GetServiceSetting;
    type Target = Named;

    async fn access(
        input: &GetServiceSettingRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::read(&input.setting_id, look)?;
        let needs = permission::GetServiceSetting {
            servicesetting: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetServiceSettingResult, Failure> {
        let (named, setting) = (call.target(), call.target().existing()?);
        let place = Chosen::key_of(setting, call.call().account(), call.call().region());
        let chosen = call.look().get::<Chosen>(&place).await?;
        let told = chosen.map_or_else(|| setting.told_by_default(named.arn()), |it| it.told());
        Ok(GetServiceSettingResult {
            service_setting: Some(told),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::json;

    const TIER: &str = "/ssm/parameter-store/default-parameter-tier";

    #[tokio::test]
    async fn chosen_told_and_reset() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = format!("arn:aws:ssm:us-east-1:111122223333:servicesetting{TIER}");
        let of = |id: &str| json!({"SettingId": id});
        let told = root.ssm("GetServiceSetting", of(TIER)).await.ok();
        let told = told.json().unwrap()["ServiceSetting"].clone();
        assert_eq!(
            told,
            json!({"SettingId": TIER, "SettingValue": "Standard", "LastModifiedUser": "System", "ARN": arn, "Status": "Default"})
        );
        let choose = json!({"SettingId": arn, "SettingValue": "Advanced"});
        root.ssm("UpdateServiceSetting", choose).await.ok();
        for id in [TIER, &*arn] {
            let told = root.ssm("GetServiceSetting", of(id)).await.ok();
            assert_eq!(told.field("/ServiceSetting/SettingValue"), "Advanced");
            assert_eq!(told.field("/ServiceSetting/Status"), "Customized");
            assert_eq!(
                told.field("/ServiceSetting/LastModifiedUser"),
                "arn:aws:iam::111122223333:root"
            );
        }
        for other in [alcazar.other_root(), root.region("eu-west-1")] {
            let told = other.ssm("GetServiceSetting", of(TIER)).await.ok();
            assert_eq!(told.field("/ServiceSetting/Status"), "Default");
        }
        let put = json!({"Name": "/a", "Value": "1", "Type": "String"});
        let made = root.ssm("PutParameter", put.clone()).await.ok();
        assert_eq!(made.field("Tier"), "Advanced");
        let was = root.ssm("ResetServiceSetting", of(TIER)).await.ok();
        assert_eq!(was.field("/ServiceSetting/Status"), "Default");
        let event = alcazar.event("UpdateServiceSetting").await;
        assert_eq!(event["requestParameters"]["settingValue"], "Advanced");
        let mut put = put;
        put["Name"] = json!("/b");
        let made = root.ssm("PutParameter", put).await.ok();
        assert_eq!(made.field("Tier"), "Standard");
    }

    #[tokio::test]
    async fn a_default_of_intelligent_tiering_goes_by_the_value() {
        let root = alcazar().await.root();
        let choose = json!({"SettingId": TIER, "SettingValue": "Intelligent-Tiering"});
        root.ssm("UpdateServiceSetting", choose).await.ok();
        for (value, tier) in [("x", "Standard"), (&*"x".repeat(4097), "Advanced")] {
            let put = json!({"Name": "/a", "Value": value, "Type": "String", "Overwrite": true});
            let made = root.ssm("PutParameter", put).await.ok();
            assert_eq!(made.field("Tier"), tier);
        }
        let put =
            json!({"Name": "/c", "Value": "x".repeat(4097), "Type": "String", "Tier": "Standard"});
        root.ssm("PutParameter", put)
            .await
            .fails("ValidationException");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let of = |id: &str| json!({"SettingId": id});
        for (id, code) in [
            ("/ssm/parameter-store/none", "ServiceSettingNotFound"),
            (
                "ssm/parameter-store/default-parameter-tier",
                "ServiceSettingNotFound",
            ),
            (
                "arn:aws:ssm:us-east-1:111122223333:parameter/a",
                "ServiceSettingNotFound",
            ),
            (
                "arn:aws:ssm:eu-west-1:111122223333:servicesetting/ssm/parameter-store/default-parameter-tier",
                "ServiceSettingNotFound",
            ),
            ("/ssm/opsinsights/opscenter", "NotImplemented"),
            (
                "arn:aws:ssm:us-east-1:444455556666:servicesetting/ssm/parameter-store/default-parameter-tier",
                "AccessDeniedException",
            ),
        ] {
            root.ssm("GetServiceSetting", of(id)).await.fails(code);
            root.ssm("ResetServiceSetting", of(id)).await.fails(code);
            let choose = json!({"SettingId": id, "SettingValue": "Advanced"});
            root.ssm("UpdateServiceSetting", choose).await.fails(code);
        }
        for (id, value) in [
            (TIER, "advanced"),
            ("/ssm/parameter-store/high-throughput-enabled", "yes"),
        ] {
            let choose = json!({"SettingId": id, "SettingValue": value});
            root.ssm("UpdateServiceSetting", choose)
                .await
                .fails("ValidationException");
        }
    }
}
