//! AWS policy: parse, validate, compile, decide, explain. Pure.
