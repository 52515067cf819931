//! A page of the parameters below a path.

use std::sync::Arc;

use pipeline::{Failure, Operation, Permitted};

use crate::name::Path;
use crate::parameter::Parameter;

/// Parameters that are looked at for one page.
const LOOKED_AT: usize = 2000;
/// Sorts behind all that a part of a name can be.
const BEHIND_ALL: &str = "\u{10ffff}";

/// Which parameters are listed.
pub(crate) struct Below<'a> {
    /// The path; none for all.
    pub(crate) path: Option<Path<'a>>,
    /// Those at any depth, or those right below the path.
    pub(crate) recursive: bool,
}

/// A page, and what to go on behind.
pub(crate) struct Found {
    pub(crate) parameters: Vec<Arc<Parameter>>,
    pub(crate) last: Option<String>,
}

/// Up to `size` parameters that pass, in the order of their paths, behind the one of path `after`. Fewer, with more to
/// come, where many had to be passed over.
pub(crate) async fn page<O: Operation>(
    call: &Permitted<'_, O>,
    below: &Below<'_>,
    after: Option<&str>,
    size: usize,
    pass: impl Fn(&Parameter) -> bool,
) -> Result<Found, Failure> {
    let (account, region) = (call.call().account(), call.call().region());
    let all = Parameter::prefix(account, &region);
    let parts = below.path.into_iter().flat_map(Path::parts);
    let prefix = parts.fold(all.clone(), |key, part| key.then(part));
    let depth = below.path.map_or(0, |path| path.parts().count()) + 1;
    let place = |path: &str| {
        path.split('/')
            .fold(all.clone(), |key, part| key.then(part))
    };
    let mut last = after.map(str::to_owned);
    let (mut parameters, mut looked_at) = (Vec::new(), 0);
    loop {
        if looked_at >= LOOKED_AT {
            return Ok(Found { parameters, last });
        }
        let behind = last.as_deref().map(place);
        let read = call
            .look()
            .scan::<Parameter>(&prefix, behind.as_ref(), size + 1)
            .await?;
        looked_at += read.len();
        let mut passed_over = false;
        for parameter in read.iter() {
            if parameters.len() == size {
                return Ok(Found { parameters, last });
            }
            let path = parameter.path();
            let level = path.split('/').count();
            if level > depth && !below.recursive {
                let top: Vec<_> = path.split('/').take(depth).chain([BEHIND_ALL]).collect();
                last = Some(top.join("/"));
                passed_over = true;
                break;
            }
            last = Some(path.to_owned());
            if level >= depth && pass(parameter) {
                parameters.push(parameter.arc());
            }
        }
        if !passed_over && read.len() <= size {
            let last = None;
            return Ok(Found { parameters, last });
        }
    }
}
