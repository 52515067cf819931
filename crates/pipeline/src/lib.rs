//! The life of a request. Each stage consumes the one before it.
