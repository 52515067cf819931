//! A session ends on the second.

use crate::{EVERYTHING, become_role, open_role, sts, whoami};
use serde_json::json;

#[tokio::test]
async fn is_refused_when_its_time_is_up() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    alcazar.keep(open_role("Ops")).await;
    let session = become_role(&ann, "Ops", json!({"DurationSeconds": 900})).await;
    alcazar.clock.advance_seconds(899);
    whoami(&session).await.ok();
    alcazar.clock.advance_seconds(1);
    let answer = whoami(&session).await.fails("ExpiredToken");
    assert_eq!(answer.status, 403);
    answer.saying("The security token included in the request is expired");
    whoami(&ann).await.ok();
}

#[tokio::test]
async fn every_kind_of_session_ends() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    for (operation, input) in [
        ("GetSessionToken", json!({"DurationSeconds": 900})),
        (
            "GetFederationToken",
            json!({"DurationSeconds": 900, "Name": "bob"}),
        ),
    ] {
        let answer = ann.call("sts", operation, input).await.ok();
        let session = ann.with_credentials_of(&answer);
        whoami(&session).await.ok();
        alcazar.clock.advance_seconds(900);
        whoami(&session).await.fails("ExpiredToken");
    }
}

#[tokio::test]
async fn a_token_is_worth_nothing_without_its_secret() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let answer = ann.call("sts", "GetSessionToken", json!({})).await.ok();
    let (id, secret) = (answer.field("AccessKeyId"), answer.field("SecretAccessKey"));
    let token = answer.field("SessionToken");
    whoami(&ann.session(&id, &secret, &token)).await.ok();
    let wrong = ann.session(&id, "another secret", &token);
    whoami(&wrong).await.fails("SignatureDoesNotMatch");
    let other = ann.call("sts", "GetSessionToken", json!({})).await.ok();
    let mixed = ann.session(&id, &secret, &other.field("SessionToken"));
    whoami(&mixed).await.fails("InvalidClientTokenId");
    let longer = ann.session(&id, &secret, &format!("{token}x"));
    whoami(&longer).await.fails("InvalidClientTokenId");
    // Without its token the key of a session is no key.
    whoami(&alcazar.client(&id, &secret))
        .await
        .fails("InvalidClientTokenId");
}
