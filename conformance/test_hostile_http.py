"""Bad HTTP gets an error or a closed connection, and nobody else notices."""

import os
import socket
import ssl
import subprocess
import time

import httpx
import pytest

from support.account import Account
from support.raw import connect, connect_tls, drain, head, identity_call, read_answer, talk
from support.server import Server, binary, environment
from support.wire import Request, get, send

BODY_LIMIT = 1024 * 1024


@pytest.fixture
def call(server, account):
    """A signed GetCallerIdentity."""
    return identity_call(server, account.root)


@pytest.fixture(autouse=True)
def still_served(server, account):
    """Whatever a test did, the next caller is served at once."""
    yield
    began = time.monotonic()
    assert send(server, identity_call(server, account.root)).status == 200
    assert time.monotonic() - began < 2


def length(call):
    return {"Content-Length": len(call.body)}


@pytest.mark.parametrize("count", [101, 20_000])
def test_too_many_headers(server, call, count):
    further = {f"x-{number}": "v" for number in range(count)}
    with connect(server) as connection:
        try:
            connection.sendall(head(call, **length(call), **further) + call.body)
        except ConnectionError:
            return
        assert drain(connection)[:12] in (b"", b"HTTP/1.1 431")


def test_a_huge_header(server, call):
    with connect(server) as connection:
        try:
            connection.sendall(head(call, **length(call), huge="x" * 1_000_000) + call.body)
        except ConnectionError:
            return
        assert drain(connection)[:12] in (b"", b"HTTP/1.1 431")


def test_a_body_over_the_limit_is_refused(server, account):
    big = Request.of("kms", "Encrypt")
    big.body = b" " * (BODY_LIMIT + 1)
    answer = send(server, big.signed(server, account.root))
    assert (answer.status, answer.code) == (413, "RequestEntityTooLarge")


def test_an_announced_body_over_the_limit_is_refused(server, call):
    with connect(server) as connection:
        connection.sendall(head(call, **{"Content-Length": 10**12}))
        try:
            for _ in range(64):
                connection.sendall(b" " * 65536)
        except ConnectionError:
            pass
        assert drain(connection)[:12] in (b"", b"HTTP/1.1 413")


@pytest.mark.parametrize("value", ["-1", "1e3", "12, 13", "99999999999999999999999"])
def test_a_wrong_content_length(server, call, value):
    with connect(server) as connection:
        connection.sendall(head(call, **{"Content-Length": value}) + call.body)
        assert drain(connection)[:12] in (b"", b"HTTP/1.1 400")


def test_two_framings_are_not_both_believed(server, call):
    """Content-Length beside chunked is how requests are smuggled past proxies."""
    framings = {"Content-Length": "5", "Transfer-Encoding": "chunked"}
    with connect(server) as connection:
        connection.sendall(head(call, **framings) + b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answered = drain(connection)
    assert b"HTTP/1.1 200" not in answered


def test_chunked_bodies_are_read(server, call):
    half = len(call.body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (call.body[:half], call.body[half:]))
    chunked = {"Transfer-Encoding": "chunked"}
    assert talk(server, head(call, **chunked), chunks, b"0\r\n\r\n").status == 200
    with connect(server) as connection:
        connection.sendall(head(call, **chunked) + b"zz\r\nnot a chunk")
        assert b"HTTP/1.1 200" not in drain(connection)


def test_a_client_may_wait_for_100_continue(server, call):
    with connect(server) as connection:
        connection.sendall(head(call, **length(call), Expect="100-continue"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(call.body)
        assert read_answer(connection).status == 200


@pytest.mark.parametrize("garbage", [
    b"\0" * 512, b"\x16\x03\x01\x02\x00" + b"\xff" * 512, b"\x16\x03\x01\xff\xff", b"\x80\x2e\x01\x00\x02",
    b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", os.urandom(4096), b"\n" * 4096,
    b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nx: \0\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n"], ids=lambda it: repr(it[:12]))
def test_garbage(server, garbage):
    with connect(server) as connection:
        connection.sendall(garbage)
        connection.shutdown(socket.SHUT_WR)
        assert b"HTTP/1.1 200" not in drain(connection)


def test_a_half_closed_connection_is_answered(server, call):
    with connect(server) as connection:
        connection.sendall(head(call, **length(call)) + call.body)
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(connection).status == 200


def test_a_connection_closed_in_a_body_changes_nothing(server, account):
    created = Request.of("iam", "CreateUser", {"UserName": "halfway"}).signed(server, account.root)
    created.headers["Host"] = server.address
    for closed in (0, 10, len(created.body) - 1):
        with connect(server) as connection:
            connection.sendall(head(created, **length(created)) + created.body[:closed])
            connection.shutdown(socket.SHUT_WR)
            assert b"HTTP/1.1 200" not in drain(connection)
    assert account.root.iam.list_users()["Users"] == []


def test_slow_clients_hold_up_nobody(server, call):
    """Two hundred clients that never finish a head, a handshake or a body."""
    starts = [b"", b"\x16\x03\x01", b"POST / HTTP/1.1\r\nHost:", head(call, **length(call)) + call.body[:5]]
    slow = [connect(server) for _ in range(200)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall(starts[number % len(starts)])
        began = time.monotonic()
        for _ in range(20):
            assert send(server, call).status == 200
        assert time.monotonic() - began < 4
    finally:
        for connection in slow:
            connection.close()


def test_a_client_that_sends_no_head_is_let_go(server):
    with connect(server, within=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n")
        began = time.monotonic()
        assert b"200" not in drain(connection)
        assert time.monotonic() - began < 20


class FewFiles(Server):
    """One that may open few files, and so serves few connections."""

    def command(self):
        return ["prlimit", "--nofile=192:192", *super().command()]


def reads_nothing(server):
    """A client that asks again and again, and reads no answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    host, _, port = server.address.rpartition(":")
    connection.connect((host, int(port)))
    connection.settimeout(0.2)
    try:
        while True:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
    except TimeoutError:
        return connection


def asks_nothing(server):
    """A client of HTTP/2 that has greeted and asks for nothing."""
    connection = connect_tls(server, ("h2",))
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4" + b"\0" * 5)
    return connection


def test_clients_that_hold_connections_make_room(tmp_path):
    """Who takes every place and asks for nothing, or reads nothing, loses them again."""
    server = FewFiles(tmp_path).start()
    held = []
    try:
        call = identity_call(server, Account.create(server).root)
        for number in range(64):
            held.append((reads_nothing if number < 10 else asks_nothing)(server))
        began = time.monotonic()
        with connect(server, within=45) as waiting:
            waiting.sendall(head(call, **length(call)) + call.body)
            assert read_answer(waiting).status == 200
        assert time.monotonic() - began < 40
    finally:
        for connection in held:
            connection.close()
        server.kill()


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/a/./b", "/%00",
                                  "/control.sock", "/?Action=GetCallerIdentity&Version=2011-06-15"])
def test_paths_lead_nowhere(server, path):
    answer = get(server, f"http://{server.address}{path}")
    assert answer.status in (400, 403, 404) and "root:" not in answer.text and answer.code


def test_a_signed_path_other_than_the_root_is_still_the_api(server, account):
    """What the signature covers is what is used: a path changed after signing does not verify."""
    signed = identity_call(server, account.root)
    signed.path = "/other"
    assert send(server, signed).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_other_methods(server, method):
    answer = send(server, Request("", {}, b"", method))
    assert 400 <= answer.status < 500


def test_an_action_given_twice_is_one_action(server, account):
    """The first counts, for the permission and for the work alike."""
    twice = Request.of("iam", "ListUsers")
    twice.body += b"&Action=CreateUser&UserName=sneaked"
    user = account.user({"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"})
    answer = send(server, twice.signed(server, user))
    assert answer.status == 200 and "ListUsersResponse" in answer.text
    swapped = Request.of("iam", "CreateUser", {"UserName": "sneaked"})
    swapped.body += b"&Action=ListUsers"
    assert send(server, swapped.signed(server, user)).code == "AccessDenied"
    assert "sneaked" not in str(account.root.iam.list_users()["Users"])


def test_http_and_https_share_the_port(server, call, account):
    assert send(server, call).status == 200
    with connect_tls(server) as connection:
        assert connection.version() in ("TLSv1.2", "TLSv1.3")
        connection.sendall(head(call, **length(call)) + call.body)
        assert read_answer(connection).status == 200


def test_http_2_over_tls(server, account):
    context = ssl.create_default_context(cafile=server.data / "ca.pem")
    with httpx.Client(http2=True, verify=context) as client:
        for number in range(3):
            signed = identity_call(server, account.root)
            answer = client.post(f"https://{server.address}/", headers=signed.headers, content=signed.body)
            assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
        unsigned = client.post(f"https://{server.address}/", content=signed.body)
        assert unsigned.status_code == 403
        huge = client.post(f"https://{server.address}/", content=b" " * (BODY_LIMIT + 1))
        assert huge.status_code == 413


def test_an_old_tls_is_refused(server):
    command = ["openssl", "s_client", "-connect", server.address, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=20)
    assert "Cipher is (NONE)" in done.stdout or "Cipher    : 0000" in done.stdout


def test_beyond_loopback_there_is_no_plain_http(tmp_path):
    command = [binary(), "serve", "--data", tmp_path / "data", "--listen", "0.0.0.0:0"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=20)
    assert done.returncode != 0 and not (tmp_path / "data").exists()
    assert "0.0.0.0:0 is not a loopback address" in done.stderr and "--tls-name HOST" in done.stderr
