"""What the server counts: read by the operator, and by a scraper that has the token and by nobody else."""

import os
import re
import socket
import ssl
import stat
import subprocess
import time

import httpx
import pytest

from support.account import Account, allow, document
from support.cluster import until
from support.functions import Functions
from support.raw import drain
from support.refusal import refused
from support.server import DidNotStart, Server, binary, environment
from test_function_rotation import ACCOUNT, LAMBDA, ROLE, ROOT, TELLS, secret, STEPS

WITHIN = 20


class Scraper:
    """Who scrapes a server that was started with --metrics."""

    def __init__(self, server):
        self.server = server
        for line in server.process.stdout:
            if greeted := re.match(r"Metrics are at https://(\S+)/metrics, for who has the token in (\S+)$", line):
                self.address, self.token_file = greeted[1], greeted[2]
                break
        self.token = open(self.token_file).read().strip()
        self.port = int(self.address.rpartition(":")[2])

    def ask(self, path="/metrics", method="GET", scheme="https", token=None, **more):
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        context = ssl.create_default_context(cafile=str(self.server.data / "ca.pem"))
        with httpx.Client(verify=context, trust_env=False, timeout=WITHIN) as client:
            return client.request(method, f"{scheme}://{self.address}{path}", headers=headers, **more)

    def numbers(self):
        answer = self.ask()
        assert answer.status_code == 200
        return numbers(answer.text)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN)


def numbers(text):
    """Each number by its name with labels. The text must be of Prometheus's format, each family told once."""
    found, family, kind = {}, None, None
    for line in text.splitlines():
        if told := re.fullmatch(r"# HELP ([a-z_]+) \S.*", line):
            assert f"# TYPE {told[1]} " not in text[:text.index(line)], told[1]
            family = told[1]
        elif told := re.fullmatch(r"# TYPE ([a-z_]+) (counter|gauge)", line):
            kind = told[2]
            assert told[1] == family and (kind == "counter") == family.endswith("_total")
        else:
            name, labels, value = re.fullmatch(r'([a-z_]+)(\{(?:[a-z_]+="[^"\\\n]*",?)+\})? (\d+)', line).groups()
            assert name == family and name + (labels or "") not in found
            found[name + (labels or "")] = int(value)
    return found


@pytest.fixture
def scraped(tmp_path):
    """A server with a listener for scrapers."""
    server = Server(tmp_path, "--metrics", "127.0.0.1:0").start()
    yield Scraper(server)
    assert server.process.poll() is None
    server.kill()


def test_the_operator_reads_what_a_scraper_reads(scraped):
    account = Account.create(scraped.server)
    account.root.sts.get_caller_identity()
    told = scraped.server.ask("metrics")
    mine, its = numbers(told), scraped.numbers()
    assert mine.keys() == its.keys()
    assert its['alcazar_calls_total{service="sts",outcome="succeeded"}'] == 1
    assert account.id not in told and account.root.access_key_id not in told
    assert scraped.ask(scheme="http").status_code == 200
    assert abs(its["process_start_time_seconds"] - time.time()) < 600


def test_what_is_done_moves_the_numbers(scraped):
    account, before = Account.create(scraped.server), scraped.numbers()
    key = account.root.kms.create_key()["KeyMetadata"]["KeyId"]
    account.root.kms.encrypt(KeyId=key, Plaintext=b"x")
    nobody = account.user(allow("sts:GetCallerIdentity"))
    with refused("AccessDeniedException"):
        nobody.kms.encrypt(KeyId=key, Plaintext=b"x")
    after = scraped.numbers()
    moved = {name: after[name] - before[name] for name in after}
    assert moved['alcazar_calls_total{service="kms",outcome="succeeded"}'] == 2
    assert moved['alcazar_calls_total{service="kms",outcome="denied"}'] == 1
    assert moved['alcazar_audit_records_total{kept_in="segments"}'] >= 2
    assert moved['alcazar_audit_records_total{kept_in="store"}'] >= 1
    assert moved['alcazar_store_commits_total{outcome="kept"}'] >= moved["alcazar_store_groups_total"] >= 1
    assert moved["alcazar_store_written_bytes_total"] >= 4096 * moved["alcazar_store_groups_total"]
    assert moved['alcazar_scrapes_total{outcome="answered"}'] == 1
    rounds = 'alcazar_worker_rounds_total{worker="secretsmanager rotation",outcome="succeeded"}'
    until(lambda: scraped.numbers()[rounds] > after[rounds])


def test_open_connections_are_told(scraped):
    before = scraped.numbers()["alcazar_connections"]
    host, _, port = scraped.server.address.rpartition(":")
    held = [socket.create_connection((host, int(port))) for _ in range(5)]
    until(lambda: scraped.numbers()["alcazar_connections"] >= before + 5)
    for one in held:
        one.close()
    until(lambda: scraped.numbers()["alcazar_connections"] < before + 5)


def test_nobody_reads_without_the_token(scraped):
    assert stat.S_IMODE(os.stat(scraped.token_file).st_mode) == 0o600
    assert scraped.server.ask("metrics", "--token-file").strip() == scraped.token_file
    for wrong in ("wrong", scraped.token[:-1], scraped.token + "0", scraped.token.upper() + "G"):
        answer = scraped.ask(token=wrong)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "alcazar_" not in answer.text
    for method, path in (("GET", "/"), ("POST", "/metrics"), ("HEAD", "/metrics"), ("GET", "/metrics/"),
                         ("GET", "//metrics"), ("GET", "/metrics/../metrics2"), ("DELETE", "/metrics")):
        answer = scraped.ask(path, method)
        assert answer.status_code == 404 and "alcazar_" not in answer.text, (method, path)
    assert scraped.ask("/metrics?name=any").status_code == 200
    told = scraped.numbers()
    assert told['alcazar_scrapes_total{outcome="unauthenticated"}'] == 4
    assert told['alcazar_scrapes_total{outcome="not_found"}'] == 7
    assert scraped.token not in scraped.server.log.read_text()


def test_calls_are_not_served_where_metrics_are(scraped):
    answer = scraped.ask("/", "POST", content="Action=GetCallerIdentity&Version=2011-06-15")
    assert answer.status_code == 404
    context = ssl.create_default_context(cafile=str(scraped.server.data / "ca.pem"))
    elsewhere = httpx.get(f"https://{scraped.server.address}/metrics", verify=context, trust_env=False,
                          headers={"Authorization": f"Bearer {scraped.token}"})
    assert elsewhere.status_code == 400 and "alcazar_" not in elsewhere.text


@pytest.mark.parametrize("sent", [
    b"\x00" * 4096,
    b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n",
    b"GET /metrics HTTP/1.1\r\nhuge: " + b"x" * 1_000_000 + b"\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"GET /metrics HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\xff\xff" + b"\x00" * 100,
    b"GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
])
def test_hostile_input_gets_an_error_or_a_closed_connection(scraped, sent):
    with scraped.connect() as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = drain(connection)
    assert answer == b"" or answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 431", b"HTTP/1.1 505") \
        or answer[:1] == b"\x15"
    assert b"alcazar_" not in answer
    assert scraped.ask().status_code == 200


def test_two_tokens_are_none(scraped):
    line = f"Authorization: Bearer {scraped.token}\r\n".encode()
    for lines, status in ((line, b"200"), (line + line, b"401")):
        with scraped.connect() as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + lines + b"\r\n")
            assert drain(connection)[9:12] == status


def test_who_dawdles_is_ended(scraped):
    """As at the main listener: ten seconds for the head of a request."""
    began = time.monotonic()
    with scraped.connect() as connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: ")
        drain(connection)
    assert 5 < time.monotonic() - began < WITHIN


def test_beyond_this_machine_there_is_only_tls(tmp_path):
    server = Server(tmp_path, "--metrics", "0.0.0.0:0")
    with pytest.raises(DidNotStart, match="0.0.0.0:0 is not a loopback address, and without TLS"):
        server.start()
    server = Server(tmp_path, "--metrics", "0.0.0.0:0", "--tls-name", "plane.example").start()
    scraper = Scraper(server)
    with scraper.connect() as connection:
        connection.sendall(f"GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {scraper.token}\r\n\r\n".encode())
        assert drain(connection) == b""
    server.kill()


def test_the_token_stays_and_is_kept_close(tmp_path):
    server = Server(tmp_path).start()
    done = subprocess.run([binary(), "metrics", "--token-file", "--data", server.data], capture_output=True, text=True,
                          env=environment())
    assert done.returncode == 1 and "the first `alcazar serve --metrics ADDR:PORT` makes it" in done.stderr
    server.stop()
    server.options = ("--metrics", "127.0.0.1:0")
    tokens = set()
    for _ in range(2):
        tokens.add(Scraper(server.start()).token)
        server.stop()
    assert len(tokens) == 1 and len(tokens.pop()) == 64
    (server.data / "metrics.token").chmod(0o644)
    with pytest.raises(DidNotStart, match="others may read or change it .mode 644.: close it with chmod 600"):
        server.start()
    server.kill()


def test_a_rotation_that_fails_is_seen_everywhere(tmp_path):
    functions = Functions()
    function = functions.declare(ACCOUNT, "rotate", TELLS, role=ROLE, timeout=20)
    server = Server(tmp_path, "--functions", str(functions.folder), "--metrics", "127.0.0.1:0", **ROOT).start()
    try:
        scraper = Scraper(server)
        root = Account(server, ACCOUNT, Account.root_of(server, ACCOUNT)).root
        root.iam.create_role(RoleName="rotator", AssumeRolePolicyDocument=LAMBDA)
        root.iam.put_role_policy(RoleName="rotator", PolicyName="own", PolicyDocument=document(STEPS))
        arn, first = secret(root)
        failed, step = 'alcazar_rotations_total{outcome="failed"}', 'alcazar_rotation_steps_total{step="createSecret",outcome="failed"}'
        before = scraper.numbers()
        assert (before[failed], before[step], before["alcazar_rotation_retries"]) == (0, 0, 0)
        version = root.secretsmanager.rotate_secret(SecretId=arn, RotationLambdaARN=function,
                                                    RotationRules={"AutomaticallyAfterDays": 30})["VersionId"]
        until(lambda: scraper.numbers()[failed] == 1)
        after = scraper.numbers()
        assert (after[step], after["alcazar_rotation_retries"]) == (1, 1)
        assert after['alcazar_rotations_total{outcome="succeeded"}'] == 0
        told = root.secretsmanager.describe_secret(SecretId=arn)
        assert told["VersionIdsToStages"] == {first: ["AWSCURRENT"], version: ["AWSPENDING"]}
        assert "LastRotatedDate" not in told
        assert '"old"' in root.secretsmanager.get_secret_value(SecretId=arn)["SecretString"]
        found = root.cloudtrail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "RotationFailed"}])["Events"]
        assert len(found) == 1 and "createSecret" in found[0]["CloudTrailEvent"]
    finally:
        server.kill()
        functions.close()
