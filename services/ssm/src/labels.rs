//! Labels of versions.
//!
//! AWS document: AWS Systems Manager User Guide, "Working with parameter labels".

use pipeline::Failure;

use crate::errors;
use crate::limits::LABELS;
use crate::parameter::Parameter;

/// Whether a version may have this label.
fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let begins = |prefix: &str| {
        let head = label.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let first = label.bytes().next();
    let begins_badly =
        begins("aws") || begins("ssm") || first.is_some_and(|it| it.is_ascii_digit());
    !begins_badly && (1..=100).contains(&label.len()) && label.bytes().all(allowed)
}

/// Attaches labels to a version, wherever they were before. Answers those that are none.
pub(crate) fn attach(
    parameter: &mut Parameter,
    number: u64,
    labels: &[String],
) -> Result<Vec<String>, Failure> {
    let (good, bad): (Vec<_>, Vec<_>) = labels.iter().partition(|label| is_label(label));
    for label in good {
        parameter.labels.insert(label.clone(), number);
    }
    match parameter.labels_of(number).len() {
        ..=LABELS => Ok(bad.into_iter().cloned().collect()),
        _ => Err(errors::too_many_labels()),
    }
}

/// Takes labels off a version. Answers those that were on it, and those that were not.
pub(crate) fn detach(
    parameter: &mut Parameter,
    number: u64,
    labels: &[String],
) -> (Vec<String>, Vec<String>) {
    let (mut removed, mut invalid) = (Vec::new(), Vec::new());
    for label in labels {
        match parameter.labels.get(label) {
            Some(of) if *of == number => {
                parameter.labels.remove(label);
                removed.push(label.clone());
            }
            _ => invalid.push(label.clone()),
        }
    }
    (removed, invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_a_label() {
        for (label, good) in [
            ("prod", true),
            ("a.b-c_1", true),
            ("1a", false),
            ("awsx", false),
            ("SSM", false),
            ("a:b", false),
            ("a/b", false),
            ("", false),
            ("ä", false),
        ] {
            assert_eq!(is_label(label), good, "{label}");
        }
        assert!(is_label(&"a".repeat(100)) && !is_label(&"a".repeat(101)));
    }
}
