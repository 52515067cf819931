//! Keys for SSH, signing certificates and passwords for services: what the operations on them share.

use std::sync::Arc;

use base::{Secret, Timestamp};
use crypto::SshPublicKey;
use iam_api::shapes::{self, StatusType};
use identity::{AccessKeyStatus, HeldCredential, HeldKind, Prefix, ServicePassword, User};
use pipeline::{Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::find::Subject;
use crate::shapes::status;

/// Services that take passwords of users' own. AWS names more, whose credentials have another form.
const SERVICES: [&str; 2] = ["cassandra.amazonaws.com", "codecommit.amazonaws.com"];
/// Bits that a key for SSH has at least. AWS: "The minimum bit-length of the public key is 2048 bits."
const FEWEST_BITS: usize = 2048;

/// A kind of credential.
pub(crate) type Kind = fn(&HeldCredential) -> bool;

/// Whether it is a key for SSH.
pub(crate) fn is_ssh_key(held: &HeldCredential) -> bool {
    matches!(held.kind, HeldKind::SshPublicKey(_))
}

/// Whether it is a signing certificate.
pub(crate) fn is_certificate(held: &HeldCredential) -> bool {
    matches!(held.kind, HeldKind::SigningCertificate(_))
}

/// Whether it is a password for a service.
pub(crate) fn is_service_password(held: &HeldCredential) -> bool {
    password(held).is_some()
}

/// What `user` holds of this kind.
pub(crate) async fn of(
    look: &Lookup<'_>,
    user: &User,
    kind: Kind,
) -> Result<Vec<Arc<HeldCredential>>, Failure> {
    let prefix = HeldCredential::prefix(user.account, &user.id);
    let all = look
        .scan::<HeldCredential>(&prefix, None, usize::MAX)
        .await?;
    let wanted = all.into_iter().filter(|held| kind(held));
    Ok(wanted.map(|held| held.arc()).collect())
}

/// What `user` holds of this kind and id, or the error that it is not there.
pub(crate) async fn find(
    look: &Lookup<'_>,
    user: &User,
    id: &str,
    kind: Kind,
) -> Result<Arc<HeldCredential>, Failure> {
    let key = HeldCredential::key_of(user.account, &user.id, id);
    let held = look.get::<HeldCredential>(&key).await?;
    let held = held.filter(|held| kind(held));
    held.ok_or_else(|| {
        if std::ptr::fn_addr_eq(kind, is_ssh_key as Kind) {
            errors::no_such_ssh_key(id)
        } else if std::ptr::fn_addr_eq(kind, is_certificate as Kind) {
            errors::no_such_certificate(id)
        } else {
            errors::no_such_service_credential(id)
        }
    })
}

/// A credential that `user` holds from now on.
pub(crate) fn new<O: Operation>(
    call: &Permitted<'_, O>,
    user: &User,
    id: String,
    kind: HeldKind,
) -> HeldCredential {
    HeldCredential {
        account: user.account,
        user_id: user.id.clone(),
        id,
        created: call.call().now(),
        status: AccessKeyStatus::Active,
        kind,
    }
}

/// The credential, switched on or off.
pub(crate) fn with_status(
    held: &HeldCredential,
    wanted: StatusType,
) -> Result<HeldCredential, Failure> {
    let status = match wanted {
        StatusType::Active => AccessKeyStatus::Active,
        StatusType::Inactive => AccessKeyStatus::Inactive,
        StatusType::Expired => return Err(errors::credential_status_not_allowed()),
    };
    Ok(HeldCredential {
        status,
        ..held.clone()
    })
}

/// The key or certificate; empty for a password.
pub(crate) fn body(held: &HeldCredential) -> &str {
    match &held.kind {
        HeldKind::SshPublicKey(body) | HeldKind::SigningCertificate(body) => body,
        HeldKind::ServiceSpecific(_) => "",
    }
}

fn password(held: &HeldCredential) -> Option<&ServicePassword> {
    match &held.kind {
        HeldKind::ServiceSpecific(password) => Some(password),
        _ => None,
    }
}

/// The service that takes the password.
pub(crate) fn service(held: &HeldCredential) -> &str {
    password(held).map_or("", |password| &password.service)
}

/// The name that goes with the password.
pub(crate) fn service_user_name(held: &HeldCredential) -> &str {
    password(held).map_or("", |password| &password.user_name)
}

/// The service of the credential that a call names, for its condition key.
pub(crate) async fn service_of(
    look: &Lookup<'_>,
    subject: &Subject,
    id: &str,
) -> Result<Option<String>, Failure> {
    let Some(user) = subject.record() else {
        return Ok(None);
    };
    let key = HeldCredential::key_of(user.account, &user.id, id);
    let held = look.get::<HeldCredential>(&key).await?;
    Ok(held.map(|held| service(&held).to_owned()))
}

/// Refuses a service that takes no such passwords.
pub(crate) fn check_service(service: &str) -> Result<(), Failure> {
    match SERVICES.contains(&service) {
        true => Ok(()),
        false => Err(errors::service_not_supported(service)),
    }
}

/// A key for SSH, checked.
pub(crate) fn ssh_key(text: &str) -> Result<SshPublicKey, Failure> {
    let start = text.trim_start();
    if !start.starts_with("ssh-rsa") && !start.starts_with("-----BEGIN PUBLIC KEY-----") {
        return Err(errors::unrecognized_key_encoding());
    }
    let key = SshPublicKey::parse(text).filter(|key| key.bits() >= FEWEST_BITS);
    key.ok_or_else(errors::invalid_public_key)
}

/// A new id of a signing certificate.
pub(crate) fn certificate_id<O: Operation>(call: &Permitted<'_, O>) -> String {
    let ids = [0; 2].map(|_| call.unique_id(Prefix::ServerCertificate));
    let parts = ids.iter().map(|id| id.chars().rev().take(14));
    parts.flatten().collect()
}

/// A key as the API shows it.
pub(crate) fn ssh_shape(
    user: &User,
    held: &HeldCredential,
    key: &SshPublicKey,
    body: String,
) -> shapes::SSHPublicKey {
    shapes::SSHPublicKey {
        user_name: user.name.clone(),
        ssh_public_key_id: held.id.clone(),
        fingerprint: key.fingerprint(),
        ssh_public_key_body: body,
        status: status(held.status),
        upload_date: Some(held.created),
    }
}

/// A key as in lists.
pub(crate) fn ssh_listed(user: &User, held: &HeldCredential) -> shapes::SSHPublicKeyMetadata {
    shapes::SSHPublicKeyMetadata {
        user_name: user.name.clone(),
        ssh_public_key_id: held.id.clone(),
        status: status(held.status),
        upload_date: held.created,
    }
}

/// A signing certificate.
pub(crate) fn certificate_shape(user: &User, held: &HeldCredential) -> shapes::SigningCertificate {
    shapes::SigningCertificate {
        user_name: user.name.clone(),
        certificate_id: held.id.clone(),
        certificate_body: body(held).to_owned(),
        status: status(held.status),
        upload_date: Some(held.created),
    }
}

/// A password for a service, this once with the password.
pub(crate) fn service_shape(
    user: &User,
    held: &HeldCredential,
    shown: Secret<String>,
) -> shapes::ServiceSpecificCredential {
    shapes::ServiceSpecificCredential {
        create_date: held.created,
        expiration_date: password(held).and_then(|password| password.expires),
        service_name: service(held).to_owned(),
        service_user_name: Some(service_user_name(held).to_owned()),
        service_password: Some(shown),
        service_credential_alias: None,
        service_credential_secret: None,
        service_specific_credential_id: held.id.clone(),
        user_name: user.name.clone(),
        status: status(held.status),
    }
}

/// A password for a service as in lists.
pub(crate) fn service_listed(
    user: &User,
    held: &HeldCredential,
    now: Timestamp,
) -> shapes::ServiceSpecificCredentialMetadata {
    let expires = password(held).and_then(|password| password.expires);
    shapes::ServiceSpecificCredentialMetadata {
        user_name: user.name.clone(),
        status: match expires.is_some_and(|end| end <= now) {
            true => StatusType::Expired,
            false => status(held.status),
        },
        service_user_name: Some(service_user_name(held).to_owned()),
        service_credential_alias: None,
        create_date: held.created,
        expiration_date: expires,
        service_specific_credential_id: held.id.clone(),
        service_name: service(held).to_owned(),
    }
}
