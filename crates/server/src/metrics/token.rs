//! What a scraper proves itself with.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base::{Secret, same_bytes};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::failure::Failure;

/// Letters of a token; one of the server's own has 64.
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=256;
const RANDOM_BYTES: usize = 32;

/// The bearer token of scrapers (RFC 6750).
pub(crate) struct Token(Secret<String>);

impl Token {
    /// That in the file at `path`; a random one where there is no file yet.
    ///
    /// # Errors
    /// If others may read the file, or what is in it is no token.
    pub(crate) fn at(path: &Path) -> Result<Self, Failure> {
        if !path.try_exists().map_err(Failure::file(path))? {
            make(path).map_err(Failure::file(path))?;
        }
        let metadata = std::fs::metadata(path).map_err(Failure::file(path))?;
        let refused = |reason: String| Failure::Refused(format!("{}: {reason}", path.display()));
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(refused(format!(
                "others may read or change it (mode {mode:o}): close it with chmod 600"
            )));
        }
        let text = std::fs::read_to_string(path).map_err(Failure::file(path))?;
        let text = Secret::new(text);
        let token = text.expose().trim();
        let visible = token.bytes().all(|byte| byte.is_ascii_graphic());
        match visible && LENGTHS.contains(&token.len()) {
            true => Ok(Self(Secret::new(token.to_owned()))),
            false => Err(refused(format!(
                "it holds no token of {} to {} visible letters: remove it, and the next start makes one",
                LENGTHS.start(),
                LENGTHS.end()
            ))),
        }
    }

    /// Whether these headers bring it.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let (Some(only), None) = (all.next(), all.next()) else {
            return false;
        };
        let parts = only.as_bytes().split_at_checked(SCHEME.len());
        parts.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case(SCHEME) && same_bytes(token, self.0.expose().as_bytes())
        })
    }
}

const SCHEME: &[u8] = b"Bearer ";

/// A file that appears whole, for its owner only.
fn make(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let random = Secret::new(crypto::random::bytes::<RANDOM_BYTES>());
    let text = Secret::new(hex::encode(random.expose()));
    writeln!(file, "{}", text.expose())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn headers(values: &[&str]) -> HeaderMap {
        let values = values.iter();
        let pair = |value: &&str| (AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        values.map(pair).collect()
    }

    #[test]
    fn the_first_start_makes_one_that_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.token");
        let made = Token::at(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        let bearer = format!("Bearer {}", text.trim());
        assert_eq!(bearer.len(), 7 + 2 * RANDOM_BYTES);
        for token in [made, Token::at(&path).unwrap()] {
            assert!(token.is_in(&headers(&[&bearer])));
            assert!(token.is_in(&headers(&[&bearer.replace("Bearer", "bearer")])));
        }
        let other = Token::at(&folder.path().join("other")).unwrap();
        assert!(!other.is_in(&headers(&[&bearer])));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_not_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.token");
        let token = Token::at(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.trim();
        let whole = format!("Bearer {text}");
        for wrong in [
            vec![],
            vec![""],
            vec!["Bearer"],
            vec!["Bearer "],
            vec![text],
            vec![whole.trim_end_matches(char::is_alphanumeric)],
            vec![whole.as_str(), whole.as_str()],
            vec!["Basic dXNlcjpwYXNzd29yZA=="],
        ] {
            assert!(!token.is_in(&headers(&wrong)), "{wrong:?}");
        }
        for wrong in [
            format!("{whole}0"),
            format!("Bearer  {text}"),
            format!("Basic  {text}"),
        ] {
            assert!(!token.is_in(&headers(&[&wrong])), "{wrong}");
        }
    }

    #[test]
    fn files_that_hold_none_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.token");
        let long = "a".repeat(257);
        for (text, mode, reason) in [
            ("", 0o600, "no token"),
            ("short", 0o600, "no token"),
            (long.as_str(), 0o600, "no token"),
            ("two words that are long enough to be it", 0o600, "no token"),
            ("0123456789abcdef0123456789abcdef", 0o640, "mode 640"),
            ("0123456789abcdef0123456789abcdef", 0o602, "mode 602"),
        ] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let refused = Token::at(&path).err().unwrap().to_string();
            assert!(refused.contains(reason), "{refused}");
            assert!(text.is_empty() || !refused.contains(text), "{refused}");
        }
    }
}
