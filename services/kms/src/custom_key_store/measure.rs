//! How many key stores there are, by kind and state.

use std::collections::BTreeMap;

use kms_api::shapes::{ConnectionStateType as State, CustomKeyStoreType as Kind};
use pipeline::{BoxFuture, Duty, Exposition, Failure};
use storage::Record;

use super::CustomKeyStore;

/// Stores read at once.
const PAGE: usize = 256;
const KINDS: [Kind; 2] = [Kind::AwsCloudhsm, Kind::ExternalKeyStore];
const STATES: [State; 5] = [
    State::Connected,
    State::Connecting,
    State::Failed,
    State::Disconnected,
    State::Disconnecting,
];

/// Tells it.
pub(crate) fn measure<'a>(
    duty: Duty<'a>,
    to: &'a mut Exposition,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let found = count(&duty).await?;
        let mut told = to.gauge(
            "alcazar_kms_key_stores",
            "Custom key stores of all accounts, by type and ConnectionState; keys of one that is not CONNECTED fail.",
        );
        for kind in KINDS {
            for state in STATES {
                let (kind, state) = (kind.as_str(), state.as_str());
                let number = found.get(&(kind, state)).copied();
                let labels = [("type", kind), ("state", state)];
                told = told.is(&labels, number.unwrap_or_default());
            }
        }
        Ok(())
    })
}

async fn count(duty: &Duty<'_>) -> Result<BTreeMap<(&'static str, &'static str), u64>, Failure> {
    let (mut after, mut found) = (None, BTreeMap::new());
    loop {
        let page = duty.scan::<CustomKeyStore>(after.as_ref(), PAGE).await?;
        for store in page.iter() {
            let (kind, state) = (store.kind().as_str(), store.connection.state().as_str());
            *found.entry((kind, state)).or_default() += 1;
        }
        after = match page.last() {
            Some(last) if page.len() == PAGE => Some(Record::key(&**last)),
            _ => return Ok(found),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::stories::{external_store, round};
    use super::*;
    use crate::testing::{Kms, alcazar};
    use harness::Alcazar;
    use serde_json::json;

    async fn told(alcazar: &Alcazar) -> Vec<String> {
        let mut told = Exposition::default();
        alcazar.core.measure(&mut told).await.unwrap();
        let text = told.into_text();
        let numbers = text.lines();
        let numbers = numbers.filter(|line| line.starts_with("alcazar_kms_key_stores{"));
        assert_eq!(numbers.clone().count(), KINDS.len() * STATES.len());
        let numbers = numbers.filter(|line| !line.ends_with(" 0"));
        numbers.map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn stores_by_state() {
        let alcazar = alcazar().await;
        assert!(told(&alcazar).await.is_empty());
        let store = external_store(&alcazar).await;
        let is = |state| {
            let kind = "EXTERNAL_KEY_STORE";
            [format!(
                r#"alcazar_kms_key_stores{{type="{kind}",state="{state}"}} 1"#
            )]
        };
        assert_eq!(told(&alcazar).await, is("CONNECTED"));
        let input = json!({"CustomKeyStoreId": store});
        let root = alcazar.root();
        root.kms("DisconnectCustomKeyStore", input).await.ok();
        assert_eq!(told(&alcazar).await, is("DISCONNECTING"));
        round(&alcazar).await;
        assert_eq!(told(&alcazar).await, is("DISCONNECTED"));
    }
}
