//! Request quotas, with AWS's defaults.
//!
//! AWS document: AWS Secrets Manager User Guide, "AWS Secrets Manager quotas".

use pipeline::Quota;

/// All of them.
pub(crate) const QUOTAS: &[Quota] = &[
    Quota {
        name: "secretsmanager/resource-policies",
        operations: &[
            "DeleteResourcePolicy",
            "GetResourcePolicy",
            "PutResourcePolicy",
            "ValidateResourcePolicy",
        ],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/changes",
        operations: &[
            "PutSecretValue",
            "RemoveRegionsFromReplication",
            "ReplicateSecretToRegions",
            "StopReplicationToReplica",
            "UpdateSecret",
            "UpdateSecretVersionStage",
        ],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/tags",
        operations: &["TagResource", "UntagResource"],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/restore-secret",
        operations: &["RestoreSecret"],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/rotations",
        operations: &["CancelRotateSecret", "RotateSecret"],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/batch-get-secret-value",
        operations: &["BatchGetSecretValue"],
        per_second: |_| 100,
    },
    Quota {
        name: "secretsmanager/create-secret",
        operations: &["CreateSecret"],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/delete-secret",
        operations: &["DeleteSecret"],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/describe-secret",
        operations: &["DescribeSecret"],
        per_second: |_| 40_000,
    },
    Quota {
        name: "secretsmanager/get-random-password",
        operations: &["GetRandomPassword"],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/get-secret-value",
        operations: &["GetSecretValue"],
        per_second: |_| 10_000,
    },
    Quota {
        name: "secretsmanager/list-secret-version-ids",
        operations: &["ListSecretVersionIds"],
        per_second: |_| 50,
    },
    Quota {
        name: "secretsmanager/list-secrets",
        operations: &["ListSecrets"],
        per_second: |_| 100,
    },
];
