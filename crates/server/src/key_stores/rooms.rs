//! How much may be under way: what one asks for takes no room from others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::AccountId;

/// How much may be under way at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Of all key stores.
    pub(super) all: usize,
    /// Of all key stores of one account, and of those that it is only making.
    pub(super) of_account: usize,
    /// Of one key store.
    pub(super) of_one: usize,
}

type Whose = (AccountId, String);

/// What is under way, by account and key store.
#[derive(Clone)]
pub(super) struct Rooms {
    limits: Limits,
    taken: Arc<Mutex<BTreeMap<Whose, usize>>>,
}

/// Room for one, until it is dropped.
pub(super) struct Room {
    rooms: Rooms,
    whose: Whose,
}

impl Rooms {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            taken: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Whose, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for one of the account's store of this id, if there is any.
    pub(super) fn enter(&self, account: AccountId, store: &str) -> Option<Room> {
        let mut taken = self.lock();
        let whose = (account, store.to_owned());
        let all: usize = taken.values().sum();
        let of_account = taken.iter().filter(|((other, _), _)| *other == account);
        let of_account: usize = of_account.map(|(_, of_one)| of_one).sum();
        let of_one = taken.get(&whose).copied().unwrap_or_default();
        let limits = self.limits;
        if all >= limits.all || of_account >= limits.of_account || of_one >= limits.of_one {
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

    #[test]
    fn there_is_an_end_to_all() {
        let rooms = rooms();
        let enter = |number: usize| {
            let store = (number / OF_ONE).to_string();
            rooms.enter(account(number / OF_ACCOUNT), &store)
        };
        let all: Vec<Room> = (0..ALL).filter_map(enter).collect();
        assert!(all.len() == ALL && rooms.enter(account(ALL), "another").is_none());
    }
}
