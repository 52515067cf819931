//! `iam:ListServiceSpecificCredentials`: the passwords for services that a user has, or all users of the account.
//! Its tests are those of CreateServiceSpecificCredential.

use std::collections::HashMap;
use std::sync::Arc;

use iam_api::shapes::{
    ListServiceSpecificCredentialsRequest, ListServiceSpecificCredentialsResponse,
};
use iam_api::{operations, permission};
use identity::{HeldCredential, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::{NamedResource, Resource};
use storage::Key;

use crate::find::Subject;
use crate::held;
use crate::paging::Paging;

pub(crate) struct ListServiceSpecificCredentials;

/// Whose credentials are wanted: those of everybody, or of one.
pub(crate) enum Whose {
    Everybody,
    One(Subject),
}

impl Operation for ListServiceSpecificCredentials {
    type Api = operations::ListServiceSpecificCredentials;
    type Target = Whose;

    async fn access(
        input: &ListServiceSpecificCredentialsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let account = look.call().account();
        let (whose, user): (Whose, Arc<dyn Resource>) = match input.all_users {
            Some(true) => {
                let every = User::arn_of(account, "/", "*");
                let user = Arc::new(NamedResource::new(every, account));
                (Whose::Everybody, user)
            }
            _ => {
                let subject = Subject::find(look, input.user_name.as_deref()).await?;
                let user = subject.resource(account);
                (Whose::One(subject), user)
            }
        };
        let needs = permission::ListServiceSpecificCredentials { user };
        Ok(Access::to(whose, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListServiceSpecificCredentialsResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let paging = Paging::new(&input.marker, input.max_items)?;
        let mut found = match call.target() {
            Whose::Everybody => everybody(look).await?,
            Whose::One(subject) => {
                let user = subject.holder()?;
                let held = held::of(look, user, held::is_service_password).await?;
                held.into_iter().map(|held| (user.clone(), held)).collect()
            }
        };
        if let Some(service) = &input.service_name {
            held::check_service(service)?;
            found.retain(|(_, held)| held::service(held) == service);
        }
        let page = paging.list(found, |(_, held)| held.id.clone());
        let now = call.call().now();
        Ok(ListServiceSpecificCredentialsResponse {
            service_specific_credentials: Some(
                page.map(|(user, held)| held::service_listed(user, held, now)),
            ),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

/// The credentials of every user of the account: its cost grows with them.
async fn everybody(look: &Lookup<'_>) -> Result<Vec<(Arc<User>, Arc<HeldCredential>)>, Failure> {
    let account = look.call().account();
    let users = look
        .scan::<User>(&User::prefix(account), None, usize::MAX)
        .await?;
    let users: HashMap<String, Arc<User>> = users
        .into_iter()
        .map(|user| (user.id.clone(), user.arc()))
        .collect();
    let prefix = Key::root().then(account.as_str());
    let held = look
        .scan::<HeldCredential>(&prefix, None, usize::MAX)
        .await?;
    let held = held
        .into_iter()
        .filter(|held| held::is_service_password(held));
    let named = held.filter_map(|held| Some((users.get(&held.user_id)?.clone(), held.arc())));
    Ok(named.collect())
}
