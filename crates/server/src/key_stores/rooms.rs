//! How many requests to proxies may be under way: one that does not answer takes no room from others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Requests at a time, of all key stores; each takes a file descriptor.
pub(crate) const ALL: usize = 256;
/// Requests at a time of one key store.
const OF_ONE: usize = 32;

/// Requests under way, by key store.
#[derive(Clone, Default)]
pub(super) struct Rooms(Arc<Mutex<BTreeMap<String, usize>>>);

/// Room for one request, until it is dropped.
pub(super) struct Room {
    rooms: Rooms,
    store: String,
}

impl Rooms {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for one request of the store of this id, if there is any.
    pub(super) fn enter(&self, store: &str) -> Option<Room> {
        let mut taken = self.lock();
        let all: usize = taken.values().sum();
        let of_one = taken.get(store).copied().unwrap_or_default();
        if all >= ALL || of_one >= OF_ONE {
            return None;
        }
        taken.insert(store.to_owned(), of_one + 1);
        Some(Room {
            rooms: self.clone(),
            store: store.to_owned(),
        })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut taken = self.rooms.lock();
        match taken.get_mut(&self.store) {
            Some(of_one) if *of_one > 1 => *of_one -= 1,
            // An id that nobody asks for any more leaves nothing behind.
            _ => {
                taken.remove(&self.store);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_store_leaves_room_to_others() {
        let rooms = Rooms::default();
        let mut first: Vec<Room> = (0..OF_ONE).filter_map(|_| rooms.enter("a")).collect();
        assert!(first.len() == OF_ONE && rooms.enter("a").is_none());
        let other = rooms.enter("b").unwrap();
        first.pop();
        first.push(rooms.enter("a").unwrap());
        drop((first, other));
        assert!(rooms.lock().is_empty());
    }

    #[test]
    fn there_is_an_end_to_all() {
        let rooms = Rooms::default();
        let enter = |number: usize| rooms.enter(&(number / OF_ONE).to_string());
        let all: Vec<Room> = (0..ALL).filter_map(enter).collect();
        assert!(all.len() == ALL && rooms.enter("another").is_none());
    }
}
