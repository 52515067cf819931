"""SOPS, unmodified: Mozilla's own in Python, from PyPI. Files whose values are under a data key, and that under KMS keys."""

import json

import pytest

from support.account import allow, document
from support.consumers import Refused, installed, piped

CONTEXT = {"team": "red", "purpose": "test"}
STATED = ",".join(f"{name}:{value}" for name, value in CONTEXT.items())
PLAIN = {"database": {"user": "web", "password": "hunter2", "ports": [5432, 5433], "tls": True}, "note_unencrypted": "seen"}


@pytest.fixture
def root(account):
    return account.root


@pytest.fixture
def sops(tmp_path):
    """Runs it, away from any configuration: what it prints."""
    none = tmp_path / "none.yaml"
    none.write_text("creation_rules: []\n")

    def run(principal, *arguments):
        command = [installed() / "python/bin/sops", "--config", none, *arguments]
        return piped(principal, command, b"")[0].decode()
    return run


def encrypted(sops, principal, folder, *keys, suffix="json", context=STATED):
    """A file of secrets under these keys."""
    file = folder / f"secrets.{suffix}"
    file.write_text(json.dumps(PLAIN))
    stated = ["--encryption-context", context] if context else []
    file.write_text(sops(principal, "--kms", ",".join(keys), *stated, "--encrypt", file))
    return file


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_what_it_encrypts_it_decrypts(sops, account, root, tmp_path, suffix):
    file = encrypted(sops, root, tmp_path, account.key(), suffix=suffix)
    text = file.read_text()
    assert "hunter2" not in text and "5432" not in text and "seen" in text
    decrypted = sops(root, "--decrypt", "--output-type", "json", file)
    assert json.loads(decrypted) == PLAIN
    assert sops(root, "--decrypt", "--extract", '["database"]["password"]', file).strip() == "hunter2"


def test_whoever_has_one_of_the_keys(sops, account, root, tmp_path):
    first, second = account.key(), account.key()
    file = encrypted(sops, root, tmp_path, first, second)
    reader = account.user(allow("kms:Decrypt", resource=second))
    assert json.loads(sops(reader, "--decrypt", file)) == PLAIN
    root.kms.disable_key(KeyId=second)
    with pytest.raises(Refused):
        sops(reader, "--decrypt", file)
    assert json.loads(sops(root, "--decrypt", file)) == PLAIN


def test_a_role_is_assumed_for_the_key(sops, account, root, tmp_path):
    key = account.key()
    role = account.role(allow("kms:Encrypt", "kms:Decrypt", resource=key))
    user = account.user(allow("sts:AssumeRole", resource=role))
    file = encrypted(sops, user, tmp_path, f"{key}+{role}")
    assert json.loads(sops(user, "--decrypt", file)) == PLAIN
    root.iam.put_role_policy(RoleName=role.rpartition("/")[2], PolicyName="no",
                             PolicyDocument=document(allow("kms:Decrypt") | {"Effect": "Deny"}))
    with pytest.raises(Refused):
        sops(user, "--decrypt", file)


def test_the_data_key_is_rotated(sops, account, root, tmp_path):
    first, second = account.key(), account.key()
    file = encrypted(sops, root, tmp_path, first)
    before = file.read_text()
    sops(root, "--rotate", "--in-place", "--add-kms", second, file)
    after = file.read_text()
    assert after != before and second in after
    root.kms.disable_key(KeyId=first)
    assert json.loads(sops(root, "--decrypt", file)) == PLAIN


def test_what_is_refused(server, sops, account, root, tmp_path):
    file = encrypted(sops, root, tmp_path, account.key())
    powerless = account.user(allow("kms:Encrypt"))
    with pytest.raises(Refused, match="AccessDenied"):
        sops(powerless, "--decrypt", file)
    denied = [event["eventName"] for event in server.events()
              if event.get("errorCode") == "AccessDenied" and event["userIdentity"].get("userName") == powerless.name]
    assert denied == ["Decrypt"]
    whole = file.read_text()
    file.write_text(whole.replace('"red"', '"blue"'))
    with pytest.raises(Refused, match="InvalidCiphertext"):
        sops(root, "--decrypt", file)


def test_the_record_tells_the_context(server, sops, account, root, tmp_path):
    key = account.key()
    sops(root, "--decrypt", encrypted(sops, root, tmp_path, key))
    for name in ("Encrypt", "Decrypt"):
        found = [event for event in server.events() if event["eventName"] == name
                 and key in [resource["ARN"] for resource in event.get("resources", [])]]
        assert [event["requestParameters"]["encryptionContext"] for event in found] == [CONTEXT]
        assert "hunter2" not in json.dumps(found)
