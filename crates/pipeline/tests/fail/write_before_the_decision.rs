//! A write from `access`, before anything was decided.

use pipeline::Lookup;
use storage::Record;

fn write<R: Record>(look: &Lookup<'_>, record: R) {
    look.put(record);
}

fn main() {}
