//! Keys that a call brings along: its tags, and what STS knows of a session that is about to begin.

use harness::{ACCOUNT, Alcazar, Client, role};
use identity::{Document, Role};
use policy::Grammar;
use serde_json::{Value, json};

use crate::callers::{assuming, by, ops, tagged_user};
use crate::requests::table;
use crate::{EVERYTHING, server};

/// The trust policy of Ops with this condition.
async fn trusts_on(alcazar: &Alcazar, ops: &Role, condition: &Value) {
    let statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": condition,
    });
    let trust = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let trust = Document::parse(&trust, Grammar::Trust).unwrap();
    alcazar
        .keep(Role {
            trust,
            ..ops.clone()
        })
        .await;
}

/// Asks every condition of `told` of one call of AssumeRole.
async fn check(alcazar: &Alcazar, caller: &Client, role: &Role, more: &Value, told: &str) {
    for (condition, holds) in table(told) {
        trusts_on(alcazar, role, &condition).await;
        let input = assuming(role, more.clone());
        let answer = caller.call("sts", "AssumeRole", input).await;
        assert_eq!(answer.status == 200, holds, "{condition}: {}", answer.text);
        if !holds {
            answer.fails("AccessDenied");
        }
    }
}

/// Told, operator, key, value.
const OF_A_FULL_CALL: &str = "
    yes StringEquals                sts:ExternalId            ticket
    yes StringEquals                STS:externalid            ticket
    no  StringEquals                sts:ExternalId            Ticket
    no  Null                        sts:ExternalId            true
    yes StringEquals                sts:RoleSessionName       night
    no  StringEquals                sts:RoleSessionName       day
    yes StringEquals                sts:SourceIdentity        behind
    no  StringEquals                sts:SourceIdentity        ann
    yes Null                        aws:SourceIdentity        true
    yes ForAnyValue:StringEquals    sts:TransitiveTagKeys     Team
    no  ForAnyValue:StringEquals    sts:TransitiveTagKeys     Shift
    yes ForAllValues:StringEquals   sts:TransitiveTagKeys     Team
    no  ForAllValues:StringEquals   sts:TransitiveTagKeys     Shift
    yes StringEquals                aws:RequestTag/Team       Red
    yes StringEquals                AWS:requestTAG/tEAM       Red
    no  StringEquals                aws:RequestTag/Team       Blue
    yes StringNotEquals             aws:RequestTag/Other      Red
    yes Null                        aws:RequestTag/Other      true
    no  Null                        aws:RequestTag/Shift      true
    yes ForAnyValue:StringEquals    aws:TagKeys               Shift
    no  ForAnyValue:StringEquals    aws:TagKeys               Other
    no  ForAllValues:StringEquals   aws:TagKeys               Shift
    yes ForAllValues:StringLike     aws:TagKeys               *
    no  StringEquals                aws:TagKeys               Shift
    no  Null                        aws:TagKeys               true
    yes StringEquals                aws:PrincipalTag/Team     Blue
    yes Null                        aws:PrincipalTag/Shift    true
    yes StringEquals                aws:ResourceTag/Env       Test
    yes StringEquals                aws:ResourceTag/eNV       Test
    yes StringEquals                iam:ResourceTag/Env       Test
    no  StringEquals                aws:ResourceTag/Env       Live
    yes StringEquals                aws:ResourceTag/Team      ${aws:PrincipalTag/Team}
    no  StringEquals                aws:ResourceTag/Team      ${aws:RequestTag/Team}
    no  StringEquals                aws:ResourceTag/Env       ${aws:PrincipalTag/Env}
    yes StringEquals                aws:ResourceAccount       ${aws:PrincipalAccount}
    yes Null                        kms:CallerAccount         true
";

/// Told, operator, key, value.
const OF_A_BARE_CALL: &str = "
    yes Null                        sts:ExternalId            true
    no  StringEquals                sts:ExternalId            ticket
    yes StringEqualsIfExists        sts:ExternalId            ticket
    yes StringEquals                sts:RoleSessionName       night
    yes Null                        sts:SourceIdentity        true
    yes Null                        sts:TransitiveTagKeys     true
    no  ForAnyValue:StringEquals    sts:TransitiveTagKeys     Team
    yes ForAllValues:StringEquals   sts:TransitiveTagKeys     Team
    yes Null                        aws:RequestTag/Team       true
    yes Null                        aws:TagKeys               true
    no  ForAnyValue:StringLike      aws:TagKeys               *
    yes ForAllValues:StringEquals   aws:TagKeys               Other
";

/// Told, operator, key, value: of a session of Ops which hands down its source identity and tag Team.
const OF_A_CHAINED_CALL: &str = "
    yes StringEquals                aws:SourceIdentity        behind
    no  StringEquals                aws:SourceIdentity        ann
    yes StringEquals                aws:PrincipalTag/Team     Red
    yes Null                        aws:RequestTag/Team       true
    yes Null                        sts:ExternalId            true
";

#[tokio::test]
async fn of_assuming_a_role() {
    let alcazar = server().await;
    let ops = ops(&alcazar).await;
    let (ann, _) = tagged_user(&alcazar).await;
    let full = json!({
        "ExternalId": "ticket",
        "SourceIdentity": "behind",
        "Tags": [{"Key": "Team", "Value": "Red"}, {"Key": "Shift", "Value": "Night"}],
        "TransitiveTagKeys": ["Team"],
    });
    let night = by(&ann, "AssumeRole", assuming(&ops, full.clone())).await;
    let next = role(ACCOUNT, "Next", ops.trust.text(), EVERYTHING);
    check(&alcazar, &ann, &ops, &full, OF_A_FULL_CALL).await;
    check(&alcazar, &ann, &ops, &json!({}), OF_A_BARE_CALL).await;
    check(&alcazar, &night, &next, &json!({}), OF_A_CHAINED_CALL).await;
}

/// Told, operator, key, value.
const OF_TAGGING: &str = "
    yes StringEquals                aws:RequestTag/Cost       7
    no  StringEquals                aws:RequestTag/Cost       8
    yes Null                        aws:RequestTag/Team       true
    yes ForAllValues:StringEquals   aws:TagKeys               Cost
    no  ForAllValues:StringEquals   aws:TagKeys               Team
    yes StringEquals                aws:ResourceTag/Team      Blue
    no  StringEquals                aws:ResourceTag/Team      Red
    yes StringEquals                aws:ResourceTag/Team      ${aws:PrincipalTag/Team}
";

#[tokio::test]
async fn of_tagging_a_key() {
    let alcazar = server().await;
    let (ann, _) = tagged_user(&alcazar).await;
    let tags = json!([{"TagKey": "Team", "TagValue": "Blue"}]);
    let made = ann.call("kms", "CreateKey", json!({"Tags": tags})).await;
    let key = made.ok().field("/KeyMetadata/KeyId");
    let cost = json!([{"TagKey": "Cost", "TagValue": "7"}]);
    for (condition, holds) in table(OF_TAGGING) {
        crate::requests::may_on(&alcazar, &condition).await;
        let input = json!({"KeyId": key, "Tags": cost});
        let answer = ann.call("kms", "TagResource", input).await;
        assert_eq!(answer.status == 200, holds, "{condition}: {}", answer.text);
    }
}
