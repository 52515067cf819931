//! `kms:PutKeyPolicy`: replaces the policy of a key.

use kms_api::shapes::PutKeyPolicyRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::sought::Sought;
use crate::{errors, key_policy};

pub(crate) struct PutKeyPolicy;

impl Operation for PutKeyPolicy {
    type Api = operations::PutKeyPolicy;
    type Target = Sought;

    async fn access(
        input: &PutKeyPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::PutKeyPolicy {
            key: sought.resource(),
            bypass_policy_lockout_safety_check: Some(
                input.bypass_policy_lockout_safety_check.unwrap_or(false),
            ),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        if !matches!(input.policy_name.as_deref(), None | Some(key_policy::NAME)) {
            return Err(errors::only_default_policy());
        }
        let policy = key_policy::read(call.look(), &input.policy).await?;
        let key = Key {
            policy,
            ..Key::clone(key)
        };
        let bypass = input.bypass_policy_lockout_safety_check;
        key_policy::check_lockout(&call, &key, bypass).await?;
        call.put(key);
        Ok(Empty)
    }
}
