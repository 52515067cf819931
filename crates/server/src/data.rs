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

    /// Makes the folder, for its owner only.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        use std::os::unix::fs::DirBuilderExt;
        let mut builder = std::fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(&self.0);
        made.map_err(Failure::file(&self.0))
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
    /// The certificate of the server's own CA.
    pub(crate) fn ca_certificate(&self) -> PathBuf {
        self.0.join("ca.pem")
    }
    /// Where the running server listens to its operator.
    pub(crate) fn control(&self) -> PathBuf {
        self.0.join("control.sock")
    }
    /// The key file of first run: beside the folder, never in it.
    pub(crate) fn default_key_file(&self) -> PathBuf {
        let mut name = self.0.file_name().unwrap_or_default().to_owned();
        name.push(".key");
        self.0.with_file_name(name)
    }

    /// Refuses a root key that lies inside the data folder.
    pub(crate) fn refuse_inside(&self, key_file: &Path) -> Result<(), Failure> {
        if absolute(key_file)?.starts_with(&self.0) {
            return Err(Failure::Refused(format!(
                "the key file {} lies in the data folder it opens: keep it elsewhere with --key-file",
                key_file.display()
            )));
        }
        Ok(())
    }
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
}
