//! What a grant permits, in the words of the policy engine.

use base::AccountId;
use identity::Account;
use kms_api::shapes::GrantOperation;
use policy::{Constraint, Grantee, Malformed, Terms};

use super::{ContextConstraint, Grant, Party};

/// The operation as an action.
fn action(operation: GrantOperation) -> String {
    format!("kms:{operation}")
}

/// What `grant` permits on its key, but for its own retirement: that is about this grant alone and not about the key.
pub(crate) fn of(grant: &Grant) -> Result<policy::Grant, Malformed> {
    let words = Words::of(grant);
    let (context, source) = (words.context(), words.source());
    let limited = [&context[..], &source[..]].concat();
    let created = [&limited[..], &words.created()[..]].concat();
    let (mut cryptographic, mut other, mut creating) = (Vec::new(), Vec::new(), Vec::new());
    for operation in &grant.operations {
        let actions = match operation {
            GrantOperation::RetireGrant => continue,
            GrantOperation::CreateGrant => &mut creating,
            GrantOperation::DescribeKey | GrantOperation::GetPublicKey => &mut other,
            _ => &mut cryptographic,
        };
        actions.push(action(*operation));
    }
    let groups = [
        (borrowed(&cryptographic), &limited),
        (borrowed(&other), &source),
        (borrowed(&creating), &created),
    ];
    let groups = groups.iter().filter(|(actions, _)| !actions.is_empty());
    let terms = groups.map(|(actions, constraints)| Terms {
        actions,
        constraints,
    });
    let terms: Vec<Terms<'_>> = terms.collect();
    policy::Grant::new(&grant.id.to_string(), grant.grantee.grantee(), &terms)
}

/// Who may retire `grant`: its retiring principal, its grantee if it says so, and the account that made it.
pub(crate) fn retiring(grant: &Grant) -> Result<Vec<policy::Grant>, Malformed> {
    let words = Words::of(grant);
    let source = words.source();
    let retire = |grantee: Grantee<'_>, constraints: &[Constraint<'_>]| {
        let actions = &["kms:RetireGrant"];
        let terms = Terms {
            actions,
            constraints,
        };
        policy::Grant::new(&grant.id.to_string(), grantee, &[terms])
    };
    let issuer = account(grant.issuer);
    let mut entitled = vec![retire(
        Grantee::Aws {
            name: &issuer,
            id: None,
        },
        &[],
    )?];
    if let Some(party) = &grant.retiring {
        entitled.push(retire(party.grantee(), &[])?);
    }
    if grant.permits(GrantOperation::RetireGrant) {
        entitled.push(retire(grant.grantee.grantee(), &source)?);
    }
    Ok(entitled)
}

fn account(id: AccountId) -> String {
    Account::root_arn(id).to_string()
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// The texts that constraints are made of.
struct Words<'a> {
    grant: &'a Grant,
    /// Condition key and value of each pair of the encryption context.
    pairs: Vec<(String, [&'a str; 1])>,
    names: Vec<&'a str>,
    operations: Vec<&'static str>,
    source: Option<[&'a str; 1]>,
}

impl<'a> Words<'a> {
    fn of(grant: &'a Grant) -> Self {
        let context = grant.constraints.context.as_ref();
        let pairs = context.into_iter().flat_map(|context| context.pairs());
        let key = |name: &str| format!("kms:EncryptionContext:{name}");
        let exact = matches!(context, Some(ContextConstraint::Equals(_)));
        let names = pairs.clone().map(|(name, _)| name.as_str());
        let source = grant.constraints.source_arn.as_deref();
        Self {
            grant,
            names: names.filter(|_| exact).collect(),
            pairs: pairs
                .map(|(name, value)| (key(name), [value.as_str()]))
                .collect(),
            operations: grant.operations.iter().map(|it| it.as_str()).collect(),
            source: source.map(|arn| [arn]),
        }
    }

    /// That the encryption context has every pair, and no other where it must be equal.
    fn context(&self) -> Vec<Constraint<'_>> {
        let pairs = self.pairs.iter().map(|(key, values)| Constraint {
            operator: "StringEquals",
            key,
            values,
        });
        let exact = (!self.names.is_empty()).then(|| Constraint {
            operator: "ForAllValues:StringEquals",
            key: "kms:EncryptionContextKeys",
            values: &self.names,
        });
        pairs.chain(exact).collect()
    }

    /// That a service calls on behalf of this resource. AWS: with a principal as grantee, that counts only for requests
    /// that a service makes.
    fn source(&self) -> Vec<Constraint<'_>> {
        let operator = match self.grant.grantee {
            Party::Principal { .. } => "StringEqualsIfExists",
            Party::Service(_) => "StringEquals",
        };
        let source = self.source.as_ref().map(|values| Constraint {
            operator,
            key: "aws:SourceArn",
            values,
        });
        source.into_iter().collect()
    }

    /// That a grant which is made by virtue of this one gives no more than this one does.
    fn created(&self) -> Vec<Constraint<'_>> {
        let operations = Constraint {
            operator: "ForAllValues:StringEquals",
            key: "kms:GrantOperations",
            values: &self.operations,
        };
        let exact = (!self.names.is_empty()).then_some(Constraint {
            operator: "StringEquals",
            key: "kms:GrantConstraintType",
            values: &["EncryptionContextEquals"],
        });
        let source = self.source.as_ref().map(|values| Constraint {
            operator: "StringEquals",
            key: "kms:GrantConstraintSourceArn",
            values,
        });
        [Some(operations), exact, source]
            .into_iter()
            .flatten()
            .collect()
    }
}
