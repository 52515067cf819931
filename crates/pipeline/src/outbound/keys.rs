//! What tokens are signed with, and by whom.

use base::{AccountId, Region, RequestId, Secret, Timestamp};
use crypto::{DomainKey, IssuingAlgorithm, IssuingKey, random};
use identity::Account;
use identity::organization::Membership;
use serde_json::{Value, json};
use storage::{Reads, Writes};

use super::{OutboundFederation, TokenKey};
use crate::audit::{ServiceEvent, Told};
use crate::operation::Operation;
use crate::{Call, Core, Duty, Failure, Permitted, Subject, Unproved, long_work};

/// Accounts whose keys are looked at in one step.
const STEP: usize = 100;

fn random_id() -> String {
    let id = RequestId::from_random(random::bytes());
    String::from_utf8_lossy(&id.text()).into_owned()
}

/// What a sealed key belongs to.
fn aad(account: AccountId, id: &str) -> Vec<u8> {
    format!("web identity token key {account} {id}").into_bytes()
}

async fn new_key(
    account: AccountId,
    algorithm: IssuingAlgorithm,
    domain: &DomainKey,
    now: Timestamp,
) -> Result<TokenKey, Failure> {
    let made = long_work(move || IssuingKey::generate(algorithm)).await?;
    let made = made.map_err(Failure::internal)?;
    let id = random_id();
    let private = made.pkcs8().map_err(Failure::internal)?;
    let private = domain.seal(&aad(account, &id), private.expose());
    Ok(TokenKey {
        public: made.public_jwk(&id).map_err(Failure::internal)?,
        private: private.map_err(Failure::internal)?,
        algorithm,
        made: now,
        id,
    })
}

impl Core {
    /// From here on issuers of tokens are below this URL, as `https://alcazar.example.com`. The first one counts.
    pub fn issue_tokens_at(&self, url: &str) {
        let _ = self.token_issuer.set(url.trim_end_matches('/').to_owned());
    }

    pub(super) fn issuer_url(&self, issuer: &str) -> Option<String> {
        let base = self.token_issuer.get()?;
        Some(format!("{base}{}{issuer}", super::document::PREFIX))
    }
}

impl Call<'_> {
    /// Where the caller's account stands in its organization, if it is in one.
    pub fn membership(&self) -> Result<Option<&Membership>, Failure> {
        Ok(self.standing.guardrails()?.caller())
    }
}

impl Unproved<'_> {
    /// Whether tokens of this issuer are those of this very server.
    pub fn issues(&self, issuer: &str) -> bool {
        let own = self.core.token_issuer.get();
        own.is_some_and(|own| issuer.starts_with(&format!("{own}{}", super::document::PREFIX)))
    }
}

impl<O: Operation> Permitted<'_, O> {
    /// Enables tokens of the caller's account, whose issuer is `before` if it had one, and keeps that. Answers the
    /// issuer's URL.
    pub async fn enable_outbound_federation(
        &self,
        before: Option<&OutboundFederation>,
    ) -> Result<String, Failure> {
        let federation = match before {
            Some(before) => OutboundFederation {
                enabled: true,
                ..before.clone()
            },
            None => self.new_outbound_federation().await?,
        };
        let url = self.token_issuer(&federation)?;
        self.put(federation.index());
        self.put(federation);
        Ok(url)
    }

    async fn new_outbound_federation(&self) -> Result<OutboundFederation, Failure> {
        let (account, now) = (self.call().account(), self.call().now());
        let domain = self.domain_key_of(account, Region::US_EAST_1)?;
        let mut keys = Vec::new();
        for algorithm in IssuingAlgorithm::ALL {
            keys.push(new_key(account, algorithm, &domain, now).await?);
        }
        Ok(OutboundFederation {
            account,
            issuer: random_id(),
            enabled: true,
            keys,
        })
    }

    /// The URL of the account's issuer: `iss` of its tokens.
    pub fn token_issuer(&self, federation: &OutboundFederation) -> Result<String, Failure> {
        let url = self.call().core.issuer_url(&federation.issuer);
        url.ok_or_else(|| Failure::internal(NoUrl))
    }

    /// A token of these claims, by the account's key of today.
    pub fn sign_web_token(
        &self,
        federation: &OutboundFederation,
        algorithm: IssuingAlgorithm,
        claims: &Value,
    ) -> Result<Secret<String>, Failure> {
        let account = federation.account;
        let key = federation.signing(algorithm, self.call().now());
        let key = key.ok_or_else(|| Failure::internal(NoKey))?;
        let domain = self.domain_key_of(account, Region::US_EAST_1)?;
        let private = domain.open(&aad(account, &key.id), &key.private);
        let private = private.map_err(Failure::internal)?;
        let signer = IssuingKey::from_pkcs8(algorithm, private.expose());
        let signer = signer.map_err(Failure::internal)?;
        signer.sign(&key.id, claims).map_err(Failure::internal)
    }

    /// A new id of a token, `jti`.
    pub fn token_id(&self) -> String {
        random_id()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the URL of this server's issuers is not known yet")]
struct NoUrl;

#[derive(Debug, thiserror::Error)]
#[error("an issuer has no key of an algorithm")]
struct NoKey;

impl Duty<'_> {
    /// Publishes new keys of all issuers where it is time, and forgets old ones.
    pub async fn renew_token_keys(&self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let page = self
                .scan::<OutboundFederation>(after.as_ref(), STEP)
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.key());
            for held in page.iter() {
                self.renew_keys_of(held).await?;
            }
        }
    }

    async fn renew_keys_of(&self, held: &storage::Held<OutboundFederation>) -> Result<(), Failure> {
        let now = self.now();
        let mut renewed = OutboundFederation::clone(held);
        renewed.forget_old(now);
        let account = renewed.account;
        for algorithm in IssuingAlgorithm::ALL {
            if renewed.lacks_one(algorithm, now) {
                let domain = self.domain_key_of(account, Region::US_EAST_1)?;
                let key = new_key(account, algorithm, &domain, now).await?;
                renewed.keys.push(key);
            }
        }
        if renewed == **held {
            return Ok(());
        }
        let published: Vec<&str> = renewed.keys.iter().map(|key| key.id.as_str()).collect();
        let event = ServiceEvent {
            source: "sts.amazonaws.com",
            name: "RotateWebIdentityTokenKeys",
            subject: Subject {
                account,
                region: Region::US_EAST_1,
                arn: Account::root_arn(account),
            },
            resource_type: "AWS::Account",
            told: Told::Details(json!({"issuer": renewed.issuer, "publishedKeys": published})),
        };
        let mut reads = Reads::default();
        reads.held(held);
        let mut writes = Writes::default();
        writes.put(renewed);
        // Whoever has changed it meanwhile has it looked at in the next round.
        self.commit(reads, writes, &[event]).await.map(|_| ())
    }
}
