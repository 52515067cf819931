"""Who may use a key, by the stock command line: without a policy, with one side, with both, in a session, disabled."""

import base64
import json

import pytest

from support.account import allow, assume, deny, document, key_policy, principals, session
from support.principal import CliError

PLAINTEXT = "attack at dawn"


def encrypt(principal, key):
    return principal.cli("kms", "encrypt", "--key-id", key, "--plaintext", PLAINTEXT)


@pytest.fixture
def decrypt(tmp_path):
    """Decrypts what `encrypt` answered. The first version of the command line takes bytes from files only."""
    def decrypted(principal, sealed):
        blob = tmp_path / "ciphertext"
        blob.write_bytes(base64.b64decode(sealed["CiphertextBlob"]))
        opened = principal.cli("kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}")
        return base64.b64decode(opened["Plaintext"]).decode()
    return decrypted


def denied(principal, key):
    """Encrypt is denied; the message after the principal, action and resource."""
    with pytest.raises(CliError) as refused:
        encrypt(principal, key)
    assert refused.value.code == "AccessDeniedException"
    start = f"User: {principal.arn} is not authorized to perform: kms:Encrypt on resource: {key}"
    assert refused.value.message.startswith(start), refused.value.message
    return refused.value.message.removeprefix(start)


def test_a_user_without_a_policy_is_denied_in_full_words(account):
    key = account.key()
    assert denied(account.user(), key) == " because no identity-based policy allows the kms:Encrypt action"


def test_a_user_made_by_the_command_line_succeeds_with_both_policies(account, decrypt):
    root = account.root
    key = root.cli("kms", "create-key")["KeyMetadata"]["Arn"]
    root.cli("iam", "create-user", "--user-name", "ann")
    made = root.cli("iam", "create-access-key", "--user-name", "ann")["AccessKey"]
    ann = type(root)(account.server, made["AccessKeyId"], made["SecretAccessKey"])
    assert ann.cli("sts", "get-caller-identity")["Arn"] == f"arn:aws:iam::{account.id}:user/ann"
    assert "no identity-based policy" in denied(ann, key)
    policy = document(allow("kms:Encrypt", "kms:Decrypt", resource=key))
    root.cli("iam", "put-user-policy", "--user-name", "ann", "--policy-name", "keys", "--policy-document", policy)
    sealed = encrypt(ann, key)
    assert sealed["KeyId"] == key and sealed["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert decrypt(ann, sealed) == PLAINTEXT


def test_a_key_policy_that_does_not_delegate_denies_the_identity_policy(account):
    manager = account.user()
    key = account.key(key_policy(principals(manager.arn), principals(account.root_arn, actions="kms:PutKeyPolicy")))
    user = account.user(allow("kms:*"))
    assert denied(user, key) == " because no resource-based policy allows the kms:Encrypt action"
    assert encrypt(manager, key)["KeyId"] == key, "a key policy that names a user needs no identity policy"
    delegating = json.loads(key_policy(principals(account.root_arn)))
    account.root.cli("kms", "put-key-policy", "--key-id", key, "--policy-name", "default",
                     "--policy", json.dumps(delegating))
    assert encrypt(user, key)["KeyId"] == key


def test_a_user_of_a_second_account_needs_both_sides(account, second_account):
    key = account.key()
    stranger = second_account.user()
    assert denied(stranger, key)
    second_account.root.iam.put_user_policy(
        UserName=stranger.name, PolicyName="keys", PolicyDocument=document(allow("kms:Encrypt", resource=key)))
    assert denied(stranger, key) == " because no resource-based policy allows the kms:Encrypt action"
    both = key_policy(principals(account.root_arn), principals(second_account.root_arn, actions="kms:Encrypt"))
    account.root.cli("kms", "put-key-policy", "--key-id", key, "--policy-name", "default", "--policy", both)
    assert encrypt(stranger, key)["KeyId"] == key
    second_account.root.cli("iam", "delete-user-policy", "--user-name", stranger.name, "--policy-name", "keys")
    assert denied(stranger, key) == " because no identity-based policy allows the kms:Encrypt action"


def test_a_role_session_has_what_role_and_session_policy_share(account, decrypt):
    key, other = account.key(), account.key()
    role = account.role(allow("kms:Encrypt", "kms:Decrypt"))
    user = account.user(allow("sts:AssumeRole", resource=role))
    narrow = document(allow("kms:Encrypt", resource=key))
    answer = user.cli("sts", "assume-role", "--role-arn", role, "--role-session-name", "night", "--policy", narrow)
    night = session(account.server, answer["Credentials"])
    assert night.arn.endswith(f"assumed-role/{role.rpartition('/')[2]}/night")
    sealed = encrypt(night, key)
    assert denied(night, other) == " because no session policy allows the kms:Encrypt action"
    with pytest.raises(CliError, match="no session policy allows the kms:Decrypt action"):
        decrypt(night, sealed)
    whole = assume(user, role)
    assert decrypt(whole, sealed) == PLAINTEXT


def test_an_explicit_deny_names_its_policy_type(account):
    key = account.key()
    user = account.user(allow("kms:*"), deny("kms:Encrypt"))
    assert denied(user, key) == " with an explicit deny in an identity-based policy"
    role = account.role(allow("kms:*"))
    night = assume(account.user(allow("sts:AssumeRole")), role, Policy=document(allow("kms:*"), deny("kms:Encrypt")))
    assert denied(night, key) == " with an explicit deny in a session policy"


def test_a_disabled_key_says_so_to_those_who_may_use_it(account):
    key = account.key()
    user = account.user(allow("kms:*"))
    night = assume(account.user(allow("sts:AssumeRole")), account.role(allow("kms:*")))
    encrypt(user, key)
    account.root.cli("kms", "disable-key", "--key-id", key)
    for principal in (user, night):
        with pytest.raises(CliError) as refused:
            encrypt(principal, key)
        assert refused.value.code == "DisabledException"
        assert refused.value.message == f"{key} is disabled."
    assert "no identity-based policy" in denied(account.user(), key)
    account.root.cli("kms", "enable-key", "--key-id", key)
    assert encrypt(night, key)["KeyId"] == key
