//! What has tags: clusters and backups, by their ids.

use std::sync::Arc;

use base::Tags;
use pipeline::{Failure, Lookup, Operation, Permitted};
use policy::Resource;

use crate::backup::{self, Backup};
use crate::cluster::{self, Cluster};

/// A cluster or backup of the caller's, be there one or not.
pub(crate) enum Taggable {
    Cluster(cluster::Sought),
    Backup(backup::Sought),
}

impl Taggable {
    /// By an id, which the model lets begin with `cluster-` or `backup-`.
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Self, Failure> {
        Ok(match id.starts_with("backup-") {
            true => Self::Backup(backup::Sought::find(look, id).await?),
            false => Self::Cluster(cluster::Sought::find(look, id).await?),
        })
    }

    /// As policies see it: backup, cluster.
    #[expect(
        clippy::type_complexity,
        reason = "two resources of which one is there"
    )]
    pub(crate) fn resources(&self) -> (Option<Arc<dyn Resource>>, Option<Arc<dyn Resource>>) {
        match self {
            Self::Backup(backup) => (Some(backup.resource()), None),
            Self::Cluster(cluster) => (None, Some(cluster.resource())),
        }
    }

    /// Its tags. It must exist.
    pub(crate) fn tags(&self) -> Result<&Tags, Failure> {
        match self {
            Self::Backup(backup) => backup.existing().map(|it| &it.tags),
            Self::Cluster(cluster) => cluster.existing().map(|it| &it.tags),
        }
    }

    /// Keeps it with other tags.
    pub(crate) fn put<O: Operation>(
        &self,
        call: &Permitted<'_, O>,
        tags: Tags,
    ) -> Result<(), Failure> {
        match self {
            Self::Backup(backup) => call.put(Backup {
                tags,
                ..backup.existing()?.clone()
            }),
            Self::Cluster(cluster) => call.put(Cluster {
                tags,
                ..cluster.existing()?.clone()
            }),
        }
        Ok(())
    }
}
