//! Whether identity policies count is for the key policy to say.

use crate::support::{ROOT, alcazar, allow, arn, encrypt, grant, kms, new_key, put_policy};
use serde_json::json;

const ANN: &str = "arn:aws:iam::111122223333:user/ann";

#[tokio::test]
async fn a_delegating_policy_leaves_it_to_the_account() {
    let alcazar = alcazar().await;
    let key = new_key(&alcazar.root()).await;
    let ann = alcazar.user("ann", &allow("kms:Encrypt")).await;
    encrypt(&ann, &key).await.ok();
    let words = format!(
        "User: arn:aws:iam::111122223333:user/powerless is not authorized to perform: kms:Encrypt \
         on resource: {} because no identity-based policy allows the kms:Encrypt action",
        arn(&key)
    );
    let powerless = alcazar.powerless().await;
    encrypt(&powerless, &key)
        .await
        .fails("AccessDeniedException")
        .saying(&words);
}

#[tokio::test]
async fn a_policy_that_does_not_delegate_overrules_identity_policies() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let ann = alcazar.user("ann", &allow("kms:*")).await;
    let bob = alcazar.user("bob", &allow("kms:*")).await;
    put_policy(
        &root,
        &key,
        &[grant(ANN, "kms:*"), grant(ROOT, "kms:PutKeyPolicy")],
    )
    .await;
    encrypt(&ann, &key).await.ok();
    let words = |who: &str| {
        format!(
            "User: arn:aws:iam::111122223333:{who} is not authorized to perform: kms:Encrypt on \
             resource: {} because no resource-based policy allows the kms:Encrypt action",
            arn(&key)
        )
    };
    encrypt(&bob, &key)
        .await
        .fails("AccessDeniedException")
        .saying(&words("user/bob"));
    encrypt(&root, &key)
        .await
        .fails("AccessDeniedException")
        .saying(&words("root"));
}

#[tokio::test]
async fn the_policy_alone_may_grant() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let powerless = alcazar.powerless().await;
    let user = "arn:aws:iam::111122223333:user/powerless";
    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:*"), grant(user, "kms:Encrypt")],
    )
    .await;
    encrypt(&powerless, &key).await.ok();
    let described = kms(&powerless, "DescribeKey", json!({"KeyId": key})).await;
    described.fails("AccessDeniedException");
}

#[tokio::test]
async fn a_denial_in_the_policy_outweighs_all() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let ann = alcazar.user("ann", &allow("kms:*")).await;
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": ANN}, "Action": "kms:Encrypt"});
    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:*"), grant(ANN, "kms:*"), deny],
    )
    .await;
    let words = format!(
        "User: {ANN} is not authorized to perform: kms:Encrypt on resource: {} with an explicit \
         deny in a resource-based policy",
        arn(&key)
    );
    encrypt(&ann, &key)
        .await
        .fails("AccessDeniedException")
        .saying(&words);
    encrypt(&root, &key).await.ok();
}

#[tokio::test]
async fn conditions_of_the_policy_hold() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let ann = alcazar.user("ann", &allow("kms:*")).await;
    let mut grant_with_context = grant("*", "kms:Encrypt");
    grant_with_context["Condition"] = json!({"StringEquals": {"kms:EncryptionContext:app": "shop", "kms:CallerAccount": "111122223333"}});
    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:PutKeyPolicy"), grant_with_context],
    )
    .await;
    encrypt(&ann, &key).await.fails("AccessDeniedException");
    let input = json!({"KeyId": key, "Plaintext": "eA==", "EncryptionContext": {"app": "shop"}});
    kms(&ann, "Encrypt", input).await.ok();
}

#[tokio::test]
async fn the_check_against_lockout_weighs_every_policy() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let ann = alcazar.user("ann", &allow("kms:CreateKey")).await;
    let delegating = crate::support::key_policy(&[grant(ROOT, "kms:*")]);
    // AWS: the default policy is not checked; the same policy given by hand is.
    new_key(&ann).await;
    let refused = kms(&ann, "CreateKey", json!({"Policy": delegating})).await;
    refused
        .fails("MalformedPolicyDocumentException")
        .saying("The new key policy will not allow you to update the key policy in the future.");
    kms(&root, "CreateKey", json!({"Policy": delegating}))
        .await
        .ok();
}
