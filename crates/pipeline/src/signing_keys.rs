//! Signing keys derived from one secret, so that the derivation is paid once a day.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use base::Secret;
use sigv4::{Scope, SigningKey};

/// Keys kept of one secret; the oldest goes first.
const KEPT: usize = 8;

/// The keys of one secret, by scope.
#[derive(Default)]
pub(crate) struct SigningKeys {
    kept: ArcSwap<Vec<Arc<Derived>>>,
    next: AtomicU32,
}

struct Derived {
    date: String,
    region: String,
    service: String,
    number: u32,
    key: SigningKey,
}

impl Derived {
    fn is_of(&self, scope: Scope<'_>) -> bool {
        self.service == scope.service && self.region == scope.region && self.date == scope.date
    }
}

impl SigningKeys {
    /// Verifies with the key of `scope`, and answers a number that stands for the scope.
    ///
    /// Only a key that has proved a signature is kept: whoever knows no secret fills no memory.
    pub(crate) fn with<E>(
        &self,
        scope: Scope<'_>,
        secret: &Secret<String>,
        verify: impl FnOnce(&SigningKey) -> Result<(), E>,
    ) -> Result<u32, E> {
        let kept = self.kept.load();
        if let Some(derived) = kept.iter().find(|derived| derived.is_of(scope)) {
            verify(&derived.key)?;
            return Ok(derived.number);
        }
        let key = SigningKey::derive(secret.expose(), scope.date, scope.region, scope.service);
        verify(&key)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let derived = Arc::new(Derived {
            date: scope.date.to_owned(),
            region: scope.region.to_owned(),
            service: scope.service.to_owned(),
            number,
            key,
        });
        self.kept.rcu(|kept| {
            let older = kept.iter().take(KEPT - 1).cloned();
            [derived.clone()]
                .into_iter()
                .chain(older)
                .collect::<Vec<_>>()
        });
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(region: &str) -> Scope<'_> {
        Scope {
            date: "20261123",
            region,
            service: "kms",
        }
    }

    #[test]
    fn a_signing_key_is_kept_once_it_has_proved_something() {
        let keys = SigningKeys::default();
        let secret = Secret::new("secret".to_owned());
        for (outcome, number, kept) in [
            (Err(()), Err(()), 0),
            (Ok(()), Ok(0), 1),
            (Err(()), Err(()), 1),
            (Ok(()), Ok(0), 1),
        ] {
            assert_eq!(keys.with(scope("eu-west-1"), &secret, |_| outcome), number);
            assert_eq!(keys.kept.load().len(), kept);
        }
    }

    #[test]
    fn scopes_without_end_take_no_memory() {
        let keys = SigningKeys::default();
        let secret = Secret::new("secret".to_owned());
        for number in 0..20 {
            let region = format!("a-b-{number}");
            let known = keys.with(scope(&region), &secret, |_| Ok::<_, ()>(()));
            assert_eq!(known, Ok(number));
        }
        assert_eq!(keys.kept.load().len(), KEPT);
        assert_eq!(
            keys.with(scope("a-b-19"), &secret, |_| Ok::<_, ()>(())),
            Ok(19)
        );
    }
}
