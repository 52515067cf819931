//! What is wrong with an effective policy.

/// A place of an effective policy that is not as its service needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The names of groups on the way and of what is missing, joined by slashes. A slash in a name is `~1`, a tilde `~0`.
    pub path: String,
    /// Which of the documents it was made of have a part in it: their places in the order in which they were given.
    pub documents: Vec<usize>,
}
