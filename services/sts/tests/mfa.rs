//! A user with an authenticator app: what a code opens, and that it opens it once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use base::Secret;
use crypto::{STEP_SECONDS, TotpSeed};
use harness::{ACCOUNT, Alcazar, Answer, Client, role};
use identity::{Assignment, MfaAssignment, MfaDevice, MfaKind, Owner, User};
use serde_json::{Value, json};

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const SERIAL: &str = "arn:aws:iam::111122223333:mfa/ann";
const WRONG: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
const UNKNOWN: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";

struct Scene {
    alcazar: Alcazar,
    ann: Client,
    seed: TotpSeed,
}

impl Scene {
    async fn new() -> Self {
        let alcazar = Alcazar::new(&[&sts::SERVICE, &iam::SERVICE]).await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        let account = ACCOUNT.parse().unwrap();
        let user = alcazar
            .core
            .records
            .get::<User>(&User::key_of(account, "ann"))
            .await;
        let owner_id = user.unwrap().unwrap().id.clone();
        let seed = TotpSeed::random();
        alcazar
            .keep(MfaAssignment {
                account,
                owner_id: owner_id.clone(),
                device: "ann".into(),
            })
            .await;
        alcazar
            .keep(MfaDevice {
                account,
                arn: SERIAL.parse().unwrap(),
                name: "ann".into(),
                kind: MfaKind::Virtual(Secret::new(seed.bytes().expose().clone())),
                created: alcazar.core.clock.now(),
                tags: base::Tags::default(),
                assignment: Some(Assignment {
                    owner: Owner::User("ann".into()),
                    owner_id,
                    enabled: alcazar.core.clock.now(),
                }),
                used_step: 0,
                drift_steps: 0,
            })
            .await;
        Self { alcazar, ann, seed }
    }

    fn code(&self, later: i64) -> String {
        let step = self.alcazar.core.clock.now().seconds() as u64 / STEP_SECONDS;
        self.seed.code(step.saturating_add_signed(later))
    }

    async fn session(&self, code: &str) -> Answer {
        let input = json!({"SerialNumber": SERIAL, "TokenCode": code});
        self.ann.call("sts", "GetSessionToken", input).await
    }

    async fn ops(&self, trust_condition: Value) {
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", "Condition": trust_condition}});
        self.alcazar
            .keep(role(ACCOUNT, "Ops", &trust.to_string(), EVERYTHING))
            .await;
    }

    async fn assume(&self, who: &Client, more: Value) -> Answer {
        let mut input =
            json!({"RoleArn": "arn:aws:iam::111122223333:role/Ops", "RoleSessionName": "night"});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        who.call("sts", "AssumeRole", input).await
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_near_its_time() {
    let scene = Scene::new().await;
    for later in [-2, 2, 3] {
        let answer = scene.session(&scene.code(later)).await;
        answer.fails("AccessDenied").saying(WRONG);
    }
    scene.session(&scene.code(0)).await.ok();
    for later in [0, -1] {
        let answer = scene.session(&scene.code(later)).await;
        answer.fails("AccessDenied").saying(WRONG);
    }
    scene.session(&scene.code(1)).await.ok();
}

#[tokio::test]
async fn one_of_two_at_once() {
    let scene = Scene::new().await;
    let code = scene.code(0);
    let (one, other) = tokio::join!(scene.session(&code), scene.session(&code));
    let good = [&one, &other].iter().filter(|it| it.status == 200).count();
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_denied_call_uses_its_code_up() {
    let scene = Scene::new().await;
    scene
        .ops(json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}))
        .await;
    let code = scene.code(0);
    let with_code = json!({"SerialNumber": SERIAL, "TokenCode": code});
    let denied = scene.assume(&scene.ann, with_code).await;
    denied.fails("AccessDenied").saying(
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:AssumeRole on resource: \
         arn:aws:iam::111122223333:role/Ops",
    );
    let again = scene.session(&code).await;
    again.fails("AccessDenied").saying(WRONG);
    scene.session(&scene.code(1)).await.ok();
}

#[tokio::test]
async fn guessing_ends_soon() {
    let scene = Scene::new().await;
    for _ in 0..5 {
        scene.session(&scene.code(9)).await.fails("AccessDenied");
    }
    scene.session(&scene.code(0)).await.fails("AccessDenied");
    scene.alcazar.clock.advance_seconds(300);
    scene.session(&scene.code(0)).await.ok();
}

#[tokio::test]
async fn a_device_is_its_users_alone() {
    let scene = Scene::new().await;
    let bob = scene.alcazar.user("bob", EVERYTHING).await;
    let code = scene.code(0);
    for (who, serial) in [
        (&bob, SERIAL),
        (&scene.alcazar.root(), SERIAL),
        (&scene.ann, "GAHT12345678"),
        (&scene.ann, "arn:aws:iam::111122223333:mfa/a/ann"),
        (&scene.ann, "arn:aws:iam::444455556666:mfa/ann"),
    ] {
        let input = json!({"SerialNumber": serial, "TokenCode": code});
        let answer = who.call("sts", "GetSessionToken", input).await;
        answer.fails("AccessDenied").saying(UNKNOWN);
    }
    for _ in 0..20 {
        let input = json!({"SerialNumber": SERIAL, "TokenCode": "000000"});
        bob.call("sts", "GetSessionToken", input).await;
    }
    // Nobody else's guesses stop its user.
    scene.session(&code).await.ok();
}

#[tokio::test]
async fn the_session_reaches_iam_and_is_recorded_as_such() {
    let scene = Scene::new().await;
    let plain = scene
        .ann
        .call("sts", "GetSessionToken", json!({}))
        .await
        .ok();
    let plain = scene.ann.with_credentials_of(&plain);
    plain
        .call("iam", "GetUser", json!({}))
        .await
        .fails("InvalidClientTokenId");
    scene.alcazar.clock.advance_seconds(1);
    let code = scene.code(0);
    let vouched = scene.session(&code).await.ok();
    let event = scene.alcazar.event("GetSessionToken").await;
    assert_eq!(event["requestParameters"]["serialNumber"], SERIAL);
    assert!(event["requestParameters"]["tokenCode"].is_null());
    let vouched = scene.ann.with_credentials_of(&vouched);
    vouched.call("iam", "GetUser", json!({})).await.ok();
    let event = scene.alcazar.event("GetUser").await;
    let attributes = &event["userIdentity"]["sessionContext"]["attributes"];
    assert_eq!(attributes["mfaAuthenticated"], "true");
}

#[tokio::test]
async fn trust_policies_that_demand_a_device() {
    let scene = Scene::new().await;
    scene
        .ops(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}))
        .await;
    scene
        .assume(&scene.ann, json!({}))
        .await
        .fails("AccessDenied");
    let wrong = json!({"SerialNumber": SERIAL, "TokenCode": scene.code(9)});
    scene
        .assume(&scene.ann, wrong)
        .await
        .fails("AccessDenied")
        .saying(WRONG);
    let right = json!({"SerialNumber": SERIAL, "TokenCode": scene.code(0)});
    let session = scene.assume(&scene.ann, right.clone()).await.ok();
    scene
        .assume(&scene.ann, right)
        .await
        .fails("AccessDenied")
        .saying(WRONG);
    // The role's session was vouched for; one assumed from it is not.
    let session = scene.ann.with_credentials_of(&session);
    scene.assume(&session, json!({})).await.ok();
    scene.alcazar.clock.advance_seconds(61);
    scene
        .assume(&session, json!({}))
        .await
        .fails("AccessDenied");
    let own = scene.session(&scene.code(0)).await.ok();
    let own = scene.ann.with_credentials_of(&own);
    let chained = scene.assume(&own, json!({})).await.ok();
    let chained = scene.ann.with_credentials_of(&chained);
    scene
        .assume(&chained, json!({}))
        .await
        .fails("AccessDenied");
}
