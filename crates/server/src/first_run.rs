//! The first account.

use base::Secret;
use pipeline::{Core, NewAccount};

use crate::control::{account_id, first_account};
use crate::failure::Failure;

/// Makes the first account where there is none. Its credential is random unless the environment chooses it.
pub(crate) async fn ensure_account(core: &Core) -> Result<(), Failure> {
    if first_account(core).await?.is_some() {
        return Ok(());
    }
    let wanted = NewAccount {
        name: "first".to_owned(),
        id: match chosen("ALCAZAR_ROOT_ACCOUNT_ID") {
            Some(text) => Some(account_id(&text)?),
            None => None,
        },
        access_key_id: chosen("ALCAZAR_ROOT_ACCESS_KEY_ID"),
        secret_access_key: chosen("ALCAZAR_ROOT_SECRET_ACCESS_KEY").map(Secret::new),
    };
    core.create_account(wanted).await?;
    Ok(())
}

fn chosen(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
