"""Request quotas: AWS's by default, by account and region and operation; SDKs wait and succeed."""

import pytest
from botocore.config import Config

from support.account import Account
from support.refusal import refused
from support.server import Server


TOO_FAST = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


def burst(principal, count):
    """How many of so many CreateKey calls, one after the other, were let in; the rest were throttled."""
    admitted = 0
    for _ in range(count):
        try:
            principal.kms.create_key()
            admitted += 1
        except principal.kms.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "ThrottlingException"
            assert error.response["Error"]["Message"] == TOO_FAST
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return admitted


@pytest.fixture
def served(tmp_path):
    running = []

    def serve(quotas):
        running.append(Server(tmp_path, "--quotas", quotas).start())
        return running[-1]
    yield serve
    for server in running:
        server.kill()


def test_quotas_of_aws_hold_for_each_account_and_region(served):
    server = served("aws")
    first, second = Account.create(server), Account.create(server)
    assert burst(first.root, 60) < 60
    assert burst(second.root, 5) == burst(first.root.at("eu-central-1"), 5) == 5
    assert first.root.kms.list_keys()["Keys"], "another operation has a quota of its own"
    assert server.events("--error", "ThrottlingException", "--event-name", "CreateKey")


def test_a_client_that_retries_as_sdks_do_succeeds(served):
    root = Account.create(served("aws")).root
    burst(root, 60)
    patient = root._session.client(
        "kms", endpoint_url=f"http://{root.server.address}",
        config=Config(retries={"mode": "standard", "total_max_attempts": 10}))
    for _ in range(10):
        assert patient.create_key()["KeyMetadata"]["Enabled"]


def test_quotas_of_a_file(served, tmp_path):
    file = tmp_path / "quotas.toml"
    file.write_text('"kms/create-key" = 1000000\n"kms/disable-key" = 1\n')
    root = Account.create(served(str(file))).root
    assert burst(root, 60) == 60
    key = root.kms.create_key()["KeyMetadata"]["KeyId"]
    with refused("ThrottlingException"):
        for _ in range(60):
            root.kms.disable_key(KeyId=key)


def test_each_kind_of_key_has_a_quota_of_its_own(served, tmp_path):
    file = tmp_path / "quotas.toml"
    file.write_text('"kms/cryptographic-operations-rsa" = 1\n"kms/generate-data-key-pair-ecc-nist-p256" = 1\n')
    root = Account.create(served(str(file))).root
    rsa, curve, symmetric = (root.kms.create_key(**kind)["KeyMetadata"]["KeyId"] for kind in (
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, {}))
    with refused("ThrottlingException", TOO_FAST):
        for _ in range(60):
            root.kms.sign(KeyId=rsa, Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256")
    with refused("ThrottlingException", TOO_FAST):
        for _ in range(60):
            root.kms.generate_data_key_pair(KeyId=symmetric, KeyPairSpec="ECC_NIST_P256")
    for _ in range(60):
        root.kms.sign(KeyId=curve, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
        root.kms.encrypt(KeyId=symmetric, Plaintext=b"m")
    assert root.kms.generate_data_key_pair(KeyId=symmetric, KeyPairSpec="ECC_NIST_P384")["PublicKey"]
