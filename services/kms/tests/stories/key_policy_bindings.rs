//! A key policy that names a user or role means that very one, and nobody who has its name later.

use crate::support::{ROOT, alcazar, allow, encrypt, grant, key_policy, new_key_with, put_policy};
use harness::ACCOUNT;
use identity::{Role, User};
use serde_json::json;

#[tokio::test]
async fn a_user_made_anew_may_nothing() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let account = ACCOUNT.parse().unwrap();
    let statements = [
        grant(ROOT, "kms:PutKeyPolicy"),
        grant("arn:aws:iam::111122223333:user/ann", "kms:*"),
    ];
    let ann = alcazar.user("ann", &allow("kms:*")).await;
    let made = new_key_with(&root, json!({"Policy": key_policy(&statements)})).await;
    let put = new_key_with(&root, json!({})).await;
    put_policy(&root, &put, &statements).await;
    for key in [&made, &put] {
        encrypt(&ann, key).await.ok();
    }

    alcazar.remove::<User>(&User::key_of(account, "ann")).await;
    let other = alcazar.user("ann", &allow("kms:*")).await;
    for key in [&made, &put] {
        let refused = encrypt(&other, key).await;
        refused.fails("AccessDeniedException");
        put_policy(&root, key, &statements).await;
        encrypt(&other, key).await.ok();
    }
}

#[tokio::test]
async fn a_role_made_anew_may_nothing() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let account = ACCOUNT.parse().unwrap();
    for arn in [
        "arn:aws:iam::111122223333:role/Ops",
        "arn:aws:sts::111122223333:assumed-role/Ops/harness",
    ] {
        let statements = [grant(ROOT, "kms:PutKeyPolicy"), grant(arn, "kms:*")];
        let ops = alcazar.role_session("Ops", &allow("kms:*")).await;
        let key = new_key_with(&root, json!({"Policy": key_policy(&statements)})).await;
        encrypt(&ops, &key).await.ok();

        alcazar.remove::<Role>(&Role::key_of(account, "Ops")).await;
        let other = alcazar.role_session("Ops", &allow("kms:*")).await;
        let refused = encrypt(&other, &key).await;
        refused.fails("AccessDeniedException");
        put_policy(&root, &key, &statements).await;
        encrypt(&other, &key).await.ok();
    }
}
