//! `kms:ListGrants`: the grants on a key.

use kms_api::shapes::{GrantListEntry, ListGrantsRequest, ListGrantsResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Held;

use crate::errors;
use crate::grant::{Grant, GrantId};
use crate::key::Key;
use crate::paging::{Asked, Page};
use crate::sought::Sought;

/// Grants looked at for one page. A page of those to one grantee may be short, and not be the last.
const MOST_LOOKED_AT: usize = 1000;

pub(crate) struct ListGrants;

impl Operation for ListGrants {
    type Api = operations::ListGrants;
    type Target = Sought;

    async fn access(input: &ListGrantsRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::key_named(look, &input.key_id).await?;
        let needs = permission::ListGrants {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListGrantsResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        let grantee = |named: &Option<String>| named.clone().unwrap_or_default();
        let (user, service) = (
            grantee(&input.grantee_principal),
            grantee(&input.grantee_service_principal),
        );
        let what = ["ListGrants", key.arn.as_str(), &user, &service];
        let asked = Asked::read(
            call.call(),
            &what,
            input.marker.as_deref(),
            (input.limit, 50),
        )?
        .up_to(100)?;
        let page = match &input.grant_id {
            Some(id) => one(call.look(), key, id, input).await?,
            None => page(call.look(), key, &asked, input).await?,
        };
        let next_marker = asked.next_marker(call.call(), &page)?;
        Ok(ListGrantsResponse {
            truncated: page.truncated(),
            grants: Some(page.items),
            next_marker,
        })
    }
}

/// Whether the grant is to the grantee that a caller asks for, if any.
fn is_wanted(grant: &Grant, input: &ListGrantsRequest) -> bool {
    let is = |wanted: &Option<String>, found: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
    };
    is(&input.grantee_principal, grant.grantee.principal())
        && is(&input.grantee_service_principal, grant.grantee.service())
}

async fn one(
    look: &Lookup<'_>,
    key: &Key,
    id: &str,
    input: &ListGrantsRequest,
) -> Result<Page<GrantListEntry>, Failure> {
    let id = GrantId::parse(id).ok_or_else(errors::invalid_grant_id)?;
    let grant = Grant::find(look, key, id).await?;
    let grant = grant.ok_or_else(|| errors::no_such_grant(id))?;
    let entry = is_wanted(&grant, input).then(|| grant.entry());
    Ok(Page {
        items: entry.into_iter().collect(),
        last: None,
    })
}

async fn page(
    look: &Lookup<'_>,
    key: &Key,
    asked: &Asked,
    input: &ListGrantsRequest,
) -> Result<Page<GrantListEntry>, Failure> {
    let prefix = Grant::prefix(key);
    let after = asked.after.as_deref().map(|id| prefix.clone().then(id));
    let filtered = input.grantee_principal.is_some() || input.grantee_service_principal.is_some();
    let looked_at = match filtered {
        true => MOST_LOOKED_AT,
        false => asked.to_read(),
    };
    let found = look
        .scan::<Grant>(&prefix, after.as_ref(), looked_at)
        .await?;
    let wanted = found.iter().filter(|grant| is_wanted(grant, input));
    let page = asked.cut(wanted.map(|grant| grant.entry()), id);
    Ok(match found.last() {
        Some(last) if page.last.is_none() && found.len() == looked_at && filtered => {
            asked.behind(page, &last_id(last))
        }
        _ => page,
    })
}

fn last_id(last: &Held<Grant>) -> String {
    last.id.to_string()
}

fn id(entry: &GrantListEntry) -> &str {
    entry.grant_id.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, NO_GRANT, POWERLESS, alcazar, arn};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    const ROOT: &str = "arn:aws:iam::111122223333:root";

    #[tokio::test]
    async fn tells_all_of_a_grant_but_its_token() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        alcazar.powerless().await;
        let key = root.new_key().await;
        let more = json!({"Name": "n", "RetiringPrincipal": ROOT,
            "Constraints": {"EncryptionContextEquals": {"a": "1"}}});
        let (id, token) = root
            .granted(&key, POWERLESS, &["Decrypt", "Encrypt"], more)
            .await;
        let listed = root
            .kms("ListGrants", json!({"KeyId": arn(&key)}))
            .await
            .ok();
        assert!(!listed.text.contains(&token));
        let expected = json!({"Grants": [{
            "KeyId": arn(&key), "GrantId": id, "Name": "n", "CreationDate": 1795415893,
            "GranteePrincipal": POWERLESS, "RetiringPrincipal": ROOT, "IssuingAccount": ROOT,
            "Operations": ["Decrypt", "Encrypt"],
            "Constraints": {"EncryptionContextEquals": {"a": "1"}},
        }], "Truncated": false});
        assert_eq!(listed.json().unwrap(), expected);
        let event = alcazar.event("ListGrants").await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn pages_and_filters() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        alcazar.powerless().await;
        let key = root.new_key().await;
        let (mut made, mut to_powerless) = (BTreeSet::new(), BTreeSet::new());
        for number in 0..7 {
            let grantee = if number % 2 == 0 { POWERLESS } else { ROOT };
            let (id, _) = root.granted(&key, grantee, &["Encrypt"], json!({})).await;
            made.insert(id.clone());
            if number % 2 == 0 {
                to_powerless.insert(id);
            }
        }
        for (filter, expected) in [
            (json!({}), made.clone()),
            (json!({"GranteePrincipal": POWERLESS}), to_powerless),
            (
                json!({"GranteePrincipal": "arn:aws:iam::111122223333:user/none"}),
                BTreeSet::new(),
            ),
            (
                json!({"GranteeServicePrincipal": "s3.amazonaws.com"}),
                BTreeSet::new(),
            ),
        ] {
            let (mut found, mut marker) = (Vec::new(), Value::Null);
            loop {
                let mut input = json!({"KeyId": key, "Limit": 3, "Marker": marker});
                for (name, value) in filter.as_object().unwrap() {
                    input[name] = value.clone();
                }
                let page = root.kms("ListGrants", input).await.ok().json().unwrap();
                let grants = page["Grants"].as_array().unwrap();
                assert!(grants.len() <= 3);
                found.extend(
                    grants
                        .iter()
                        .map(|it| it["GrantId"].as_str().unwrap().to_owned()),
                );
                marker = page["NextMarker"].clone();
                assert_eq!(page["Truncated"], !marker.is_null());
                if marker.is_null() {
                    break;
                }
            }
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
        let one = made.first().unwrap();
        let listed = json!({"KeyId": key, "GrantId": one});
        let listed = root.kms("ListGrants", listed).await.ok();
        assert_eq!(listed.field("/Grants/0/GrantId"), *one);
        assert_eq!(
            listed.json().unwrap()["Grants"].as_array().unwrap().len(),
            1
        );
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        for (more, code) in [
            (json!({"Limit": 0}), "ValidationException"),
            (json!({"Limit": 101}), "ValidationException"),
            (json!({"Marker": "!"}), "InvalidMarkerException"),
            (json!({"GrantId": "x"}), "InvalidGrantIdException"),
            (json!({"GrantId": NO_GRANT}), "NotFoundException"),
        ] {
            let mut input = json!({"KeyId": key});
            for (name, value) in more.as_object().unwrap() {
                input[name] = value.clone();
            }
            root.kms("ListGrants", input).await.fails(code);
        }
    }
}
