//! A KMS key whose policy asks one condition: who can describe the key fulfils it.

use harness::{ACCOUNT, Alcazar, Client};
use serde_json::{Value, json};

use crate::EVERYTHING;

/// The key.
pub(crate) struct Probe {
    keeper: Client,
    arn: String,
}

impl Probe {
    /// Makes the key, with a tag.
    pub(crate) async fn new(alcazar: &Alcazar) -> Self {
        let keeper = alcazar.user("keeper", EVERYTHING).await;
        let policy = policy(&json!({"Null": {"aws:SourceIp": "true"}}));
        let tags = json!([{"TagKey": "Team", "TagValue": "Blue"}]);
        let input = json!({
            "Policy": policy,
            "Tags": tags,
            "BypassPolicyLockoutSafetyCheck": true,
        });
        let made = keeper.call("kms", "CreateKey", input).await.ok();
        let arn = made.field("/KeyMetadata/Arn");
        Self { keeper, arn }
    }

    /// From now on the key asks this condition.
    pub(crate) async fn ask(&self, condition: &Value) {
        let input = json!({
            "KeyId": self.arn,
            "Policy": policy(condition),
            "BypassPolicyLockoutSafetyCheck": true,
        });
        self.keeper.call("kms", "PutKeyPolicy", input).await.ok();
    }

    /// Whether the condition holds for a call of `caller`.
    pub(crate) async fn holds_for(&self, caller: &Client) -> bool {
        let input = json!({"KeyId": self.arn});
        let answer = caller.call("kms", "DescribeKey", input).await;
        let allowed = answer.status == 200;
        if !allowed {
            answer.fails("AccessDeniedException");
        }
        allowed
    }
}

/// Everybody may describe the key on this condition. Nothing else allows it: identity policies count only where a
/// key policy delegates to the account.
fn policy(condition: &Value) -> String {
    let keeping = json!({
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/keeper")},
        "Action": ["kms:PutKeyPolicy", "kms:TagResource"],
        "Resource": "*",
    });
    let asking = json!({
        "Effect": "Allow",
        "Principal": "*",
        "Action": "kms:DescribeKey",
        "Resource": "*",
        "Condition": condition,
    });
    json!({"Version": "2012-10-17", "Statement": [keeping, asking]}).to_string()
}
