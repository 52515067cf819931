//! `kms:VerifyMac`.

use std::borrow::Cow;

use kms_api::shapes::{VerifyMacRequest, VerifyMacResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::grant::token;
use crate::sought::Sought;
use crate::{errors, mac, sealing};

pub(crate) struct VerifyMac;

impl Operation for VerifyMac {
    type Api = operations::VerifyMac;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(input: &VerifyMacRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::VerifyMac {
            key: sought.resource(),
            mac_algorithm: Some(Cow::Borrowed(input.mac_algorithm.as_str())),
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<VerifyMacResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let mac_key = mac::key(&call, key, input.mac_algorithm)?;
        let verified = mac_key.verify_mac(input.message.expose(), &input.mac);
        verified.map_err(|_| errors::invalid_mac())?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(VerifyMacResponse {
            key_id: Some(key.arn.to_string()),
            mac_valid: Some(true),
            mac_algorithm: Some(input.mac_algorithm),
        })
    }
}
