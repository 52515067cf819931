//! Access put together by hand, around the permission.

use pipeline::{Access, Operation};

fn access<O: Operation<Target = ()>>() -> Access<O> {
    Access { target: () }
}

fn main() {}
