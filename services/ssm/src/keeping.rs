//! Keeps a parameter with a new version, and removes parameters.

use std::sync::Arc;

use pipeline::{Failure, Operation, Permitted};
use storage::{Record, Writes};

use crate::emitted::{self, Change};
use crate::errors;
use crate::limits::VERSIONS;
use crate::parameter::Parameter;
use crate::past_version::PastVersion;
use crate::policy_due::PolicyDue;
use crate::tally::{self, Step};
use crate::version::Version;

/// Keeps a parameter that is new.
pub(crate) async fn begin<O: Operation>(
    call: &Permitted<'_, O>,
    parameter: Parameter,
) -> Result<(), Failure> {
    let step = Step {
        from: None,
        to: Some(parameter.current.tier),
    };
    tally::count(call, &[(&parameter, step)]).await?;
    queue(call, None, &parameter);
    call.emit(emitted::change(Change::Create, &parameter));
    call.put(parameter);
    Ok(())
}

/// Keeps `old` with a new version; the oldest makes room for it where there are as many as there may be.
pub(crate) async fn renew<O: Operation>(
    call: &Permitted<'_, O>,
    old: &Parameter,
    version: Version,
) -> Result<(), Failure> {
    let step = Step {
        from: Some(old.current.tier),
        to: Some(version.tier),
    };
    tally::count(call, &[(old, step)]).await?;
    let mut parameter = Parameter::clone(old);
    if version.number - old.oldest >= VERSIONS {
        if !old.labels_of(old.oldest).is_empty() {
            return Err(errors::too_many_versions(&old.name, old.oldest));
        }
        call.delete::<PastVersion>(&PastVersion::key_of(old, old.oldest));
        parameter.oldest += 1;
    }
    call.put(PastVersion::of(old));
    parameter.current = version;
    queue(call, Some(old), &parameter);
    call.emit(emitted::change(Change::Update, &parameter));
    call.put(parameter);
    Ok(())
}

/// Keeps when the next policy of `parameter` is due, in place of when it was.
fn queue<O: Operation>(call: &Permitted<'_, O>, old: Option<&Parameter>, parameter: &Parameter) {
    if let Some(was) = old.and_then(PolicyDue::of) {
        call.delete::<PolicyDue>(&was.key());
    }
    if let Some(due) = PolicyDue::of(parameter) {
        call.put(due);
    }
}

/// Removes parameters with all their versions.
pub(crate) async fn forget<O: Operation>(
    call: &Permitted<'_, O>,
    parameters: &[Arc<Parameter>],
) -> Result<(), Failure> {
    let steps = parameters.iter().map(|parameter| {
        let step = Step {
            from: Some(parameter.current.tier),
            to: None,
        };
        (&**parameter, step)
    });
    tally::count(call, &steps.collect::<Vec<_>>()).await?;
    for parameter in parameters {
        call.write(without(parameter));
        call.emit(emitted::change(Change::Delete, parameter));
    }
    Ok(())
}

/// Leaves nothing of `parameter`.
pub(crate) fn without(parameter: &Parameter) -> Writes {
    let mut writes = Writes::none();
    for number in parameter.oldest..parameter.current.number {
        writes.delete::<PastVersion>(&PastVersion::key_of(parameter, number));
    }
    if let Some(due) = PolicyDue::of(parameter) {
        writes.delete::<PolicyDue>(&due.key());
    }
    writes.delete::<Parameter>(&parameter.key());
    writes
}
