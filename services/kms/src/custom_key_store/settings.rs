//! What callers say of a custom key store when they make or change it.

use std::net::IpAddr;

use base::Secret;
use kms_api::shapes::{
    CreateCustomKeyStoreRequest, CustomKeyStoreType, UpdateCustomKeyStoreRequest,
    XksProxyAuthenticationCredentialType, XksProxyConnectivityType,
};
use pipeline::{Failure, Operation, Permitted};

use super::proxy::Asking;
use super::trouble::Trouble;
use super::{Backing, CustomKeyStore, External, errors};
use crate::errors::validation;

/// What a new store shall be.
pub(crate) enum Wanted<'a> {
    /// `AWS_CLOUDHSM`
    CloudHsm {
        cluster: &'a str,
        trust_anchor: &'a str,
        password: &'a Secret<String>,
    },
    /// `EXTERNAL_KEY_STORE`
    External(External),
}

/// What a new store shall be, of what belongs together.
pub(crate) fn read(input: &CreateCustomKeyStoreRequest) -> Result<Wanted<'_>, Failure> {
    let of_hsm = input.cloud_hsm_cluster_id.is_some()
        || input.key_store_password.is_some()
        || input.trust_anchor_certificate.is_some();
    let of_proxy = input.xks_proxy_uri_endpoint.is_some()
        || input.xks_proxy_uri_path.is_some()
        || input.xks_proxy_authentication_credential.is_some()
        || input.xks_proxy_connectivity.is_some()
        || input.xks_proxy_vpc_endpoint_service_name.is_some()
        || input.xks_proxy_vpc_endpoint_service_owner.is_some();
    match input
        .custom_key_store_type
        .unwrap_or(CustomKeyStoreType::AwsCloudhsm)
    {
        CustomKeyStoreType::AwsCloudhsm if of_proxy => Err(not_of("AWS CloudHSM", "XksProxy…")),
        CustomKeyStoreType::AwsCloudhsm => Ok(Wanted::CloudHsm {
            cluster: required(&input.cloud_hsm_cluster_id, "CloudHsmClusterId")?,
            trust_anchor: required(&input.trust_anchor_certificate, "TrustAnchorCertificate")?,
            password: required(&input.key_store_password, "KeyStorePassword")?,
        }),
        CustomKeyStoreType::ExternalKeyStore if of_hsm => Err(not_of(
            "external",
            "CloudHsmClusterId, KeyStorePassword or TrustAnchorCertificate",
        )),
        CustomKeyStoreType::ExternalKeyStore => {
            check_connectivity(
                *required(&input.xks_proxy_connectivity, "XksProxyConnectivity")?,
                input.xks_proxy_vpc_endpoint_service_name.as_deref(),
                input.xks_proxy_vpc_endpoint_service_owner.as_deref(),
            )?;
            let endpoint = required(&input.xks_proxy_uri_endpoint, "XksProxyUriEndpoint")?;
            let path = required(&input.xks_proxy_uri_path, "XksProxyUriPath")?;
            let credential = &input.xks_proxy_authentication_credential;
            let credential = required(credential, "XksProxyAuthenticationCredential")?;
            Ok(Wanted::External(external(endpoint, path, credential)?))
        }
    }
}

fn external(
    endpoint: &str,
    path: &str,
    credential: &XksProxyAuthenticationCredentialType,
) -> Result<External, Failure> {
    check_host(endpoint)?;
    Ok(External {
        endpoint: endpoint.to_owned(),
        path: path.to_owned(),
        access_key_id: credential.access_key_id.expose().clone(),
        secret_access_key: credential.raw_secret_access_key.clone(),
    })
}

fn required<'a, T>(given: &'a Option<T>, member: &str) -> Result<&'a T, Failure> {
    let missing = || {
        validation(format!(
            "{member} is required for a custom key store of this type."
        ))
    };
    given.as_ref().ok_or_else(missing)
}

fn not_of(kind: &str, members: &str) -> Failure {
    validation(format!(
        "{members} cannot be specified for an {kind} key store."
    ))
}

/// A proxy is known by a name, which its certificate has.
fn check_host(endpoint: &str) -> Result<(), Failure> {
    let host = endpoint.strip_prefix(super::SCHEME).unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = host.parse::<IpAddr>().is_ok() || last.chars().all(|c| c.is_ascii_digit());
    match number || host.starts_with(['.', '-']) || host.contains("..") {
        false => Ok(()),
        true => Err(validation(
            "XksProxyUriEndpoint must have the fully qualified domain name of the proxy.",
        )),
    }
}

/// There are no VPCs here, and so no endpoint services.
fn check_connectivity(
    connectivity: XksProxyConnectivityType,
    service: Option<&str>,
    owner: Option<&str>,
) -> Result<(), Failure> {
    match (connectivity, service, owner) {
        (XksProxyConnectivityType::PublicEndpoint, None, None) => Ok(()),
        (XksProxyConnectivityType::PublicEndpoint, Some(_), _) => Err(validation(
            "XksProxyVpcEndpointServiceName cannot be specified with public endpoint connectivity.",
        )),
        (XksProxyConnectivityType::PublicEndpoint, None, Some(_)) => Err(validation(
            "XksProxyVpcEndpointServiceOwner cannot be specified with public endpoint connectivity.",
        )),
        (XksProxyConnectivityType::VpcEndpointService, None, _) => Err(validation(
            "XksProxyVpcEndpointServiceName is required with VPC endpoint service connectivity.",
        )),
        (XksProxyConnectivityType::VpcEndpointService, Some(_), _) => {
            Err(errors::no_vpc_endpoint_service())
        }
    }
}

/// The external key store behind other settings; none where none of them is given.
pub(crate) fn changed(
    external: &External,
    input: &UpdateCustomKeyStoreRequest,
) -> Result<Option<External>, Failure> {
    let service = input.xks_proxy_vpc_endpoint_service_name.as_deref();
    let owner = input.xks_proxy_vpc_endpoint_service_owner.as_deref();
    let now = XksProxyConnectivityType::PublicEndpoint;
    check_connectivity(input.xks_proxy_connectivity.unwrap_or(now), service, owner)?;
    let credential = input.xks_proxy_authentication_credential.as_ref();
    let (endpoint, path) = (&input.xks_proxy_uri_endpoint, &input.xks_proxy_uri_path);
    if credential.is_none() && endpoint.is_none() && path.is_none() {
        return Ok(None);
    }
    let mut changed = external.clone();
    if let Some(credential) = credential {
        changed.access_key_id = credential.access_key_id.expose().clone();
        changed.secret_access_key = credential.raw_secret_access_key.clone();
    }
    if let Some(endpoint) = endpoint {
        check_host(endpoint)?;
        changed.endpoint = endpoint.clone();
    }
    if let Some(path) = path {
        changed.path = path.clone();
    }
    Ok(Some(changed))
}

/// Refuses a proxy that another store of the account has, and one that does not answer as it shall.
pub(crate) async fn check_proxy<O: Operation>(
    call: &Permitted<'_, O>,
    others: impl Iterator<Item = &CustomKeyStore>,
    id: &str,
    external: &External,
) -> Result<(), Failure> {
    let mut others = others.filter_map(|other| match &other.backing {
        Backing::External(external) if other.id != id => Some(external),
        _ => None,
    });
    let same = |other: &External| {
        other.endpoint.eq_ignore_ascii_case(&external.endpoint) && other.path == external.path
    };
    if others.any(same) {
        return Err(errors::proxy_uri_in_use());
    }
    let proxy = external.proxy(call.call().account(), id, call.call().region());
    let health = Asking::of_settings(call, proxy).health().await;
    health.map_err(Trouble::in_settings)
}

/// Refuses a name that another store of the account has.
pub(crate) fn check_name<'a>(
    mut others: impl Iterator<Item = &'a CustomKeyStore>,
    id: &str,
    name: &str,
) -> Result<(), Failure> {
    match others.any(|other| other.id != id && other.name == name) {
        true => Err(errors::name_in_use(name)),
        false => Ok(()),
    }
}

/// Refuses a cluster that another store of the account has, or one that shares a backup history with it.
pub(crate) fn check_cluster_free<'a>(
    mut others: impl Iterator<Item = &'a CustomKeyStore>,
    id: &str,
    cluster: &str,
    certificate: &str,
) -> Result<(), Failure> {
    let same = |other: &CustomKeyStore| match &other.backing {
        Backing::CloudHsm(hsm) => {
            other.id != id && (hsm.cluster == cluster || hsm.certificate == certificate)
        }
        Backing::External(_) => false,
    };
    match others.any(same) {
        true => Err(errors::cluster_in_use(cluster)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_host;

    #[test]
    fn hosts_have_names() {
        for good in [
            "https://xks.example.com",
            "https://localhost",
            "https://a-1.b2",
        ] {
            assert!(check_host(good).is_ok(), "{good}");
        }
        for bad in [
            "https://10.0.0.1",
            "https://127.1",
            "https://.a",
            "https://a..b",
            "https://-a",
        ] {
            assert!(check_host(bad).is_err(), "{bad}");
        }
    }
}
