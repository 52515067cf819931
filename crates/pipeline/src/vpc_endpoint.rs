//! VPC endpoints: addresses that an operator has dedicated to one network.
//!
//! AWS documents: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"; IAM User Guide, "AWS
//! global condition context keys", properties of the network.

use base::{AccountId, Region};
use policy::{Attached, Grammar, Policy};

/// Longest endpoint policy, in characters, white space included.
const LONGEST_POLICY: usize = 20_480;
/// The policy of an endpoint that was given none.
const FULL_ACCESS: &str =
    r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;

/// A VPC endpoint. What is known of it, its calls tell by where they arrive, never by what they carry.
#[derive(Debug)]
pub struct VpcEndpoint {
    id: String,
    vpc: String,
    vpc_arn: String,
    account: AccountId,
    policy: Policy,
}

/// Why there is no such endpoint, in words that say what to change.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidVpcEndpoint(String);

impl VpcEndpoint {
    /// An endpoint of `account` in a VPC of its own in `region`; without a policy it gives full access.
    ///
    /// # Errors
    /// A name is not one of AWS's, or the policy is none of a VPC endpoint.
    pub fn new(
        id: &str,
        vpc: &str,
        account: AccountId,
        region: Region,
        policy: Option<&str>,
    ) -> Result<Self, InvalidVpcEndpoint> {
        check_name(id, "vpce-")?;
        check_name(vpc, "vpc-")?;
        Ok(Self {
            id: id.to_owned(),
            vpc: vpc.to_owned(),
            vpc_arn: format!("arn:aws:ec2:{region}:{account}:vpc/{vpc}"),
            account,
            policy: read_policy(policy.unwrap_or(FULL_ACCESS))?,
        })
    }

    /// As `vpce-0a1b2c3d4e5f60718`: `aws:SourceVpce`.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// As `vpc-0a1b2c3d4e5f60718`: `aws:SourceVpc`.
    pub fn vpc(&self) -> &str {
        &self.vpc
    }
    /// ARN of the VPC: `aws:SourceVpcArn`.
    pub fn vpc_arn(&self) -> &str {
        &self.vpc_arn
    }
    /// The account that owns it: `aws:VpceAccount`.
    pub fn account(&self) -> AccountId {
        self.account
    }
    /// Its policy, as a decision takes it.
    pub fn attached(&self) -> Attached<'_> {
        Attached {
            name: &self.id,
            policy: &self.policy,
        }
    }
}

/// AWS's ids are a prefix and 17 hexadecimal digits; old ones have 8.
fn check_name(name: &str, prefix: &str) -> Result<(), InvalidVpcEndpoint> {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let number = name.strip_prefix(prefix);
    match number.filter(|number| matches!(number.len(), 8 | 17) && number.bytes().all(digit)) {
        Some(_) => Ok(()),
        None => Err(InvalidVpcEndpoint(format!(
            "{name:?} is no id: write {prefix} and 17 hexadecimal digits, as {prefix}0a1b2c3d4e5f60718"
        ))),
    }
}

fn read_policy(text: &str) -> Result<Policy, InvalidVpcEndpoint> {
    if text.chars().count() > LONGEST_POLICY {
        return Err(InvalidVpcEndpoint(format!(
            "an endpoint policy has at most {LONGEST_POLICY} characters"
        )));
    }
    let policy = Policy::parse(text, Grammar::Resource)
        .map_err(|malformed| InvalidVpcEndpoint(malformed.message))?;
    match policy.allows_all_but() {
        false => Ok(policy),
        true => Err(InvalidVpcEndpoint(
            "Allow with NotPrincipal allows nobody: name whom the endpoint is for in Principal"
                .into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(id: &str, vpc: &str, policy: Option<&str>) -> Result<VpcEndpoint, String> {
        let account = AccountId::from_number(1);
        let made = VpcEndpoint::new(id, vpc, account, Region::US_EAST_1, policy);
        made.map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_awss() {
        let made = endpoint("vpce-0a1b2c3d4e5f60718", "vpc-1a2b3c4d", None).unwrap();
        let arn = "arn:aws:ec2:us-east-1:000000000001:vpc/vpc-1a2b3c4d";
        assert_eq!(made.vpc_arn(), arn);
        for (id, vpc) in [
            ("vpce-1a2b3c4", "vpc-1a2b3c4d"),
            ("vpce-1A2B3C4D", "vpc-1a2b3c4d"),
            ("1a2b3c4d", "vpc-1a2b3c4d"),
            ("vpc-1a2b3c4d", "vpc-1a2b3c4d"),
            ("vpce-1a2b3c4d", "vpce-1a2b3c4d"),
            ("vpce-1a2b3c4d", "vpc-1a2b3c4d/*"),
            ("vpce-1a2b3c4d", ""),
        ] {
            let refused = endpoint(id, vpc, None).unwrap_err();
            assert!(refused.contains("17 hexadecimal digits"), "{refused}");
        }
    }

    #[test]
    fn a_policy_must_name_principals() {
        let refused =
            |policy: &str| endpoint("vpce-1a2b3c4d", "vpc-1a2b3c4d", Some(policy)).unwrap_err();
        let long = FULL_ACCESS.replace(' ', &" ".repeat(4_000));
        for (policy, told) in [
            ("", "Syntax errors in policy."),
            (
                r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
                "Missing required field Principal",
            ),
            (
                r#"{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}}"#,
                "Allow with NotPrincipal",
            ),
            (&long, "at most 20480 characters"),
        ] {
            assert!(refused(policy).contains(told), "{}", refused(policy));
        }
    }
}
