//! What the background duty does with key stores, each by itself: one that does not answer keeps no other waiting.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use base::AccountId;
use pipeline::Failure;

/// Work under way at a time at most.
const MOST: usize = 64;
/// And of one account.
const MOST_OF_ACCOUNT: usize = 16;

type Working<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// Work by whose it is and what it is about.
pub(super) struct UnderWay<'a>(BTreeMap<(AccountId, String), Working<'a>>);

impl<'a> UnderWay<'a> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes up work, unless there is some already about the same, or too much: then it is for later.
    pub(super) fn begin(
        &mut self,
        account: AccountId,
        about: &str,
        work: impl Future<Output = Result<(), Failure>> + Send + 'a,
    ) {
        let whose = (account, about.to_owned());
        let of_account = self.0.keys().filter(|(other, _)| *other == account);
        let has_room = self.0.len() < MOST && of_account.count() < MOST_OF_ACCOUNT;
        if has_room && !self.0.contains_key(&whose) {
            self.0.insert(whose, Box::pin(work));
        }
    }

    /// Goes on until all is done or `pause` is over. Answers whether all is done, and how what ended did.
    pub(super) async fn go_on(
        &mut self,
        pause: impl Future<Output = ()> + Send,
    ) -> (bool, Result<(), Failure>) {
        let (mut pause, mut outcome) = (pin!(pause), Ok(()));
        let done = poll_fn(|context| {
            outcome = std::mem::replace(&mut outcome, Ok(())).and(self.poll(context));
            match self.0.is_empty() {
                true => Poll::Ready(true),
                false => pause.as_mut().poll(context).map(|()| false),
            }
        });
        (done.await, outcome)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        let mut outcome = Ok(());
        self.0.retain(|_, work| match work.as_mut().poll(context) {
            Poll::Ready(ended) => {
                outcome = std::mem::replace(&mut outcome, Ok(())).and(ended);
                false
            }
            Poll::Pending => true,
        });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    fn account(number: u64) -> AccountId {
        AccountId::from_number(number)
    }

    #[tokio::test]
    async fn one_that_hangs_keeps_no_other_waiting() {
        let mut under_way = UnderWay::new();
        under_way.begin(account(1), "hangs", pending());
        for (about, expected) in [("a", false), ("b", false)] {
            under_way.begin(account(1), about, ready(Ok(())));
            assert_eq!(under_way.go_on(ready(())).await.0, expected);
            assert_eq!(under_way.0.len(), 1, "{about} is done");
        }
        let failed = Err(Failure::internal("told to fail"));
        under_way.begin(account(2), "fails", ready(failed));
        let (done, outcome) = under_way.go_on(ready(())).await;
        assert!(!done && outcome.is_err());
        let mut under_way = UnderWay::new();
        under_way.begin(account(1), "a", ready(Ok(())));
        assert!(under_way.go_on(pending()).await.0);
    }

    #[tokio::test]
    async fn nothing_is_done_twice_at_a_time_and_no_account_takes_all_room() {
        let mut under_way = UnderWay::new();
        for _ in 0..2 {
            under_way.begin(account(1), "a", pending());
        }
        assert_eq!(under_way.0.len(), 1);
        for number in 0..MOST {
            under_way.begin(account(1), &number.to_string(), pending());
        }
        assert_eq!(under_way.0.len(), MOST_OF_ACCOUNT);
        for number in 0..2 * MOST {
            under_way.begin(account(2 + number as u64), "a", pending());
        }
        assert_eq!(under_way.0.len(), MOST);
    }
}
