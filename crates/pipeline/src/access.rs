//! What a call touches, and every permission it needs.

use std::sync::Arc;

use base::AccountId;
use policy::{Guards, Permission};
use smallvec::{SmallVec, smallvec};

use crate::Quota;
use crate::admit::{Counted, Counts, Holder};
use crate::operation::{NeedsNoPermission, Operation};

/// What a call touches, and every permission it needs. Cannot be made without one, save for
/// operations that AWS documents as needing none.
pub struct Access<O: Operation> {
    pub(crate) target: O::Target,
    pub(crate) needs: Needs,
    pub(crate) makes: Touched,
    pub(crate) counts: Counts,
}

/// Permissions asked for, in the order they are decided.
pub(crate) type Needs = SmallVec<[Box<dyn Permission>; 2]>;

impl<O: Operation> Access<O> {
    /// The call works on `target` and needs this permission.
    pub fn to(target: O::Target, needs: impl Guards<O::Api>) -> Self {
        Self {
            target,
            needs: smallvec![Box::new(needs) as Box<dyn Permission>],
            makes: Touched::new(),
            counts: Counts::new(),
        }
    }

    /// And this one too.
    #[must_use]
    pub fn and(mut self, also: impl Permission) -> Self {
        self.needs.push(Box::new(also));
        self
    }

    /// The call makes this resource. No permission is decided on it; the record of a call that succeeds names it.
    #[must_use]
    pub fn making(mut self, arn: base::Arn, owner: base::AccountId) -> Self {
        self.makes.push((arn, owner));
        self
    }

    /// The call takes a request from this quota of its caller, once: for quotas that follow from what is touched.
    /// Counted once the call is permitted: nobody else may use up what others share, or learn by a quota what is there.
    #[must_use]
    pub fn counting(mut self, quota: &'static Quota) -> Self {
        let mut counted = self.counts.iter();
        if !counted.any(|counted| counted.of.is_none() && counted.quota.name == quota.name) {
            self.counts.push(Counted { quota, of: None });
        }
        self
    }

    /// And one from this quota of what `account` has by this name, which all who use it share.
    #[must_use]
    pub fn counting_of(mut self, quota: &'static Quota, account: AccountId, name: &str) -> Self {
        let of = Some(Holder {
            account,
            name: name.to_owned(),
        });
        let mut counted = self.counts.iter();
        if !counted.any(|counted| counted.of == of && counted.quota.name == quota.name) {
            self.counts.push(Counted { quota, of });
        }
        self
    }

    /// The call needs no permission, as AWS documents.
    pub fn unguarded(target: O::Target) -> Self
    where
        O: NeedsNoPermission,
    {
        Self {
            target,
            needs: SmallVec::new(),
            makes: Touched::new(),
            counts: Counts::new(),
        }
    }
}

/// A resource named in the audit record of a call.
pub(crate) type Touched = SmallVec<[(base::Arn, base::AccountId); 2]>;

/// The resources that `needs` name.
pub(crate) fn touched(needs: &Needs) -> Touched {
    let mut touched = Touched::new();
    for need in needs {
        need.resources(&mut |resource| {
            let arn = resource.arn();
            if !touched.iter().any(|(known, _)| known == arn) {
                touched.push((arn.clone(), resource.account()));
            }
        });
    }
    touched
}

/// The same for a call that was denied: it tells no more than the denial does.
pub(crate) fn touched_as_named(needs: &Needs) -> Touched {
    let mut touched = Touched::new();
    for need in needs {
        need.resources(&mut |resource| {
            let named = match resource.named() {
                name if name == resource.arn().as_str() => Some(resource.arn().clone()),
                name => name.parse().ok(),
            };
            let new = named.filter(|arn| !touched.iter().any(|(known, _)| known == arn));
            touched.extend(new.map(|arn| (arn, resource.account())));
        });
    }
    touched
}

/// Adds what a call has made to the resources of its record.
pub(crate) fn add_made(touched: &mut Touched, made: Touched) {
    for (arn, owner) in made {
        let made = (arn, owner);
        if !touched.contains(&made) {
            touched.push(made);
        }
    }
}

/// Shares one record between `Target` and a permission's resource.
pub fn resource<R: policy::Resource>(record: &Arc<R>) -> Arc<dyn policy::Resource> {
    record.clone()
}
