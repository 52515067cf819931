//! Signature Version 4. Pure.
