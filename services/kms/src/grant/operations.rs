//! Which operations a grant on a key can permit.

use kms_api::shapes::{GrantOperation, KeySpec, KeyUsageType};

use crate::key::Key;

/// Whether a grant on `key` can permit `operation`: it must be one that the key can do.
/// AWS document: AWS KMS Developer Guide, "Key type reference".
pub(crate) fn supported(key: &Key, operation: GrantOperation) -> bool {
    use GrantOperation as Op;
    let symmetric = key.spec == KeySpec::SymmetricDefault;
    let usage = key.usage;
    match operation {
        Op::CreateGrant | Op::DescribeKey | Op::RetireGrant => true,
        Op::Decrypt | Op::Encrypt | Op::ReEncryptFrom | Op::ReEncryptTo => {
            usage == KeyUsageType::EncryptDecrypt
        }
        Op::GenerateDataKey
        | Op::GenerateDataKeyPair
        | Op::GenerateDataKeyPairWithoutPlaintext
        | Op::GenerateDataKeyWithoutPlaintext => symmetric,
        Op::GenerateMac | Op::VerifyMac => usage == KeyUsageType::GenerateVerifyMac,
        Op::GetPublicKey => !symmetric && usage != KeyUsageType::GenerateVerifyMac,
        Op::Sign | Op::Verify => usage == KeyUsageType::SignVerify,
        Op::DeriveSharedSecret => usage == KeyUsageType::KeyAgreement,
        Op::Decapsulate | Op::Encapsulate => usage == KeyUsageType::EncapsulateDecapsulate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_key;
    use GrantOperation as Op;
    use wire::ClosedSet;

    #[test]
    fn by_spec_and_usage() {
        let encrypting = [Op::Decrypt, Op::Encrypt, Op::ReEncryptFrom, Op::ReEncryptTo];
        let data_keys = [
            Op::GenerateDataKey,
            Op::GenerateDataKeyWithoutPlaintext,
            Op::GenerateDataKeyPair,
            Op::GenerateDataKeyPairWithoutPlaintext,
        ];
        let always = [Op::CreateGrant, Op::RetireGrant, Op::DescribeKey];
        for (spec, usage, own) in [
            (
                KeySpec::SymmetricDefault,
                KeyUsageType::EncryptDecrypt,
                [encrypting, data_keys].concat(),
            ),
            (
                KeySpec::Rsa2048,
                KeyUsageType::EncryptDecrypt,
                [&encrypting[..], &[Op::GetPublicKey]].concat(),
            ),
            (
                KeySpec::EccNistP256,
                KeyUsageType::SignVerify,
                vec![Op::Sign, Op::Verify, Op::GetPublicKey],
            ),
            (
                KeySpec::EccNistP256,
                KeyUsageType::KeyAgreement,
                vec![Op::DeriveSharedSecret, Op::GetPublicKey],
            ),
            (
                KeySpec::Hmac256,
                KeyUsageType::GenerateVerifyMac,
                vec![Op::GenerateMac, Op::VerifyMac],
            ),
            (
                KeySpec::MlKem768,
                KeyUsageType::EncapsulateDecapsulate,
                vec![Op::Encapsulate, Op::Decapsulate, Op::GetPublicKey],
            ),
        ] {
            let key = Key {
                spec,
                usage,
                ..some_key()
            };
            for operation in GrantOperation::ALL {
                let expected = own.contains(operation) || always.contains(operation);
                assert_eq!(supported(&key, *operation), expected, "{spec} {operation}");
            }
        }
    }
}
