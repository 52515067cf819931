//! A function as the decision sees it: its names, its role, its policy.

use base::{AccountId, Arn, Region, Tags};
use policy::{Policy, Resource, ResourcePolicy};

/// Longest name of a function. AWS document: Lambda API Reference, "CreateFunction".
const LONGEST_NAME: usize = 64;

/// A function.
#[derive(Debug)]
pub struct Function {
    arn: Arn,
    account: AccountId,
    region: Region,
    name: String,
    role: Option<Arn>,
    policy: Option<Policy>,
    seconds: u32,
    tags: Tags,
}

/// Why there is no such function, in words that say what to change.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidFunction(String);

impl Function {
    /// A function that runs for `seconds` at most. Without a policy no service may run it, without a role its calls
    /// carry no credentials.
    ///
    /// # Errors
    /// The names are not those of a function and of a role in its account.
    pub fn new(
        arn: Arn,
        role: Option<Arn>,
        policy: Option<Policy>,
        seconds: u32,
    ) -> Result<Self, InvalidFunction> {
        let invalid = || {
            InvalidFunction(format!(
                "{arn} names no function: write arn:aws:lambda:REGION:ACCOUNT:function:NAME, where NAME has up to \
                 {LONGEST_NAME} letters, digits, - or _"
            ))
        };
        let name = arn.resource().strip_prefix("function:");
        let name = name.filter(|name| is_name(name) && is_of(&arn, "lambda"));
        let name = name.ok_or_else(invalid)?.to_owned();
        let account: AccountId = arn.account().parse().map_err(|_| invalid())?;
        let region = arn.region().parse().map_err(|_| invalid())?;
        if let Some(role) = &role {
            check_role(role, account)?;
        }
        Ok(Self {
            arn,
            account,
            region,
            name,
            role,
            policy,
            seconds,
            tags: Tags::default(),
        })
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`
    pub fn arn(&self) -> &Arn {
        &self.arn
    }
    /// Its account.
    pub fn account(&self) -> AccountId {
        self.account
    }
    /// Where it is.
    pub fn region(&self) -> Region {
        self.region
    }
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The role it runs under.
    pub fn role(&self) -> Option<&Arn> {
        self.role.as_ref()
    }
    /// How long it runs at most.
    pub fn seconds(&self) -> u32 {
        self.seconds
    }
}

fn is_of(arn: &Arn, service: &str) -> bool {
    arn.partition() == "aws" && arn.service() == service
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain)
}

/// AWS: a function's role is of its own account.
fn check_role(role: &Arn, account: AccountId) -> Result<(), InvalidFunction> {
    let named = is_of(role, "iam") && role.resource().starts_with("role/");
    match named && role.account() == account.as_str() {
        true => Ok(()),
        false => Err(InvalidFunction(format!(
            "{role} names no role of the function's account: write arn:aws:iam::{account}:role/NAME"
        ))),
    }
}

impl Resource for Function {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Ordinary(self.policy.as_ref())
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(arn: &str, role: Option<&str>) -> Result<Function, InvalidFunction> {
        let role = role.map(|role| role.parse().unwrap());
        Function::new(arn.parse().unwrap(), role, None, 3)
    }

    #[test]
    fn names_are_of_one_account() {
        let arn = "arn:aws:lambda:us-east-1:111122223333:function:rotate";
        let role = "arn:aws:iam::111122223333:role/a/rotator";
        let function = made(arn, Some(role)).unwrap();
        assert_eq!(function.name(), "rotate");
        assert_eq!(function.region(), Region::US_EAST_1);
        for (arn, role) in [
            ("arn:aws:lambda:us-east-1:111122223333:function:", None),
            ("arn:aws:lambda:us-east-1:111122223333:function:a:1", None),
            ("arn:aws:lambda:us-east-1:111122223333:layer:a", None),
            ("arn:aws:lambda::111122223333:function:a", None),
            ("arn:aws:lambda:us-east-1:1:function:a", None),
            ("arn:aws:ssm:us-east-1:111122223333:function:a", None),
            (arn, Some("arn:aws:iam::444455556666:role/rotator")),
            (arn, Some("arn:aws:iam::111122223333:user/rotator")),
        ] {
            made(arn, role).unwrap_err();
        }
    }
}
