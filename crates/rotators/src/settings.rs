//! What a function is told by its environment.
//!
//! Source: AWS Lambda Developer Guide, "Defined runtime environment variables"; AWS SDKs and Tools Reference Guide,
//! "Service-specific endpoints".

use std::path::PathBuf;

use base::Secret;

use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::password_rules::PasswordRules;

/// The authorities that the operating system trusts.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The execution role's credentials.
pub(crate) struct RoleCredentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret<String>,
    pub(crate) session_token: Option<Secret<String>>,
}

/// Everything the process is told.
pub(crate) struct Settings {
    /// HOST:PORT of the Runtime API.
    pub(crate) runtime_api: String,
    pub(crate) endpoint: Endpoint,
    pub(crate) region: String,
    pub(crate) role: RoleCredentials,
    /// Who vouches for Secrets Manager: a file in PEM.
    pub(crate) authorities: PathBuf,
    /// Who vouches for databases: a file in PEM.
    pub(crate) database_authorities: PathBuf,
    pub(crate) passwords: PasswordRules,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// What is missing or malformed.
    pub(crate) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let needed = |name: &str| {
            given(name).ok_or_else(|| Failure::Environment(format!("{name} is not set")))
        };
        let endpoint =
            given("SECRETS_MANAGER_ENDPOINT").or_else(|| given("AWS_ENDPOINT_URL_SECRETS_MANAGER"));
        let endpoint = endpoint.map_or_else(|| needed("AWS_ENDPOINT_URL"), Ok)?;
        let file = |name: &str| given(name).map_or(SYSTEM_AUTHORITIES.into(), PathBuf::from);
        Ok(Self {
            runtime_api: needed("AWS_LAMBDA_RUNTIME_API")?,
            endpoint: Endpoint::parse(&endpoint)?,
            region: needed("AWS_REGION")?,
            role: RoleCredentials {
                access_key_id: needed("AWS_ACCESS_KEY_ID")?,
                secret_access_key: Secret::new(needed("AWS_SECRET_ACCESS_KEY")?),
                session_token: given("AWS_SESSION_TOKEN").map(Secret::new),
            },
            authorities: file("AWS_CA_BUNDLE"),
            database_authorities: file("DATABASE_CA_BUNDLE"),
            passwords: PasswordRules::of(variable)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [(&str, &str); 5] = [
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("AWS_ENDPOINT_URL", "https://127.0.0.1:4566"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];

    fn of(variables: &[(&str, &str)]) -> Result<Settings, Failure> {
        let found = |name: &str| variables.iter().find(|(each, _)| *each == name);
        Settings::of(&|name| found(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_of_a_function() {
        let settings = of(&WHOLE).unwrap();
        assert_eq!(
            (settings.endpoint.port, &*settings.region),
            (4566, "eu-central-1")
        );
        assert!(settings.role.session_token.is_none());
        let own = [
            &WHOLE[..],
            &[("SECRETS_MANAGER_ENDPOINT", "https://[::1]:1")],
        ]
        .concat();
        assert_eq!(of(&own).unwrap().endpoint.host, "::1");
    }

    #[test]
    fn what_is_missing_is_named() {
        for (name, _) in WHOLE {
            let rest: Vec<_> = WHOLE
                .into_iter()
                .filter(|(each, _)| *each != name)
                .collect();
            let Err(Failure::Environment(what)) = of(&rest) else {
                panic!("{name} is needed")
            };
            assert_eq!(what, format!("{name} is not set"));
        }
    }
}
