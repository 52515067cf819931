//! AWS's names in Rust's cases.

/// The words of a name: `ReEncryptOnSameKey` has five, `KMSInvalidStateException` four.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() || begins_word(&letters, at) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn begins_word(letters: &[char], at: usize) -> bool {
    let letter = |at: usize| letters.get(at).copied().unwrap_or(' ');
    let before = at.checked_sub(1).map_or(' ', letter);
    let (next, after) = (letter(at + 1), letter(at + 2));
    let plural = next == 's' && !after.is_ascii_lowercase();
    letter(at).is_ascii_uppercase()
        && (before.is_ascii_lowercase()
            || before.is_ascii_digit()
            || (before.is_ascii_uppercase() && next.is_ascii_lowercase() && !plural))
}

/// `EncryptionContext` as `encryption_context`; a keyword of Rust gets an underscore.
pub fn snake(name: &str) -> String {
    const KEYWORDS: [&str; 10] = [
        "type", "use", "match", "move", "ref", "self", "static", "where", "enum", "in",
    ];
    let name = words(name).join("_").to_ascii_lowercase();
    if KEYWORDS.contains(&name.as_str()) {
        return name + "_";
    }
    name
}

/// `keyIdType` as `KEY_ID_TYPE`.
pub fn screaming(name: &str) -> String {
    words(name).join("_").to_ascii_uppercase()
}

/// A name of a type: the model's, its first letter in upper case.
pub fn type_name(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

/// A value of an enum as its variant: `SYMMETRIC_DEFAULT` as `SymmetricDefault`.
pub fn variant(value: &str) -> String {
    let name: String = words(value).iter().map(|word| capitalised(word)).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("_{name}");
    }
    if name == "Self" {
        return "Self_".into();
    }
    name
}

fn capitalised(word: &str) -> String {
    type_name(&word.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        for (name, expected) in [
            ("KeyId", "key_id"),
            ("OpenIDConnectProviderArn", "open_id_connect_provider_arn"),
            ("KMSInvalidStateException", "kms_invalid_state_exception"),
            (
                "CustomKeyStoreHasCMKsException",
                "custom_key_store_has_cmks_exception",
            ),
            ("S3BucketName", "s3_bucket_name"),
            ("instance-profile", "instance_profile"),
            ("PolicyARN", "policy_arn"),
            ("Type", "type_"),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(screaming("keyIdType"), "KEY_ID_TYPE");
    }

    #[test]
    fn types_and_variants() {
        assert_eq!(type_name("statusType"), "StatusType");
        for (value, expected) in [
            ("SYMMETRIC_DEFAULT", "SymmetricDefault"),
            ("ECC_NIST_P256", "EccNistP256"),
            ("AWSManagedPolicy", "AwsManagedPolicy"),
            ("text/csv", "TextCsv"),
            ("2048", "_2048"),
            ("SELF", "Self_"),
        ] {
            assert_eq!(variant(value), expected);
        }
    }
}
