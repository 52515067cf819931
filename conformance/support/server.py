"""The real binary, started on a free port and a data folder of its own."""

import json
import os
import re
import shlex
import signal
import subprocess
from functools import lru_cache
from pathlib import Path

from support.recorder import Recorder

ROOT = Path(__file__).resolve().parents[2]
GREETING = re.compile(r"Alcazar serves https://(\S+) ")


@lru_cache
def binary():
    """The binary under test: `ALCAZAR_BINARY`, else what `cargo build -p server` made."""
    path = Path(os.environ.get("ALCAZAR_BINARY", ROOT / "target/debug/alcazar")).absolute()
    assert path.exists(), f"{path} is not there: cargo build -p server"
    return path


def environment(**extra):
    """The caller's environment without anything that could reach another server or another AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ALCAZAR_"))}
    apart = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
             "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}
    return kept | apart | extra


class DidNotStart(Exception):
    """The server ended before it greeted; says why."""


class Server:
    """One run of the server, or several one after the other, on one data folder."""

    def __init__(self, folder, *options, **variables):
        self.data = Path(folder) / "data"
        self.options = options
        self.variables = variables
        self.process = None
        self.address = None
        self.recorder = Recorder()

    def start(self):
        """Starts it and waits for its greeting."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=subprocess.PIPE, stderr=log, text=True, env=environment(**self.variables))
        for line in self.process.stdout:
            if greeted := GREETING.match(line):
                self.address = greeted[1]
                return self
        self.process.wait()
        raise DidNotStart(self.log.read_text())

    def command(self):
        """What starts it: on a free port and without quotas, unless the options say otherwise."""
        command = [binary(), "serve", "--data", self.data, *self.options]
        for option, usual in (("--listen", "127.0.0.1:0"), ("--quotas", "unlimited")):
            if option not in self.options:
                command += [option, usual]
        return command

    @property
    def log(self):
        self.data.parent.mkdir(parents=True, exist_ok=True)
        return self.data.parent / "server.log"

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def kill(self):
        """As a power cut for the process: no handler runs."""
        self._end(signal.SIGKILL)

    def stop(self):
        """As an operator does."""
        self._end(signal.SIGTERM)

    def _end(self, number):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=20)
        if self.process:
            self.process.stdout.close()

    def ask(self, *arguments):
        """An operator's command about this server; its standard output."""
        done = subprocess.run([binary(), *arguments, "--data", self.data], capture_output=True, text=True,
                              env=environment(), timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def env(self, *arguments):
        """What `alcazar env` exports."""
        lines = [shlex.split(line) for line in self.ask("env", *arguments).splitlines()]
        return dict(line[1].split("=", 1) for line in lines if line[0] == "export")

    def create_account(self, name, *arguments):
        """A new account: its id."""
        return re.match(r"Account (\d{12}) ", self.ask("account", "create", name, *arguments))[1]

    def events(self, *arguments, limit=10_000_000):
        """Audit events, newest first."""
        lines = self.ask("audit", "query", "--json", "--limit", str(limit), *arguments).splitlines()
        return [json.loads(line) for line in lines]
