//! `kms:GenerateRandom`: random bytes fit for keys.

use kms_api::shapes::{GenerateRandomRequest, GenerateRandomResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::custom_key_store::{CustomKeyStore, cluster};
use crate::quotas::Counted;
use crate::{data_key, errors, sealing};

pub(crate) struct GenerateRandom;

impl Operation for GenerateRandom {
    type Api = operations::GenerateRandom;
    type Target = ();

    async fn access(
        input: &GenerateRandomRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let needs = permission::GenerateRandom {
            recipient_attestation: None,
        };
        let account = look.call().account();
        let counted = match input.custom_key_store_id.as_deref() {
            // Only of stores that are there is there anything to count.
            Some(id) if CustomKeyStore::find(look, id).await?.is_some() => {
                Counted::in_store(account, id)
            }
            _ => Counted::default(),
        };
        Ok(counted.by(Access::to((), needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GenerateRandomResponse, Failure> {
        let input = call.input();
        sealing::check_recipient(&input.recipient)?;
        let Some(bytes) = input.number_of_bytes else {
            return Err(errors::validation("NumberOfBytes is required."));
        };
        let plaintext = match &input.custom_key_store_id {
            None => data_key::random(bytes)?,
            Some(id) => cluster::random(&call, id, bytes).await?,
        };
        Ok(GenerateRandomResponse {
            plaintext: Some(plaintext),
            ciphertext_for_recipient: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn as_many_bytes_as_asked_for() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for length in [1usize, 32, 1024] {
            let made = root
                .kms("GenerateRandom", json!({"NumberOfBytes": length}))
                .await
                .ok();
            assert_eq!(unblob(&made.field("Plaintext")).len(), length);
        }
        alcazar.clock.advance_seconds(1);
        let one = root
            .kms("GenerateRandom", json!({"NumberOfBytes": 32}))
            .await
            .ok();
        let other = root
            .kms("GenerateRandom", json!({"NumberOfBytes": 32}))
            .await
            .ok();
        assert_ne!(one.field("Plaintext"), other.field("Plaintext"));
        let event = alcazar.event("GenerateRandom").await;
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["requestParameters"]["numberOfBytes"], 32);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let bound = "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy \
                     constraint: Member must have value greater than or equal to 1";
        for (input, code, words) in [
            (
                json!({}),
                "ValidationException",
                "NumberOfBytes is required.",
            ),
            (json!({"NumberOfBytes": 0}), "ValidationException", bound),
            (
                json!({"NumberOfBytes": 1, "CustomKeyStoreId": "cks-1"}),
                "CustomKeyStoreNotFoundException",
                "Custom key store 'cks-1' does not exist",
            ),
            (
                json!({"NumberOfBytes": 1, "Recipient": {}}),
                "ValidationException",
                "The attestation document in Recipient is not one of a source that is trusted.",
            ),
        ] {
            root.kms("GenerateRandom", input)
                .await
                .fails(code)
                .saying(words);
        }
    }
}
