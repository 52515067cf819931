//! Request quotas: a token bucket by account, region and operation group.
//!
//! AWS document: AWS KMS Developer Guide, "Request quotas".

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

use base::{AccountId, Region, Timestamp};
use papaya::HashMap as Buckets;
use smallvec::SmallVec;
use wire::{Fault, Protocol, ServiceFacts, errors};

use crate::Call;

/// How often a group of operations may be called in one account and region.
pub struct Quota {
    /// The quota's name, as `kms/cryptographic-operations-symmetric`: the key in a quota file.
    pub name: &'static str,
    /// Names of the operations that share it; none where it follows from what a call touches (`Access::counting`), or
    /// is a number of things that there may be, which the service counts.
    pub operations: &'static [&'static str],
    /// AWS's documented default, in requests a second.
    pub per_second: fn(&Region) -> u32,
}

/// Rates from an operator's file, by quota name, in requests a second.
pub type QuotaFile = HashMap<String, u32>;

/// Which rates are in force.
#[derive(Clone, Debug, Default)]
pub enum Quotas {
    /// AWS's documented defaults.
    #[default]
    Aws,
    /// No limit.
    Unlimited,
    /// AWS's defaults, save for the quotas named here.
    File(QuotaFile),
}

/// A request that a call takes from a quota which follows from what it touches.
pub(crate) struct Counted {
    pub(crate) quota: &'static Quota,
    /// Whose the bucket is; the caller's account where none is named.
    pub(crate) of: Option<Holder>,
}

/// All requests of one call that its operation alone does not tell of.
pub(crate) type Counts = SmallVec<[Counted; 1]>;

/// Something of an account that has a bucket of its own, whoever calls.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) account: AccountId,
    pub(crate) name: String,
}

/// What a call is told whose quota is used up.
pub(crate) fn throttled(service: &ServiceFacts, protocol: Protocol) -> Fault {
    // AWS document: AWS KMS Developer Guide, "Throttling AWS KMS requests".
    match service.name {
        "kms" => errors::THROTTLED.says(
            protocol,
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        ),
        _ => errors::THROTTLED.fault(protocol),
    }
}

/// Buckets kept; when there are this many, those that are full are dropped.
const KEPT: usize = 10_000;

/// The buckets. A bucket is one number: the instant at which it will be full again, in microseconds.
pub(crate) struct Admission {
    quotas: Quotas,
    buckets: Buckets<(AccountId, Region, &'static str), AtomicI64>,
    held: Buckets<(Holder, Region, &'static str), AtomicI64>,
    sources: Buckets<Source, AtomicI64>,
}

/// Where calls come from: an address, or of IPv6 the network that one site has (RFC 6177).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Source([u8; 8]);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        let mut source = [0; 8];
        match address.to_canonical() {
            // No network of IPv6 that is routed begins with four bytes of zero.
            IpAddr::V4(address) => {
                let octets = address.octets();
                source
                    .iter_mut()
                    .skip(4)
                    .zip(octets)
                    .for_each(|(to, from)| *to = from);
            }
            IpAddr::V6(address) => {
                let octets = address.octets();
                source
                    .iter_mut()
                    .zip(octets)
                    .for_each(|(to, from)| *to = from);
            }
        }
        Self(source)
    }
}

impl Admission {
    pub(crate) fn new(quotas: Quotas) -> Self {
        Self {
            quotas,
            buckets: Buckets::new(),
            held: Buckets::new(),
            sources: Buckets::new(),
        }
    }

    /// Takes one request of somebody unknown from the bucket of where it came from; false when that is empty.
    pub(crate) fn admits_from(&self, quota: &Quota, source: IpAddr, now: Timestamp) -> bool {
        let rate = self.rate(quota, &Region::US_EAST_1);
        rate.is_none_or(|rate| take_from(&self.sources, source.into(), rate, now))
    }

    /// Takes one request from the bucket; false when it is empty.
    pub(crate) fn admits(
        &self,
        quota: &Quota,
        account: AccountId,
        region: Region,
        now: Timestamp,
    ) -> bool {
        let rate = self.rate(quota, &region);
        let name = (account, region, quota.name);
        rate.is_none_or(|rate| take_from(&self.buckets, name, rate, now))
    }

    /// Takes what `call` counts from each bucket, or, as soon as one is empty, nothing: then it is false. An attempt at a
    /// call that was begun before has been counted.
    pub(crate) fn counts(&self, call: &Call<'_>, counts: &Counts) -> bool {
        if call.again {
            return true;
        }
        for (taken, counted) in counts.iter().enumerate() {
            if !self.takes(call, counted) {
                let before = counts.iter().take(taken);
                before.for_each(|counted| self.gives_back(call, counted));
                return false;
            }
        }
        true
    }

    fn takes(&self, call: &Call<'_>, counted: &Counted) -> bool {
        let (account, region, now) = (call.account(), call.region, call.now());
        match &counted.of {
            None => self.admits(counted.quota, account, region, now),
            Some(holder) => {
                let rate = self.rate(counted.quota, &region);
                let name = (holder.clone(), region, counted.quota.name);
                rate.is_none_or(|rate| take_from(&self.held, name, rate, now))
            }
        }
    }

    fn gives_back(&self, call: &Call<'_>, counted: &Counted) {
        let (region, name) = (call.region, counted.quota.name);
        let Some(rate) = self.rate(counted.quota, &region) else {
            return;
        };
        match &counted.of {
            None => give_back(&self.buckets, &(call.account(), region, name), rate),
            Some(holder) => give_back(&self.held, &(holder.clone(), region, name), rate),
        }
    }

    /// What is in force of a quota; `None` where there is no limit.
    pub(crate) fn rate(&self, quota: &Quota, region: &Region) -> Option<u32> {
        match &self.quotas {
            Quotas::Aws => Some((quota.per_second)(region)),
            Quotas::Unlimited => None,
            Quotas::File(rates) => {
                let named = rates.get(quota.name).copied();
                Some(named.unwrap_or_else(|| (quota.per_second)(region)))
            }
        }
    }
}

fn take_from<K: Hash + Eq>(
    buckets: &Buckets<K, AtomicI64>,
    name: K,
    rate: u32,
    now: Timestamp,
) -> bool {
    let buckets = buckets.pin();
    // Callers name regions as they like; a bucket that is full is the same as one not made yet.
    if buckets.len() >= KEPT && !buckets.contains_key(&name) {
        buckets.retain(|_, full_again| full_again.load(Ordering::Relaxed) > now.micros());
    }
    let bucket = buckets.get_or_insert_with(name, || AtomicI64::new(0));
    take(bucket, rate, now.micros())
}

/// Puts one request back into the bucket that it was taken from.
fn give_back<K: Hash + Eq>(buckets: &Buckets<K, AtomicI64>, name: &K, rate: u32) {
    let cost = SECOND.checked_div(i64::from(rate)).unwrap_or_default();
    // A bucket that was dropped meanwhile is full.
    if let Some(full_again) = buckets.pin().get(name) {
        full_again.fetch_sub(cost, Ordering::Relaxed);
    }
}

/// A second in microseconds: what a bucket holds.
const SECOND: i64 = 1_000_000;

/// The generic cell rate algorithm (ITU-T I.371): a bucket of one second's requests.
fn take(full_again: &AtomicI64, rate: u32, now: i64) -> bool {
    let Some(cost) = SECOND.checked_div(i64::from(rate)) else {
        return false;
    };
    let step = |then: i64| {
        let next = then.max(now).saturating_add(cost);
        (next <= now.saturating_add(SECOND)).then_some(next)
    };
    full_again
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, step)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota {
        name: "test/ten",
        operations: &["A", "B"],
        per_second: |_| 10,
    };

    fn admitted(admission: &Admission, account: u64, region: &str, at: i64) -> usize {
        let (account, region) = (AccountId::from_number(account), region.parse().unwrap());
        let now = Timestamp::from_millis(at);
        let admits = |_: &usize| admission.admits(&QUOTA, account, region, now);
        (0..100).filter(admits).count()
    }

    #[test]
    fn a_second_of_requests_then_a_steady_rate() {
        let admission = Admission::new(Quotas::Aws);
        assert_eq!(admitted(&admission, 1, "us-east-1", 5_000), 10);
        assert_eq!(admitted(&admission, 1, "us-east-1", 5_099), 0);
        assert_eq!(admitted(&admission, 1, "us-east-1", 5_100), 1);
        assert_eq!(admitted(&admission, 1, "us-east-1", 9_000), 10);
    }

    #[test]
    fn accounts_and_regions_do_not_share() {
        let admission = Admission::new(Quotas::Aws);
        assert_eq!(admitted(&admission, 1, "us-east-1", 5_000), 10);
        assert_eq!(admitted(&admission, 2, "us-east-1", 5_000), 10);
        assert_eq!(admitted(&admission, 1, "eu-west-1", 5_000), 10);
    }

    #[test]
    fn sources_do_not_share_and_sites_do() {
        let admission = Admission::new(Quotas::Aws);
        let now = Timestamp::from_millis(5_000);
        let admitted = |address: &str| {
            let admits = |_: &usize| admission.admits_from(&QUOTA, address.parse().unwrap(), now);
            (0..100).filter(admits).count()
        };
        assert_eq!(admitted("10.0.0.1"), 10);
        assert_eq!(admitted("::ffff:10.0.0.1"), 0);
        assert_eq!(admitted("10.0.0.2"), 10);
        assert_eq!(admitted("2001:db8::1"), 10);
        assert_eq!(admitted("2001:db8::2:1"), 0);
        assert_eq!(admitted("2001:db8:0:1::1"), 10);
        assert!(Admission::new(Quotas::Unlimited).admits_from(
            &QUOTA,
            "10.0.0.1".parse().unwrap(),
            now
        ));
    }

    #[test]
    fn regions_without_end_take_no_memory() {
        let admission = Admission::new(Quotas::Aws);
        for number in 0..3 * KEPT as i64 {
            let region = format!("a-b-{number}").parse().unwrap();
            let now = Timestamp::from_millis(number);
            assert!(admission.admits(&QUOTA, AccountId::from_number(1), region, now));
        }
        assert!(admission.buckets.pin().len() <= KEPT);
        let spent = 3 * KEPT as i64;
        assert_eq!(admitted(&admission, 2, "us-east-1", spent), 10);
        for number in 0..KEPT as u64 {
            let (account, now) = (
                AccountId::from_number(number + 3),
                Timestamp::from_millis(spent),
            );
            admission.admits(&QUOTA, account, Region::US_EAST_1, now);
        }
        assert_eq!(admitted(&admission, 2, "us-east-1", spent), 0);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let admission = Admission::new(Quotas::Aws);
        assert_eq!(admitted(&admission, 1, "us-east-1", 5_000), 10);
        let name = (AccountId::from_number(1), Region::US_EAST_1, QUOTA.name);
        for _ in 0..2 {
            give_back(&admission.buckets, &name, 10);
        }
        assert_eq!(admitted(&admission, 1, "us-east-1", 5_000), 2);
        let unknown = (AccountId::from_number(2), Region::US_EAST_1, QUOTA.name);
        give_back(&admission.buckets, &unknown, 10);
        assert_eq!(admitted(&admission, 2, "us-east-1", 5_000), 10);
    }

    #[test]
    fn an_operator_may_change_or_lift_them() {
        let raised = QuotaFile::from([("test/ten".to_owned(), 20)]);
        for (quotas, expected) in [
            (Quotas::Unlimited, 100),
            (Quotas::File(raised), 20),
            (
                Quotas::File(QuotaFile::from([("test/ten".to_owned(), 0)])),
                0,
            ),
            (Quotas::File(QuotaFile::new()), 10),
        ] {
            let admission = Admission::new(quotas);
            assert_eq!(admitted(&admission, 1, "us-east-1", 5_000), expected);
        }
    }
}
