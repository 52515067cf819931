//! Records as the API shows them.

use base::Timestamp;
use cloudhsmv2_api::shapes::{
    self, BackupPolicy, BackupRetentionPolicy, BackupRetentionType, BackupState, Certificates,
    ClusterState,
};

use crate::backup::{Backup, Origin};
use crate::cluster::{Cluster, Hsm};
use crate::tags;

/// A cluster. `with_password` where the precrypto officer's password is asked for.
pub(crate) fn cluster(cluster: &Cluster, with_password: bool) -> shapes::Cluster {
    let unowned = matches!(
        cluster.state,
        ClusterState::Uninitialized
            | ClusterState::InitializeInProgress
            | ClusterState::Initialized
    );
    let password = (with_password && unowned && cluster.active_hsm().is_some())
        .then(|| cluster.officer.expose().clone());
    shapes::Cluster {
        backup_policy: Some(BackupPolicy::Default),
        backup_retention_policy: Some(BackupRetentionPolicy {
            type_: Some(BackupRetentionType::Days),
            value: Some(cluster.retention_days.to_string()),
        }),
        cluster_id: Some(cluster.id.clone()),
        create_timestamp: Some(cluster.created),
        hsms: Some(cluster.hsms.iter().map(|it| hsm(cluster, it)).collect()),
        hsm_type: Some(cluster.hsm_type.clone()),
        hsm_type_rollback_expiration: None,
        pre_co_password: password,
        security_group: None,
        source_backup_id: cluster.source_backup.clone(),
        state: Some(cluster.state),
        state_message: None,
        subnet_mapping: Some(cluster.subnets.clone()),
        vpc_id: None,
        network_type: Some(cluster.network_type),
        certificates: Some(Certificates {
            cluster_csr: cluster.request.clone(),
            hsm_certificate: None,
            aws_hardware_certificate: None,
            manufacturer_hardware_certificate: None,
            cluster_certificate: cluster.certificate.clone(),
        }),
        tag_list: Some(tags::shown(&cluster.tags)),
        mode: Some(cluster.mode),
    }
}

/// An HSM of a cluster.
pub(crate) fn hsm(cluster: &Cluster, hsm: &Hsm) -> shapes::Hsm {
    shapes::Hsm {
        availability_zone: Some(hsm.zone.clone()),
        cluster_id: Some(cluster.id.clone()),
        subnet_id: cluster.subnets.get(&hsm.zone).cloned(),
        eni_id: None,
        eni_ip: None,
        eni_ip_v6: None,
        hsm_id: hsm.id.clone(),
        hsm_type: Some(cluster.hsm_type.clone()),
        state: Some(hsm.state),
        state_message: None,
    }
}

/// A backup.
pub(crate) fn backup(backup: &Backup) -> shapes::Backup {
    let source = match &backup.from {
        Origin::Backup(id) => Some(id.clone()),
        Origin::Hsm(_) => None,
    };
    let copied = backup.copied.as_ref();
    let pending = backup.state == BackupState::PendingDeletion;
    shapes::Backup {
        backup_id: backup.id.clone(),
        backup_arn: Some(backup.arn.to_string()),
        backup_state: Some(backup.state),
        cluster_id: Some(backup.cluster.clone()),
        create_timestamp: Some(backup.created),
        copy_timestamp: copied.map(|(at, _)| *at),
        never_expires: Some(backup.never_expires),
        source_region: copied.map(|(_, region)| region.as_str().to_owned()),
        source_cluster: source.as_ref().map(|_| backup.cluster.clone()),
        source_backup: source,
        delete_timestamp: deletion(backup).filter(|_| pending),
        tag_list: Some(tags::shown(&backup.tags)),
        hsm_type: Some(backup.hsm_type.clone()),
        mode: Some(backup.mode),
    }
}

fn deletion(backup: &Backup) -> Option<Timestamp> {
    backup.deleted_at
}
