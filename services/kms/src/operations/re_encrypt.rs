//! `kms:ReEncrypt`: from one key to another, without the plaintext leaving.

use std::borrow::Cow;

use kms_api::shapes::{ReEncryptRequest, ReEncryptResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::sealed_under::SealedUnder;
use crate::sealing;
use crate::sought::Sought;

pub(crate) struct ReEncrypt;

/// The key that the ciphertext is under, and the one that it shall be under.
pub(crate) struct Keys {
    source: SealedUnder,
    destination: Sought,
}

impl Operation for ReEncrypt {
    type Api = operations::ReEncrypt;
    type Target = Keys;

    async fn access(input: &ReEncryptRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let modifiers = &input.dry_run_modifiers;
        let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob, modifiers)?;
        let source = SealedUnder::find(look, ciphertext, input.source_key_id.as_deref()).await?;
        let destination = Sought::anywhere(look, &input.destination_key_id).await?;
        let same = source.arn() == destination.arn();
        let source_algorithm = sealing::algorithm(input.source_encryption_algorithm);
        let from = permission::ReEncryptFrom {
            key: source.resource(),
            encryption_algorithm: Some(Cow::Borrowed(source_algorithm.as_str())),
            encryption_context: input.source_encryption_context.clone(),
            re_encrypt_on_same_key: Some(same),
            request_alias: source.request_alias(),
        };
        let destination_algorithm = sealing::algorithm(input.destination_encryption_algorithm);
        let to = permission::ReEncryptTo {
            key: destination.resource(),
            encryption_algorithm: Some(Cow::Borrowed(destination_algorithm.as_str())),
            encryption_context: input.destination_encryption_context.clone(),
            re_encrypt_on_same_key: Some(same),
            request_alias: destination.request_alias(),
        };
        Ok(Access::to(
            Keys {
                source,
                destination,
            },
            from,
        )
        .and(to))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ReEncryptResponse, Failure> {
        let input = call.input();
        let (source, destination) = (
            call.target().source.key()?,
            call.target().destination.key()?,
        );
        sealing::check_grant_tokens(&input.grant_tokens)?;
        sealing::check_algorithm(input.source_encryption_algorithm)?;
        sealing::check_algorithm(input.destination_encryption_algorithm)?;
        let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob, &None)?;
        let context = &input.source_encryption_context;
        let opened = sealing::decrypt(&call, source, context, ciphertext)?;
        let context = &input.destination_encryption_context;
        let sealed = sealing::encrypt(&call, destination, context, opened.expose())?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(ReEncryptResponse {
            ciphertext_blob: Some(sealed),
            source_key_id: Some(source.arn.to_string()),
            key_id: Some(destination.arn.to_string()),
            source_encryption_algorithm: Some(sealing::algorithm(
                input.source_encryption_algorithm,
            )),
            destination_encryption_algorithm: Some(sealing::algorithm(
                input.destination_encryption_algorithm,
            )),
            source_key_material_id: Some(source.state.material_id().to_owned()),
            destination_key_material_id: Some(destination.state.material_id().to_owned()),
        })
    }
}
