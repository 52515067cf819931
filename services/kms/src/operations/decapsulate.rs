//! `kms:Decapsulate`: the secret that Encapsulate, or the owner of the public key, made.

use base::Secret;
use kms_api::shapes::{DecapsulateRequest, DecapsulateResponse, KeyUsageType};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{errors, sealing, usage};

pub(crate) struct Decapsulate;

impl Operation for Decapsulate {
    type Api = operations::Decapsulate;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &DecapsulateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::Decapsulate {
            key: sought.resource(),
            request_alias: sought.request_alias(),
        };
        let counted = Counted::on(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DecapsulateResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let pair = usage::pair(&call, key, KeyUsageType::EncapsulateDecapsulate)?;
        let secret = pair.decapsulate(&input.shared_secret_ciphertext_blob);
        let secret = secret.map_err(|_| errors::invalid_ciphertext())?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(DecapsulateResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(Secret::new(Blob::from(secret.expose().as_slice()))),
            encapsulation_algorithm: Some(input.encapsulation_algorithm),
        })
    }
}
