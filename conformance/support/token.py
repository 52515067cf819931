"""PKCS#11 tokens of a test's own: Debian's SoftHSM, in a folder of the test's own."""

import subprocess
from pathlib import Path

from support.server import environment

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "4937-right"
SO_PIN = "5021-officer"


class Tokens:
    """Every token that a server can see."""

    def __init__(self, folder):
        assert Path(MODULE).exists(), "Debian's softhsm2 is not there: `cargo x test` installs it"
        self.folder = Path(folder) / "tokens"
        self.folder.mkdir()
        self.configuration = Path(folder) / "softhsm2.conf"
        self.configuration.write_text(
            f"directories.tokendir = {self.folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.variables = {"SOFTHSM2_CONF": str(self.configuration)}
        self.made = []

    def make(self, label):
        """A new, empty token."""
        before = set(self.folder.iterdir())
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN],
                       env=environment(**self.variables), check=True, capture_output=True)
        [folder] = set(self.folder.iterdir()) - before
        made = Token(label, folder)
        self.made.append(made)
        return made

    def mend(self):
        """Puts right what a `kill -9` did to SoftHSM, which empties and rewrites a token's own record at every login
        and so loses the token where it ends in between. How many it had lost."""
        return sum(token.mend() for token in self.made)


class Token:
    """One token."""

    def __init__(self, label, folder):
        self.label = label
        self.folder = folder
        self.record = (folder / "token.object").read_bytes()

    @property
    def options(self):
        """Where it is, for the command line; the PIN is given in another way."""
        return ["--token-module", MODULE, "--token-label", self.label]

    def mend(self):
        """Writes the token's record again if it was lost; whether it was. No key is in it."""
        path = self.folder / "token.object"
        lost = path.stat().st_size < len(self.record)
        if lost:
            path.write_bytes(self.record)
        return lost

    def detach(self):
        """Takes it out of its slot; answers what puts it back."""
        away = self.folder.rename(self.folder.parents[1] / f"detached-{self.folder.name}")
        return lambda: away.rename(self.folder)

    def lose_keys(self):
        """Deletes every key in it; answers what brings them back."""
        kept = {path: path.read_bytes() for path in self.folder.iterdir() if path.name != "token.object"}
        for path in list(kept):
            if path.suffix == ".object" or path.suffix == ".lock":
                path.unlink()

        def restore():
            for path, content in kept.items():
                path.write_bytes(content)
        return restore
