//! `kms:ListRetirableGrants`: the grants that a principal of the caller's account may retire, on whosever key.

use std::sync::Arc;

use base::AccountId;
use kms_api::shapes::{ListGrantsResponse, ListRetirableGrantsRequest};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Held;

use crate::errors;
use crate::grant::{Grant, Retirable};
use crate::paging::Asked;

pub(crate) struct ListRetirableGrants;

impl Operation for ListRetirableGrants {
    type Api = operations::ListRetirableGrants;
    type Target = ();

    async fn access(
        _: &ListRetirableGrantsRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListRetirableGrants {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListGrantsResponse, Failure> {
        let input = call.input();
        let home = call.call().account();
        let retiring = retiring(input, home)?;
        let what = ["ListRetirableGrants", retiring];
        let asked = Asked::read(
            call.call(),
            &what,
            input.marker.as_deref(),
            (input.limit, 50),
        )?
        .up_to(100)?;
        let prefix = Retirable::prefix(home, &call.call().region(), retiring);
        let after = asked.after.as_deref().map(|marker| {
            let place = Retirable::after(&prefix, marker);
            place.ok_or_else(errors::invalid_marker)
        });
        let after = after.transpose()?;
        let found = call
            .look()
            .scan::<Retirable>(&prefix, after.as_ref(), asked.to_read())
            .await?;
        let rows = found.iter().map(|row| (row.marker(), row));
        let page = asked.cut(rows, |(marker, _)| marker);
        let mut grants = Vec::new();
        for (_, row) in &page.items {
            grants.extend(grant(call.look(), row).await?.map(|grant| grant.entry()));
        }
        let next_marker = asked.next_marker(call.call(), &page)?;
        Ok(ListGrantsResponse {
            truncated: page.truncated(),
            grants: Some(grants),
            next_marker,
        })
    }
}

async fn grant(look: &Lookup<'_>, row: &Held<Retirable>) -> Result<Option<Arc<Grant>>, Failure> {
    look.get(&row.of_grant()).await
}

/// Whom the caller asks about. AWS: it must be of the caller's account.
fn retiring(input: &ListRetirableGrantsRequest, home: AccountId) -> Result<&str, Failure> {
    match (&input.retiring_principal, &input.retiring_service_principal) {
        (Some(arn), None) => {
            let account = arn.split(':').nth(4);
            match account == Some(home.as_str()) {
                true => Ok(arn),
                false => Err(errors::invalid_principal(arn)),
            }
        }
        (None, Some(service)) => Ok(service),
        _ => Err(errors::one_retiring_principal()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, POWERLESS, alcazar};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn on_keys_of_every_account() {
        let alcazar = alcazar().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        alcazar.powerless().await;
        let retiring = json!({"RetiringPrincipal": POWERLESS});
        let mut made = BTreeSet::new();
        for owner in [&root, &root, &other] {
            let key = owner.new_key().await;
            for _ in 0..2 {
                let (id, _) = owner
                    .granted(&key, POWERLESS, &["Encrypt"], retiring.clone())
                    .await;
                made.insert(id);
            }
            owner
                .granted(&key, POWERLESS, &["Encrypt"], json!({}))
                .await;
        }
        let (mut found, mut marker) = (BTreeSet::new(), Value::Null);
        for page in 0..2 {
            let input = json!({"RetiringPrincipal": POWERLESS, "Limit": 5, "Marker": marker});
            let listed = root.kms("ListRetirableGrants", input).await.ok();
            let listed = listed.json().unwrap();
            for grant in listed["Grants"].as_array().unwrap() {
                assert_eq!(grant["RetiringPrincipal"], POWERLESS);
                assert!(found.insert(grant["GrantId"].as_str().unwrap().to_owned()));
            }
            assert_eq!(listed["Truncated"], page == 0);
            marker = listed["NextMarker"].clone();
        }
        assert_eq!(found, made);
        let elsewhere = root.region("eu-west-1");
        let elsewhere = elsewhere
            .kms("ListRetirableGrants", retiring.clone())
            .await
            .ok();
        assert_eq!(elsewhere.field("Grants"), "[]");
        let event = alcazar.event("ListRetirableGrants").await;
        assert_eq!(event["readOnly"], true);
        let foreign = other.kms("ListRetirableGrants", retiring).await;
        foreign.fails("InvalidArnException");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        for (more, code) in [
            (json!({"RetiringPrincipal": null}), "ValidationException"),
            (
                json!({"RetiringServicePrincipal": "s3.amazonaws.com"}),
                "ValidationException",
            ),
            (json!({"Limit": 101}), "ValidationException"),
            (json!({"Marker": "!"}), "InvalidMarkerException"),
            (json!({"Marker": "YQ"}), "InvalidMarkerException"),
        ] {
            let mut input = json!({"RetiringPrincipal": POWERLESS});
            for (name, value) in more.as_object().unwrap() {
                input[name] = value.clone();
            }
            root.kms("ListRetirableGrants", input).await.fails(code);
        }
    }
}
