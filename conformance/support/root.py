"""Root keys of every kind, and moves from one to another."""

import json
import subprocess

from support.server import binary, environment
from support.token import PIN


class Root:
    """A root key: how a server is started with it, and how it is moved to."""

    def __init__(self, kind, shown, options, word, **variables):
        self.kind = kind
        self.shown = shown
        self.options = ["--root", kind, *options]
        self.word = word
        self.variables = variables

    @classmethod
    def file(cls, path):
        return cls("file", "a key file", ["--key-file", str(path)], "file")

    @classmethod
    def passphrase(cls, path, text):
        path.write_text(text + "\n")
        return cls("passphrase", "a passphrase", ["--passphrase-file", str(path)], "passphrase")

    @classmethod
    def token(cls, token, pin=PIN):
        return cls("token", f'token "{token.label}"', token.options, token.label, ALCAZAR_TOKEN_PIN=pin)

    def start(self, server):
        """Starts the server with this root key."""
        server.options, server.variables = tuple(self.options), server.variables | self.variables
        return server.start()

    def moving(self, server):
        """`alcazar root move` on its way."""
        command = [binary(), "root", "move", "--to", *self.options[1:], "--data", server.data]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment(**self.variables))

    def move(self, server, word=None):
        """The move's exit code, and what it said."""
        done = self.moving(server)
        said = done.communicate((self.word if word is None else word) + "\n", timeout=60)
        return done.returncode, "".join(said)


def shown(server):
    """What `alcazar root show` says."""
    return json.loads(server.ask("root", "show", "--json"))
