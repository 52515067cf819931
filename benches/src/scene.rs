//! An IAM user with policies of every kind a user commonly has, and a KMS key it may use.

use crate::Outcome;
use crate::connection::Connection;
use crate::load::Target;
use crate::primitive::{Kind, PLAINTEXT_BYTES};
use crate::request::{Call, Caller};
use base::Secret;
use serde_json::{Value, json};

const USER: &str = "bench";
const PARAMETER: &str = "/bench/parameter";

/// Who calls, and on what.
#[derive(Clone, Debug)]
pub struct Scene {
    user: Caller,
    key_id: String,
    ciphertext: String,
    secret: String,
    mac_key_id: String,
    signing_key_id: String,
    signature: String,
    wanted: Vec<String>,
}

/// One of the calls that must be fast.
#[derive(Clone, Debug)]
pub struct HotCall {
    /// As `kms:Encrypt`.
    pub name: &'static str,
    /// Its primitive.
    pub primitive: Kind,
    /// The call.
    pub call: Call,
}

impl Scene {
    /// Makes user, policies and key. Of the hot calls those that are `wanted`, or all.
    ///
    /// # Errors
    /// If the server refuses one of them.
    pub async fn set(target: Target, root: &Caller, wanted: Vec<String>) -> Outcome<Self> {
        let mut desk = Desk::open(target, root).await?;
        let key = desk
            .json("CreateKey", &json!({"Description": "bench"}))
            .await?;
        let key_id = text(&key, "/KeyMetadata/KeyId")?;
        let user = user_with_policies(&mut desk, &text(&key, "/KeyMetadata/Arn")?).await?;
        let encrypted = desk.json("Encrypt", &encrypt(&key_id)).await?;
        let value = json!({
            "Name": "bench/secret", "SecretString": "{\"username\":\"bench\",\"password\":\"bench\"}",
            "KmsKeyId": key_id, "ClientRequestToken": "bench-bench-bench-bench-bench-bench",
        });
        let call = Call::secretsmanager("CreateSecret", &value);
        let made = serde_json::from_slice(&desk.call("CreateSecret", &call).await?)?;
        let value =
            json!({"Name": PARAMETER, "Value": "bench", "Type": "SecureString", "KeyId": key_id});
        desk.call("PutParameter", &Call::ssm("PutParameter", &value))
            .await?;
        let mac_key_id = new_key(&mut desk, "HMAC_256", "GENERATE_VERIFY_MAC").await?;
        let signing_key_id = new_key(&mut desk, "ECC_NIST_P256", "SIGN_VERIFY").await?;
        let signed = desk.json("Sign", &sign(&signing_key_id)).await?;
        Ok(Self {
            user,
            key_id,
            ciphertext: text(&encrypted, "/CiphertextBlob")?,
            secret: text(&made, "/ARN")?,
            mac_key_id,
            signing_key_id,
            signature: text(&signed, "/Signature")?,
            wanted,
        })
    }

    /// The user.
    pub fn user(&self) -> &Caller {
        &self.user
    }

    /// The calls that must be fast, as far as they are wanted.
    pub fn hot_calls(&self) -> impl Iterator<Item = HotCall> {
        let all = self.every_hot_call().into_iter();
        all.filter(|hot| self.wanted.is_empty() || self.wanted.iter().any(|name| name == hot.name))
    }

    fn every_hot_call(&self) -> [HotCall; 9] {
        let decrypt = json!({"CiphertextBlob": self.ciphertext, "EncryptionContext": context()});
        let generate =
            json!({"KeyId": self.key_id, "KeySpec": "AES_256", "EncryptionContext": context()});
        let mac = json!({"KeyId": self.mac_key_id, "MacAlgorithm": "HMAC_SHA_256",
            "Message": plaintext()});
        let mut verify = sign(&self.signing_key_id);
        if let Some(verify) = verify.as_object_mut() {
            verify.insert("Signature".to_owned(), json!(self.signature));
        }
        [
            hot(
                "kms:Encrypt",
                Kind::Seal,
                Call::kms("Encrypt", &encrypt(&self.key_id)),
            ),
            hot("kms:Decrypt", Kind::Open, Call::kms("Decrypt", &decrypt)),
            hot(
                "kms:GenerateDataKey",
                Kind::Generate,
                Call::kms("GenerateDataKey", &generate),
            ),
            hot("kms:GenerateMac", Kind::Mac, Call::kms("GenerateMac", &mac)),
            hot(
                "kms:Sign",
                Kind::Sign,
                Call::kms("Sign", &sign(&self.signing_key_id)),
            ),
            hot("kms:Verify", Kind::Verify, Call::kms("Verify", &verify)),
            hot(
                "secretsmanager:GetSecretValue",
                Kind::Open,
                Call::secretsmanager("GetSecretValue", &json!({"SecretId": self.secret})),
            ),
            hot(
                "ssm:GetParameter",
                Kind::Open,
                Call::ssm(
                    "GetParameter",
                    &json!({"Name": PARAMETER, "WithDecryption": true}),
                ),
            ),
            hot(
                "sts:GetCallerIdentity",
                Kind::None,
                Call::sts("GetCallerIdentity"),
            ),
        ]
    }
}

fn hot(name: &'static str, primitive: Kind, call: Call) -> HotCall {
    HotCall {
        name,
        primitive,
        call,
    }
}

fn context() -> Value {
    json!({"App": "bench", "Tenant": "bench-0042"})
}

fn encrypt(key_id: &str) -> Value {
    json!({"KeyId": key_id, "Plaintext": plaintext(), "EncryptionContext": context()})
}

fn sign(key_id: &str) -> Value {
    json!({"KeyId": key_id, "SigningAlgorithm": "ECDSA_SHA_256", "Message": plaintext()})
}

/// 32 zeros in base64.
fn plaintext() -> String {
    format!("{}=", "A".repeat((PLAINTEXT_BYTES * 4).div_ceil(3)))
}

async fn new_key(desk: &mut Desk<'_>, spec: &str, usage: &str) -> Outcome<String> {
    let input = json!({"KeySpec": spec, "KeyUsage": usage});
    let made = desk.json("CreateKey", &input).await?;
    text(&made, "/KeyMetadata/KeyId")
}

async fn user_with_policies(desk: &mut Desk<'_>, key_arn: &str) -> Outcome<Caller> {
    let user = ("UserName", USER);
    desk.form(
        "CreateUser",
        &[
            user,
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "core"),
        ],
    )
    .await?;
    desk.form("CreateGroup", &[("GroupName", "benches")])
        .await?;
    desk.form("AddUserToGroup", &[("GroupName", "benches"), user])
        .await?;
    let denies = document(&json!([{
        "Effect": "Deny", "Action": ["kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"], "Resource": "*"
    }, {
        "Effect": "Deny", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}}
    }]));
    let name = ("PolicyName", "guard");
    desk.form(
        "PutGroupPolicy",
        &[("GroupName", "benches"), name, ("PolicyDocument", &denies)],
    )
    .await?;
    let allows = document(&json!([{
        "Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": key_arn,
        "Condition": {"StringLike": {"kms:EncryptionContext:Tenant": "${aws:username}-*"}}
    }, {
        "Effect": "Allow", "Action": ["kms:List*", "kms:Describe*"], "Resource": "*"
    }, {
        "Effect": "Allow", "Action": ["kms:GenerateMac", "kms:Sign", "kms:Verify"], "Resource": "*"
    }, {
        "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:bench/*"
    }, {
        "Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:*:*:parameter/bench/*"
    }, {
        "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key_arn,
        "Condition": {"StringEquals": {"kms:ViaService": [
            "secretsmanager.us-east-1.amazonaws.com", "ssm.us-east-1.amazonaws.com"]}}
    }]));
    let made = desk
        .form(
            "CreatePolicy",
            &[("PolicyName", "keys"), ("PolicyDocument", &allows)],
        )
        .await?;
    desk.form(
        "AttachUserPolicy",
        &[user, ("PolicyArn", &element(&made, "Arn")?)],
    )
    .await?;
    let other = document(
        &json!([{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::bench/*"}]),
    );
    desk.form(
        "PutUserPolicy",
        &[user, ("PolicyName", "objects"), ("PolicyDocument", &other)],
    )
    .await?;
    let made = desk.form("CreateAccessKey", &[user]).await?;
    Ok(Caller {
        access_key_id: element(&made, "AccessKeyId")?,
        secret_access_key: Secret::new(element(&made, "SecretAccessKey")?),
    })
}

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A connection over which one caller calls, one call after the other.
pub struct Desk<'a> {
    connection: Connection,
    caller: &'a Caller,
}

impl<'a> Desk<'a> {
    /// Connects.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn open(target: Target, caller: &'a Caller) -> Outcome<Self> {
        let connection = Connection::open(target.address).await?;
        Ok(Self { connection, caller })
    }

    /// Calls an operation of KMS.
    ///
    /// # Errors
    /// If it is refused.
    pub async fn json(&mut self, operation: &str, input: &Value) -> Outcome<Value> {
        let body = self.call(operation, &Call::kms(operation, input)).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Calls an operation of IAM.
    ///
    /// # Errors
    /// If it is refused.
    pub async fn form(&mut self, operation: &str, input: &[(&str, &str)]) -> Outcome<String> {
        let body = self.call(operation, &Call::iam(operation, input)).await?;
        Ok(String::from_utf8(body)?)
    }

    /// Makes a call: the body of the reply.
    ///
    /// # Errors
    /// If it is refused.
    pub async fn call(&mut self, operation: &str, call: &Call) -> Outcome<Vec<u8>> {
        let request = self.caller.sign(call)?;
        let reply = self.connection.exchange(&request).await?.ok();
        let reply = reply.map_err(|error| format!("{operation}: {error}"))?;
        Ok(reply.body.to_vec())
    }
}

/// The text at `pointer`.
///
/// # Errors
/// If there is none.
pub fn text(json: &Value, pointer: &str) -> Outcome<String> {
    let found = json.pointer(pointer).and_then(Value::as_str);
    Ok(found
        .ok_or_else(|| format!("no {pointer} in {json}"))?
        .to_owned())
}

/// What the first element of this name holds; enough for ids, which XML does not escape.
///
/// # Errors
/// If there is none.
pub fn element(xml: &str, name: &str) -> Outcome<String> {
    let rest = xml.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once('<'));
    let (found, _) = found.ok_or_else(|| format!("no {name} in {xml}"))?;
    Ok(found.to_owned())
}
