//! Quotas of requests and of resources, with AWS's defaults.
//!
//! AWS document: AWS KMS Developer Guide, "Request quotas" and "Resource quotas"; AWS General Reference, "AWS Key
//! Management Service endpoints and quotas".

mod by_key;

pub(crate) use by_key::{Counted, of_pairs};

use base::{AccountId, Region};
use pipeline::{Failure, Operation, Permitted, Quota};

use crate::alias::Alias;
use crate::errors;
use crate::grant::Grant;
use crate::key::Key;
use crate::managed_key::OWNERS;

/// Customer managed keys of an account in a region.
const KEYS: Quota = Quota {
    name: "kms/keys",
    operations: &[],
    per_second: |_| 100_000,
};

/// Grants on a key.
const GRANTS: Quota = Quota {
    name: "kms/grants-per-key",
    operations: &[],
    per_second: |_| 50_000,
};

/// Aliases of a key.
const ALIASES: Quota = Quota {
    name: "kms/aliases-per-key",
    operations: &[],
    per_second: |_| MOST_ALIASES as u32,
};

const MOST_ALIASES: usize = 50;

/// Operations whose key is symmetric whatever it is, and those on other keys that are found to be.
const SYMMETRIC: Quota = Quota {
    name: "kms/cryptographic-operations-symmetric",
    operations: &[
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom",
        "VerifyMac",
    ],
    per_second: cryptographic,
};

/// What limits calls on keys that are not found, or may not be used. Not AWS's: more than its quotas together let pass.
const WHATEVER_THE_KEY: Quota = Quota {
    name: "kms/cryptographic-operations",
    operations: by_key::OPERATIONS,
    per_second: |region| 2 * cryptographic(region),
};

/// Refuses a key more than an account may have in a region. AWS managed keys do not count.
pub(crate) async fn check_keys<O: Operation>(
    call: &Permitted<'_, O>,
    account: AccountId,
    region: &Region,
) -> Result<(), Failure> {
    let Some(most) = limit(call, &KEYS) else {
        return Ok(());
    };
    let prefix = Key::prefix(account, region);
    let keys = call.look().count::<Key>(&prefix, usize::MAX).await?;
    // Whoever is far from the limit need not know how many of them are managed.
    if keys < most || keys - managed_keys(call, account, region).await? < most {
        return Ok(());
    }
    Err(errors::too_many_keys(most))
}

async fn managed_keys<O: Operation>(
    call: &Permitted<'_, O>,
    account: AccountId,
    region: &Region,
) -> Result<usize, Failure> {
    let mut found = 0;
    for owner in OWNERS {
        let alias = Alias::key_of(account, region, &owner.alias());
        found += usize::from(call.look().glimpse::<Alias>(&alias).await?.is_some());
    }
    Ok(found)
}

/// Refuses a grant more than a key may have.
pub(crate) async fn check_grants<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
) -> Result<(), Failure> {
    let Some(most) = limit(call, &GRANTS) else {
        return Ok(());
    };
    match call
        .look()
        .count::<Grant>(&Grant::prefix(key), most)
        .await?
        < most
    {
        true => Ok(()),
        false => Err(errors::too_many_grants(&key.arn)),
    }
}

/// Refuses `key` as a call shall leave it, if it has more aliases than a key may.
pub(crate) fn check_aliases<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
) -> Result<(), Failure> {
    // They lie in the key's own record, which does not grow without end: where quotas are lifted, AWS's counts.
    let most = limit(call, &ALIASES).unwrap_or(MOST_ALIASES);
    match key.aliases.len() <= most {
        true => Ok(()),
        false => Err(errors::too_many_aliases(&key.arn)),
    }
}

fn limit<O: Operation>(call: &Permitted<'_, O>, quota: &Quota) -> Option<usize> {
    let limit = call.call().limit(quota)?;
    usize::try_from(limit).ok()
}

/// All of them. Those of operations that are not built come with the operations.
pub(crate) const QUOTAS: &[Quota] = &[
    KEYS,
    GRANTS,
    ALIASES,
    SYMMETRIC,
    WHATEVER_THE_KEY,
    by_key::RSA,
    by_key::ECC,
    by_key::ML_DSA,
    by_key::ML_KEM,
    by_key::CUSTOM_KEY_STORE,
    by_key::PAIR_P256,
    by_key::PAIR_P384,
    by_key::PAIR_P521,
    by_key::PAIR_P256K1,
    by_key::PAIR_ED25519,
    by_key::PAIR_ML_KEM,
    by_key::PAIR_RSA_2048,
    by_key::PAIR_RSA_3072,
    by_key::PAIR_RSA_4096,
    Quota {
        name: "kms/cancel-key-deletion",
        operations: &["CancelKeyDeletion"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/create-alias",
        operations: &["CreateAlias"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/create-grant",
        operations: &["CreateGrant"],
        per_second: |_| 50,
    },
    Quota {
        name: "kms/create-key",
        operations: &["CreateKey"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/delete-alias",
        operations: &["DeleteAlias"],
        per_second: |_| 15,
    },
    Quota {
        name: "kms/delete-imported-key-material",
        operations: &["DeleteImportedKeyMaterial"],
        per_second: |_| 15,
    },
    Quota {
        name: "kms/connect-custom-key-store",
        operations: &["ConnectCustomKeyStore"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/create-custom-key-store",
        operations: &["CreateCustomKeyStore"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/delete-custom-key-store",
        operations: &["DeleteCustomKeyStore"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/describe-custom-key-stores",
        operations: &["DescribeCustomKeyStores"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/disconnect-custom-key-store",
        operations: &["DisconnectCustomKeyStore"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/update-custom-key-store",
        operations: &["UpdateCustomKeyStore"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/describe-key",
        operations: &["DescribeKey"],
        per_second: |_| 2000,
    },
    Quota {
        name: "kms/disable-key",
        operations: &["DisableKey"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/disable-key-rotation",
        operations: &["DisableKeyRotation"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/enable-key",
        operations: &["EnableKey"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/enable-key-rotation",
        operations: &["EnableKeyRotation"],
        per_second: |_| 15,
    },
    Quota {
        name: "kms/get-key-last-usage",
        operations: &["GetKeyLastUsage"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/get-key-policy",
        operations: &["GetKeyPolicy"],
        per_second: |_| 1000,
    },
    Quota {
        name: "kms/get-key-rotation-status",
        operations: &["GetKeyRotationStatus"],
        per_second: |_| 1000,
    },
    Quota {
        name: "kms/get-parameters-for-import",
        operations: &["GetParametersForImport"],
        per_second: |_| 1,
    },
    Quota {
        name: "kms/get-public-key",
        operations: &["GetPublicKey"],
        per_second: |_| 2000,
    },
    Quota {
        name: "kms/import-key-material",
        operations: &["ImportKeyMaterial"],
        per_second: |_| 15,
    },
    Quota {
        name: "kms/list-aliases",
        operations: &["ListAliases"],
        per_second: |_| 500,
    },
    Quota {
        name: "kms/list-grants",
        operations: &["ListGrants"],
        per_second: |_| 100,
    },
    Quota {
        name: "kms/list-key-policies",
        operations: &["ListKeyPolicies"],
        per_second: |_| 100,
    },
    Quota {
        name: "kms/list-key-rotations",
        operations: &["ListKeyRotations"],
        per_second: |_| 100,
    },
    Quota {
        name: "kms/list-keys",
        operations: &["ListKeys"],
        per_second: |_| 500,
    },
    Quota {
        name: "kms/list-resource-tags",
        operations: &["ListResourceTags"],
        per_second: |_| 2000,
    },
    Quota {
        name: "kms/list-retirable-grants",
        operations: &["ListRetirableGrants"],
        per_second: |_| 100,
    },
    Quota {
        name: "kms/put-key-policy",
        operations: &["PutKeyPolicy"],
        per_second: |_| 15,
    },
    Quota {
        name: "kms/replicate-key",
        operations: &["ReplicateKey"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/retire-grant",
        operations: &["RetireGrant"],
        per_second: |_| 50,
    },
    Quota {
        name: "kms/revoke-grant",
        operations: &["RevokeGrant"],
        per_second: |_| 50,
    },
    Quota {
        name: "kms/rotate-key-on-demand",
        operations: &["RotateKeyOnDemand"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/schedule-key-deletion",
        operations: &["ScheduleKeyDeletion"],
        per_second: |_| 15,
    },
    Quota {
        name: "kms/tag-resource",
        operations: &["TagResource"],
        per_second: |_| 10,
    },
    Quota {
        name: "kms/untag-resource",
        operations: &["UntagResource"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/update-alias",
        operations: &["UpdateAlias"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/update-key-description",
        operations: &["UpdateKeyDescription"],
        per_second: |_| 5,
    },
    Quota {
        name: "kms/update-primary-region",
        operations: &["UpdatePrimaryRegion"],
        per_second: |_| 5,
    },
];

fn cryptographic(region: &Region) -> u32 {
    match region.as_str() {
        "us-east-1" | "us-west-2" | "eu-west-1" => 100_000,
        "us-east-2" | "ap-northeast-1" | "ap-southeast-1" | "ap-southeast-2" | "eu-central-1"
        | "eu-west-2" => 20_000,
        _ => 10_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_one_quota() {
        let built: BTreeSet<&str> = OPERATIONS.iter().map(|entry| entry.facts.name).collect();
        let named = || QUOTAS.iter().flat_map(|quota| quota.operations).copied();
        assert_eq!(named().collect::<BTreeSet<_>>(), built);
        assert_eq!(named().count(), built.len());
    }

    #[test]
    fn names_are_not_repeated() {
        let names: BTreeSet<&str> = QUOTAS.iter().map(|quota| quota.name).collect();
        assert_eq!(names.len(), QUOTAS.len());
    }

    #[test]
    fn cryptographic_operations_vary_with_the_region() {
        for (region, rate) in [
            ("us-east-1", 100_000),
            ("eu-central-1", 20_000),
            ("eu-north-1", 10_000),
        ] {
            assert_eq!(cryptographic(&region.parse().unwrap()), rate, "{region}");
        }
    }
}
