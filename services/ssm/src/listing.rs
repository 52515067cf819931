//! A page of the parameters below a path.

use std::sync::Arc;

use pipeline::{Failure, Operation, Permitted};
use storage::{Key, Record};

use crate::name::Path;
use crate::parameter::Parameter;
use crate::public_parameter::PublicParameter;

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

/// What lies at the parts of its path.
trait AtPath: Record {
    fn path(&self) -> &str;
}

impl AtPath for Parameter {
    fn path(&self) -> &str {
        Parameter::path(self)
    }
}

impl AtPath for PublicParameter {
    fn path(&self) -> &str {
        &self.path
    }
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
    let list = List { below, after, size };
    if below.path.is_some_and(Path::leads_to_public) {
        let seen = |it: Arc<PublicParameter>| Some(Arc::new(it.seen_by(account, region)));
        let seen = |it| seen(it).filter(|it| pass(it));
        return list.page(call, &Key::root(), seen).await;
    }
    let all = Parameter::prefix(account, &region);
    let seen = |it: Arc<Parameter>| Some(it).filter(|it| pass(it));
    list.page(call, &all, seen).await
}

struct List<'a> {
    below: &'a Below<'a>,
    after: Option<&'a str>,
    size: usize,
}

impl List<'_> {
    /// Of those whose places begin with `all`, what `seen` makes of them.
    async fn page<O: Operation, R: AtPath>(
        &self,
        call: &Permitted<'_, O>,
        all: &Key,
        seen: impl Fn(Arc<R>) -> Option<Arc<Parameter>>,
    ) -> Result<Found, Failure> {
        let Below { path, recursive } = *self.below;
        let parts = path.into_iter().flat_map(Path::parts);
        let prefix = parts.fold(all.clone(), |key, part| key.then(part));
        let depth = path.map_or(0, |path| path.parts().count()) + 1;
        let place = |path: &str| {
            path.split('/')
                .fold(all.clone(), |key, part| key.then(part))
        };
        let mut last = self.after.map(str::to_owned);
        let (mut parameters, mut looked_at) = (Vec::new(), 0);
        loop {
            if looked_at >= LOOKED_AT {
                return Ok(Found { parameters, last });
            }
            let behind = last.as_deref().map(place);
            let read = call
                .look()
                .scan::<R>(&prefix, behind.as_ref(), self.size + 1)
                .await?;
            looked_at += read.len();
            let mut passed_over = false;
            for found in read.iter() {
                if parameters.len() == self.size {
                    return Ok(Found { parameters, last });
                }
                let path = found.path();
                let level = path.split('/').count();
                if level > depth && !recursive {
                    let top: Vec<_> = path.split('/').take(depth).chain([BEHIND_ALL]).collect();
                    last = Some(top.join("/"));
                    passed_over = true;
                    break;
                }
                last = Some(path.to_owned());
                if level >= depth {
                    parameters.extend(seen(found.arc()));
                }
            }
            if !passed_over && read.len() <= self.size {
                let last = None;
                return Ok(Found { parameters, last });
            }
        }
    }
}
