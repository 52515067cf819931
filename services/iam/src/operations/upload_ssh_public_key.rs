//! `iam:UploadSSHPublicKey`: a key by which a user signs in to a service by SSH.

use iam_api::shapes::{UploadSSHPublicKeyRequest, UploadSSHPublicKeyResponse};
use iam_api::{operations, permission};
use identity::{HeldKind, Prefix};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::{errors, held};

/// Keys that a user may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 5;

pub(crate) struct UploadSSHPublicKey;

impl Operation for UploadSSHPublicKey {
    type Api = operations::UploadSSHPublicKey;
    type Target = Subject;

    async fn access(
        input: &UploadSSHPublicKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, Some(&input.user_name)).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::UploadSSHPublicKey { user };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UploadSSHPublicKeyResponse, Failure> {
        let user = call.target().holder()?;
        let key = held::ssh_key(&call.input().ssh_public_key_body)?;
        let keys = held::of(call.look(), user, held::is_ssh_key).await?;
        if keys.iter().any(|held| held::body(held) == key.ssh()) {
            return Err(errors::duplicate_ssh_key());
        }
        if keys.len() >= MOST {
            return Err(errors::quota_exceeded("SSHPublicKeysPerUser", MOST));
        }
        let id = call.unique_id(Prefix::SshPublicKey);
        let kept = held::new(&call, user, id, HeldKind::SshPublicKey(key.ssh()));
        let ssh_public_key = Some(held::ssh_shape(user, &kept, &key, key.ssh()));
        call.put(kept);
        Ok(UploadSSHPublicKeyResponse { ssh_public_key })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, iam, root, server, user};

    /// A key of 2,048 bits whose modulus ends in `last`.
    fn key(last: u8) -> String {
        use base64::Engine;
        let mut modulus = vec![0, 0xff];
        modulus.extend([0x5a; 254]);
        modulus.push(last);
        let parts: [&[u8]; 3] = [b"ssh-rsa", &[1, 0, 1], &modulus];
        let blob: Vec<u8> = parts
            .iter()
            .flat_map(|part| [&(part.len() as u32).to_be_bytes(), *part].concat())
            .collect();
        let body = base64::engine::general_purpose::STANDARD.encode(blob);
        format!("ssh-rsa {body} ann@laptop")
    }

    fn input(last: u8) -> Value {
        json!({"UserName": "ann", "SSHPublicKeyBody": key(last)})
    }

    #[tokio::test]
    async fn lives_and_ends() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let made = root(&alcazar, "UploadSSHPublicKey", input(1)).await;
        let id = made.field("SSHPublicKeyId");
        assert!(id.starts_with("APKA"), "{id}");
        assert_eq!(made.field("Status"), "Active");
        assert_eq!(made.field("Fingerprint").len(), 47);
        let named = json!({"UserName": "ann", "SSHPublicKeyId": id});
        for (encoding, start) in [("SSH", "ssh-rsa "), ("PEM", "-----BEGIN PUBLIC KEY-----")] {
            let mut get = named.clone();
            get["Encoding"] = json!(encoding);
            denies(&alcazar, "GetSSHPublicKey", get.clone()).await;
            let found = root(&alcazar, "GetSSHPublicKey", get).await;
            assert!(found.field("SSHPublicKeyBody").starts_with(start));
            assert_eq!(found.field("Fingerprint"), made.field("Fingerprint"));
        }
        let mut update = named.clone();
        update["Status"] = json!("Inactive");
        denies(&alcazar, "UpdateSSHPublicKey", update.clone()).await;
        root(&alcazar, "UpdateSSHPublicKey", update.clone()).await;
        let ann = json!({"UserName": "ann"});
        denies(&alcazar, "ListSSHPublicKeys", ann.clone()).await;
        let listed = root(&alcazar, "ListSSHPublicKeys", ann.clone()).await;
        assert_eq!(listed.fields("Status"), ["Inactive"]);
        update["Status"] = json!("Expired");
        let answer = iam(&alcazar.root(), "UpdateSSHPublicKey", update).await;
        answer.fails("InvalidInput");
        denies(&alcazar, "DeleteSSHPublicKey", named.clone()).await;
        let kept = (
            "DeleteConflict",
            "Cannot delete entity, must delete SSH public keys first.",
        );
        fails(&alcazar, "DeleteUser", ann.clone(), kept).await;
        root(&alcazar, "DeleteSSHPublicKey", named.clone()).await;
        for operation in [
            "GetSSHPublicKey",
            "ListSSHPublicKeys",
            "UpdateSSHPublicKey",
            "DeleteSSHPublicKey",
        ] {
            let event = alcazar.event(operation).await;
            assert_eq!(event["requestParameters"]["userName"], "ann", "{operation}");
        }
        let message = format!("The Public Key with id {id} cannot be found.");
        fails(
            &alcazar,
            "DeleteSSHPublicKey",
            named,
            ("NoSuchEntity", &message),
        )
        .await;
        root(&alcazar, "DeleteUser", ann).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let short = key(1).replace(&"Wlpa".repeat(40), "");
        for (body, code) in [
            (
                "ssh-ed25519 AAAA".to_owned(),
                "UnrecognizedPublicKeyEncoding",
            ),
            ("ssh-rsa AAAA".to_owned(), "InvalidPublicKey"),
            (short, "InvalidPublicKey"),
            (
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----".to_owned(),
                "InvalidPublicKey",
            ),
        ] {
            let input = json!({"UserName": "ann", "SSHPublicKeyBody": body});
            let answer = iam(&alcazar.root(), "UploadSSHPublicKey", input).await;
            answer.fails(code);
        }
        for last in 1..6 {
            root(&alcazar, "UploadSSHPublicKey", input(last * 2 + 1)).await;
        }
        iam(&alcazar.root(), "UploadSSHPublicKey", input(3))
            .await
            .fails("DuplicateSSHPublicKey");
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for SSHPublicKeysPerUser: 5",
        );
        fails(&alcazar, "UploadSSHPublicKey", input(99), full).await;
        let missing = ("NoSuchEntity", "The user with name bob cannot be found.");
        let bob = json!({"UserName": "bob", "SSHPublicKeyBody": key(1)});
        fails(&alcazar, "UploadSSHPublicKey", bob, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "UploadSSHPublicKey", input(1)).await;
        root(&alcazar, "UploadSSHPublicKey", input(1)).await;
        let event = alcazar.event("UploadSSHPublicKey").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
