//! What goes back over the wire.

use base::RequestId;

/// A reply, ready to be sent.
#[derive(Debug)]
pub struct Reply {
    /// For the header `wire::REQUEST_ID_HEADER`.
    pub id: RequestId,
    /// Status, content type, body.
    pub wire: wire::Reply,
    /// A sealed explanation of a denial, for `sts:DecodeAuthorizationMessage`.
    pub encoded_message: Option<String>,
}

impl Reply {
    pub(crate) fn new(id: RequestId, wire: wire::Reply, encoded_message: Option<String>) -> Self {
        Self {
            id,
            wire,
            encoded_message,
        }
    }
}
