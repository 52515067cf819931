//! Every kind of caller, each at its own place.

use std::sync::Arc;

use harness::{ACCOUNT, Alcazar, Client, OTHER_ACCOUNT, role};
use identity::{Role, User};
use pipeline::VpcEndpoint;
use serde_json::{Value, json};

use crate::{EVERYTHING, tags};

/// The kinds of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The root user.
    Root,
    /// The root user by GetSessionToken.
    RootToken,
    /// A user with tags.
    Ann,
    /// Ann through a VPC endpoint of her account.
    Inside,
    /// Ann by GetSessionToken.
    AnnToken,
    /// Ann in role Ops, with session tags and a source identity.
    Night,
    /// Ann in role Ops, with neither.
    Day,
    /// Whom Ann vouches for, with session tags.
    Bob,
    /// Whom the root user vouches for.
    Roots,
    /// A user of another account.
    Eve,
}

pub(crate) const EVERYBODY: &[Who] = &[
    Who::Root,
    Who::RootToken,
    Who::Ann,
    Who::Inside,
    Who::AnnToken,
    Who::Night,
    Who::Day,
    Who::Bob,
    Who::Roots,
    Who::Eve,
];

/// Callers of the account that the key belongs to.
pub(crate) const AT_HOME: &[Who] = &[
    Who::Root,
    Who::RootToken,
    Who::Ann,
    Who::Inside,
    Who::AnnToken,
    Who::Night,
    Who::Day,
    Who::Bob,
    Who::Roots,
];

/// Callers with temporary credentials.
pub(crate) const TEMPORARY: &[Who] = &[
    Who::RootToken,
    Who::AnnToken,
    Who::Night,
    Who::Day,
    Who::Bob,
    Who::Roots,
];

/// One caller of every kind, and what the server calls them.
pub(crate) struct Callers {
    clients: Vec<(Who, Client)>,
    ids: [(&'static str, String); 3],
}

impl Callers {
    /// Makes them all.
    pub(crate) async fn new(alcazar: &Alcazar) -> Self {
        let (ann, ann_id) = tagged_user(alcazar).await;
        let ops = ops(alcazar).await;
        let eve = alcazar.other_user("eve", EVERYTHING).await;
        let eve_id = user(alcazar, OTHER_ACCOUNT, "eve").await.id;
        let root = alcazar.root();
        let night = json!({
            "SourceIdentity": "behind",
            "Tags": [{"Key": "tEAM", "Value": "Red"}, {"Key": "Shift", "Value": "Night"}],
        });
        let shift = json!([{"Key": "Shift", "Value": "Late"}]);
        let bob = json!({"Name": "bob", "Policy": EVERYTHING, "Tags": shift});
        let roots = json!({"Name": "rob", "Policy": EVERYTHING});
        let clients = vec![
            (
                Who::RootToken,
                by(&root, "GetSessionToken", json!({})).await,
            ),
            (Who::AnnToken, by(&ann, "GetSessionToken", json!({})).await),
            (
                Who::Night,
                by(&ann, "AssumeRole", assuming(&ops, night)).await,
            ),
            (
                Who::Day,
                by(&ann, "AssumeRole", assuming(&ops, json!({}))).await,
            ),
            (Who::Bob, by(&ann, "GetFederationToken", bob).await),
            (Who::Roots, by(&root, "GetFederationToken", roots).await),
            (Who::Eve, eve),
            (
                Who::Inside,
                ann.at("10.0.0.7".parse().unwrap())
                    .over_tls()
                    .through(&endpoint(ACCOUNT)),
            ),
            (Who::Ann, ann.at("192.0.2.7".parse().unwrap()).over_tls()),
            (
                Who::Root,
                root.at("2001:db8::7".parse().unwrap())
                    .user_agent("probe/1.0"),
            ),
        ];
        Self {
            clients: clients.into_iter().map(at_its_place).collect(),
            ids: [("ANN_ID", ann_id), ("OPS_ID", ops.id), ("EVE_ID", eve_id)],
        }
    }

    pub(crate) fn get(&self, who: Who) -> &Client {
        let mut clients = self.clients.iter();
        &clients.find(|(kind, _)| *kind == who).unwrap().1
    }

    /// `text` with the unique ids that it names.
    pub(crate) fn named(&self, text: &str) -> String {
        let fill = |text: String, (name, id): &(&str, String)| text.replace(name, id);
        self.ids.iter().fold(text.to_owned(), fill)
    }
}

/// Some come from a page.
fn at_its_place((who, client): (Who, Client)) -> (Who, Client) {
    match who {
        Who::Day => (who, client.referer("https://example.com/keys")),
        _ => (who, client),
    }
}

/// An endpoint of this account, which gives full access.
pub(crate) fn endpoint(account: &str) -> Arc<VpcEndpoint> {
    let (id, vpc) = ("vpce-0a1b2c3d4e5f60718", "vpc-0a1b2c3d");
    let account = account.parse().unwrap();
    let region = "eu-west-1".parse().unwrap();
    Arc::new(VpcEndpoint::new(id, vpc, account, region, None).unwrap())
}

/// The credentials that `operation` of STS gives to `caller`.
pub(crate) async fn by(caller: &Client, operation: &str, input: Value) -> Client {
    let answer = caller.call("sts", operation, input).await.ok();
    caller.with_credentials_of(&answer)
}

/// The input of AssumeRole, with `more`.
pub(crate) fn assuming(role: &Role, more: Value) -> Value {
    let mut input = json!({"RoleArn": role.arn.as_str(), "RoleSessionName": "night"});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// User ann, who has a tag and may everything, and her unique id.
pub(crate) async fn tagged_user(alcazar: &Alcazar) -> (Client, String) {
    let client = alcazar.user("ann", EVERYTHING).await;
    let user = User {
        tags: tags(&[("Team", "Blue")]),
        ..user(alcazar, ACCOUNT, "ann").await
    };
    alcazar.keep(user.clone()).await;
    (client, user.id)
}

/// The record of a user.
pub(crate) async fn user(alcazar: &Alcazar, account: &str, name: &str) -> User {
    let key = User::key_of(account.parse().unwrap(), name);
    let held = alcazar.core.records.get::<User>(&key).await.unwrap();
    User::clone(&held.unwrap())
}

/// Role Ops with tags, which everybody of the account may assume and which may everything.
pub(crate) async fn ops(alcazar: &Alcazar) -> Role {
    let statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    });
    let trust = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let ops = Role {
        tags: tags(&[("Team", "Blue"), ("Env", "Test")]),
        ..role(ACCOUNT, "Ops", &trust, EVERYTHING)
    };
    alcazar.keep(ops.clone()).await;
    ops
}
