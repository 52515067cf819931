//! The key that a service keeps in each account which uses it, as `alias/aws/secretsmanager`.
//!
//! AWS document: AWS KMS Developer Guide, "AWS managed keys".

use base::{AccountId, Region};

use crate::entry::BoxFuture;
use crate::operation::Operation;
use crate::{Call, Duty, Failure, Permitted};

/// Which service's key, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedKey {
    /// The account it is kept in.
    pub account: AccountId,
    /// The region it is kept in.
    pub region: Region,
    /// Signing name of the service it is for, as `secretsmanager`.
    pub service: &'static str,
}

/// Makes the key where there is none yet, on disk and recorded when it returns. One service has it: that which keeps keys.
pub type MakeManagedKey = for<'a> fn(Duty<'a>, ManagedKey) -> BoxFuture<'a, Result<(), Failure>>;

impl<O: Operation> Permitted<'_, O> {
    /// The alias of the key that this call's service keeps in the caller's account, as `alias/aws/secretsmanager`. The
    /// key is made by its first use. Whether the caller may use it is for its own policy to say, when it is used.
    ///
    /// # Errors
    /// Where no service of this server keeps keys, or none for this service.
    pub async fn managed_key(&self, region: Region) -> Result<String, Failure> {
        let call: &Call<'_> = self.call();
        let wanted = ManagedKey {
            account: call.account(),
            region,
            service: call.facts.service.name,
        };
        let mut makers = call
            .core
            .services()
            .filter_map(|service| service.managed_keys);
        let make = makers.next();
        let make = make.ok_or_else(|| Failure::internal("no service here keeps keys"))?;
        make(Duty { core: call.core }, wanted).await?;
        Ok(format!("alias/aws/{}", wanted.service))
    }
}
