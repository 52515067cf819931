//! Where everything lies.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The data folder. All that is kept is in it, save for the root key, which must not be.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder at `path`, or the default one: `alcazar/data` in the user's data directory.
    pub(crate) fn at(path: Option<PathBuf>) -> Result<Self, Failure> {
        match path.or_else(default_path) {
            Some(path) => Ok(Self(absolute(&path)?)),
            None => Err(Failure::Refused(
                "neither HOME nor XDG_DATA_HOME is set: say where to keep data with --data DIR"
                    .into(),
            )),
        }
    }

    /// Makes the folder, for its owner only. One that is there already and everybody may write to is refused:
    /// whoever may rename its files can take records back.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        let mut builder = std::fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(&self.0);
        let metadata = made.and_then(|()| std::fs::metadata(&self.0));
        let mode = metadata
            .map_err(Failure::file(&self.0))?
            .permissions()
            .mode();
        match mode & 0o002 {
            0 => Ok(()),
            _ => Err(Failure::Refused(format!(
                "everybody may write to the data folder {}: close it with chmod go-w, or choose another with --data",
                self.0.display()
            ))),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
    /// The wrapped master key.
    pub(crate) fn key_ring(&self) -> PathBuf {
        self.0.join("keyring.json")
    }
    /// The records.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store")
    }
    /// The audit segments.
    pub(crate) fn audit(&self) -> PathBuf {
        self.0.join("audit")
    }
    /// The HSMs of CloudHSM clusters.
    pub(crate) fn hsms(&self) -> PathBuf {
        self.0.join("hsms")
    }
    /// The certificate of the server's own CA.
    pub(crate) fn ca_certificate(&self) -> PathBuf {
        self.0.join("ca.pem")
    }
    /// Where the running server listens to its operator.
    pub(crate) fn control(&self) -> PathBuf {
        self.0.join("control.sock")
    }
    /// What scrapers prove themselves with.
    pub(crate) fn metrics_token(&self) -> PathBuf {
        self.0.join("metrics.token")
    }
    /// The key file of first run: beside the folder, never in it.
    pub(crate) fn default_key_file(&self) -> PathBuf {
        let mut name = self.0.file_name().unwrap_or_default().to_owned();
        name.push(".key");
        self.0.with_file_name(name)
    }

    /// Refuses a root key or passphrase that lies inside the data folder, whatever links lead there.
    pub(crate) fn refuse_inside(&self, secret: &Path) -> Result<(), Failure> {
        if real(secret)?.starts_with(real(&self.0)?) {
            return Err(Failure::Refused(format!(
                "{} lies in the data folder it opens: keep it elsewhere",
                secret.display()
            )));
        }
        Ok(())
    }
}

/// The path without links, as far as it is there.
fn real(path: &Path) -> Result<PathBuf, Failure> {
    let path = absolute(path)?;
    let linked = path.ancestors().find_map(|there| {
        let rest = path.strip_prefix(there).ok()?;
        Some(there.canonicalize().ok()?.join(rest))
    });
    Ok(linked.unwrap_or(path))
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(Failure::file(path))
}

fn default_path() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = || Some(PathBuf::from(set("HOME")?).join(".local/share"));
    let base = set("XDG_DATA_HOME").map(PathBuf::from).or_else(home)?;
    Some(base.join("alcazar/data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_lies_beside_the_folder() {
        let folder = DataFolder::at(Some("/var/lib/alcazar/data".into())).unwrap();
        let key_file = folder.default_key_file();
        assert_eq!(key_file, Path::new("/var/lib/alcazar/data.key"));
        folder.refuse_inside(&key_file).unwrap();
        folder
            .refuse_inside(&folder.path().join("root.key"))
            .unwrap_err();
    }

    #[test]
    fn no_link_leads_a_key_file_into_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(Some(place.path().join("data"))).unwrap();
        folder.create().unwrap();
        let link = place.path().join("elsewhere");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        let inside = folder.path().join("old.key");
        std::fs::write(&inside, "").unwrap();
        std::os::unix::fs::symlink(&inside, place.path().join("data.key")).unwrap();
        for (key_file, refused) in [
            (link.join("new.key"), true),
            (link.join("../data/new.key"), true),
            (folder.default_key_file(), true),
            (place.path().join("other.key"), false),
            (place.path().join("data-2/new.key"), false),
        ] {
            let outcome = folder.refuse_inside(&key_file);
            assert_eq!(outcome.is_err(), refused, "{}", key_file.display());
        }
    }

    #[test]
    fn a_folder_that_is_open_to_everybody_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(Some(place.path().join("data"))).unwrap();
        for (mode, refused) in [(0o700, false), (0o755, false), (0o777, true)] {
            folder.create().unwrap();
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.path(), permissions).unwrap();
            assert_eq!(folder.create().is_err(), refused, "{mode:o}");
        }
    }
}
