"""Key stores in CloudHSM clusters: keys that are made and used in the HSMs of their owner's, by boto3 and PKCS#11."""

import pytest

from support.cluster_store import PIN, READ, UNREADABLE, ClusterStore, OwnCluster
from support.refusal import refused

CONTEXT = {"department": "marketing"}


@pytest.fixture
def store(account):
    return ClusterStore(account).connect()


def seal(kms, key, plaintext=b"hunter2"):
    return kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=CONTEXT)["CiphertextBlob"]


def opened(kms, sealed):
    return kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"]


def test_from_a_cluster_to_a_key_in_its_hsms(account):
    store = ClusterStore(account)
    described = store.describe()
    assert described["ConnectionState"] == "DISCONNECTED" and described["CustomKeyStoreType"] == "AWS_CLOUDHSM"
    assert described["CloudHsmClusterId"] == store.cluster.id and "KeyStorePassword" not in described
    assert described["TrustAnchorCertificate"] == store.cluster.anchor
    with refused("CustomKeyStoreInvalidStateException"):
        store.key()
    store.connect()
    key, kms = store.key(), account.root.kms
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["Origin"] == "AWS_CLOUDHSM" and metadata["CloudHsmClusterId"] == store.cluster.id
    assert metadata["CustomKeyStoreId"] == store.named["CustomKeyStoreId"] and metadata["KeyState"] == "Enabled"
    assert opened(kms, seal(kms, key)) == b"hunter2"
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    assert opened(kms, made["CiphertextBlob"]) == made["Plaintext"] and len(made["Plaintext"]) == 32
    random = kms.generate_random(NumberOfBytes=1024, **store.named)["Plaintext"]
    assert len(random) == 1024 and len(set(random)) > 200
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=seal(kms, key), EncryptionContext={"department": "sales"})


def test_the_key_is_in_every_hsm_and_is_read_out_of_none(store):
    key = store.key()
    assert store.cluster.look(key) == [[UNREADABLE]] * 2
    for hsm in store.cluster.hsms:
        assert hsm.run(READ, pin=PIN, label=key) == "AttributeSensitive"
