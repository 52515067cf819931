//! An operation registered around `Entry::of`.

use pipeline::Entry;
use sts_api::operations::GetCallerIdentity;
use wire::Api;

const ENTRY: Entry = Entry {
    facts: <GetCallerIdentity as Api>::FACTS,
    decode: |_, _| panic!(),
};

fn main() {
    let _ = ENTRY;
}
