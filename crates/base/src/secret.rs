//! Values that must not be seen.

use std::fmt;
use zeroize::Zeroize;

/// Holds a secret: hidden in `Debug`, wiped on drop, read only where `expose` is written.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes `value` into custody.
    pub fn new(value: T) -> Self {
        Self(value)
    }
    /// The secret itself. Each call of this is a place an auditor looks at.
    pub fn expose(&self) -> &T {
        &self.0
    }
    /// The secret itself, to be written in place. Each call of this is a place an auditor looks at.
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Appends, and leaves nothing behind where it has to move to have room.
impl std::io::Write for Secret<Vec<u8>> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let wanted = self.0.len().saturating_add(bytes.len());
        if wanted > self.0.capacity() {
            let room = wanted.max(self.0.capacity().saturating_mul(2));
            let mut moved = Vec::with_capacity(room);
            moved.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = moved;
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Zeroize + AsRef<[u8]>> PartialEq for Secret<T> {
    fn eq(&self, other: &Self) -> bool {
        same_bytes(self.0.as_ref(), other.0.as_ref())
    }
}
impl<T: Zeroize + AsRef<[u8]>> Eq for Secret<T> {}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// Compares in time that depends on the lengths only.
pub fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(one, other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides() {
        let secret = Secret::new(String::from("hunter2"));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn is_written_piece_by_piece() {
        use std::io::Write;
        let mut secret = Secret::new(Vec::new());
        let mut moves = 0;
        for number in 0..1000_u32 {
            let before = secret.expose().as_ptr();
            write!(secret, "{number},").unwrap();
            moves += usize::from(secret.expose().as_ptr() != before);
        }
        let written = String::from_utf8(secret.expose().clone()).unwrap();
        assert!(written.starts_with("0,1,2,") && written.ends_with("998,999,"));
        assert!(moves < 20, "{moves}");
    }

    #[test]
    fn compares_by_content() {
        assert_eq!(Secret::new(vec![1u8]), Secret::new(vec![1u8]));
        assert_ne!(Secret::new(vec![1u8]), Secret::new(vec![2u8]));
    }
}
