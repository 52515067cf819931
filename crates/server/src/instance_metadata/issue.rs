//! What the running server answers the instance metadata service.

use base::Timestamp;
use pipeline::{Core, Instance, RoleCredentials};
use serde::{Deserialize, Serialize};

use crate::control::{account_id, first_account};
use crate::failure::Failure;

/// Which credentials are asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InstanceAsking {
    pub(super) account: Option<String>,
    pub(super) region: String,
    pub(super) role: String,
    pub(super) instance: String,
}

/// Credentials on their way through the control socket. Has no `Debug`: it holds secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct IssuedCredentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: String,
    /// Seconds since 1970.
    pub(super) issued: i64,
    pub(super) expires: i64,
}

impl IssuedCredentials {
    fn of(credentials: &RoleCredentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.expose().clone(),
            session_token: credentials.session_token.expose().clone(),
            issued: credentials.issued.seconds(),
            expires: credentials.expires.seconds(),
        }
    }

    pub(super) fn issued(&self) -> Timestamp {
        Timestamp::from_seconds(self.issued)
    }

    pub(super) fn expires(&self) -> Timestamp {
        Timestamp::from_seconds(self.expires)
    }
}

impl Drop for IssuedCredentials {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.secret_access_key);
        zeroize::Zeroize::zeroize(&mut self.session_token);
    }
}

/// Credentials of the instance's role, asked for by user `operator` of the operating system; none where the role cannot
/// be assumed.
pub(crate) async fn issue(
    core: &Core,
    operator: u32,
    asking: InstanceAsking,
) -> Result<Option<IssuedCredentials>, Failure> {
    let refused = |error: &dyn std::fmt::Display| Failure::Refused(error.to_string());
    let account = match &asking.account {
        Some(text) => account_id(text)?,
        None => {
            let first = first_account(core).await?;
            first.ok_or_else(|| refused(&"there is no account"))?.id
        }
    };
    let instance = Instance {
        id: asking.instance.parse().map_err(|error| refused(&error))?,
        account,
        region: asking.region.parse().map_err(|error| refused(&error))?,
        role: asking.role,
    };
    let issued = core.credentials_of_instance(&instance, operator).await;
    let issued = issued.map_err(Failure::Pipeline)?;
    Ok(issued.as_ref().map(IssuedCredentials::of))
}
