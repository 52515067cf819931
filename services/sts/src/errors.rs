//! One constructor a situation, with AWS's message.

use base::Arn;
use pipeline::{Call, Failure};
use sts_api::errors as api;
use wire::{ErrorFacts, Protocol, errors};

static INVALID_PARAMETER_VALUE: ErrorFacts = ErrorFacts {
    code: "InvalidParameterValue",
    status: 400,
    sender: true,
};

fn denied(message: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    errors::ACCESS_DENIED.says(Protocol::Query, message).into()
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    errors::VALIDATION.says(Protocol::Query, message).into()
}

/// The role's ARN is none.
pub(crate) fn invalid_arn(arn: &str) -> Failure {
    invalid(format!("{arn} is invalid"))
}

/// The root user assumes a role.
pub(crate) fn root_assumes() -> Failure {
    denied("Roles may not be assumed by root accounts.")
}

/// What the caller asks for is not to be had by any policy.
pub(crate) fn not_authorized(call: &Call<'_>, action: &str, resource: &Arn) -> Failure {
    let caller = call.caller().arn();
    denied(format!(
        "User: {caller} is not authorized to perform: {action} on resource: {resource}"
    ))
}

/// Temporary credentials where only long-term ones will do.
pub(crate) fn session_credentials(operation: &str) -> Failure {
    denied(format!("Cannot call {operation} with session credentials"))
}

/// Longer than the role allows.
pub(crate) fn longer_than_role_allows() -> Failure {
    invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
}

/// Longer than one role session may hand on to another.
pub(crate) fn longer_than_chained() -> Failure {
    invalid(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    )
}

/// Half of what MFA takes.
pub(crate) fn half_mfa() -> Failure {
    denied(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
    )
}

/// There is no such MFA device.
pub(crate) fn unknown_mfa_device() -> Failure {
    denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is \
         valid and associated with this user.",
    )
}

/// A wrong code, a used one, or one of too many.
pub(crate) fn wrong_mfa_code() -> Failure {
    denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}

/// A parameter that is known and not built.
pub(crate) fn not_built(parameter: &str, operation: &str) -> Failure {
    let message = format!("{parameter} of {operation} is not implemented");
    errors::NOT_IMPLEMENTED
        .says(Protocol::Query, message)
        .into()
}

/// More managed policies than a session may have.
pub(crate) fn too_many_policies() -> Failure {
    invalid(
        "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length \
         less than or equal to 10",
    )
}

/// The session policy does not parse.
pub(crate) fn malformed_policy(malformed: policy::Malformed) -> Failure {
    api::MALFORMED_POLICY_DOCUMENT_EXCEPTION
        .says(malformed.message)
        .into()
}

/// There is no such managed policy in the session's account.
pub(crate) fn unknown_policy(arn: &str) -> Failure {
    invalid(format!("Policy {arn} does not exist or is not attachable."))
}

/// Policies and tags do not fit into a token.
pub(crate) fn too_large(percent: usize, tagged: bool) -> Failure {
    let message = match tagged {
        true => format!("Packed size of session tags consumes {percent}% of allotted space."),
        false => format!(
            "Packed policy consumes {percent}% of allotted space, please use smaller policy."
        ),
    };
    api::PACKED_POLICY_TOO_LARGE_EXCEPTION.says(message).into()
}

/// Two tags of one key.
pub(crate) fn duplicate_tags() -> Failure {
    let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    INVALID_PARAMETER_VALUE.says(message).into()
}

/// A tag in the name of AWS.
pub(crate) fn reserved_tag() -> Failure {
    INVALID_PARAMETER_VALUE
        .says("Tag keys cannot begin with the reserved prefix aws:")
        .into()
}

/// A transitive key without its tag.
pub(crate) fn transitive_without_tag() -> Failure {
    let message = "The specified transitive tag key must be included in the requested tags.";
    INVALID_PARAMETER_VALUE.says(message).into()
}

/// A tag that the calling session hands down already.
pub(crate) fn inherited_tag() -> Failure {
    let message = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag \
                   key from the calling session.";
    INVALID_PARAMETER_VALUE.says(message).into()
}

/// The access key id tells no account.
pub(crate) fn unknown_access_key(id: &str) -> Failure {
    invalid(format!("{id} is not a valid access key ID"))
}

/// The message was not made here, or not for this account.
pub(crate) fn foreign_message() -> Failure {
    api::INVALID_AUTHORIZATION_MESSAGE_EXCEPTION
        .says("Message is not valid")
        .into()
}

/// No policy of a task that is done as a root user.
pub(crate) fn not_a_task_policy(arn: &str) -> Failure {
    invalid(format!("{arn} is not the policy of a task on root users."))
}

fn invalid_token(message: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    api::INVALID_IDENTITY_TOKEN_EXCEPTION.says(message).into()
}

/// What is no JSON Web Token that could be verified.
pub(crate) fn no_token() -> Failure {
    invalid_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// A claim that every token has.
pub(crate) fn missing_claim(name: &str) -> Failure {
    invalid_token(format!("Missing a required claim: {name}"))
}

/// A claim that does not say what it should.
pub(crate) fn invalid_claim(name: &str) -> Failure {
    invalid_token(format!("The value of claim {name} is invalid"))
}

/// The role's account has no provider for the token's issuer.
pub(crate) fn no_provider(issuer: &str) -> Failure {
    invalid_token(format!(
        "No OpenIDConnect provider found in your account for {issuer}"
    ))
}

/// The provider has no key that the token could be signed with.
pub(crate) fn no_verification_key() -> Failure {
    invalid_token(
        "Couldn't retrieve verification key from your identity provider,  please reference \
         AssumeRoleWithWebIdentity documentation for requirements",
    )
}

/// The signature is not the provider's.
pub(crate) fn wrong_signature() -> Failure {
    invalid_token("The signature of the ID Token is not valid")
}

/// The token is for nobody whom the provider knows as its client.
pub(crate) fn wrong_audience() -> Failure {
    invalid_token("Incorrect token audience")
}

/// The token is of a time to come.
pub(crate) fn not_yet_valid() -> Failure {
    invalid_token("The ID Token is not valid yet")
}

/// The token is of a time that is over. Both are seconds since 1970.
pub(crate) fn token_expired(now: i64, expires: i64) -> Failure {
    let message = format!(
        "Token expired: current date/time {now} must be before the expiration date/time {expires}"
    );
    api::EXPIRED_TOKEN_EXCEPTION.says(message).into()
}

/// The provider does not answer.
pub(crate) fn no_communication() -> Failure {
    api::IDP_COMMUNICATION_ERROR_EXCEPTION
        .says("Error communicating with the identity provider.")
        .into()
}

/// What is no response of SAML.
pub(crate) fn no_saml_response() -> Failure {
    invalid_token("Invalid base64 SAMLResponse")
}

/// There is no SAML provider of this ARN.
pub(crate) fn no_saml_provider() -> Failure {
    invalid_token("Specified provider doesn't exist")
}

/// The provider's metadata holds no more.
pub(crate) fn saml_metadata_expired() -> Failure {
    invalid_token("The metadata of the specified provider has expired")
}

/// The response, or its assertion, is not signed by the provider.
pub(crate) fn saml_not_signed() -> Failure {
    invalid_token("Response signature invalid")
}

/// The assertion must be encrypted.
pub(crate) fn saml_not_encrypted() -> Failure {
    invalid_token("Response does not contain an encrypted assertion")
}

/// The assertion is of another issuer than the provider.
pub(crate) fn other_saml_issuer() -> Failure {
    invalid_token("Issuer not present in specified provider")
}

/// The assertion is not for AWS.
pub(crate) fn other_saml_audience() -> Failure {
    invalid_token("Response does not contain the required audience")
}

/// An element or attribute of the assertion that is not as it should be.
pub(crate) fn unusable_in_saml(name: &str) -> Failure {
    invalid_token(format!("{name} in AuthnResponse is missing or invalid"))
}

/// An attribute that every assertion for AWS has.
pub(crate) fn required_in_saml(name: &str) -> Failure {
    invalid_token(format!("{name} is required in AuthnResponse"))
}

/// A session name of other signs.
pub(crate) fn saml_session_name() -> Failure {
    invalid_token("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
}

/// A source identity of other signs.
pub(crate) fn saml_source_identity() -> Failure {
    invalid_token("Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"")
}

/// The assertion is of a time to come.
pub(crate) fn saml_not_yet_valid() -> Failure {
    invalid_token("The assertion is not valid yet")
}

/// The assertion is of a time that is over.
pub(crate) fn saml_expired() -> Failure {
    api::EXPIRED_TOKEN_EXCEPTION
        .says("Token must be redeemed within 5 minutes of issuance")
        .into()
}

/// The identity provider did not authenticate anybody.
pub(crate) fn idp_rejected() -> Failure {
    api::IDP_REJECTED_CLAIM_EXCEPTION
        .says("The identity provider reported that authentication failed.")
        .into()
}

/// What neither the assertion nor a trust policy lets its bearer do.
pub(crate) fn saml_not_authorized() -> Failure {
    denied("Not authorized to perform sts:AssumeRoleWithSAML")
}

/// What no trust policy lets the bearer of a token do.
pub(crate) fn web_not_authorized() -> Failure {
    denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
}

/// A way of signing tokens that there is not.
pub(crate) fn unknown_signing_algorithm() -> Failure {
    invalid("SigningAlgorithm must be one of RS256, ES384")
}

/// The account issues no tokens.
pub(crate) fn outbound_federation_disabled() -> Failure {
    api::OUTBOUND_WEB_IDENTITY_FEDERATION_DISABLED_EXCEPTION
        .says("The outbound web identity federation feature is not enabled for this account.")
        .into()
}

/// A token that would last longer than its caller's session.
pub(crate) fn outlives_session() -> Failure {
    api::SESSION_DURATION_ESCALATION_EXCEPTION
        .says("The requested token duration would extend the session beyond its original expiration time.")
        .into()
}

/// More claims than a token has.
pub(crate) fn payload_too_large() -> Failure {
    api::JWT_PAYLOAD_SIZE_EXCEEDED_EXCEPTION
        .says("The requested token payload size exceeds the maximum allowed size.")
        .into()
}
