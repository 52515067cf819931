//! Many calls at once: nothing is lost, no limit is passed, no half of a change stays.

use harness::{Alcazar, Answer, Client};
use serde_json::{Value, json};
use tokio::task::JoinSet;

async fn all(client: &Client, calls: Vec<(&'static str, Value)>) -> Vec<Answer> {
    let mut set = JoinSet::new();
    for (operation, input) in calls {
        let client = client.clone();
        set.spawn(async move { client.call("iam", operation, input).await });
    }
    set.join_all().await
}

fn succeeded(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status == 200).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_gets_the_name() {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    let calls = (0..16).map(|_| ("CreateUser", json!({"UserName": "ann"})));
    let answers = all(&root, calls.collect()).await;
    assert_eq!(succeeded(&answers), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.fails("EntityAlreadyExists");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_names_do_not_hinder_each_other() {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    let calls = (0..64).map(|number| ("CreateUser", json!({"UserName": format!("u{number}")})));
    assert_eq!(succeeded(&all(&root, calls.collect()).await), 64);
    let listed = root.call("iam", "ListUsers", json!({})).await.ok();
    assert_eq!(listed.fields("UserName").len(), 64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_has_two_access_keys_at_most() {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    root.call("iam", "CreateUser", json!({"UserName": "ann"}))
        .await
        .ok();
    let calls = (0..8).map(|_| ("CreateAccessKey", json!({"UserName": "ann"})));
    assert_eq!(succeeded(&all(&root, calls.collect()).await), 2);
    let keys = root
        .call("iam", "ListAccessKeys", json!({"UserName": "ann"}))
        .await
        .ok();
    assert_eq!(keys.fields("AccessKeyId").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_does_not_vanish_under_its_members() {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    for round in 0..8 {
        let (user, group) = (format!("u{round}"), format!("g{round}"));
        root.call("iam", "CreateUser", json!({"UserName": user}))
            .await
            .ok();
        root.call("iam", "CreateGroup", json!({"GroupName": group}))
            .await
            .ok();
        let calls = vec![
            (
                "AddUserToGroup",
                json!({"UserName": user, "GroupName": group}),
            ),
            ("DeleteGroup", json!({"GroupName": group})),
        ];
        assert_eq!(succeeded(&all(&root, calls).await), 1);
        // A user in a group that is gone could not be asked for.
        root.call("iam", "ListGroupsForUser", json!({"UserName": user}))
            .await
            .ok();
    }
}
