//! `kms:Verify`.

use std::borrow::Cow;

use kms_api::shapes::{KeyUsageType, VerifyRequest, VerifyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{errors, sealing, signing, usage};

pub(crate) struct Verify;

impl Operation for Verify {
    type Api = operations::Verify;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(input: &VerifyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let message_type = signing::message_type(input.message_type);
        let needs = permission::Verify {
            key: sought.resource(),
            message_type: Some(Cow::Borrowed(message_type.as_str())),
            request_alias: sought.request_alias(),
            signing_algorithm: Some(Cow::Borrowed(input.signing_algorithm.as_str())),
        };
        let counted = Counted::on(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<VerifyResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let pair = usage::pair(&call, key, KeyUsageType::SignVerify)?;
        let (algorithm, message) = (input.signing_algorithm, input.message.expose());
        let signable = signing::signable(key, pair, algorithm, input.message_type, message)?;
        let verified = pair.public_key().verify(&signable, &input.signature);
        verified.map_err(|_| errors::invalid_signature())?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(VerifyResponse {
            key_id: Some(key.arn.to_string()),
            signature_valid: Some(true),
            signing_algorithm: Some(algorithm),
        })
    }
}
