//! A permission kept for after the call, when its record is written.

use pipeline::{Operation, Permitted};
use storage::Record;

fn later<O: Operation, R: Record>(call: Permitted<'_, O>, record: R) {
    tokio::spawn(async move { call.put(record) });
}

fn main() {}
