//! Alcazar.
