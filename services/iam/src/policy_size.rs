//! How IAM measures policy documents.

/// Characters that count against size quotas.
/// AWS: "IAM doesn't count white space when calculating the size of a policy against these quotas."
pub(crate) fn characters(document: &str) -> usize {
    document
        .chars()
        .filter(|character| !character.is_whitespace())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_free() {
        assert_eq!(characters("{ \"a\":\n\t1 }\r"), 7);
        assert_eq!(characters("ü"), 1);
    }
}
