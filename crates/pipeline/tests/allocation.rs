//! A call of the hot path allocates little: these numbers may only shrink.
#![expect(
    unsafe_code,
    reason = "an allocator is unsafe to write; this one only counts"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use harness::{Alcazar, Client};
use serde_json::json;

/// Allocations of one call, from the request as the listener took it in to the reply as it sends it.
const ENCRYPT: usize = 35;
const GET_CALLER_IDENTITY: usize = 15;
/// Bytes that a call carries from one wait to the next, which hyper moves about.
const CALL_BYTES: usize = 2760;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations of the last of a few calls, when everything is known that is kept between calls.
async fn allocations(
    at: &Alcazar,
    client: &Client,
    service: &str,
    operation: &str,
    body: &str,
) -> usize {
    let mut allocations = 0;
    for _ in 0..5 {
        let request = client.signed(service, operation, body.as_bytes().to_vec());
        let before = ALLOCATIONS.get();
        let call = at.core.handle(request);
        assert!(
            size_of_val(&call) <= CALL_BYTES,
            "a call carries {} bytes",
            size_of_val(&call)
        );
        let reply = call.await;
        allocations = ALLOCATIONS.get() - before;
        assert_eq!(reply.wire.status, 200);
    }
    allocations
}

#[tokio::test]
async fn the_hot_path_allocates_no_more_than_it_did() {
    let alcazar = Alcazar::new(&[&kms::SERVICE, &sts::SERVICE]).await;
    let root = alcazar.root();
    let key = root.call("kms", "CreateKey", json!({})).await.ok();
    let encrypt = json!({
        "KeyId": key.field("/KeyMetadata/KeyId"),
        "Plaintext": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "EncryptionContext": {"App": "bench", "Tenant": "bench-0042"},
    });
    let found = allocations(&alcazar, &root, "kms", "Encrypt", &encrypt.to_string()).await;
    assert!(found <= ENCRYPT, "Encrypt: {found}");
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let found = allocations(&alcazar, &root, "sts", "GetCallerIdentity", form).await;
    assert!(found <= GET_CALLER_IDENTITY, "GetCallerIdentity: {found}");
}
