//! tmp
use base::*;
use policy::*;
struct C;
impl Context for C {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match key.name() {
            "aws:username" => {
                each(Value::Text("ann"));
                true
            }
            "aws:sourceip" => {
                each(Value::Ip([203, 0, 113, 7].into()));
                true
            }
            _ => false,
        }
    }
}
struct K {
    arn: Arn,
    account: AccountId,
    policy: Policy,
    tags: Tags,
}
impl Resource for K {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Key(&self.policy)
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}
fn pol(g: Grammar, s: Vec<String>) -> Policy {
    Policy::parse(
        &format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            s.join(",")
        ),
        g,
    )
    .unwrap()
}
fn main() {
    let account: AccountId = "111111111111".parse().unwrap();
    let key = K { arn: "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab".parse().unwrap(), account,
        policy: pol(Grammar::Key, vec![r#"{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{"AWS":"arn:aws:iam::111111111111:root"}}"#.into()]), tags: Tags::default() };
    let hit = |i: usize| {
        format!(
            r#"{{"Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt"],"Resource":"arn:aws:kms:*:111111111111:key/{}*","Condition":{{"StringEquals":{{"aws:username":"{}"}},"IpAddress":{{"aws:SourceIp":"203.0.113.0/24"}}}}}}"#,
            if i == 9 { "1" } else { "1" },
            if i == 9 { "ann" } else { "bob" }
        )
    };
    let miss = |i: usize| match i % 3 {
        0 => format!(
            r#"{{"Effect":"Allow","Action":["s3:Get{i}","s3:Put{i}"],"Resource":"arn:aws:s3:::b{i}/*"}}"#
        ),
        1 => format!(r#"{{"Effect":"Allow","Action":["ec2:Describe{i}*"],"Resource":"*"}}"#),
        _ => format!(r#"{{"Effect":"Deny","Action":"kms:Other{i}","Resource":"*"}}"#),
    };
    let ten = pol(Grammar::Identity, (0..10).map(hit).collect());
    let thousand = pol(
        Grammar::Identity,
        (0..990).map(miss).chain((0..10).map(hit)).collect(),
    );
    let boundary = pol(
        Grammar::Identity,
        vec![r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.into()],
    );
    for (name, p) in [("10", &ten), ("1000", &thousand)] {
        let a = [Attached {
            name: "p",
            policy: p,
        }];
        let many = [Attached {
            name: "p",
            policy: &boundary,
        }];
        for (label, policies) in [
            (
                "plain",
                Policies {
                    identity: &a,
                    ..Default::default()
                },
            ),
            (
                "scp5+boundary",
                Policies {
                    identity: &a,
                    boundary: Some(many[0]),
                    service_control: &[&many, &many, &many, &many, &many],
                    ..Default::default()
                },
            ),
        ] {
            let r = Request {
                principal: Principal {
                    account,
                    kind: PrincipalKind::User {
                        arn: "arn:aws:iam::111111111111:user/ann",
                        id: "AIDAANNANNANNANNANN",
                    },
                },
                action: "kms:Encrypt",
                resource: Some(&key),
                context: &C,
            };
            assert!(decide(&r, &policies).is_allowed());
            let n = 10_000u32;
            let mut best = f64::MAX;
            for _ in 0..200 {
                let t = std::time::Instant::now();
                for _ in 0..n {
                    std::hint::black_box(decide(std::hint::black_box(&r), &policies));
                }
                best = best.min(t.elapsed().as_nanos() as f64 / n as f64);
            }
            println!("{name} {label}: {best:.0} ns");
        }
    }
}
