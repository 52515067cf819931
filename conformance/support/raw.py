"""Bytes on a socket, for what no HTTP library would send."""

import http.client
import socket
import ssl
import time

from support.wire import Request, answer

WITHIN = 20


def connect(server, within=WITHIN):
    host, _, port = server.address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=within)


def connect_tls(server, protocols=("http/1.1",)):
    context = ssl.create_default_context(cafile=str(server.data / "ca.pem"))
    context.set_alpn_protocols(list(protocols))
    return context.wrap_socket(connect(server), server_hostname="127.0.0.1")


def head(request, **further):
    """The head of a request in HTTP/1.1."""
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (request.headers | further).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def identity_call(server, principal):
    """A signed GetCallerIdentity with its Host header."""
    signed = Request.of("sts", "GetCallerIdentity").signed(server, principal)
    signed.headers["Host"] = server.address
    return signed


def read_answer(connection):
    """One response from a socket."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return answer(response)


def talk(server, *parts):
    """Sends the parts, reads one response."""
    with connect(server) as connection:
        for part in parts:
            connection.sendall(part)
        return read_answer(connection)


def drain(connection):
    """Everything until the server closes; what it sent before it reset the connection."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionError:
        pass
    return received


def until_logged(server, sent=b""):
    """Sends what is no request, and waits until the server's log tells of it: so it shows what is debugged."""
    with connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n" + sent + b"\r\n\r\n")
        drain(connection)
    until = time.monotonic() + 10
    while "a connection ended early" not in server.log.read_text():
        assert time.monotonic() < until, "nothing is logged"
