//! Keys used by role sessions.

use crate::support::{ROOT, alcazar, allow, encrypt, grant, kms, new_key, put_policy};
use base::{AccountId, Tags};
use harness::{ACCOUNT, Alcazar, Client};
use identity::{Document, Prefix, Session, SessionKind};
use policy::Grammar;
use serde_json::json;

/// A session of a new role `ops`, limited by a session policy, as AssumeRole would give it.
async fn limited_session(alcazar: &Alcazar, role_policy: &str, session_policy: &str) -> Client {
    let account: AccountId = ACCOUNT.parse().unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    let role = harness::role(ACCOUNT, "ops", trust, role_policy);
    let kind = SessionKind::Role {
        name: role.name.clone(),
        id: role.id.clone(),
        session_name: "ann".to_owned(),
    };
    alcazar.keep(role).await;
    let session = Session {
        access_key_id: identity::unique_id(
            Prefix::TemporaryAccessKey,
            account,
            crypto::random::bytes(),
        ),
        secret: identity::secret_access_key(crypto::random::bytes()),
        account,
        kind,
        issued: alcazar.core.clock.now(),
        expires: alcazar.core.clock.now().plus_seconds(3600),
        policies: vec![Document::parse(session_policy, Grammar::Session).unwrap()],
        policy_arns: vec![],
        tags: Tags::default(),
        transitive_tag_keys: vec![],
        source_identity: None,
        mfa_authenticated: None,
        workload: None,
        federation: None,
    };
    let token = alcazar.core.seal_session(&session).unwrap();
    alcazar.root().session(
        &session.access_key_id,
        session.secret.expose(),
        token.expose(),
    )
}

#[tokio::test]
async fn a_session_policy_limits_what_the_role_may() {
    let alcazar = alcazar().await;
    let key = new_key(&alcazar.root()).await;
    let session = limited_session(&alcazar, &allow("kms:*"), &allow("kms:Encrypt")).await;
    encrypt(&session, &key).await.ok();
    let refused = kms(&session, "DescribeKey", json!({"KeyId": key})).await;
    let message = refused.fails("AccessDeniedException").message();
    assert!(
        message.ends_with("because no session policy allows the kms:DescribeKey action"),
        "{message}"
    );
}

#[tokio::test]
async fn a_session_policy_adds_nothing() {
    let alcazar = alcazar().await;
    let key = new_key(&alcazar.root()).await;
    let session = limited_session(&alcazar, &allow("kms:ListKeys"), &allow("kms:*")).await;
    let message = encrypt(&session, &key)
        .await
        .fails("AccessDeniedException")
        .message();
    assert!(
        message.contains("no identity-based policy allows"),
        "{message}"
    );
}

#[tokio::test]
async fn a_key_policy_may_name_the_role_or_one_session() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let session = alcazar.role_session("dev", &allow("kms:ListKeys")).await;
    for (principal, allowed) in [
        ("arn:aws:iam::111122223333:role/dev", true),
        ("arn:aws:sts::111122223333:assumed-role/dev/harness", true),
        ("arn:aws:sts::111122223333:assumed-role/dev/other", false),
    ] {
        put_policy(
            &root,
            &key,
            &[grant(ROOT, "kms:*"), grant(principal, "kms:Encrypt")],
        )
        .await;
        let answer = encrypt(&session, &key).await;
        match allowed {
            true => answer.ok(),
            false => answer.fails("AccessDeniedException"),
        };
    }
}
