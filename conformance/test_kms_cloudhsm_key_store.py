"""Key stores in CloudHSM clusters: keys that are made and used in the HSMs of their owner's, by boto3 and PKCS#11."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from support.account import Account, allow
from support.cluster import Authority, Cluster, pem, until
from support.cluster_store import DESTROY, FORGE, LOOK, PIN, READ, UNREADABLE, WARNS, ClusterStore, OwnCluster
from support.refusal import refused

CONTEXT = {"department": "marketing"}


def processes(server, cluster):
    """The processes in which the user of a cluster's tokens is logged in."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"hsm-user" in arguments and f"{server.data / 'hsms' / cluster.id}/".encode() in arguments[0]:
            found.append(int(folder.name))
    return found


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


def test_what_is_refused_of_a_new_store(account, store, second_account):
    kms, cluster = account.root.kms, store.cluster
    with refused("CloudHsmClusterInUseException"):
        ClusterStore(account, cluster)
    with refused("CustomKeyStoreNameInUseException"):
        ClusterStore(account, cluster, CustomKeyStoreName=store.describe()["CustomKeyStoreName"])
    with refused("CloudHsmClusterNotFoundException"):
        ClusterStore(account, cluster, CloudHsmClusterId="cluster-abcdefgh234")
    # A cluster is its account's own.
    with refused("CloudHsmClusterNotFoundException"):
        ClusterStore(second_account, cluster)
    young = Cluster(account)
    young.wait("UNINITIALIZED")
    with refused("CloudHsmClusterNotActiveException"):
        ClusterStore(account, cluster, CloudHsmClusterId=young.id)
    kms.disconnect_custom_key_store(**store.named)
    store.wait("DISCONNECTED")
    kms.delete_custom_key_store(**store.named)
    with refused("IncorrectTrustAnchorException"):
        ClusterStore(account, cluster, TrustAnchorCertificate=pem(Authority().certificate))
    for wrong in ("short", "x" * 33):
        with refused("ValidationException"):
            ClusterStore(account, cluster, KeyStorePassword=wrong)
    cluster.remove(cluster.hsms[1])
    with refused("CloudHsmClusterInvalidConfigurationException", "two active HSMs"):
        ClusterStore(account, cluster)


def test_a_store_is_made_only_by_who_may_see_clusters(account):
    cluster = OwnCluster(account)
    maker = account.user(allow("kms:CreateCustomKeyStore"))
    wanted = {"CustomKeyStoreName": "n", "CloudHsmClusterId": cluster.id, "TrustAnchorCertificate": cluster.anchor,
              "KeyStorePassword": PIN}
    with refused("AccessDeniedException"):
        maker.kms.create_custom_key_store(**wanted)


def test_a_wrong_pin_is_tried_once(account):
    store = ClusterStore(account, KeyStorePassword=PIN + "x")
    store.kms.connect_custom_key_store(**store.named)
    assert store.wait("FAILED")["ConnectionErrorCode"] == "INVALID_CREDENTIALS"
    assert sorted(hsm.run(WARNS) for hsm in store.cluster.hsms) == [False, True]
    # The owner's own login takes back the token's warning of a wrong PIN; nobody brings it about again.
    for hsm in store.cluster.hsms:
        assert hsm.run(LOOK, pin=PIN, label="none") == []
    with refused("CustomKeyStoreInvalidStateException"):
        store.kms.connect_custom_key_store(**store.named)
    with refused("CustomKeyStoreInvalidStateException"):
        store.key()
    store.disconnect()
    assert [hsm.run(WARNS) for hsm in store.cluster.hsms] == [False, False]
    with refused("CustomKeyStoreNotFoundException"):
        store.kms.update_custom_key_store(KeyStorePassword=PIN, CustomKeyStoreId="cks-00000000000000000")
    store.kms.update_custom_key_store(KeyStorePassword=PIN, **store.named)
    store.connect()
    assert opened(store.kms, seal(store.kms, store.key())) == b"hunter2"


def test_a_disconnected_store_keeps_its_keys_from_being_used(account, store):
    kms, key = account.root.kms, store.key()
    sealed = seal(kms, key)
    assert len(processes(account.server, store.cluster)) == 2
    store.disconnect()
    for call in (lambda: seal(kms, key), lambda: opened(kms, sealed)):
        with refused("KMSInvalidStateException", "not connected"):
            call()
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Unavailable"
    until(lambda: not processes(account.server, store.cluster))
    with refused("CustomKeyStoreHasCMKsException"):
        kms.delete_custom_key_store(**store.named)
    store.connect()
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert opened(kms, sealed) == b"hunter2"
    for call in (lambda: kms.enable_key_rotation(KeyId=key), lambda: kms.rotate_key_on_demand(KeyId=key)):
        with refused("UnsupportedOperationException"):
            call()


def test_no_hsm_is_asked_by_what_is_only_tried(account, store):
    """The processes that hold the tokens are stopped: whoever asked them would wait."""
    kms, key, here = account.root.kms, store.key(), account.key()
    sealed, ours = seal(kms, key), seal(kms, here)
    held = processes(account.server, store.cluster)
    assert held
    for process in held:
        os.kill(process, signal.SIGSTOP)
    try:
        for call, given in (
                (kms.encrypt, {"KeyId": key, "Plaintext": b"x"}),
                (kms.decrypt, {"CiphertextBlob": sealed, "EncryptionContext": CONTEXT}),
                (kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}),
                (kms.generate_data_key_without_plaintext, {"KeyId": key, "KeySpec": "AES_256"}),
                (kms.re_encrypt, {"CiphertextBlob": ours, "SourceEncryptionContext": CONTEXT, "DestinationKeyId": key}),
                (kms.re_encrypt, {"CiphertextBlob": sealed, "SourceEncryptionContext": CONTEXT, "DestinationKeyId": here})):
            with refused("DryRunOperationException"):
                call(**given, DryRun=True)
        assert processes(account.server, store.cluster) == held
        # The same, meant: nobody answers.
        with refused("DependencyTimeoutException"):
            seal(kms, key)
    finally:
        for process in held:
            try:
                os.kill(process, signal.SIGCONT)
            except ProcessLookupError:
                continue
    assert opened(kms, sealed) == b"hunter2"


def test_a_process_that_is_killed_is_started_anew(account, store):
    kms, key = account.root.kms, store.key()
    sealed = seal(kms, key)
    for _ in range(3):
        for process in processes(account.server, store.cluster):
            os.kill(process, signal.SIGKILL)
        assert opened(kms, sealed) == b"hunter2"
        assert opened(kms, seal(kms, key)) == b"hunter2"
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(lambda: opened(kms, seal(kms, key))) for _ in range(100)]
        for process in processes(account.server, store.cluster):
            os.kill(process, signal.SIGKILL)
        assert [call.result() for call in calls] == [b"hunter2"] * 100


def test_a_token_that_a_cut_took_is_brought_back(account, store):
    """SoftHSM empties and rewrites a token's own record at every login: a power cut in between leaves it empty."""
    kms, key = account.root.kms, store.key()
    sealed = seal(kms, key)
    store.disconnect()
    until(lambda: not processes(account.server, store.cluster))
    for hsm in store.cluster.hsms:
        [record] = hsm.folder.glob("tokens/*/token.object")
        record.write_bytes(b"")
    store.connect()
    assert opened(kms, sealed) == b"hunter2"
    assert opened(kms, seal(kms, other := store.key())) == b"hunter2"
    assert store.cluster.look(other) == [[UNREADABLE]] * 2


def test_hsms_come_and_go(account, store):
    """A key is in an HSM that joins; what is left is used; the first after the last is made of the newest backup."""
    kms, key, cluster = account.root.kms, store.key(), store.cluster
    sealed = seal(kms, key)
    cluster.remove(cluster.hsms[0])
    for _ in range(4):
        assert opened(kms, sealed) == b"hunter2"
    with refused("CloudHsmClusterInvalidConfigurationException", "two active HSMs"):
        store.key()
    cluster.hsms.append(cluster.add("us-east-1a"))
    other = store.key()
    assert cluster.look(key) == cluster.look(other) == [[UNREADABLE]] * 2
    while cluster.hsms:
        cluster.remove(cluster.hsms[0])
    with refused("KMSInvalidStateException"):
        opened(kms, sealed)
    store.disconnect()
    with refused("CloudHsmClusterInvalidConfigurationException", "an active HSM"):
        kms.connect_custom_key_store(**store.named)
    cluster.hsms.append(cluster.add("us-east-1b"))
    store.connect()
    assert opened(kms, sealed) == b"hunter2"
    assert cluster.look(other) == [[UNREADABLE]]


def test_a_cluster_that_is_deleted_is_not_found(account):
    """AWS does not ask KMS before it deletes a cluster or an HSM: neither do we."""
    store = ClusterStore(account)
    cluster, client = store.cluster, account.root.cloudhsm
    while cluster.hsms:
        cluster.remove(cluster.hsms[0])
    client.delete_cluster(ClusterId=cluster.id)
    cluster.wait("DELETED")
    store.kms.connect_custom_key_store(**store.named)
    assert store.wait("FAILED")["ConnectionErrorCode"] == "CLUSTER_NOT_FOUND"
    store.disconnect()
    store.kms.delete_custom_key_store(**store.named)
    with refused("CustomKeyStoreNotFoundException"):
        store.describe()


def test_what_the_owner_destroys_is_gone(account, store):
    kms, key, kept = account.root.kms, store.key(), store.key()
    sealed = seal(kms, key)
    store.cluster.hsms[0].run(DESTROY, pin=PIN, label=key)
    for _ in range(4):
        assert opened(kms, sealed) == b"hunter2"
    store.cluster.hsms[1].run(DESTROY, pin=PIN, label=key)
    with refused("KMSInvalidStateException", "was not found"):
        opened(kms, sealed)
    assert opened(kms, seal(kms, kept)) == b"hunter2"


def test_what_the_owner_makes_is_left_alone(account, store):
    """A key of the owner's under the label of ours is refused, not taken: which of them is meant cannot be told."""
    kms, key = account.root.kms, store.key()
    for hsm in store.cluster.hsms:
        hsm.run(FORGE, pin=PIN, label=key)
    store.disconnect()
    store.connect()
    with refused("KMSInvalidStateException"):
        seal(kms, key)


def test_many_make_and_use_keys_at_once(account, store):
    kms = account.root.kms

    def turn(number):
        key = store.key()
        text = str(number).encode()
        assert all(opened(kms, seal(kms, key, text)) == text for _ in range(5))
        return key
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(turn, range(16)))
    assert all(set(keys) <= set(labels) for labels in store.cluster.labels())


def test_no_secret_is_recorded_logged_or_told_to_other_processes(account, store):
    seal(account.root.kms, store.key())
    events = json.dumps(account.server.events("--account", account.id))
    assert "CreateCustomKeyStore" in events and "CustomKeyStoreConnectionChanged" in events
    for secret in (PIN, "hunter2"):
        assert secret not in events and secret not in account.server.log.read_text()
    found = processes(account.server, store.cluster)
    assert len(found) == 2
    for process in found:
        assert PIN not in Path(f"/proc/{process}/cmdline").read_text()
        if os.geteuid() == 0:
            assert PIN not in Path(f"/proc/{process}/environ").read_text()
    for path in (account.server.data / "hsms").rglob("*"):
        assert not path.is_file() or PIN.encode() not in path.read_bytes()


def test_a_restart_stays_connected_until_the_pin_is_changed(own_server):
    account = Account.create(own_server)
    store = ClusterStore(account).connect()
    key = store.key()
    sealed = seal(store.kms, key)
    before = processes(own_server, store.cluster)
    own_server.kill()
    until(lambda: not any(Path(f"/proc/{process}").exists() for process in before))
    own_server.start()
    store.again(own_server, account)
    assert opened(store.kms, sealed) == b"hunter2"
    assert store.describe()["ConnectionState"] == "CONNECTED"
    store.cluster.change_pin(PIN, "another-one")
    # Who is logged in, is.
    assert opened(store.kms, sealed) == b"hunter2"
    own_server.kill()
    own_server.start()
    store.again(own_server, account)
    assert store.wait("FAILED")["ConnectionErrorCode"] == "INVALID_CREDENTIALS"
    with refused("KMSInvalidStateException"):
        opened(store.kms, sealed)
    store.disconnect()
    store.kms.update_custom_key_store(KeyStorePassword="another-one", **store.named)
    store.connect()
    assert opened(store.kms, sealed) == b"hunter2"


def test_a_cut_leaves_no_key_without_a_record_and_none_without_a_key(own_server):
    """The server is killed while keys are made: what was acknowledged works, and nothing else is left in the tokens."""
    account = Account.create(own_server)
    store = ClusterStore(account).connect()
    acknowledged = [store.key()]

    def make():
        try:
            while True:
                acknowledged.append(store.key())
        except (BotoCoreError, ClientError):
            return
    for _ in range(4):
        with ThreadPoolExecutor(4) as pool:
            for _ in range(4):
                pool.submit(make)
            until(lambda count=len(acknowledged): len(acknowledged) > count)
            own_server.kill()
        own_server.start()
        store.again(own_server, account)
        assert all(opened(store.kms, seal(store.kms, key)) for key in acknowledged)
    recorded = {key["KeyArn"] for page in store.kms.get_paginator("list_keys").paginate() for key in page["Keys"]}
    assert recorded >= set(acknowledged)
    hsms = own_server.data / "hsms"
    until(lambda: not list((hsms / "unsettled").iterdir()))
    assert [set(labels) for labels in store.cluster.labels()] == [recorded] * 2
    assert not list(hsms.glob("making/*"))


def test_a_note_is_on_disk_before_the_key_and_goes_when_it_is_settled(own_server):
    """A key that is in the tokens with a note of it, and without a record, as a power cut leaves it."""
    account = Account.create(own_server)
    store = ClusterStore(account).connect()
    key = store.key()
    ghost = key.rpartition("/")[0] + "/00000000-1111-2222-3333-444444444444"
    for hsm in store.cluster.hsms:
        hsm.run(FORGE, pin=PIN, label=ghost)
    notes = own_server.data / "hsms" / "unsettled"
    assert len(list(notes.iterdir())) == 1
    own_server.kill()
    (notes / "00000000-1111-2222-3333-444444444444.json").write_text(
        json.dumps({"cluster": store.cluster.id, "key": ghost}))
    (notes / "half.unfinished").write_text("{")
    own_server.start()
    store.again(own_server, account)
    until(lambda: not list(notes.iterdir()))
    assert store.cluster.labels() == [[key]] * 2
    assert opened(store.kms, seal(store.kms, key)) == b"hunter2"


def test_a_related_cluster_takes_over(account, store):
    """One that is made of a backup has the same certificate, and the same keys."""
    kms, key = account.root.kms, store.key()
    sealed = seal(kms, key)
    stranger = OwnCluster(account)
    old = store.cluster
    old.remove(old.hsms[1])
    client = account.root.cloudhsm
    backups = client.describe_backups(Filters={"clusterIds": [old.id]})["Backups"]
    newest = max(backups, key=lambda backup: backup["CreateTimestamp"])
    related = Cluster(account, SourceBackupId=newest["BackupId"])
    related.wait("UNINITIALIZED")
    hsms = [related.add(zone) for zone in ("us-east-1a", "us-east-1b")]
    assert related.describe()["State"] == "ACTIVE"
    store.disconnect()
    with refused("CloudHsmClusterNotRelatedException"):
        kms.update_custom_key_store(CloudHsmClusterId=stranger.id, **store.named)
    kms.update_custom_key_store(CloudHsmClusterId=related.id, **store.named)
    store.connect()
    assert opened(kms, sealed) == b"hunter2"
    assert [hsm.run(LOOK, pin=PIN, label=key) for hsm in hsms] == [[UNREADABLE]] * 2
