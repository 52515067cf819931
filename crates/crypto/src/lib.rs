//! Key ring, envelope encryption and the root key.
