//! A new key in a custom key store.

use std::sync::Arc;

use kms_api::shapes::{KeySpec, OriginType};
use pipeline::Input;
use pipeline::{Failure, Operation, Permitted};
use wire::Api;

use super::abandoned::Abandoned;
use super::custody::{Custody, Elsewhere, InStore};
use super::proxy::Asking;
use super::trouble::Trouble;
use super::{Backing, Connection, CustomKeyStore, cluster, errors};
use crate::errors::{unsupported, validation};
use crate::key::Key;
use crate::key_material::{KeyMaterial, Opened};
use crate::key_state::KeyState;
use crate::materials::Materials;
use crate::operations::create_key::CreateKey;

/// Where the new key shall be kept.
pub(crate) struct Place {
    /// The store, which is connected.
    pub(crate) store: Arc<CustomKeyStore>,
    xks_key_id: Option<String>,
}

impl Place {
    /// The place as the key's record has it.
    pub(crate) fn custody(&self) -> Custody {
        Custody::Elsewhere(Arc::new(Elsewhere {
            store: self.store.id.clone(),
            xks_key_id: self.xks_key_id.clone(),
        }))
    }
}

/// The place that the caller asks for, of what belongs together; none for a key that is kept here.
pub(crate) async fn place(
    call: &Permitted<'_, CreateKey>,
    spec: KeySpec,
) -> Result<Option<Place>, Failure> {
    let input: &Input<CreateKey> = call.input();
    let origin = input.origin.unwrap_or(OriginType::AwsKms);
    let elsewhere = matches!(
        origin,
        OriginType::AwsCloudhsm | OriginType::ExternalKeyStore
    );
    let id = match (&input.custom_key_store_id, elsewhere) {
        (None, false) if input.xks_key_id.is_none() => return Ok(None),
        (Some(id), true) => id,
        (None, true) => {
            return Err(validation(format!(
                "CustomKeyStoreId is required with Origin {origin}."
            )));
        }
        (_, false) => {
            return Err(validation(format!(
                "CustomKeyStoreId and XksKeyId cannot be specified with Origin {origin}."
            )));
        }
    };
    if spec != KeySpec::SymmetricDefault || input.multi_region == Some(true) {
        return Err(unsupported(
            "Custom key stores keep symmetric encryption keys of one Region only.",
        ));
    }
    let xks_key_id = match (origin, &input.xks_key_id) {
        (OriginType::ExternalKeyStore, Some(id)) if id.chars().any(|c| c != '.') => {
            Some(id.clone())
        }
        (OriginType::AwsCloudhsm, None) => None,
        _ => {
            return Err(validation(
                "XksKeyId is for Origin EXTERNAL_KEY_STORE, which requires it.",
            ));
        }
    };
    let store = CustomKeyStore::own(call.look(), id).await?;
    if store.kind().as_str() != origin.as_str() {
        return Err(unsupported(format!(
            "Custom key store '{id}' keeps no keys of Origin {origin}."
        )));
    }
    if store.connection != Connection::Connected {
        let (state, operation) = (
            store.connection.state(),
            <CreateKey as Operation>::Api::FACTS.name,
        );
        return Err(errors::wrong_state(id, state.as_str(), operation));
    }
    Ok(Some(Place { store, xks_key_id }))
}

/// Makes the key in the token, or finds the external key fit, and takes it.
pub(crate) async fn make(
    call: &Permitted<'_, CreateKey>,
    place: &Place,
) -> Result<KeyState, Failure> {
    let store = &place.store;
    let arn = Key::arn_of(store.account, &store.region, *call.target());
    match (&store.backing, &place.xks_key_id) {
        (Backing::CloudHsm(hsm), _) => {
            let (stores, id) = (call.key_stores(), &hsm.cluster);
            let found = cluster::active(stores, store.account, store.region, id).await?;
            cluster::check_two_zones(&found, id)?;
            // That it was not given up is expected at commit.
            call.look()
                .get::<Abandoned>(&Abandoned::key_of(&arn))
                .await?;
            let made = stores.make_key(&store.tokens(hsm), &arn).await;
            made.map_err(cluster::in_making)?;
            // An HSM may have gone meanwhile, and the key be in the only one that is left.
            let found = cluster::active(stores, store.account, store.region, id).await?;
            cluster::check_two_zones(&found, id)?;
            Ok(KeyState::Enabled(Materials::of(KeyMaterial::in_token())))
        }
        (Backing::External(external), Some(id)) => {
            let slot = InStore::key_of(store.account, &store.region, &store.id, id);
            if call.look().get::<InStore>(&slot).await?.is_some() {
                return Err(errors::xks_key_in_use(id));
            }
            let asking = Asking::of_call(call, store.proxy(external), None);
            asking.check_key(id).await.map_err(Trouble::in_making)?;
            let material = Opened::generate(KeySpec::SymmetricDefault)?;
            let material = KeyMaterial::first(material, &call.domain_key()?, &arn);
            let material = material.map_err(Failure::internal)?;
            Ok(KeyState::Enabled(Materials::of(material)))
        }
        (Backing::External(_), None) => Err(Failure::internal("an external key without its id")),
    }
}
