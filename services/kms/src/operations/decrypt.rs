//! `kms:Decrypt`.

use std::borrow::Cow;

use base::Secret;
use kms_api::shapes::{DecryptRequest, DecryptResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::sealed_under::SealedUnder;
use crate::sealing;

pub(crate) struct Decrypt;

impl Operation for Decrypt {
    type Api = operations::Decrypt;
    type Target = SealedUnder;

    async fn access(input: &DecryptRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let modifiers = &input.dry_run_modifiers;
        let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob, modifiers)?;
        let key = SealedUnder::find(look, ciphertext, input.key_id.as_deref()).await?;
        let algorithm = sealing::algorithm(input.encryption_algorithm);
        let needs = permission::Decrypt {
            key: key.resource(),
            encryption_algorithm: Some(Cow::Borrowed(algorithm.as_str())),
            encryption_context: input.encryption_context.clone(),
            recipient_attestation: None,
            request_alias: key.request_alias(),
        };
        Ok(Access::to(key, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DecryptResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_recipient(&input.recipient)?;
        sealing::check_grant_tokens(&input.grant_tokens)?;
        sealing::check_algorithm(input.encryption_algorithm)?;
        let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob, &None)?;
        let opened = sealing::decrypt(&call, key, &input.encryption_context, ciphertext)?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(DecryptResponse {
            key_id: Some(key.arn.to_string()),
            plaintext: Some(Secret::new(Blob::from(opened.expose().as_slice()))),
            encryption_algorithm: Some(sealing::algorithm(input.encryption_algorithm)),
            ciphertext_for_recipient: None,
            key_material_id: Some(key.state.material_id().to_owned()),
        })
    }
}
