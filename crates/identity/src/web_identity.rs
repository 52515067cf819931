//! Somebody whom an OpenID Connect provider vouches for.

use std::collections::BTreeMap;

use base::{AccountId, Arn, Tags};

/// Who calls AssumeRoleWithWebIdentity, as the verified token says. He has no credentials yet.
#[derive(Clone, Debug, PartialEq)]
pub struct WebIdentity {
    /// The provider's account.
    pub account: AccountId,
    /// The provider's ARN.
    pub provider: Arn,
    /// Whom it vouches for: `sub`.
    pub subject: String,
    /// For which client: `azp`, or that of `aud` which the provider knows.
    pub audience: String,
    /// What conditions can ask for.
    pub claims: Claims,
    /// Session tags that the token gives.
    pub tags: Tags,
    /// Keys of those that pass on to the next role.
    pub transitive_tag_keys: Vec<String>,
    /// Who the token says is behind the session.
    pub source_identity: Option<String>,
}

impl WebIdentity {
    /// `principalId` of its audit records.
    pub fn principal_id(&self) -> String {
        format!("{}:{}:{}", self.provider, self.audience, self.subject)
    }
}

/// Claims as condition keys have them: `PROVIDER:NAME`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    provider: String,
    values: BTreeMap<String, Vec<String>>,
}

impl Claims {
    /// No claims yet of the provider of this URL, which is without `https://`.
    pub fn of(provider: &str) -> Self {
        Self {
            provider: provider.to_ascii_lowercase(),
            values: BTreeMap::new(),
        }
    }

    /// As they were read from where they were kept.
    pub(crate) fn from_parts(provider: String, values: BTreeMap<String, Vec<String>>) -> Self {
        Self { provider, values }
    }

    pub(crate) fn parts(&self) -> (&str, &BTreeMap<String, Vec<String>>) {
        (&self.provider, &self.values)
    }

    /// Adds a claim. Names of condition keys have no case.
    pub fn add(&mut self, name: &str, values: Vec<String>) {
        self.values.insert(name.to_ascii_lowercase(), values);
    }

    /// Those of these names alone.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        let kept = self.values.iter();
        let kept = kept.filter(|(name, _)| names.contains(&name.as_str()));
        Self {
            provider: self.provider.clone(),
            values: kept
                .map(|(name, values)| (name.clone(), values.clone()))
                .collect(),
        }
    }

    /// The values of a condition key, which is in lower case; none if it is no claim.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        let name = key.strip_prefix(&self.provider)?.strip_prefix(':')?;
        self.values.get(name).map(Vec::as_slice)
    }
}

/// How a role session began that an identity provider vouched for.
#[derive(Clone, Debug, PartialEq)]
pub struct Federation {
    /// The provider's ARN: `aws:FederatedProvider`.
    pub provider: String,
    /// The claims that the session keeps.
    pub claims: Claims,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_found_by_condition_key() {
        let mut claims = Claims::of("ID.example.com/A");
        claims.add("sub", vec!["ann".into()]);
        claims.add("Groups", vec!["a".into(), "b".into()]);
        assert_eq!(
            claims.get("id.example.com/a:sub").unwrap(),
            ["ann".to_owned()]
        );
        assert_eq!(claims.get("id.example.com/a:groups").unwrap().len(), 2);
        for key in ["id.example.com:sub", "id.example.com/a:aud", "sub", ":sub"] {
            assert_eq!(claims.get(key), None, "{key}");
        }
        let kept = claims.only(&["sub"]);
        assert!(kept.get("id.example.com/a:sub").is_some());
        assert!(kept.get("id.example.com/a:groups").is_none());
    }
}
