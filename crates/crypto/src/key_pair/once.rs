//! Values that are made when they are first asked for.

use std::sync::OnceLock;

/// The value of `cell`, made now if there is none. Two callers at once may both make one; the first stays.
pub(super) fn get_or_make<T, E>(
    cell: &OnceLock<T>,
    make: impl FnOnce() -> Result<T, E>,
) -> Result<&T, E> {
    match cell.get() {
        Some(value) => Ok(value),
        None => {
            let value = make()?;
            Ok(cell.get_or_init(|| value))
        }
    }
}
