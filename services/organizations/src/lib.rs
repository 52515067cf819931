//! AWS Organizations: accounts in a tree, and the policies above them.
//!
//! Control policies take part in decisions. The others set up services, and come to an effective policy of each account.
//!
//! Differs from AWS:
//! - CreateAccount ends at once: its answer says SUCCEEDED or FAILED, never IN_PROGRESS. There is nobody to bill, so
//!   that `IamUserAccessToBilling` has nothing to allow or deny.
//! - A new organization has no policy type enabled, as AWS's clients find it, though the API reference says that
//!   service control policies are. FullAWSAccess is attached all the same, and counts once the type is enabled.
//! - The address of an account that CreateAccount did not make is not known, and is left out.
//! - Request quotas are whole requests a second, without bursts of their own and not shared by the accounts of an
//!   organization: CreateAccount and CloseAccount may be called once a second.
//! - What an organization may have follows "Quotas and service limits for AWS Organizations"; the number of accounts,
//!   ten, is `organizations/accounts` of the operator's quota file, and lifted where quotas are.
//! - After 90 days a closed account is no more in its organization. What it owns stays, out of everybody's reach.
//! - Effective policies are told to whoever asks: the services that they set up are not here, and nobody reports which
//!   tags are right. Tag policies with `enforced_for` are malformed here, since nobody would obey it.
//! - Of policies for Chatbot, Bedrock, Inspector, Security Hub CSPM, Network Security Director and GuardDuty the operators
//!   are checked, and that there is one group at the top; what is in it is not.
//! - Where several policies of a level touch a setting, the first assigns, then all append, then all remove: AWS says
//!   so of the first alone. `ELEMENT_MISSING`, the one validation error, is not AWS's own word.
//! - `LastUpdatedTimestamp` does not change when an account is moved.
//! - There is no resource policy of the organization. There are no bills, so that responsibility for them is not
//!   transferred.
//! - EnableAWSServiceAccess takes every service principal. What it opens is that member accounts may be registered as
//!   the service's administrators; when access ends they stay registered, and read the organization no more.
//! - Accounts are invited by number, not by address; a handshake tells less of the organization, and there is no other
//!   kind. What an invitation's `Notes` say is told to the parties alone.
//! - CreateOrganization and EnableAWSServiceAccess make no service-linked role.
//! - Messages of `InvalidInputException`, `ConstraintViolationException` and of the errors of handshakes and tags are
//!   not all AWS's own words: their `Reason` is.
//! - To conditions (`aws:ResourceAccount`) what an organization consists of belongs to the caller's account.

mod children;
mod delegation;
mod errors;
mod handshake;
mod handshakes;
mod ids;
mod inheritance;
mod leaving;
mod node;
mod operations;
mod paging;
mod policies;
mod quotas;
mod request;
mod service_access;
mod shapes;
mod standing;
mod stored;
mod taggable;
mod tagging;
mod tags;
#[cfg(test)]
mod testing;
mod units;
mod workers;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    quotas: quotas::QUOTAS,
    workers: workers::WORKERS,
    ..Service::of(
        &organizations_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};
