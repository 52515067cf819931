"""KMS at work: Encrypt, Decrypt, ReEncrypt, data keys and random bytes, by boto3."""

import pytest

from support.account import allow, key_policy, principals
from support.refusal import refused

CONTEXT = {"purpose": "letters", "to": "Ada"}


@pytest.fixture
def kms(account):
    return account.root.kms


@pytest.fixture
def key(account):
    return account.key()


@pytest.mark.parametrize("length", [1, 4096])
def test_what_was_encrypted_decrypts(kms, key, length):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"a" * length, EncryptionContext=CONTEXT)
    assert sealed["KeyId"] == key and b"aaaa" not in sealed["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == b"a" * length
    assert (opened["KeyId"], opened["EncryptionAlgorithm"]) == (key, "SYMMETRIC_DEFAULT")
    again = kms.encrypt(KeyId=key, Plaintext=b"a" * length, EncryptionContext=CONTEXT)
    assert again["CiphertextBlob"] != sealed["CiphertextBlob"]


def test_the_context_is_part_of_it(kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
    for wrong in ({}, {"purpose": "letters"}, CONTEXT | {"to": "Bob"}, CONTEXT | {"further": ""}):
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=sealed, EncryptionContext=wrong)
    backwards = dict(reversed(CONTEXT.items()))
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=backwards)["Plaintext"] == b"x"


def test_no_changed_ciphertext_opens(kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1:]
        with pytest.raises(kms.exceptions.ClientError) as refusal:
            kms.decrypt(CiphertextBlob=changed)
        # Where the id of the key stands, a changed byte names a key that is not there.
        assert refusal.value.response["Error"]["Code"] in ("InvalidCiphertextException", "AccessDeniedException")
    for wrong in (b"x", sealed[:-1], sealed + b"\0"):
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=wrong)


def test_decrypt_may_say_which_key_it_expects(account, kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed, KeyId=key)["Plaintext"] == b"x"
    with pytest.raises(kms.exceptions.IncorrectKeyException):
        kms.decrypt(CiphertextBlob=sealed, KeyId=account.key())


def test_re_encrypt_moves_to_another_key(account, kms, key):
    other = account.key()
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
    moved = kms.re_encrypt(CiphertextBlob=sealed, SourceEncryptionContext=CONTEXT, DestinationKeyId=other)
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key, other)
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=other)["Plaintext"] == b"x"
    half = account.user(allow("kms:ReEncryptFrom"))
    with refused("AccessDeniedException", "kms:ReEncryptTo"):
        half.kms.re_encrypt(CiphertextBlob=sealed, SourceEncryptionContext=CONTEXT, DestinationKeyId=other)


@pytest.mark.parametrize(("wanted", "length"), [
    ({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 1024}, 1024)])
def test_data_keys(kms, key, wanted, length):
    made = kms.generate_data_key(KeyId=key, EncryptionContext=CONTEXT, **wanted)
    assert len(made["Plaintext"]) == length and made["KeyId"] == key
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=key, **wanted)
    assert "Plaintext" not in hidden
    assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == length


def test_a_data_key_has_one_size(kms, key):
    for wanted in ({}, {"KeySpec": "AES_256", "NumberOfBytes": 32}):
        with refused("ValidationException"):
            kms.generate_data_key(KeyId=key, **wanted)


def test_random_bytes(kms):
    first, second = (kms.generate_random(NumberOfBytes=1024)["Plaintext"] for _ in range(2))
    assert len(first) == len(second) == 1024 and first != second
    with refused("ValidationException", "numberOfBytes"):
        kms.generate_random(NumberOfBytes=1025)


def test_a_dry_run_does_nothing(kms, key):
    with pytest.raises(kms.exceptions.DryRunOperationException):
        kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True)


def test_policies_may_ask_for_a_context(account, key):
    condition = {"StringEquals": {"kms:EncryptionContext:purpose": "letters"}}
    user = account.user(allow("kms:Encrypt", Condition=condition))
    user.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)
    with refused("AccessDeniedException"):
        user.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_key_of_another_account_is_used_by_its_arn(account, second_account):
    shared = account.key(key_policy(
        principals(account.root_arn),
        principals(second_account.root_arn, actions=["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"])))
    stranger = second_account.user(allow("kms:*"))
    sealed = stranger.kms.encrypt(KeyId=shared, Plaintext=b"x")["CiphertextBlob"]
    assert stranger.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert account.root.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert stranger.kms.describe_key(KeyId=shared)["KeyMetadata"]["AWSAccountId"] == account.id
    with refused("AccessDeniedException"):
        stranger.kms.disable_key(KeyId=shared)
    with refused("NotFoundException"):
        stranger.kms.encrypt(KeyId=shared.rpartition("/")[2], Plaintext=b"x")
