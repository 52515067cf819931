//! The operations of STS: one line each.

use pipeline::Entry;

mod assume_role;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod assume_root;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod get_web_identity_token;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[
    Entry::of::<assume_role::AssumeRole>(),
    Entry::by_token::<assume_role_with_saml::AssumeRoleWithSAML>(),
    Entry::of::<assume_root::AssumeRoot>(),
    Entry::by_token::<assume_role_with_web_identity::AssumeRoleWithWebIdentity>(),
    Entry::of::<decode_authorization_message::DecodeAuthorizationMessage>(),
    Entry::of::<get_access_key_info::GetAccessKeyInfo>(),
    Entry::of::<get_caller_identity::GetCallerIdentity>(),
    Entry::of::<get_federation_token::GetFederationToken>(),
    Entry::of::<get_session_token::GetSessionToken>(),
    Entry::of::<get_web_identity_token::GetWebIdentityToken>(),
];
