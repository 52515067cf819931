//! Codes that were right, remembered from the instant they are looked at: a call that is denied afterwards keeps nothing,
//! and its code must not serve another (RFC 6238, section 5.2).

use base::RequestId;
use papaya::HashMap;

/// Devices whose codes are remembered; those whose last one is of no use any more go when there are this many.
const REMEMBERED: usize = 100_000;
/// So many steps later no code is accepted any more.
const OF_USE_STEPS: u64 = 1_000;

/// The last used step of each device, and the call that used it.
#[derive(Default)]
pub(crate) struct UsedCodes(HashMap<String, (u64, RequestId)>);

impl UsedCodes {
    /// Uses up the code that `device` shows at `step`, and all before it; answers whether it was new, or used by this same
    /// call, which may be made again when what it read has changed.
    pub(crate) fn takes(&self, device: &str, step: u64, call: RequestId) -> bool {
        let used = self.0.pin();
        if used.len() >= REMEMBERED {
            used.retain(|_, (last, _)| last.saturating_add(OF_USE_STEPS) >= step);
        }
        let newer = |last: &(u64, RequestId)| match step > last.0 {
            true => (step, call),
            false => *last,
        };
        let last = used.update_or_insert(device.to_owned(), newer, (step, call));
        *last == (step, call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_serves_one_call() {
        let used = UsedCodes::default();
        let [one, other] = [1, 2].map(|number| RequestId::from_random([number; 16]));
        assert!(used.takes("a", 10, one));
        assert!(used.takes("a", 10, one));
        assert!(!used.takes("a", 10, other));
        assert!(!used.takes("a", 9, other));
        assert!(used.takes("b", 9, other));
        assert!(used.takes("a", 11, other));
        assert!(!used.takes("a", 10, one));
    }
}
