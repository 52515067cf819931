"""`kill -9` while keys are rotated and material is imported: what an acknowledged version sealed opens for ever, and
material that was not imported whole is not there.

`ALCAZAR_CRASH_ROUNDS` says how many rounds, `ALCAZAR_CRASH_SEED` which random choices.
"""

import base64
import http.client
import json
import os
import random
import time
from dataclasses import dataclass, field

import pytest

from support.account import Account
from support.crash import killed
from support.importing import external_key, importing, parameters, wrapped
from support.refusal import refused
from support.server import Server
from support.wire import Connection, Request
from test_crash import port_below_the_ephemeral

ROUNDS = max(3, int(os.environ.get("ALCAZAR_CRASH_ROUNDS", "10")) // 3)
SEED = int(os.environ.get("ALCAZAR_CRASH_SEED", time.time_ns() % 1_000_000))
WRITERS = 4
KILLED_WITHIN = (0.05, 0.6)
# AWS lets a key be rotated on demand so often.
ROTATIONS = 10


class Killed(Exception):
    """The server went before it answered."""


def encoded(data):
    return base64.b64encode(data).decode()


@dataclass
class Caller:
    """Calls on one connection, without retries; does `work` until the server is gone."""

    server: Server
    root: object
    chance: random.Random
    connection: Connection = None
    failure: object = None
    # Plaintexts and ciphertexts that were acknowledged.
    sealed: list = field(default_factory=list)

    def call(self, operation, **members):
        request = Request.of("kms", operation, members)
        try:
            answer = self.connection.send(request.signed(self.server, self.root))
        except (OSError, http.client.HTTPException) as gone:
            raise Killed from gone
        assert answer.status == 200, answer.text
        return json.loads(answer.text or "{}")

    def seal(self, key):
        made = self.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
        self.sealed.append((made["Plaintext"], made["CiphertextBlob"]))

    def run(self):
        with Connection(self.server, timeout=30) as self.connection:
            try:
                while True:
                    self.work()
            except Killed:
                pass
            except Exception as failure:  # told by the test's own thread
                self.failure = failure


@dataclass
class Rotating(Caller):
    """Seals under each version of keys that it rotates."""

    rotated: dict = field(default_factory=dict)

    def work(self):
        key = self.call("CreateKey")["KeyMetadata"]["KeyId"]
        self.rotated[key] = 0
        for _ in range(ROTATIONS):
            self.seal(key)
            self.call("RotateKeyOnDemand", KeyId=key)
            self.rotated[key] += 1
            self.seal(key)

    def check(self, kms):
        for plaintext, ciphertext in self.sealed:
            opened = kms.decrypt(CiphertextBlob=base64.b64decode(ciphertext))
            assert encoded(opened["Plaintext"]) == plaintext
        for key, rotated in self.rotated.items():
            versions = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
            # The one in flight was carried out whole or not at all.
            assert len(versions) - 1 in (rotated, rotated + 1)
            assert [version["KeyMaterialState"] for version in versions].count("CURRENT") == 1
            fresh = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
            assert kms.decrypt(CiphertextBlob=fresh)["Plaintext"] == b"x"


@dataclass
class Importing(Caller):
    """Imports material, deletes it, and imports it again."""

    key: str = None
    material: bytes = None
    token: tuple = None
    # Whether the material is there: acknowledged, and for as long as no call is in flight that changes it.
    there: bool = False
    in_flight: bool = False

    def prepared(self, kms):
        """An own key with its material, which nobody has imported yet."""
        self.key, self.material = external_key(kms), self.chance.randbytes(32)
        given = parameters(kms, self.key)
        sealed = wrapped(given["PublicKey"], "RSAES_OAEP_SHA_256", self.material)
        self.token = {"ImportToken": encoded(given["ImportToken"]), "EncryptedKeyMaterial": encoded(sealed),
                      "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        self.there = self.in_flight = False
        self.sealed = []
        return self

    def work(self):
        self.change("DeleteImportedKeyMaterial" if self.there else "ImportKeyMaterial")
        if self.there:
            self.seal(self.key)

    def change(self, operation):
        self.in_flight = True
        self.call(operation, KeyId=self.key, **({} if self.there else self.token))
        self.there = not self.there
        self.in_flight = False

    def check(self, kms):
        state = kms.describe_key(KeyId=self.key)["KeyMetadata"]["KeyState"]
        assert self.in_flight or state == ("Enabled" if self.there else "PendingImport")
        if state == "PendingImport":
            self.check_absent(kms)
            importing(kms, self.key, self.material)
        for plaintext, ciphertext in self.sealed:
            opened = kms.decrypt(CiphertextBlob=base64.b64decode(ciphertext))
            assert encoded(opened["Plaintext"]) == plaintext

    def check_absent(self, kms):
        """No part of the material does anything, and if it was ever there no other takes its place."""
        with refused("KMSInvalidStateException"):
            kms.encrypt(KeyId=self.key, Plaintext=b"x")
        for _, ciphertext in self.sealed:
            with refused("KMSInvalidStateException"):
                kms.decrypt(CiphertextBlob=base64.b64decode(ciphertext))
        if self.sealed:
            with refused("IncorrectKeyMaterialException"):
                importing(kms, self.key, bytes(32))


@pytest.fixture
def served(tmp_path):
    chance = random.Random(SEED)
    print(f"seed {SEED}, {ROUNDS} rounds")
    server = Server(tmp_path, "--listen", f"127.0.0.1:{port_below_the_ephemeral(chance)}").start()
    yield server, Account.create(server), chance
    server.kill()


def test_kill_during_rotation(served):
    server, account, chance = served
    rounds = []
    for _ in range(ROUNDS):
        callers = [Rotating(server, account.root, chance) for _ in range(WRITERS)]
        killed(server, chance, KILLED_WITHIN, callers)
        rounds += callers
        for caller in callers:
            caller.check(account.root.kms)
    # What was sealed in the first round still opens after the last.
    for caller in rounds:
        caller.check(account.root.kms)
    rotations = sum(sum(caller.rotated.values()) for caller in rounds)
    print(f"{rotations} rotations, {sum(len(caller.sealed) for caller in rounds)} ciphertexts")
    assert rotations > ROUNDS


def test_kill_during_import(served):
    server, account, chance = served
    kms = account.root.kms
    callers = [Importing(server, account.root, chance).prepared(kms) for _ in range(WRITERS)]
    seen = set()
    for _ in range(ROUNDS):
        killed(server, chance, KILLED_WITHIN, callers)
        for caller in callers:
            seen.add(kms.describe_key(KeyId=caller.key)["KeyMetadata"]["KeyState"])
            caller.check(kms)
            caller.there, caller.in_flight = True, False
    print(f"{sum(len(caller.sealed) for caller in callers)} ciphertexts under material that came and went; "
          f"found {sorted(seen)}")
    assert sum(len(caller.sealed) for caller in callers) > ROUNDS
