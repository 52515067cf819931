//! The variables that a function finds.

use std::collections::BTreeMap;

use pipeline::FunctionRun;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::Endpoint;
use super::declared::Declared;

/// Variables by name. Has no `Debug`, and leaves nothing behind: credentials are among them.
#[derive(Serialize, Deserialize, Default)]
#[serde(transparent)]
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    pub(super) fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

/// AWS document: Lambda Developer Guide, "Working with Lambda environment variables", and what points AWS's clients here.
pub(super) fn environment(
    declared: &Declared,
    endpoint: &Endpoint,
    run: &FunctionRun<'_>,
    api: &str,
) -> Environment {
    let function = &declared.function;
    let mut environment = Environment::default();
    let mut set = |name: &str, value: &str| environment.set(name, value.to_owned());
    let region = function.region();
    set("PATH", "/usr/local/bin:/usr/bin:/bin");
    set("LANG", "C.UTF-8");
    set("TZ", ":UTC");
    set("AWS_LAMBDA_RUNTIME_API", api);
    set("AWS_REGION", region.as_str());
    set("AWS_DEFAULT_REGION", region.as_str());
    set("AWS_LAMBDA_FUNCTION_NAME", function.name());
    set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    set(
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        &declared.memory.to_string(),
    );
    set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    set(
        "AWS_LAMBDA_LOG_GROUP_NAME",
        &format!("/aws/lambda/{}", function.name()),
    );
    set("AWS_LAMBDA_LOG_STREAM_NAME", &run.id.to_string());
    set(
        "LAMBDA_TASK_ROOT",
        &declared.task_root.display().to_string(),
    );
    set("AWS_ENDPOINT_URL", &endpoint.url);
    set("AWS_EC2_METADATA_DISABLED", "true");
    set("SECRETS_MANAGER_ENDPOINT", &endpoint.url);
    if let Some(handler) = &declared.handler {
        set("_HANDLER", handler);
    }
    if let Some(found) = run.credentials {
        set("AWS_ACCESS_KEY_ID", &found.access_key_id);
        set("AWS_SECRET_ACCESS_KEY", found.secret_access_key.expose());
        set("AWS_SESSION_TOKEN", found.session_token.expose());
    }
    for (name, value) in &declared.environment {
        set(name, value);
    }
    environment
}
