//! When access keys last signed: noted in memory on each call, written down by a worker.

use base::{Region, Timestamp};
use identity::LastUsed;
use papaya::HashMap;
use storage::{CommitError, Reads, Records, StorageError, Writes};

/// Uses not yet written down.
#[derive(Default)]
pub(crate) struct Usage(HashMap<String, Use>);

#[derive(Clone, Copy, PartialEq)]
struct Use {
    minute: i64,
    region: Region,
    service: &'static str,
}

impl Usage {
    /// Notes that `access_key_id` signed in this minute since 1970.
    pub(crate) fn note(
        &self,
        access_key_id: &str,
        minute: i64,
        region: Region,
        service: &'static str,
    ) {
        let used = Use {
            minute,
            region,
            service,
        };
        let uses = self.0.pin();
        if uses.get(access_key_id) != Some(&used) {
            uses.insert(access_key_id.to_owned(), used);
        }
    }

    /// Last use of `access_key_id`, by memory or by record.
    pub(crate) async fn last_used(
        &self,
        records: &Records,
        access_key_id: &str,
    ) -> Result<Option<LastUsed>, StorageError> {
        let noted = self.0.pin().get(access_key_id).copied();
        if let Some(used) = noted {
            return Ok(Some(used.record(access_key_id)));
        }
        let held = records
            .get::<LastUsed>(&LastUsed::key_of(access_key_id))
            .await?;
        Ok(held.map(|held| LastUsed::clone(&held)))
    }

    /// Writes down what was noted. What is noted meanwhile stays for the next time.
    pub(crate) async fn write_down(&self, records: &Records) -> Result<(), CommitError> {
        let noted: Vec<(String, Use)> = {
            let uses = self.0.pin();
            uses.iter().map(|(id, used)| (id.clone(), *used)).collect()
        };
        if noted.is_empty() {
            return Ok(());
        }
        let mut writes = Writes::default();
        for (id, used) in &noted {
            writes.put(used.record(id));
        }
        records.commit(Reads::default(), writes).await?;
        let uses = self.0.pin();
        for (id, used) in noted {
            let unchanged = |_: &String, now: &Use| *now == used;
            let _ = uses.remove_if(&id, unchanged);
        }
        Ok(())
    }
}

impl Use {
    fn record(self, access_key_id: &str) -> LastUsed {
        LastUsed {
            access_key_id: access_key_id.to_owned(),
            at: Timestamp::from_seconds(self.minute * 60),
            region: self.region,
            service: self.service.to_owned(),
        }
    }
}
