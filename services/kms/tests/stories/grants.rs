//! Grants, and what they do not give.

use crate::support::{
    POWERLESS, ROOT, alcazar, allow, arn, encrypt, encrypt_in, granted, kms, new_key, put_policy,
};
use harness::Alcazar;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OTHER: &str = "arn:aws:iam::444455556666:root";

/// Whom a grant to each kind of principal reaches.
#[tokio::test]
async fn kinds_of_grantee() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let powerless = alcazar.powerless().await;
    let allowed = alcazar.user("allowed", &allow("kms:Encrypt")).await;
    let session = alcazar.role_session("ops", &allow("kms:ListKeys")).await;
    let abroad = alcazar.other_user("eve", &allow("kms:ListKeys")).await;
    let abroad_allowed = alcazar.other_user("amy", &allow("kms:Encrypt")).await;
    let other_root = alcazar.other_root();
    let everybody = [
        ("root", &root),
        ("powerless", &powerless),
        ("allowed", &allowed),
        ("session", &session),
        ("abroad", &abroad),
        ("abroad allowed", &abroad_allowed),
        ("other root", &other_root),
    ];
    for (grantee, reached) in [
        (POWERLESS, &["powerless"][..]),
        ("arn:aws:iam::111122223333:role/ops", &["session"]),
        (
            "arn:aws:sts::111122223333:assumed-role/ops/harness",
            &["session"],
        ),
        ("arn:aws:sts::111122223333:assumed-role/ops/another", &[]),
        ("arn:aws:sts::111122223333:federated-user/bob", &[]),
        ("arn:aws:iam::444455556666:user/eve", &["abroad"]),
        (ROOT, &["root", "allowed"]),
        (OTHER, &["abroad allowed", "other root"]),
    ] {
        // A key that lets nobody use it, so that only the grant counts.
        let key = new_key(&root).await;
        let managing = ["kms:*Grant*", "kms:PutKeyPolicy"];
        let managing = managing.map(|action| crate::support::grant(ROOT, action));
        put_policy(&root, &key, &managing).await;
        granted(&root, &key, grantee, json!({})).await;
        for (name, caller) in everybody {
            let answer = encrypt(caller, &arn(&key)).await;
            match reached.contains(&name) {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }
}

#[tokio::test]
async fn a_principal_made_anew_inherits_nothing() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let nothing = allow("kms:ListKeys");
    for (name, arn) in [
        ("user", POWERLESS),
        ("role", "arn:aws:iam::111122223333:role/ops"),
        (
            "session",
            "arn:aws:sts::111122223333:assumed-role/ops/harness",
        ),
    ] {
        let made = async |alcazar: &Alcazar| match name {
            "user" => alcazar.powerless().await,
            _ => alcazar.role_session("ops", &nothing).await,
        };
        let first = made(&alcazar).await;
        let more = json!({"RetiringPrincipal": arn, "Operations": ["Encrypt", "RetireGrant"], "Name": "n"});
        let (id, token) = granted(&root, &key, arn, more.clone()).await;
        encrypt(&first, &key).await.ok();
        let second = made(&alcazar).await;
        encrypt(&second, &key).await.fails("AccessDeniedException");
        let by_token = json!({"KeyId": key, "Plaintext": "eA==", "GrantTokens": [token]});
        kms(&second, "Encrypt", by_token)
            .await
            .fails("AccessDeniedException");
        let retire = json!({"KeyId": key, "GrantId": id});
        kms(&second, "RetireGrant", retire)
            .await
            .fails("AccessDeniedException");
        // The same call again is about someone else now.
        let (anew, _) = granted(&root, &key, arn, more).await;
        assert_ne!(anew, id, "{name}");
        encrypt(&second, &key).await.ok();
        kms(
            &second,
            "RetireGrant",
            json!({"KeyId": key, "GrantId": anew}),
        )
        .await
        .ok();
        encrypt(&second, &key).await.fails("AccessDeniedException");
    }
}

/// A grant gives nothing that a policy denies, and no operation on grants that it does not name.
#[tokio::test]
async fn a_grant_is_no_side_door() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let deny = json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}});
    let denied = alcazar.user("denied", &deny.to_string()).await;
    let powerless = alcazar.powerless().await;
    let (key, other) = (new_key(&root).await, new_key(&root).await);
    let user = "arn:aws:iam::111122223333:user/denied";
    granted(&root, &key, user, json!({})).await;
    encrypt(&denied, &key).await.fails("AccessDeniedException");
    granted(&root, &key, POWERLESS, json!({})).await;
    encrypt(&powerless, &key).await.ok();
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": POWERLESS}, "Action": "kms:Encrypt"});
    put_policy(&root, &key, &[crate::support::grant(ROOT, "kms:*"), deny]).await;
    encrypt(&powerless, &key)
        .await
        .fails("AccessDeniedException");
    granted(
        &root,
        &other,
        POWERLESS,
        json!({"Operations": ["DescribeKey"]}),
    )
    .await;
    for (operation, input) in [
        ("ListGrants", json!({"KeyId": other})),
        (
            "CreateGrant",
            json!({"KeyId": other, "GranteePrincipal": POWERLESS, "Operations": ["Encrypt"]}),
        ),
        ("GetKeyPolicy", json!({"KeyId": other})),
        ("ScheduleKeyDeletion", json!({"KeyId": other})),
    ] {
        kms(&powerless, operation, input)
            .await
            .fails("AccessDeniedException");
    }
}

#[tokio::test]
async fn grants_end_with_their_key() {
    let alcazar = alcazar().await;
    let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
    let key = new_key(&root).await;
    let more = json!({"Name": "n", "RetiringPrincipal": POWERLESS});
    let (_, token) = granted(&root, &key, POWERLESS, more.clone()).await;
    let schedule = json!({"KeyId": key, "PendingWindowInDays": 7});
    kms(&root, "ScheduleKeyDeletion", schedule).await.ok();
    encrypt(&powerless, &key)
        .await
        .fails("KMSInvalidStateException");
    let retirable = json!({"RetiringPrincipal": POWERLESS});
    let listed = kms(&root, "ListRetirableGrants", retirable.clone())
        .await
        .ok();
    assert_ne!(listed.field("Grants"), "[]");
    alcazar.clock.advance_seconds(7 * 86_400);
    alcazar.core.run_worker("kms key deletion").await.unwrap();
    let listed = kms(&root, "ListRetirableGrants", retirable).await.ok();
    assert_eq!(listed.field("Grants"), "[]");
    kms(&root, "RetireGrant", json!({"GrantToken": token}))
        .await
        .fails("InvalidGrantTokenException");
    kms(&root, "ListGrants", json!({"KeyId": key}))
        .await
        .fails("NotFoundException");
    encrypt(&powerless, &key)
        .await
        .fails("AccessDeniedException");
    for table in [
        "kms.grant",
        "kms.grant_of",
        "kms.retirable_grant",
        "kms.named_grant",
    ] {
        let place = storage::Span::within(table, &storage::Key::root());
        let rows =
            storage::Engine::scan(&*alcazar.memory, &place, storage::Order::Forward, 9).await;
        assert!(rows.unwrap().found.is_empty(), "{table}");
    }
}

/// Whatever the state of the key, its grants can be seen and ended.
#[tokio::test]
async fn grants_on_a_key_that_is_going_to_be_deleted_can_be_ended() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    alcazar.powerless().await;
    let key = new_key(&root).await;
    let (one, _) = granted(&root, &key, POWERLESS, json!({})).await;
    let (_, token) = granted(&root, &key, POWERLESS, json!({})).await;
    kms(&root, "ScheduleKeyDeletion", json!({"KeyId": key}))
        .await
        .ok();
    kms(&root, "ListGrants", json!({"KeyId": key})).await.ok();
    kms(&root, "RevokeGrant", json!({"KeyId": key, "GrantId": one}))
        .await
        .ok();
    kms(&root, "RetireGrant", json!({"GrantToken": token}))
        .await
        .ok();
    let listed = kms(&root, "ListGrants", json!({"KeyId": key})).await.ok();
    assert_eq!(listed.field("Grants"), "[]");
}

/// Tokens, ids and markers of others give nothing.
#[tokio::test]
async fn what_belongs_to_others_gives_nothing() {
    let alcazar = alcazar().await;
    let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
    let other = alcazar.other_root();
    let (mine, theirs) = (new_key(&root).await, new_key(&other).await);
    let (id, token) = granted(&other, &theirs, OTHER, json!({})).await;
    let their_key = format!("arn:aws:kms:us-east-1:444455556666:key/{theirs}");
    let encrypt = json!({"KeyId": their_key, "Plaintext": "eA==", "GrantTokens": [token]});
    kms(&root, "Encrypt", encrypt)
        .await
        .fails("AccessDeniedException");
    for input in [
        json!({"GrantToken": token}),
        json!({"KeyId": their_key, "GrantId": id}),
    ] {
        kms(&root, "RetireGrant", input)
            .await
            .fails("AccessDeniedException");
    }
    let revoke = json!({"KeyId": mine, "GrantId": id});
    kms(&root, "RevokeGrant", revoke)
        .await
        .fails("NotFoundException");
    let listed = json!({"KeyId": their_key});
    kms(&root, "ListGrants", listed)
        .await
        .fails("AccessDeniedException");
    for _ in 0..2 {
        granted(&other, &theirs, OTHER, json!({"RetiringPrincipal": OTHER})).await;
    }
    let page = json!({"RetiringPrincipal": OTHER, "Limit": 1});
    let marker = kms(&other, "ListRetirableGrants", page)
        .await
        .ok()
        .field("NextMarker");
    let input = json!({"RetiringPrincipal": ROOT, "Marker": marker});
    kms(&root, "ListRetirableGrants", input)
        .await
        .fails("InvalidMarkerException");
    let page = json!({"KeyId": theirs, "Limit": 1});
    let marker = kms(&other, "ListGrants", page)
        .await
        .ok()
        .field("NextMarker");
    let input = json!({"KeyId": mine, "Marker": marker});
    kms(&root, "ListGrants", input)
        .await
        .fails("InvalidMarkerException");
    crate::support::encrypt(&powerless, &mine)
        .await
        .fails("AccessDeniedException");
}

/// A caller of another account may be allowed to make and end grants; they are on the record of both.
#[tokio::test]
async fn made_from_another_account() {
    let alcazar = alcazar().await;
    let (root, other) = (alcazar.root(), alcazar.other_root());
    let eve = alcazar.other_user("eve", &allow("kms:ListKeys")).await;
    let key = new_key(&root).await;
    put_policy(
        &root,
        &key,
        &[
            crate::support::grant(ROOT, "kms:*"),
            crate::support::grant(OTHER, "kms:*Grant*"),
        ],
    )
    .await;
    let key = arn(&key);
    let (id, _) = granted(
        &other,
        &key,
        "arn:aws:iam::444455556666:user/eve",
        json!({}),
    )
    .await;
    encrypt(&eve, &key).await.ok();
    let listed = kms(&root, "ListGrants", json!({"KeyId": key})).await.ok();
    assert_eq!(listed.field("/Grants/0/IssuingAccount"), OTHER);
    let events = alcazar.events().await;
    let made = events
        .iter()
        .filter(|event| event["eventName"] == "CreateGrant");
    let recipients: BTreeSet<_> = made
        .map(|event| event["recipientAccountId"].to_string())
        .collect();
    assert_eq!(recipients.len(), 2);
    kms(&other, "RetireGrant", json!({"KeyId": key, "GrantId": id}))
        .await
        .ok();
    encrypt(&eve, &key).await.fails("AccessDeniedException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_callers_at_once() {
    let alcazar = alcazar().await;
    let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
    let key = new_key(&root).await;
    let callers = (0..64).map(|number| {
        let (root, powerless, key) = (root.clone(), powerless.clone(), key.clone());
        tokio::spawn(async move {
            let mut kept = Vec::new();
            for round in 0..4 {
                let context = json!({"caller": format!("{number}-{round}")});
                let more = json!({"Constraints": {"EncryptionContextEquals": context},
                    "Name": format!("n{number}-{round}")});
                let (id, token) = granted(&root, &key, POWERLESS, more).await;
                encrypt_in(&powerless, &key, context.clone()).await.ok();
                match round % 2 {
                    0 => {
                        kms(&root, "RetireGrant", json!({"GrantToken": token}))
                            .await
                            .ok();
                        let denied = encrypt_in(&powerless, &key, context.clone()).await;
                        denied.fails("AccessDeniedException");
                    }
                    _ => kept.push(id),
                }
            }
            kept
        })
    });
    let mut kept = BTreeSet::new();
    for caller in callers.collect::<Vec<_>>() {
        kept.extend(caller.await.unwrap());
    }
    let (mut found, mut marker) = (BTreeSet::new(), Value::Null);
    loop {
        let input = json!({"KeyId": key, "Marker": marker});
        let page = kms(&root, "ListGrants", input).await.ok().json().unwrap();
        let ids = page["Grants"].as_array().unwrap().iter();
        found.extend(ids.map(|grant| grant["GrantId"].as_str().unwrap().to_owned()));
        marker = page["NextMarker"].clone();
        if marker.is_null() {
            break;
        }
    }
    assert_eq!(found, kept);
}

/// One call repeated by many makes one grant.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_is_granted_once() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    alcazar.powerless().await;
    let key = new_key(&root).await;
    let callers = (0..16).map(|_| {
        let (root, key) = (root.clone(), key.clone());
        tokio::spawn(async move {
            granted(&root, &key, POWERLESS, json!({"Name": "n"}))
                .await
                .0
        })
    });
    let mut ids = BTreeSet::new();
    for caller in callers.collect::<Vec<_>>() {
        ids.insert(caller.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
}
