//! What new passwords are made of, as the function's environment says it.
//!
//! Source: AWS Secrets Manager User Guide, "AWS Secrets Manager rotation function templates"; "GetRandomPassword".

use serde::Serialize;

use crate::failure::Failure;

/// The request of `GetRandomPassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PasswordRules {
    password_length: u16,
    exclude_characters: String,
    exclude_numbers: bool,
    exclude_punctuation: bool,
    exclude_uppercase: bool,
    exclude_lowercase: bool,
    require_each_included_type: bool,
}

/// What connection strings do not bear.
const EXCLUDED: &str = "/@\"'\\";

impl PasswordRules {
    /// Reads `PASSWORD_LENGTH`, `EXCLUDE_CHARACTERS` and the switches.
    ///
    /// # Errors
    /// A length that is not a number, a switch that is neither on nor off.
    pub(crate) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let length = variable("PASSWORD_LENGTH").unwrap_or("32".to_owned());
        let length = length.parse();
        let refused = |_| Failure::Environment("PASSWORD_LENGTH is not a number".to_owned());
        Ok(Self {
            password_length: length.map_err(refused)?,
            exclude_characters: variable("EXCLUDE_CHARACTERS").unwrap_or(EXCLUDED.to_owned()),
            exclude_numbers: switch(variable, "EXCLUDE_NUMBERS", false)?,
            exclude_punctuation: switch(variable, "EXCLUDE_PUNCTUATION", false)?,
            exclude_uppercase: switch(variable, "EXCLUDE_UPPERCASE", false)?,
            exclude_lowercase: switch(variable, "EXCLUDE_LOWERCASE", false)?,
            require_each_included_type: switch(variable, "REQUIRE_EACH_INCLUDED_TYPE", true)?,
        })
    }
}

fn switch(
    variable: &dyn Fn(&str) -> Option<String>,
    name: &str,
    usual: bool,
) -> Result<bool, Failure> {
    let Some(text) = variable(name) else {
        return Ok(usual);
    };
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "y" | "yes" => Ok(true),
        "false" | "0" | "n" | "no" => Ok(false),
        _ => Err(Failure::Environment(format!(
            "{name} is neither true nor false"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<PasswordRules, Failure> {
        let found = |name: &str| variables.iter().find(|(each, _)| *each == name);
        PasswordRules::of(&|name| found(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_usual_rules() {
        let rules = serde_json::to_value(of(&[]).unwrap()).unwrap();
        let expected = serde_json::json!({
            "PasswordLength": 32, "ExcludeCharacters": "/@\"'\\", "ExcludeNumbers": false, "ExcludePunctuation": false,
            "ExcludeUppercase": false, "ExcludeLowercase": false, "RequireEachIncludedType": true,
        });
        assert_eq!(rules, expected);
    }

    #[test]
    fn what_is_said_is_obeyed_or_refused() {
        let rules = of(&[
            ("PASSWORD_LENGTH", "64"),
            ("EXCLUDE_CHARACTERS", ""),
            ("EXCLUDE_NUMBERS", "Yes"),
        ])
        .unwrap();
        assert_eq!(
            (
                rules.password_length,
                &*rules.exclude_characters,
                rules.exclude_numbers
            ),
            (64, "", true)
        );
        assert!(of(&[("PASSWORD_LENGTH", "many")]).is_err());
        assert!(of(&[("EXCLUDE_PUNCTUATION", "perhaps")]).is_err());
    }
}
