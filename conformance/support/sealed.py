"""What can be read in files, and servers that do not open."""

import base64
import hashlib
import urllib.parse

import pytest

from support.server import DidNotStart


ESCAPED = {ord('\n'): "\\n", ord('\r'): "\\r", ord('\t'): "\\t", ord('\\'): "\\\\", ord('"'): '\\"', 0: "\\0"}


def forms(secret):
    """The ways in which a text might have been written down."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield urllib.parse.quote_from_bytes(secret, safe="").encode()
    # As Rust's `Debug` shows lists and texts of bytes.
    yield ", ".join(str(byte) for byte in secret).encode()
    yield "".join(ESCAPED.get(byte, chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in secret).encode()
    if secret.isascii():
        yield secret.decode().encode("utf-16-le")
    for shift in range(3):
        # Digits that depend on neighbours are cut off at both ends.
        encoded = base64.b64encode(b"\0" * shift + secret)[4 if shift else 0:len(secret) * 4 // 3 - 2]
        if len(encoded) >= 8:
            yield encoded
            yield encoded.translate(bytes.maketrans(b"+/", b"-_"))


def files(folder):
    """Every file below a folder; a file alone."""
    return [folder] if folder.is_file() else [path for path in folder.rglob("*") if path.is_file()]


def fingerprint(folder):
    """What every file holds, by name."""
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files(folder)}


def legible(folder, secrets):
    """Which secrets can be read in which files."""
    wanted = {form for secret in secrets for form in forms(secret)}
    contents = {path: path.read_bytes() for path in files(folder)}
    return [(path.name, form) for path, content in contents.items() for form in wanted if form in content]


def stays_sealed(server, *words):
    """The server does not start, says why, and has changed nothing."""
    before = fingerprint(server.data)
    with pytest.raises(DidNotStart) as reason:
        server.start()
    said = str(reason.value).splitlines()[-1]
    assert all(word in said for word in words), said
    assert fingerprint(server.data) == before
