//! Shapes to bytes and back, one module a protocol. Pure.
