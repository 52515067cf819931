//! A trust policy that names a user or role trusts that very one, and nobody who has its name later.

use crate::{EVERYTHING, assume, become_role, trust};
use harness::{ACCOUNT, Alcazar, Client};
use identity::{Role, User};
use serde_json::json;

async fn servers() -> Alcazar {
    Alcazar::new(&[&iam::SERVICE, &sts::SERVICE]).await
}

async fn ask_iam(root: &Client, operation: &str, input: serde_json::Value) {
    root.call("iam", operation, input).await.ok();
}

/// Makes the role `Vault`, which trusts `principal` and nobody else.
async fn vault_trusting(root: &Client, principal: &str) {
    let trust = trust(principal, &["sts:AssumeRole"], json!({}));
    let input = json!({"RoleName": "Vault", "AssumeRolePolicyDocument": trust});
    ask_iam(root, "CreateRole", input).await;
}

/// Gives `Vault` a trust policy of the same words once more.
async fn trust_again(root: &Client, principal: &str) {
    let trust = trust(principal, &["sts:AssumeRole"], json!({}));
    let input = json!({"RoleName": "Vault", "PolicyDocument": trust});
    ask_iam(root, "UpdateAssumeRolePolicy", input).await;
}

#[tokio::test]
async fn a_user_made_anew_is_not_trusted() {
    let alcazar = servers().await;
    let root = alcazar.root();
    let arn = "arn:aws:iam::111122223333:user/ann";
    let ann = alcazar.user("ann", EVERYTHING).await;
    vault_trusting(&root, arn).await;
    assume(&ann, "Vault", json!({})).await.ok();

    alcazar
        .remove::<User>(&User::key_of(ACCOUNT.parse().unwrap(), "ann"))
        .await;
    let other = alcazar.user("ann", EVERYTHING).await;
    let refused = assume(&other, "Vault", json!({})).await;
    refused.fails("AccessDenied");
    // The binding outlives other changes of the role.
    let input = json!({"RoleName": "Vault", "Description": "of gold"});
    ask_iam(&root, "UpdateRole", input).await;
    let refused = assume(&other, "Vault", json!({})).await;
    refused.fails("AccessDenied");

    trust_again(&root, arn).await;
    assume(&other, "Vault", json!({})).await.ok();
}

#[tokio::test]
async fn a_user_who_was_renamed_stays_trusted() {
    let alcazar = servers().await;
    let root = alcazar.root();
    let ann = alcazar.user("ann", EVERYTHING).await;
    vault_trusting(&root, "arn:aws:iam::111122223333:user/ann").await;
    let input = json!({"UserName": "ann", "NewUserName": "anne"});
    ask_iam(&root, "UpdateUser", input).await;
    assume(&ann, "Vault", json!({})).await.ok();
}

#[tokio::test]
async fn a_role_made_anew_is_not_trusted() {
    for arn in [
        "arn:aws:iam::111122223333:role/Ops",
        "arn:aws:sts::111122223333:assumed-role/Ops/night",
    ] {
        let alcazar = servers().await;
        let root = alcazar.root();
        let ann = alcazar.user("ann", EVERYTHING).await;
        alcazar.keep(crate::open_role("Ops")).await;
        vault_trusting(&root, arn).await;
        let ops = become_role(&ann, "Ops", json!({})).await;
        assume(&ops, "Vault", json!({})).await.ok();

        alcazar
            .remove::<Role>(&Role::key_of(ACCOUNT.parse().unwrap(), "Ops"))
            .await;
        alcazar.keep(crate::open_role("Ops")).await;
        let other = become_role(&ann, "Ops", json!({})).await;
        let refused = assume(&other, "Vault", json!({})).await;
        refused.fails("AccessDenied");
        trust_again(&root, arn).await;
        assume(&other, "Vault", json!({})).await.ok();
    }
}
