//! A person joins, moves to another team and leaves: groups give and take permission at once.

use harness::{Alcazar, Client};
use serde_json::json;

fn allow(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    )
}

async fn team(root: &Client, name: &str, action: &str) {
    root.call("iam", "CreateGroup", json!({"GroupName": name}))
        .await
        .ok();
    let policy = json!({"GroupName": name, "PolicyName": "work", "PolicyDocument": allow(action)});
    root.call("iam", "PutGroupPolicy", policy).await.ok();
}

async fn person(alcazar: &Alcazar, name: &str) -> Client {
    let root = alcazar.root();
    root.call("iam", "CreateUser", json!({"UserName": name}))
        .await
        .ok();
    let key = root
        .call("iam", "CreateAccessKey", json!({"UserName": name}))
        .await
        .ok();
    alcazar.client(&key.field("AccessKeyId"), &key.field("SecretAccessKey"))
}

async fn may(who: &Client, operation: &str, expected: bool) {
    let answer = who.call("iam", operation, json!({})).await;
    match expected {
        true => drop(answer.ok()),
        false => drop(answer.fails("AccessDenied")),
    }
}

#[tokio::test]
async fn groups_give_and_take_permission_at_once() {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    team(&root, "people", "iam:ListUsers").await;
    team(&root, "machines", "iam:ListRoles").await;

    // Joins.
    let ann = person(&alcazar, "ann").await;
    may(&ann, "ListUsers", false).await;
    let people = json!({"UserName": "ann", "GroupName": "people"});
    root.call("iam", "AddUserToGroup", people.clone())
        .await
        .ok();
    may(&ann, "ListUsers", true).await;
    may(&ann, "ListRoles", false).await;

    // Moves.
    let machines = json!({"UserName": "ann", "GroupName": "machines"});
    root.call("iam", "AddUserToGroup", machines.clone())
        .await
        .ok();
    may(&ann, "ListRoles", true).await;
    root.call("iam", "RemoveUserFromGroup", people).await.ok();
    may(&ann, "ListUsers", false).await;

    // The team's work changes, and so does what its members may.
    let policy = json!({"GroupName": "machines", "PolicyName": "work", "PolicyDocument": allow("iam:ListGroups")});
    root.call("iam", "PutGroupPolicy", policy).await.ok();
    may(&ann, "ListRoles", false).await;
    may(&ann, "ListGroups", true).await;
    let policy = json!({"GroupName": "machines", "PolicyName": "work"});
    root.call("iam", "DeleteGroupPolicy", policy).await.ok();
    may(&ann, "ListGroups", false).await;

    // Leaves.
    let key = json!({"UserName": "ann", "AccessKeyId": ann.access_key_id});
    root.call("iam", "RemoveUserFromGroup", machines).await.ok();
    root.call("iam", "DeleteAccessKey", key).await.ok();
    root.call("iam", "DeleteUser", json!({"UserName": "ann"}))
        .await
        .ok();
    let answer = ann.call("iam", "ListGroups", json!({})).await;
    answer.fails("InvalidClientTokenId");
}

#[tokio::test]
async fn who_comes_back_under_the_same_name_is_someone_else() {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    team(&root, "people", "iam:ListUsers").await;
    let former = person(&alcazar, "ann").await;
    let member = json!({"UserName": "ann", "GroupName": "people"});
    root.call("iam", "AddUserToGroup", member.clone())
        .await
        .ok();
    let key = json!({"UserName": "ann", "AccessKeyId": former.access_key_id});
    root.call("iam", "RemoveUserFromGroup", member).await.ok();
    root.call("iam", "DeleteAccessKey", key).await.ok();
    root.call("iam", "DeleteUser", json!({"UserName": "ann"}))
        .await
        .ok();

    let ann = person(&alcazar, "ann").await;
    may(&ann, "ListUsers", false).await;
    let members = root
        .call("iam", "GetGroup", json!({"GroupName": "people"}))
        .await
        .ok();
    assert!(members.fields("UserName").is_empty());
    former
        .call("iam", "ListUsers", json!({}))
        .await
        .fails("InvalidClientTokenId");
}

#[tokio::test]
async fn a_key_is_exchanged_without_a_gap() {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    team(&root, "self", "iam:*AccessKey*").await;
    let old = person(&alcazar, "ann").await;
    let member = json!({"UserName": "ann", "GroupName": "self"});
    root.call("iam", "AddUserToGroup", member).await.ok();

    let key = old.call("iam", "CreateAccessKey", json!({})).await.ok();
    let new = alcazar.client(&key.field("AccessKeyId"), &key.field("SecretAccessKey"));
    let off = json!({"AccessKeyId": old.access_key_id, "Status": "Inactive"});
    new.call("iam", "UpdateAccessKey", off).await.ok();
    old.call("iam", "ListAccessKeys", json!({}))
        .await
        .fails("InvalidClientTokenId");
    let gone = json!({"AccessKeyId": old.access_key_id});
    new.call("iam", "DeleteAccessKey", gone).await.ok();
    let keys = new.call("iam", "ListAccessKeys", json!({})).await.ok();
    assert_eq!(keys.fields("AccessKeyId"), [new.access_key_id.as_str()]);
}
