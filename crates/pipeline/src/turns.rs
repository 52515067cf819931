//! Calls whose changes overtook each other again and again go one after another.
//!
//! Of calls that change one record at a time, one wins and the others begin again. When many meet, each time others, an
//! unlucky one would lose for ever.

use base::AccountId;
use tokio::sync::{Mutex, MutexGuard};

/// Accounts share a turn where their numbers say so: they wait for each other a little, and nothing goes wrong.
const TURNS: usize = 256;

/// Who may go on of those that had to begin again too often.
pub(crate) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    /// Waits for those of the account that came before, and keeps those that come behind waiting for as long as the turn
    /// is held.
    pub(crate) async fn of(&self, account: AccountId) -> Option<MutexGuard<'_, ()>> {
        let at = usize::try_from(account.number() % TURNS as u64).unwrap_or_default();
        match self.0.get(at) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}
