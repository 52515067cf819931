//! How many parameters an account has in a region, by tier: counted as they come and go, in several places, so that two
//! that are made at once seldom meet.

use base::{AccountId, Region};
use crypto::digest;
use pipeline::{Duty, Failure, Operation, Permitted};
use serde::{Deserialize, Serialize};
use ssm_api::shapes::ParameterTier;
use storage::{Key, Reads, Record, Unreadable};

use crate::limits::{ADVANCED_PARAMETERS, STANDARD_PARAMETERS};
use crate::parameter::Parameter;
use crate::{errors, stored};

/// Places of one count.
const PLACES: u8 = 16;
/// When so few more may be made, what is counted elsewhere has to stay as it was seen; before, calls that make one do not
/// meet. More of them than this are not under way between the look of one and its commit.
const FEW_LEFT: u64 = 1_000;

/// One place of the count.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tally {
    account: AccountId,
    region: Region,
    place: u8,
    standard: u64,
    advanced: u64,
}

/// What a call does to the count.
pub(crate) struct Step {
    /// The tier it had, if it was there.
    pub(crate) from: Option<ParameterTier>,
    /// The tier it has now, if it is there.
    pub(crate) to: Option<ParameterTier>,
}

/// Counts the steps that a call makes, all at once: `run` does not see what it wrote itself.
///
/// # Errors
/// Where a tier would have more than AWS allows.
pub(crate) async fn count<O: Operation>(
    call: &Permitted<'_, O>,
    steps: &[(&Parameter, Step)],
) -> Result<(), Failure> {
    let mut changed: Vec<Tally> = Vec::new();
    for (parameter, step) in steps {
        if step.from == step.to {
            continue;
        }
        let place = place_of(parameter);
        let known = changed.iter().position(|tally| tally.place == place);
        let mut tally = match known {
            Some(at) => changed.swap_remove(at),
            None => read(call, parameter, place).await?,
        };
        if let Some(from) = step.from {
            let of = tally.of(from);
            *of = of.saturating_sub(1);
        }
        if let Some(to) = step.to {
            check(call, parameter, to).await?;
            *tally.of(to) += 1;
        }
        changed.push(tally);
    }
    changed.into_iter().for_each(|tally| call.put(tally));
    Ok(())
}

/// How many parameters of a tier the account has. Nothing is expected of it at commit.
pub(crate) async fn total<O: Operation>(
    call: &Permitted<'_, O>,
    account: AccountId,
    region: &Region,
    tier: ParameterTier,
) -> Result<u64, Failure> {
    let mut total = 0;
    for place in 0..PLACES {
        let tally = call
            .look()
            .glimpse::<Tally>(&key_of(account, region, place))
            .await?;
        total += tally.map_or(0, |tally| Tally::clone(&tally).of(tier).to_owned());
    }
    Ok(total)
}

/// The count without `parameter`, which a worker takes away; what it rests on is noted in `reads`.
pub(crate) async fn without(
    duty: &Duty<'_>,
    parameter: &Parameter,
    reads: &mut Reads,
) -> Result<Option<Tally>, Failure> {
    let place = place_of(parameter);
    let key = key_of(parameter.account, &parameter.region, place);
    let held = duty.get::<Tally>(&key).await?;
    reads.note::<Tally>(&key, held.as_ref());
    Ok(held.map(|held| {
        let mut tally = Tally::clone(&held);
        let of = tally.of(parameter.current.tier);
        *of = of.saturating_sub(1);
        tally
    }))
}

async fn check<O: Operation>(
    call: &Permitted<'_, O>,
    parameter: &Parameter,
    tier: ParameterTier,
) -> Result<(), Failure> {
    let most = match tier {
        ParameterTier::Standard => STANDARD_PARAMETERS,
        ParameterTier::Advanced | ParameterTier::IntelligentTiering => ADVANCED_PARAMETERS,
    };
    let (account, region) = (parameter.account, parameter.region);
    let mut there = total(call, account, &region, tier).await?;
    if there + FEW_LEFT >= most {
        there = exact_total(call, account, &region, tier).await?;
    }
    match there < most {
        true => Ok(()),
        false => Err(errors::too_many_parameters()),
    }
}

/// As `total`, expected unchanged at commit: of two calls that take the last place one is made again.
async fn exact_total<O: Operation>(
    call: &Permitted<'_, O>,
    account: AccountId,
    region: &Region,
    tier: ParameterTier,
) -> Result<u64, Failure> {
    let mut total = 0;
    for place in 0..PLACES {
        let key = key_of(account, region, place);
        let tally = call.look().get::<Tally>(&key).await?;
        total += tally.map_or(0, |tally| Tally::clone(&tally).of(tier).to_owned());
    }
    Ok(total)
}

async fn read<O: Operation>(
    call: &Permitted<'_, O>,
    parameter: &Parameter,
    place: u8,
) -> Result<Tally, Failure> {
    let (account, region) = (parameter.account, parameter.region);
    let key = key_of(account, &region, place);
    let held = call.look().get::<Tally>(&key).await?;
    Ok(held.map_or(
        Tally {
            account,
            region,
            place,
            standard: 0,
            advanced: 0,
        },
        |held| Tally::clone(&held),
    ))
}

fn place_of(parameter: &Parameter) -> u8 {
    let digest = digest::sha256(parameter.path().as_bytes());
    digest.first().map_or(0, |byte| byte % PLACES)
}

fn key_of(account: AccountId, region: &Region, place: u8) -> Key {
    Parameter::prefix(account, region).then(&format!("{place:02}"))
}

impl Tally {
    fn of(&mut self, tier: ParameterTier) -> &mut u64 {
        match tier {
            ParameterTier::Standard => &mut self.standard,
            ParameterTier::Advanced | ParameterTier::IntelligentTiering => &mut self.advanced,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    region: String,
    place: u8,
    standard: u64,
    advanced: u64,
}

impl Record for Tally {
    const TABLE: &'static str = "ssm.tally";
    fn key(&self) -> Key {
        key_of(self.account, &self.region, self.place)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            account: self.account.to_string(),
            region: self.region.to_string(),
            place: self.place,
            standard: self.standard,
            advanced: self.advanced,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            place: form.place,
            standard: form.standard,
            advanced: form.advanced,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::{ParameterStore, alcazar};
    use serde_json::json;

    /// Of several that take the last places at once, no more succeed than there are places.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn the_last_places_are_not_taken_twice() {
        const LEFT: usize = 64;
        let alcazar = Arc::new(alcazar().await);
        let account = harness::ACCOUNT.parse().unwrap();
        for place in 0..PLACES {
            let full = STANDARD_PARAMETERS / u64::from(PLACES);
            let short = if place == 0 { LEFT as u64 } else { 0 };
            let tally = Tally {
                account,
                region: Region::US_EAST_1,
                place,
                standard: full - short,
                advanced: 0,
            };
            alcazar.keep(tally).await;
        }
        let calls = (0..192).map(|number| {
            let alcazar = alcazar.clone();
            tokio::spawn(async move {
                let name = format!("/p/{number}");
                let input = json!({"Name": name, "Value": "v", "Type": "String"});
                let put = alcazar.root().ssm("PutParameter", input).await;
                if put.status != 200 {
                    put.fails("ParameterLimitExceeded");
                    return 0;
                }
                1
            })
        });
        let calls: Vec<_> = calls.collect();
        let mut made = 0;
        for call in calls {
            made += call.await.unwrap();
        }
        assert_eq!(made, LEFT);
    }

    #[test]
    fn golden_bytes() {
        let tally = Tally {
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            place: 3,
            standard: 4,
            advanced: 5,
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"region\":\"us-east-1\",\"place\":3,\"standard\":4,\"advanced\":5}";
        assert_eq!(tally.store(), stored);
        assert_eq!(Tally::load(stored).unwrap(), tally);
    }
}
