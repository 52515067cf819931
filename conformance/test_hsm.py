"""The root key in a PKCS#11 token: what opens, what does not and in which words, and moves from any kind to any other.

`ALCAZAR_CRASH_ROUNDS` says how often the server is killed during a move, `ALCAZAR_CRASH_SEED` which random choices.
"""

import os
import random
import threading
import time

import pytest

from support.account import Account
from support.root import Root, shown
from support.sealed import fingerprint, legible, stays_sealed
from support.server import DidNotStart, Server
from support.token import MODULE, PIN, Tokens

ROUNDS = int(os.environ.get("ALCAZAR_CRASH_ROUNDS", "10"))
SEED = int(os.environ.get("ALCAZAR_CRASH_SEED", time.time_ns() % 1_000_000))


@pytest.fixture
def tokens(tmp_path):
    return Tokens(tmp_path)


@pytest.fixture
def token(tokens):
    return tokens.make("alcazar")


@pytest.fixture
def server(tmp_path, tokens):
    """A server that can see the test's tokens, not started yet."""
    made = Server(tmp_path / "server", **tokens.variables)
    yield made
    made.kill()


class Kept:
    """A ciphertext, and the account whose key opens it."""

    def __init__(self, server):
        self.account = Account.create(server)
        self.key = self.account.root.kms.create_key()["KeyMetadata"]["KeyId"]
        self.ciphertext = self.account.root.kms.encrypt(KeyId=self.key, Plaintext=b"kept")["CiphertextBlob"]

    def opens(self):
        kms = Account.root_of(self.account.server, self.account.id).kms
        return kms.decrypt(CiphertextBlob=self.ciphertext)["Plaintext"] == b"kept"


def test_the_first_run_makes_a_key_in_the_token_and_later_runs_use_it(server, token):
    root = Root.token(token)
    root.start(server)
    kept = Kept(server)
    assert not server.data.with_name("data.key").exists()
    assert "what it loses, nobody can recover" in server.log.read_text()
    assert shown(server)["kind"] == "token"
    server.kill()
    root.start(server)
    assert kept.opens()
    server.stop()
    assert server.process.returncode == 0


def test_requests_ask_nothing_of_the_token(server, token):
    Root.token(token).start(server).kill()
    Root.token(token).start(server)
    assert shown(server)["token_sessions"] == 1
    kept = Kept(server)
    for _ in range(50):
        assert kept.opens()
        kept.account.root.kms.generate_data_key(KeyId=kept.key, KeySpec="AES_256")
        kept.account.root.sts.get_session_token()
    assert shown(server)["token_sessions"] == 1


def test_what_is_missing_is_told_and_nothing_changes(server, token, tokens, tmp_path):
    root = Root.token(token)
    root.start(server)
    kept = Kept(server)
    server.kill()

    server.options, pin = (), server.variables.pop("ALCAZAR_TOKEN_PIN")
    stays_sealed(server, "is sealed by key", token.label, "--root token", "--token-module", "--token-pin-file")
    server.options = ("--root", "passphrase")
    stays_sealed(server, "is sealed by key", "not by a passphrase")
    server.options = tuple(root.options)
    stays_sealed(server, "no PIN", "--token-pin-file", "ALCAZAR_TOKEN_PIN")
    server.options = ("--root", "token", "--token-label", token.label)
    stays_sealed(server, "--token-module")

    server.options, server.variables["ALCAZAR_TOKEN_PIN"] = tuple(root.options), pin
    server.options = (*root.options[:2], "--token-module", MODULE, "--token-label", "no such token")
    stays_sealed(server, "stays sealed", "no such token", "there are", token.label, "--token-label")
    server.options = (*root.options[:2], "--token-module", str(tmp_path / "none.so"), "--token-label", token.label)
    stays_sealed(server, "stays sealed", "none.so", "No such file")
    server.options = (*root.options[:2], "--token-module", "/etc/hostname", "--token-label", token.label)
    stays_sealed(server, "stays sealed", "/etc/hostname")
    server.options = (*root.options, "--token-key", "another key")
    stays_sealed(server, "stays sealed", "another key")
    server.options = (*root.options, "--key-file", str(tmp_path / "root.key"))
    stays_sealed(server, "--key-file does not go with")
    server.options = tuple(root.options)

    attach = token.detach()
    stays_sealed(server, "stays sealed", "attach it")
    tokens.make("alcazar")
    stays_sealed(server, "stays sealed", "holds no key", "attach the right one")
    attach()
    stays_sealed(server, "stays sealed", "several tokens are labelled")
    for other in set(tokens.folder.iterdir()) - {token.folder}:
        other.rename(tmp_path / "other")
    restore = token.lose_keys()
    stays_sealed(server, "stays sealed", "holds no key", "own backup")
    restore()

    root.start(server)
    assert kept.opens()


def test_a_wrong_pin_is_told_and_tried_once(server, token, tmp_path):
    Root.token(token).start(server)
    kept = Kept(server)
    server.kill()
    wrong = tmp_path / "pin"
    wrong.write_text("4937-wrong\n")
    for options, variables in (((), {"ALCAZAR_TOKEN_PIN": "4937-wrong"}), (("--token-pin-file", str(wrong)), {})):
        server.options = (*Root.token(token).options, *options)
        server.variables.pop("ALCAZAR_TOKEN_PIN", None)
        server.variables |= variables
        stays_sealed(server, "stays sealed", "refused the PIN", "tokens lock")
    assert "4937" not in server.log.read_text()
    wrong.write_text(PIN + "\n")
    server.start()
    assert kept.opens()


def test_a_pin_inside_the_data_folder_is_refused(server, token):
    server.data.mkdir(parents=True)
    pin = server.data / "pin"
    pin.write_text(PIN)
    server.options = ("--root", "token", *token.options, "--token-pin-file", str(pin))
    with pytest.raises(DidNotStart, match="lies in the data folder it opens"):
        server.start()


def test_neither_pin_nor_passphrase_is_written_anywhere(server, token, tmp_path):
    server.variables["ALCAZAR_LOG"] = "trace"
    Root.token(token).start(server)
    passphrase = "a passphrase of some length"
    other = Root.passphrase(tmp_path / "passphrase", passphrase)
    code, said = other.move(server)
    assert code == 0, said
    code, said_back = Root.token(token).move(server)
    assert code == 0, said_back
    said += said_back + server.ask("audit", "query", "--json", "--limit", "1000")
    server.stop()
    secrets = [PIN.encode(), passphrase.encode()]
    assert legible(server.data, secrets) == [] and legible(server.log, secrets) == []
    assert not any(secret.decode() in said for secret in secrets)


class Load:
    """Callers that never stop calling: what they saw."""

    def __init__(self, kept, callers=4):
        self.kept = kept
        self.answers = 0
        self.failures = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._call, args=(Account.root_of(kept.account.server, kept.account.id),))
                        for _ in range(callers)]

    def _call(self, principal):
        kms = principal.kms
        while not self.ended.is_set():
            try:
                sealed = kms.encrypt(KeyId=self.kept.key, Plaintext=b"load")["CiphertextBlob"]
                assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"load"
                kms.tag_resource(KeyId=self.kept.key, Tags=[{"TagKey": "at", "TagValue": str(self.answers)}])
                self.answers += 1
            except Exception as failure:  # pylint: disable=broad-except
                self.failures.append(failure)
                return

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def test_moves_in_every_direction_under_load(server, tokens, tmp_path):
    file, second_file = Root.file(tmp_path / "root.key"), Root.file(tmp_path / "second.key")
    passphrase = Root.passphrase(tmp_path / "one", "one passphrase")
    second_passphrase = Root.passphrase(tmp_path / "two", "another passphrase")
    token, second_token = Root.token(tokens.make("one")), Root.token(tokens.make("two"))
    file.start(server)
    kept = Kept(server)
    route = [token, passphrase, second_passphrase, second_token, token, second_file, passphrase, token]
    now = file
    with Load(kept) as load:
        for to in route:
            before = load.answers
            code, said = to.move(server)
            assert code == 0, said
            assert now.shown in said and to.shown in said and "From now on start with: alcazar serve --root" in said
            assert to.shown in shown(server)["opened_by"] and shown(server)["also"] is None
            assert not load.failures, load.failures
            while load.answers == before:
                assert not load.failures, load.failures
                time.sleep(0.01)
            now = to
    assert not load.failures, load.failures
    server.stop()
    for other in (file, second_file, passphrase, second_passphrase, second_token):
        server.options, server.variables = tuple(other.options), server.variables | other.variables
        stays_sealed(server)
    now.start(server)
    assert kept.opens()


def test_each_move_is_recorded(server, token, tmp_path):
    Root.file(tmp_path / "root.key").start(server)
    assert Root.token(token).move(server)[0] == 0
    assert Root.token(token, pin="4937-wrong").move(server)[0] == 1
    events = [event for event in server.events() if event["eventSource"] == "alcazar"]
    events.reverse()
    assert [event["eventName"] for event in events] == ["MoveRootKeyStarted", "MoveRootKey"] * 2
    assert all(event["userIdentity"] == {"type": "Operator", "principalId": str(os.geteuid())} for event in events)
    assert "key file" in events[1]["serviceEventDetails"]["from"]
    assert token.label in events[1]["serviceEventDetails"]["to"]
    assert "errorCode" not in events[1] and "refused the PIN" in events[3]["errorMessage"]
    assert not [event for event in server.events("--account", Account.create(server).id)
                if event["eventSource"] == "alcazar"], "it is no account's business"


def test_a_move_that_is_not_confirmed_or_cannot_be_done_changes_nothing(server, token, tokens, tmp_path):
    file = Root.file(tmp_path / "root.key")
    file.start(server)
    key_ring = server.data / "keyring.json"
    before = fingerprint(key_ring)
    absent = tokens.make("absent")
    absent.detach()
    inside = Root.file(server.data / "inside.key")
    for to, word, expected in (
            (Root.token(token), "yes", "not confirmed"),
            (Root.token(token), "", "not confirmed"),
            (Root.passphrase(tmp_path / "new", "new"), "token", "not confirmed"),
            (Root.token(token, pin="4937-wrong"), None, "refused the PIN"),
            (Root.token(absent), None, "no token labelled"),
            (Root.passphrase(tmp_path / "empty", ""), None, "empty"),
            (file, None, "exists already"),
            (inside, None, "lies in the data folder")):
        code, said = to.move(server, word)
        assert code == 1 and expected in said, said
        assert fingerprint(key_ring) == before
    code, said = Root.token(token).move(server, "")
    assert "Nobody can recover it" in said and "nothing else opens" in said
    assert shown(server)["also"] is None
    server.kill()
    assert file.start(server).env()


def test_kill_during_a_move(server, tokens, tmp_path):
    """One of the two always opens; what was acknowledged does. Nothing kept is lost."""
    chance = random.Random(SEED)
    print(f"seed {SEED}, {ROUNDS} rounds")
    one, two = Root.token(tokens.make("one")), Root.token(tokens.make("two"))
    passphrase = Root.passphrase(tmp_path / "passphrase", "a passphrase")
    now, before = one, [one]
    now.start(server)
    kept = Kept(server)
    found, lost = {"old": 0, "new": 0, "both": 0}, 0
    for number in range(ROUNDS):
        file = Root.file(tmp_path / f"{number}.key")
        to = chance.choice([root for root in (one, two, passphrase, file) if root is not now])
        longest = 0.5 if to is passphrase else 0.08
        moving = to.moving(server)
        moving.stdin.write(to.word + "\n")
        moving.stdin.flush()
        time.sleep(chance.uniform(0.005, longest))
        server.kill()
        said, _ = moving.communicate(timeout=60)
        lost += tokens.mend()
        refusals = {}
        # What a move cut short left before is there until the next move begins.
        opening = []
        for root in dict.fromkeys((now, to, *before)):
            if opens(server, root, refusals):
                opening.append(root)
            lost += tokens.mend()
        assert now in opening or to in opening, f"seed {SEED}, round {number}: neither {now.kind} nor {to.kind} opens"
        assert len(opening) <= 2
        if moving.returncode == 0:
            assert "The root key moved" in said and opening == [to]
        before = opening
        found["both" if {now, to} <= set(opening) else "new" if to in opening else "old"] += 1
        now = chance.choice(opening)
        now.start(server)
        also = shown(server)["also"]
        assert (also is not None) == (len(opening) == 2), \
            f"seed {SEED}, round {number}: {now.shown} opens, so should {also}: {refusals}"
        assert kept.opens(), f"seed {SEED}, round {number}"
    print(f"the old root key opened {found['old']} times, the new one {found['new']}, both {found['both']}; "
          f"SoftHSM lost a token {lost} times")
    server.kill()
    now.start(server)
    code, said = Root.file(tmp_path / "last.key").move(server)
    assert code == 0 and shown(server)["also"] is None, said
    assert kept.opens()


def opens(server, root, refusals):
    """Whether a server starts with this root key; if not, `refusals` tells why."""
    try:
        root.start(server)
    except DidNotStart as reason:
        said = str(reason).splitlines()[-1]
        assert "sealed" in said, said
        refusals[root.shown] = said
        return False
    server.kill()
    return True
