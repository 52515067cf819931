//! `kms:GenerateRandom`: random bytes fit for keys.

use kms_api::shapes::{GenerateRandomRequest, GenerateRandomResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::{data_key, errors, sealing};

pub(crate) struct GenerateRandom;

impl Operation for GenerateRandom {
    type Api = operations::GenerateRandom;
    type Target = ();

    async fn access(_: &GenerateRandomRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::GenerateRandom {
                recipient_attestation: None,
            },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GenerateRandomResponse, Failure> {
        let input = call.input();
        sealing::check_recipient(&input.recipient)?;
        if input.custom_key_store_id.is_some() {
            return Err(errors::not_built("CustomKeyStoreId"));
        }
        let Some(bytes) = input.number_of_bytes else {
            return Err(errors::validation("NumberOfBytes is required."));
        };
        Ok(GenerateRandomResponse {
            plaintext: Some(data_key::random(bytes)?),
            ciphertext_for_recipient: None,
        })
    }
}
