//! How much may be under way: what one asks for takes no room from others.
//!
//! An account never has more than there is room left: however many have as much as they can, another finds some. (Dynamic
//! thresholds: Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches".)

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::AccountId;

/// How much may be under way at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of all together.
    pub(crate) all: usize,
    /// Of all that one account has, and what it is only making counted.
    pub(crate) of_account: usize,
    /// Of one of them.
    pub(crate) of_one: usize,
}

type Whose = (AccountId, String);

/// What is under way, by account and what it is asked for.
#[derive(Clone)]
pub(crate) struct Rooms {
    limits: Limits,
    taken: Arc<Mutex<BTreeMap<Whose, usize>>>,
}

/// Room for one, until it is dropped.
pub(crate) struct Room {
    rooms: Rooms,
    whose: Whose,
}

impl Rooms {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            taken: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Whose, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for what has this id in the account, if there is any.
    pub(crate) fn enter(&self, account: AccountId, id: &str) -> Option<Room> {
        let mut taken = self.lock();
        let whose = (account, id.to_owned());
        let all: usize = taken.values().sum();
        let of_account = taken.iter().filter(|((other, _), _)| *other == account);
        let of_account: usize = of_account.map(|(_, of_one)| of_one).sum();
        let of_one = taken.get(&whose).copied().unwrap_or_default();
        let limits = self.limits;
        let left = limits.all.saturating_sub(all);
        if of_account >= left.min(limits.of_account) || of_one >= limits.of_one {
            return None;
        }
        taken.insert(whose.clone(), of_one + 1);
        Some(Room {
            rooms: self.clone(),
            whose,
        })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut taken = self.rooms.lock();
        match taken.get_mut(&self.whose) {
            Some(of_one) if *of_one > 1 => *of_one -= 1,
            // An id that nobody asks for any more leaves nothing behind.
            _ => {
                taken.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: usize = 256;
    const OF_ACCOUNT: usize = 64;
    const OF_ONE: usize = 32;

    fn rooms() -> Rooms {
        Rooms::new(Limits {
            all: ALL,
            of_account: OF_ACCOUNT,
            of_one: OF_ONE,
        })
    }

    fn account(number: usize) -> AccountId {
        AccountId::from_number(number as u64)
    }

    #[test]
    fn one_store_leaves_room_to_others() {
        let rooms = rooms();
        let enter = |store: &str| rooms.enter(account(1), store);
        let mut first: Vec<Room> = (0..OF_ONE).filter_map(|_| enter("a")).collect();
        assert!(first.len() == OF_ONE && enter("a").is_none());
        let other = enter("b").unwrap();
        first.pop();
        first.push(enter("a").unwrap());
        drop((first, other));
        assert!(rooms.lock().is_empty());
    }

    /// As CreateCustomKeyStore does: every request has an id of its own.
    #[test]
    fn one_account_leaves_room_to_others() {
        let rooms = rooms();
        let enter = |number: usize| rooms.enter(account(1), &number.to_string());
        let mut first: Vec<Room> = (0..ALL).filter_map(enter).collect();
        assert!(first.len() == OF_ACCOUNT && enter(ALL).is_none());
        let other = rooms.enter(account(2), "a").unwrap();
        first.pop();
        first.push(enter(ALL).unwrap());
        drop((first, other));
        assert!(rooms.lock().is_empty());
    }

    /// Whoever comes late finds less room than those before, and finds some.
    #[test]
    fn accounts_that_take_all_they_can_leave_room_to_the_next() {
        let rooms = rooms();
        let mut taken = Vec::new();
        let mut shares = Vec::new();
        for number in 0..10 {
            let enter = |store: usize| rooms.enter(account(number), &store.to_string());
            let entered: Vec<Room> = (0..ALL).map_while(enter).collect();
            shares.push(entered.len());
            taken.extend(entered);
        }
        assert_eq!(shares, [64, 64, 64, 32, 16, 8, 4, 2, 1, 1]);
        assert!(rooms.enter(account(10), "a").is_none(), "there is an end");
        taken.clear();
        assert!(rooms.lock().is_empty());
    }
}
