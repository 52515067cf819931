//! AWS Organizations: accounts in a tree, and the policies above them.
//!
//! Built are service and resource control policies; other policy types answer `NotImplemented`.
//!
//! Differs from AWS:
//! - CreateAccount ends at once: its answer says SUCCEEDED or FAILED, never IN_PROGRESS. There is nobody to bill, so
//!   that `IamUserAccessToBilling` has nothing to allow or deny.
//! - A new organization has no policy type enabled, as AWS's clients find it, though the API reference says that
//!   service control policies are. FullAWSAccess is attached all the same, and counts once the type is enabled.
//! - The address of an account that CreateAccount did not make is not known, and is left out.
//! - The number of accounts and of policies of an organization is not limited. A closed account stays in it.
//! - Accounts are invited by number, not by address; a handshake tells less of the organization, and there is no other
//!   kind. What an invitation's `Notes` say is told to the parties alone.
//! - CreateOrganization makes no service-linked role.
//! - Messages of `InvalidInputException`, `ConstraintViolationException` and of the errors of handshakes and tags are
//!   not all AWS's own words: their `Reason` is.
//! - To conditions (`aws:ResourceAccount`) what an organization consists of belongs to the caller's account.

mod children;
mod delegation;
mod errors;
mod handshake;
mod handshakes;
mod ids;
mod leaving;
mod node;
mod operations;
mod paging;
mod policies;
mod request;
mod shapes;
mod standing;
mod stored;
mod taggable;
mod tagging;
mod tags;
#[cfg(test)]
mod testing;
mod units;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    facts: &organizations_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: &[],
    workers: &[],
};
