//! A call that nobody permitted.

use pipeline::{Lookup, Operation, Permitted};

fn permit<'a, O: Operation<Target = ()>>(
    input: &'a pipeline::Input<O>,
    look: &'a Lookup<'a>,
) -> Permitted<'a, O> {
    Permitted {
        input,
        target: (),
        look,
    }
}

fn main() {}
