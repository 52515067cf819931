//! Reading, before and during the work.

use std::sync::{Mutex, PoisonError};

use storage::{Key, List, Page, Reads, Record};

use crate::resource_usage::{LastUse, ResourceUsage};
use crate::{Call, Failure};

/// Reads records; what was read is expected unchanged at commit. Cannot write.
pub struct Lookup<'a> {
    call: &'a Call<'a>,
    reads: Mutex<Reads>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(call: &'a Call<'a>) -> Self {
        Self {
            call,
            reads: Mutex::default(),
        }
    }

    /// The call on whose behalf this reads.
    pub fn call(&self) -> &'a Call<'a> {
        self.call
    }

    /// The record at `key`.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<std::sync::Arc<R>>, Failure> {
        let held = self.call.core.records.get::<R>(key).await?;
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.note::<R>(key, held.as_ref());
        Ok(held.map(|held| held.arc()))
    }

    /// Up to `limit` records whose keys begin with `prefix`, in key order, behind `after`.
    pub async fn scan<R: Record>(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Page<R>, Failure> {
        let found = self
            .call
            .core
            .records
            .scan::<R>(prefix, after, limit)
            .await?;
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.page(&found);
        Ok(found)
    }

    /// The last part of the keys of up to `limit` records whose keys begin with `prefix`, in key order, behind `after`.
    /// Nothing is expected of them at commit: for lists that are shown.
    pub async fn names<R: Record>(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<String>, Failure> {
        let records = &self.call.core.records;
        Ok(records.names::<R>(prefix, after, limit).await?)
    }

    /// Every record whose key is `parent` and one part more, in key order, from memory where they are known. Nothing is
    /// expected of them at commit: for what a decision rests on, as on policies.
    pub async fn list<R: Record>(&self, parent: &Key) -> Result<List<R>, Failure> {
        Ok(self.call.core.records.list::<R>(parent).await?)
    }

    /// The last use of a resource that is known of, the most recent calls included.
    pub async fn last_use(&self, arn: &base::Arn) -> Result<Option<LastUse>, Failure> {
        let core = self.call.core;
        Ok(core.resource_usage.last_use(&core.records, arn).await?)
    }

    /// When a part of a resource was last used, the most recent calls included.
    pub async fn last_use_of_part(
        &self,
        arn: &base::Arn,
        part: &str,
    ) -> Result<Option<base::Timestamp>, Failure> {
        let core = self.call.core;
        let used = core
            .resource_usage
            .last_use_of_part(&core.records, arn, part);
        Ok(used.await?)
    }

    /// From when on uses of resources were noted.
    pub async fn uses_since(&self) -> Result<base::Timestamp, Failure> {
        let (records, now) = (&self.call.core.records, self.call.now());
        Ok(ResourceUsage::since(records, now).await?)
    }

    /// How many records have keys that begin with `prefix`, at most `limit`. Nothing is expected of them at commit:
    /// for quotas, where one more by a call of the same instant does no harm and a conflict with it would.
    pub async fn count<R: Record>(&self, prefix: &Key, limit: usize) -> Result<usize, Failure> {
        Ok(self.call.core.records.count::<R>(prefix, limit).await?)
    }

    /// All records whose keys begin with `prefix`, as they are now. Nothing is expected of them at commit: for reports,
    /// which tell of an instant that is over when they are read.
    pub async fn survey<R: Record>(&self, prefix: &Key) -> Result<Page<R>, Failure> {
        let records = &self.call.core.records;
        Ok(records.scan::<R>(prefix, None, usize::MAX).await?)
    }

    /// One record, likewise.
    pub async fn glimpse<R: Record>(
        &self,
        key: &Key,
    ) -> Result<Option<std::sync::Arc<R>>, Failure> {
        let held = self.call.core.records.get::<R>(key).await?;
        Ok(held.map(|held| held.arc()))
    }

    pub(crate) fn into_reads(self) -> Reads {
        self.reads
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
