//! `organizations:MoveAccount`: takes an account from the root or a unit to another.

use std::sync::Arc;

use identity::organization::{Child, ChildKind, Member};
use organizations_api::shapes::MoveAccountRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::Resource;
use wire::Empty;

use crate::errors;
use crate::node::Sought;

pub(crate) struct MoveAccount;

/// The account, and where it is taken from and to.
pub(crate) struct Move {
    account: Sought,
    source: Sought,
    destination: Sought,
}

impl Operation for MoveAccount {
    type Api = operations::MoveAccount;
    type Target = Move;

    async fn access(
        input: &MoveAccountRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let account = Sought::find(look, &input.account_id).await?;
        let standing = account.standing.clone();
        let source = Sought::within(look, standing.clone(), &input.source_parent_id).await?;
        let destination = Sought::within(look, standing, &input.destination_parent_id).await?;
        let needs = [&source, &destination].map(|parent| needed(account.resource(), parent));
        let [from, to] = needs;
        let target = Move {
            account,
            source,
            destination,
        };
        Ok(Access::to(target, from).and(to))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let wanted = call.target();
        let organization = &wanted.account.standing.manages()?.id;
        let member = wanted
            .account
            .member()
            .ok_or_else(errors::no_such_account)?;
        let source = wanted
            .source
            .node
            .as_ref()
            .ok_or_else(errors::no_such_source)?;
        let destination = wanted.destination.node.as_ref();
        let destination = destination.ok_or_else(errors::no_such_destination)?;
        let parents = destination.parents_within();
        let parents = parents.ok_or_else(errors::no_such_destination)?;
        if member.parent() == Some(destination.id()) {
            return Err(errors::account_is_there_already());
        }
        if member.parent() != Some(source.id()) {
            return Err(errors::no_such_account());
        }
        let (kind, id) = (ChildKind::Account, member.account.to_string());
        call.delete::<Child>(&Child::key_of(organization, source.id(), kind, &id));
        call.put(Child {
            organization: organization.clone(),
            parent: destination.id().to_owned(),
            kind,
            id,
        });
        call.put(Member {
            parents,
            ..Member::clone(member)
        });
        Ok(Empty)
    }
}

fn needed(account: Arc<dyn Resource>, parent: &Sought) -> permission::MoveAccount {
    permission::MoveAccount {
        account,
        organizationalunit: parent.unit(),
        root: parent.root(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, guards, organized, text};

    const OPERATION: &str = "MoveAccount";

    fn input(account: &str, from: &str, to: &str) -> Value {
        json!({"AccountId": account, "SourceParentId": from, "DestinationParentId": to})
    }

    #[tokio::test]
    async fn there_and_back() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let outer = root.unit(&top, "outer").await;
        let inner = root.unit(&outer, "inner").await;
        let id = root.account("dev").await;
        for (from, to) in [(&top, &inner), (&inner, &outer), (&outer, &top)] {
            root.does(OPERATION, input(&id, from, to)).await;
            let parents = root.does("ListParents", json!({"ChildId": id})).await;
            assert_eq!(&text(&parents["Parents"][0]["Id"]), to);
            let kind = json!({"ParentId": from, "ChildType": "ACCOUNT"});
            let left = root.does("ListChildren", kind).await;
            assert!(!left.to_string().contains(&id));
        }
        root.does(OPERATION, input(&id, &top, &inner)).await;
        let told = root.does("DescribeAccount", json!({"AccountId": id})).await;
        let path = text(&told["Account"]["Paths"][0]);
        assert!(
            path.ends_with(&format!("/{top}/{outer}/{inner}/{id}/")),
            "{path}"
        );
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["accountId"], id);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let one = root.unit(&top, "one").await;
        let two = root.unit(&top, "two").await;
        let id = root.account("dev").await;
        let none = "ou-abcd-12345678";
        for (account, from, to, code) in [
            (
                harness::OTHER_ACCOUNT,
                &*top,
                &*one,
                "AccountNotFoundException",
            ),
            (&id, none, &one, "SourceParentNotFoundException"),
            (&id, &top, none, "DestinationParentNotFoundException"),
            (&id, &top, &top, "DuplicateAccountException"),
            (&id, &two, &one, "AccountNotFoundException"),
        ] {
            root.fails(OPERATION, input(account, from, to), code).await;
        }
    }

    #[tokio::test]
    async fn takes_permission_on_both_ends() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let unit = root.unit(&top, "one").await;
        let id = root.account("dev").await;
        for (name, end, allowed) in [
            ("ann", "root", false),
            ("bob", "ou", false),
            ("cid", "*", true),
        ] {
            let resources = ["account", end].map(|end| format!("arn:aws:organizations::*:{end}/*"));
            let policy = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "organizations:MoveAccount", "Resource": resources}
            ]});
            let caller = alcazar.user(name, &policy.to_string()).await;
            let answer = caller.org(OPERATION, input(&id, &top, &unit)).await;
            match allowed {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input(MANAGEMENT, "r-abcd", "ou-abcd-12345678")).await;
    }
}
