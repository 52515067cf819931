//! The operations that are built: one line each.

mod copy_backup_to_region;
mod create_cluster;
mod create_hsm;
mod delete_backup;
mod delete_cluster;
mod delete_hsm;
mod delete_resource_policy;
mod describe_backups;
mod describe_clusters;
mod get_resource_policy;
mod initialize_cluster;
mod list_tags;
mod modify_backup_attributes;
mod modify_cluster;
mod put_resource_policy;
mod restore_backup;
mod tag_resource;
mod untag_resource;

use pipeline::Entry;

/// Every operation that is built.
pub(crate) const OPERATIONS: &[Entry] = &[
    Entry::of::<copy_backup_to_region::CopyBackupToRegion>(),
    Entry::of::<create_cluster::CreateCluster>(),
    Entry::of::<create_hsm::CreateHsm>(),
    Entry::of::<delete_backup::DeleteBackup>(),
    Entry::of::<delete_cluster::DeleteCluster>(),
    Entry::of::<delete_hsm::DeleteHsm>(),
    Entry::of::<delete_resource_policy::DeleteResourcePolicy>(),
    Entry::of::<describe_backups::DescribeBackups>(),
    Entry::of::<describe_clusters::DescribeClusters>(),
    Entry::of::<get_resource_policy::GetResourcePolicy>(),
    Entry::of::<initialize_cluster::InitializeCluster>(),
    Entry::of::<list_tags::ListTags>(),
    Entry::of::<modify_backup_attributes::ModifyBackupAttributes>(),
    Entry::of::<modify_cluster::ModifyCluster>(),
    Entry::of::<put_resource_policy::PutResourcePolicy>(),
    Entry::of::<restore_backup::RestoreBackup>(),
    Entry::of::<tag_resource::TagResource>(),
    Entry::of::<untag_resource::UntagResource>(),
];
