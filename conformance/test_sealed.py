"""At rest everything is sealed: nothing secret is legible in the data folder, nothing opens without the root key.

Names are not sealed: the store finds its rows by account, name and id.
"""

import base64
import re
import shutil
import stat

import pytest

from support.account import Account, allow, assume, document, key_policy, principals
from support.raw import until_logged
from support.sealed import files, forms, legible, stays_sealed
from support.server import DidNotStart, Server

WORD = "Philadelphia"
CHOSEN_SECRET = "chosen-secret/of+the=operator"


@pytest.fixture
def written(tmp_path):
    """A server that was made to keep one of every secret, and was killed: with what it was told to keep."""
    server = Server(tmp_path).start()
    secrets = fill(server)
    server.kill()
    yield server, secrets
    server.kill()


def fill(server):
    """Keeps secrets of each kind, each with a known text; these texts."""
    account = Account.create(server)
    server.ask("account", "create", "second", "--access-key-id", "CHOSENKEY", "--secret-access-key", CHOSEN_SECRET)
    root = account.root
    user = account.user(allow("sts:AssumeRole", Sid=f"{WORD}InUserPolicy"))
    root.iam.create_policy(PolicyName="managed", PolicyDocument=document(allow("s3:*", Sid=f"{WORD}InManagedPolicy")))
    root.iam.tag_user(UserName=user.name, Tags=[{"Key": "note", "Value": f"{WORD}InTag"}])
    role = account.role(allow("kms:*", Sid=f"{WORD}InRolePolicy"))
    session = assume(user, role, Policy=document(allow("kms:*", Sid=f"{WORD}InSessionPolicy")))
    policy = key_policy(principals(account.root_arn, Sid=f"{WORD}InKeyPolicy"))
    key = root.kms.create_key(Policy=policy, Description=f"{WORD}InDescription")["KeyMetadata"]["KeyId"]
    context = {"purpose": f"{WORD}InContext"}
    session.kms.encrypt(KeyId=key, Plaintext=f"{WORD}InPlaintext".encode(), EncryptionContext=context)
    data_key = root.kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)["Plaintext"]
    texts = [CHOSEN_SECRET, WORD, session.session_token]
    texts += [principal.secret_access_key for principal in (root, user, session)]
    return [text.encode() for text in texts] + [data_key]


def test_the_search_finds_what_is_not_sealed(tmp_path):
    """The test's own test: each form of a secret is found."""
    secret = b"a secret of some length"
    for number, form in enumerate(forms(secret)):
        (tmp_path / str(number)).write_bytes(b"before" + form + b"after")
    for shift in range(3):
        (tmp_path / f"base64-{shift}").write_bytes(base64.b64encode(b"x" * shift + secret + b"after"))
    found = {name for name, _ in legible(tmp_path, [secret])}
    assert found == {path.name for path in files(tmp_path)}


def test_nothing_secret_is_legible_in_the_data_folder(written):
    server, secrets = written
    root_key = base64.b64decode(server.data.with_name("data.key").read_text())
    assert len(root_key) == 32
    assert sum(path.stat().st_size for path in files(server.data)) > 20_000
    assert legible(server.data, [*secrets, root_key]) == []
    server.start()
    server.stop()
    assert legible(server.data, [*secrets, root_key]) == [], "after an orderly end"


def test_no_secret_is_in_the_log(tmp_path):
    server = Server(tmp_path, ALCAZAR_LOG="trace").start()
    try:
        secrets = fill(server)
        until_logged(server, secrets[0])
    finally:
        server.kill()
    assert legible(server.log, secrets) == []


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read(written):
    server, _ = written
    assert mode(server.data) == 0o700
    assert mode(server.data.with_name("data.key")) == 0o600
    for path in files(server.data):
        assert mode(path) == 0o600, path
    server.start()
    assert mode(server.data / "control.sock") == 0o600


def test_a_wrong_passphrase_opens_nothing(tmp_path):
    server = Server(tmp_path, ALCAZAR_PASSPHRASE="correct horse battery staple").start()
    root = server.env()
    server.kill()
    assert not server.data.with_name("data.key").exists()
    wrong = tmp_path / "passphrase"
    wrong.write_text("wrong horse battery staple\n")
    for options, variables in (((), {"ALCAZAR_PASSPHRASE": "wrong horse battery staple"}),
                               (("--passphrase-file", str(wrong)), {}),):
        stays_sealed(Server(tmp_path, *options, **variables), "stays sealed")
    stays_sealed(Server(tmp_path), "is sealed by a passphrase", "--passphrase-file")
    wrong.write_text("correct horse battery staple\n")
    again = Server(tmp_path, "--passphrase-file", str(wrong)).start()
    assert again.env()["AWS_SECRET_ACCESS_KEY"] == root["AWS_SECRET_ACCESS_KEY"]
    again.kill()


def test_without_its_key_file_nothing_opens(written, tmp_path):
    server, _ = written
    key_file = server.data.with_name("data.key")
    hidden = key_file.rename(tmp_path / "hidden.key")
    stays_sealed(server, "stays sealed", "--key-file")
    other = Server(tmp_path / "other")
    other.start().kill()
    shutil.copy(other.data.with_name("data.key"), key_file)
    stays_sealed(server, "stays sealed")
    key_file.unlink()
    hidden.rename(key_file)
    key_file.chmod(0o640)
    stays_sealed(server, "640")
    key_file.chmod(0o600)
    assert server.start().env()


def test_a_key_file_inside_the_data_folder_is_refused(tmp_path):
    for inside in (tmp_path / "data/root.key", tmp_path / "data/../data/root.key"):
        with pytest.raises(DidNotStart, match="lies in the data folder it opens"):
            Server(tmp_path, "--key-file", str(inside)).start()
        assert not inside.exists()


def test_the_key_ring_of_another_server_opens_nothing(written, tmp_path):
    server, _ = written
    other = Server(tmp_path / "other")
    other.start().kill()
    shutil.copy(other.data / "keyring.json", server.data / "keyring.json")
    stays_sealed(server, "stays sealed")
    shutil.copy(other.data.with_name("data.key"), server.data.with_name("data.key"))
    with pytest.raises(DidNotStart):
        server.start()


def test_an_audit_segment_of_another_server_tells_nothing(written, tmp_path):
    server, _ = written
    other = Server(tmp_path / "other").start()
    with pytest.raises(AssertionError, match="no such account"):
        other.env("--account", "000000000000")
    Account.create(other).root.sts.get_caller_identity()
    other.kill()
    before = {event["eventID"] for event in server.start().events()}
    server.kill()
    for segment in (other.data / "audit").iterdir():
        shutil.copy(segment, server.data / "audit" / re.sub(r"-\d+", "-9999", segment.name))
    assert {event["eventID"] for event in server.start().events()} == before
