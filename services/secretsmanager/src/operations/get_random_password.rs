//! `secretsmanager:GetRandomPassword`: a password that nobody has.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{GetRandomPasswordRequest, GetRandomPasswordResponse};
use secretsmanager_api::{operations, permission};

use crate::password::{Rules, generate};

/// Characters of a password unless the caller says how many.
const LENGTH: i64 = 32;

pub(crate) struct GetRandomPassword;

impl Operation for GetRandomPassword {
    type Api = operations::GetRandomPassword;
    type Target = ();

    async fn access(_: &GetRandomPasswordRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GetRandomPassword {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetRandomPasswordResponse, Failure> {
        let input = call.input();
        let length = input.password_length.unwrap_or(LENGTH);
        let password = generate(&Rules {
            length: usize::try_from(length).map_err(Failure::internal)?,
            without: input.exclude_characters.as_deref().unwrap_or_default(),
            without_numbers: input.exclude_numbers == Some(true),
            without_punctuation: input.exclude_punctuation == Some(true),
            without_uppercase: input.exclude_uppercase == Some(true),
            without_lowercase: input.exclude_lowercase == Some(true),
            with_space: input.include_space == Some(true),
            with_each_type: input.require_each_included_type != Some(false),
        })?;
        Ok(GetRandomPasswordResponse {
            random_password: Some(password),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn rules() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let made = root
            .secrets("GetRandomPassword", json!({}))
            .await
            .ok()
            .field("RandomPassword");
        assert_eq!(made.len(), 32);
        let input = json!({"PasswordLength": 8, "ExcludePunctuation": true, "ExcludeUppercase": true, "ExcludeCharacters": "abc"});
        let made = root
            .secrets("GetRandomPassword", input)
            .await
            .ok()
            .field("RandomPassword");
        assert!(
            made.len() == 8
                && made
                    .bytes()
                    .all(|it| it.is_ascii_digit() || (b'd'..=b'z').contains(&it)),
            "{made}"
        );
        let event = alcazar.event("GetRandomPassword").await;
        assert_eq!(event["responseElements"], Value::Null);
        assert!(!event.to_string().contains(&made));
        for (input, code) in [
            (json!({"PasswordLength": 3}), "InvalidParameterException"),
            (json!({"PasswordLength": 0}), "ValidationException"),
            (json!({"PasswordLength": 4097}), "ValidationException"),
            (
                json!({"ExcludeCharacters": "0123456789"}),
                "InvalidParameterException",
            ),
        ] {
            root.secrets("GetRandomPassword", input).await.fails(code);
        }
        root.secrets(
            "GetRandomPassword",
            json!({"PasswordLength": 3, "RequireEachIncludedType": false}),
        )
        .await
        .ok();
    }
}
