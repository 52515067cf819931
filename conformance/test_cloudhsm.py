"""CloudHSM by boto3, which speaks CBOR, and by the stock command line; the tokens by a PKCS#11 client of their owner's."""

import json
import os
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from support.account import Account
from support.cluster import Authority, Cluster, pem, until
from support.sealed import legible
from support.wire import Connection, Request

OFFICER, PIN = "officers-own", "users-own"


@pytest.fixture
def cluster(account):
    made = Cluster(account)
    made.wait("UNINITIALIZED")
    return made


@pytest.fixture
def active(cluster):
    """An active cluster and its HSM."""
    hsm = cluster.add("us-east-1a")
    cluster.initialize(Authority())
    hsm.activate(cluster.describe()["PreCoPassword"], OFFICER, PIN)
    cluster.wait("ACTIVE")
    return cluster, hsm


def code(call):
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value.response["Error"]["Code"]


MAKE = """
with token.open(rw=True, user_pin=values['pin']) as session:
    key = session.generate_key(KeyType.AES, 256, label='app', store=True)
    iv = bytes(16)
    print(json.dumps([key.encrypt(b'kept in the token', mechanism_param=iv).hex(), key[Attribute.EXTRACTABLE]]))
"""
USE = """
with token.open(user_pin=values['pin']) as session:
    key = session.get_key(label='app', object_class=ObjectClass.SECRET_KEY)
    print(json.dumps(key.decrypt(bytes.fromhex(values['text']), mechanism_param=bytes(16)).decode()))
"""


# A key of the owner's own, whose material the test knows: it can be looked for.
KEEP = """
with token.open(rw=True, user_pin=values['pin']) as session:
    key = session.create_object({
        Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES, Attribute.LABEL: 'app',
        Attribute.VALUE: bytes.fromhex(values['material']), Attribute.TOKEN: True, Attribute.PRIVATE: True,
        Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.ENCRYPT: True, Attribute.DECRYPT: True})
    print(json.dumps(key.encrypt(b'kept in the token', mechanism_param=bytes(16)).hex()))
"""
USE_UNASKED = USE.replace("user_pin=values['pin']", "")
READ = """
with token.open(user_pin=values['pin']) as session:
    key = session.get_key(label='app', object_class=ObjectClass.SECRET_KEY)
    try:
        read = bytes(key[Attribute.VALUE]).hex()
    except PKCS11Error as refused:
        read = type(refused).__name__
    print(json.dumps(read))
"""
IS_OFFICER = """
with token.open(rw=True, so_pin=values['pin']) as session:
    print(json.dumps(True))
"""


def begun_with(text):
    """The processes that have this in the command that began them."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found += [process.name] if text in (process / "cmdline").read_text() else []
        except (OSError, UnicodeDecodeError):
            continue
    return found


def in_memory(pid, wanted):
    """Which of these a process has in its memory, in the order given; for root, who may look."""
    found = set()
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            bounds, rights = line.split()[:2]
            begin, end = (int(bound, 16) for bound in bounds.split("-"))
            if not rights.startswith("rw"):
                continue
            try:
                memory.seek(begin)
                content = memory.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue
            found |= {text for text in wanted if text in content}
    return [text for text in wanted if text in found]


def test_from_a_new_cluster_to_keys_in_two_zones(active):
    cluster, first = active
    text, extractable = first.run(MAKE, pin=PIN)
    assert extractable is False
    second = cluster.add("us-east-1b")
    for hsm in (first, second):
        assert hsm.run(USE, pin=PIN, text=text) == "kept in the token"
    described = cluster.describe()
    assert {hsm["AvailabilityZone"] for hsm in described["Hsms"]} == {"us-east-1a", "us-east-1b"}
    assert "PreCoPassword" not in described


def test_the_server_cannot_use_what_the_owner_keeps(cluster, account):
    """It has the tokens' files, every copy and backup of them, and the officer's first PIN; its own memory and its own data
    folder hold nothing more that would open them, and no process of its is logged in."""
    hsm, client = cluster.add("us-east-1a"), account.root.cloudhsm
    cluster.initialize(Authority())
    known, material = cluster.describe()["PreCoPassword"], os.urandom(32)
    officer, own = os.urandom(8).hex(), os.urandom(8).hex()
    assert hsm.run(IS_OFFICER, pin=known), "the server's PIN is the officer's until the owner changes it"
    hsm.activate(known, officer, own)
    cluster.wait("ACTIVE")
    text = hsm.run(KEEP, pin=own, material=material.hex())
    other = cluster.add("us-east-1b")
    client.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    until(lambda: len(cluster.describe()["Hsms"]) == 1)
    newest = client.describe_backups(Filters={"clusterIds": [cluster.id]}, SortAscending=False)["Backups"][0]
    again = Cluster(account, SourceBackupId=newest["BackupId"])
    again.wait("UNINITIALIZED")
    for token in (other, again.add("us-east-1a")):
        for pin in (known, own + "x", "0000"):
            for attempt in (USE, IS_OFFICER):
                with pytest.raises(AssertionError, match="PinIncorrect|PinLen"):
                    token.run(attempt, pin=pin, text=text)
        with pytest.raises(AssertionError, match="UserNotLoggedIn|NoSuchKey"):
            token.run(USE_UNASKED, text=text)
        assert token.run(USE, pin=own, text=text) == "kept in the token"
        assert token.run(READ, pin=own) == "AttributeSensitive"
    assert "PreCoPassword" not in cluster.describe() and "PreCoPassword" not in again.describe()
    secrets = [material, own.encode(), officer.encode()]
    folder = account.server.data
    assert (folder / "hsms" / cluster.id / other.id).is_dir()
    assert legible(folder, secrets) == legible(account.server.log, secrets) == []
    events = json.dumps(account.server.events("--account", account.id))
    assert cluster.id in events and own not in events and officer not in events
    assert begun_with(cluster.id) == []
    if os.geteuid() == 0:
        found = in_memory(account.server.process.pid, [*secrets, cluster.id.encode()])
        assert found == [cluster.id.encode()], "the search finds what is there, and no more"


def test_only_the_clusters_own_certificate_initializes_it(cluster, account):
    cluster.add("us-east-1a")
    request = cluster.describe()["Certificates"]["ClusterCsr"]
    authority, other = Authority(), Authority()
    client = account.root.cloudhsm
    for signed, anchor in ((authority.sign(request), pem(other.certificate)),
                           (pem(authority.certificate), pem(authority.certificate)), ("x", "x")):
        assert code(lambda: client.initialize_cluster(ClusterId=cluster.id, SignedCert=signed, TrustAnchor=anchor)
                    ) == "CloudHsmInvalidRequestException"
    assert cluster.describe()["State"] == "UNINITIALIZED"
    assert code(lambda: client.create_hsm(ClusterId=cluster.id, AvailabilityZone="us-east-1b")
                ) == "CloudHsmInvalidRequestException"
    cluster.initialize(authority)


def test_a_backup_becomes_another_cluster(active, account):
    cluster, hsm = active
    text, _ = hsm.run(MAKE, pin=PIN)
    client = account.root.cloudhsm
    assert client.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)["HsmId"] == hsm.id
    until(lambda: not cluster.describe()["Hsms"])
    assert not hsm.folder.exists()
    client.delete_cluster(ClusterId=cluster.id)
    cluster.wait("DELETED")
    pages = client.get_paginator("describe_backups").paginate(Filters={"clusterIds": [cluster.id]})
    newest = next(backup for page in pages for backup in page["Backups"])
    assert newest["BackupState"] == "READY"
    again = Cluster(account, SourceBackupId=newest["BackupId"])
    again.wait("UNINITIALIZED")
    restored = again.add("us-east-1a")
    assert again.describe()["State"] == "ACTIVE"
    assert restored.run(USE, pin=PIN, text=text) == "kept in the token"


def test_backups_are_copied_kept_and_forgotten(active, account):
    _, _ = active
    client = account.root.cloudhsm
    [backup] = until(lambda: [it for it in client.describe_backups()["Backups"] if it["BackupState"] == "READY"])
    named = {"BackupId": backup["BackupId"]}
    assert client.modify_backup_attributes(NeverExpires=True, **named)["Backup"]["NeverExpires"] is True
    client.copy_backup_to_region(DestinationRegion="eu-west-1", **named)
    there = account.root.at("eu-west-1").cloudhsm
    until(lambda: [it["BackupState"] for it in there.describe_backups()["Backups"]] == ["READY"])
    deleted = client.delete_backup(**named)["Backup"]
    assert deleted["BackupState"] == "PENDING_DELETION" and deleted["DeleteTimestamp"] > deleted["CreateTimestamp"]
    assert client.restore_backup(**named)["Backup"]["BackupState"] == "READY"


def test_another_account_makes_a_cluster_of_a_shared_backup(active, account, second_account):
    _, hsm = active
    text, _ = hsm.run(MAKE, pin=PIN)
    client = account.root.cloudhsm
    client.delete_hsm(ClusterId=active[0].id, HsmId=hsm.id)
    until(lambda: not active[0].describe()["Hsms"])
    newest = client.describe_backups()["Backups"][0]
    named = {"ResourceArn": newest["BackupArn"]}
    assert "Policy" not in client.get_resource_policy(**named)
    like = {"SourceBackupId": newest["BackupArn"], "HsmType": "hsm1.medium", "SubnetIds": ["subnet-00000001"]}
    assert code(lambda: second_account.root.cloudhsm.create_cluster(**like)) == "AccessDeniedException"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{second_account.id}:root"},
        "Action": ["cloudhsm:CreateCluster", "cloudhsm:DescribeBackups"], "Resource": newest["BackupArn"]}]})
    assert client.put_resource_policy(Policy=policy, **named)["Policy"] == policy
    assert client.get_resource_policy(**named)["Policy"] == policy
    theirs = Cluster(second_account, SourceBackupId=newest["BackupArn"])
    theirs.wait("UNINITIALIZED")
    assert client.delete_resource_policy(**named)["Policy"] == policy
    # Clusters that were made stay, and hold the owner's keys and PINs.
    assert theirs.add("us-east-1a").run(USE, pin=PIN, text=text) == "kept in the token"
    assert code(lambda: second_account.root.cloudhsm.create_cluster(**like)) == "AccessDeniedException"


def test_tags_and_retention(cluster, account):
    client = account.root.cloudhsm
    client.tag_resource(ResourceId=cluster.id, TagList=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    client.untag_resource(ResourceId=cluster.id, TagKeyList=["a"])
    assert client.list_tags(ResourceId=cluster.id)["TagList"] == [{"Key": "b", "Value": ""}]
    client.modify_cluster(ClusterId=cluster.id, BackupRetentionPolicy={"Type": "DAYS", "Value": "7"})
    assert cluster.describe()["BackupRetentionPolicy"]["Value"] == "7"


def test_the_stock_command_line(cluster, account):
    found = account.root.cli("cloudhsmv2", "describe-clusters", "--filters", f"clusterIds={cluster.id}")
    assert [it["ClusterId"] for it in found["Clusters"]] == [cluster.id]


def test_older_clients_speak_json(cluster, account):
    """By the target header, as clients did before CBOR; both say the same."""
    with Connection(account.server) as connection:
        request = Request.of("cloudhsm", "DescribeClusters", {"Filters": {"clusterIds": [cluster.id]}})
        answer = connection.send(request.signed(account.server, account.root))
        assert answer.status == 200 and answer.headers["content-type"] == "application/x-amz-json-1.1"
        [found] = json.loads(answer.text)["Clusters"]
        assert found["ClusterId"] == cluster.id
        bad = Request.of("cloudhsm", "DescribeClusters", {"MaxResults": 0})
        assert connection.send(bad.signed(account.server, account.root)).code == "ValidationException"


def test_a_restart_carries_on(own_server):
    account = Account.create(own_server)
    made = Cluster(account)
    made.wait("UNINITIALIZED")
    made.hsm_client.create_hsm(ClusterId=made.id, AvailabilityZone="us-east-1a")
    own_server.kill()
    own_server.start()
    account.root = Account.root_of(own_server, account.id)
    client = account.root.cloudhsm
    until(lambda: client.describe_clusters()["Clusters"][0]["Hsms"][0]["State"] == "ACTIVE")
    assert "BEGIN CERTIFICATE REQUEST" in client.describe_clusters()["Clusters"][0]["Certificates"]["ClusterCsr"]
