//! `ssm:ResetServiceSetting`: takes back what an account has chosen for all its parameters.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{ResetServiceSettingRequest, ResetServiceSettingResult};
use ssm_api::{operations, permission};

use crate::service_setting::{Chosen, Named};

pub(crate) struct ResetServiceSetting;

impl Operation for ResetServiceSetting {
    type Api = operations::ResetServiceSetting;
    type Target = Named;

    async fn access(
        input: &ResetServiceSettingRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::read(&input.setting_id, look)?;
        let needs = permission::ResetServiceSetting {
            servicesetting: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ResetServiceSettingResult, Failure> {
        let (named, setting) = (call.target(), call.target().existing()?);
        let (account, region) = (call.call().account(), call.call().region());
        call.delete::<Chosen>(&Chosen::key_of(setting, account, region));
        Ok(ResetServiceSettingResult {
            service_setting: Some(setting.told_by_default(named.arn())),
        })
    }
}
