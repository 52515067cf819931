"""Programs that use KMS and were written for AWS: they run unmodified, in processes and folders of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import ROOT, environment

HERE = ROOT / "conformance/consumers"


def installed():
    """Where `cargo x test` installed them: `ALCAZAR_CONSUMERS`, else beside the binary of `cargo build`."""
    return Path(os.environ.get("ALCAZAR_CONSUMERS", ROOT / "target/consumers")).absolute()


class Refused(Exception):
    """The program failed; says what it said."""


def python(program, *arguments):
    """A program of conformance/consumers in Python."""
    return [installed() / "python/bin/python", HERE / program, *arguments]


def ansible(expression):
    """Ansible's command line, which says what a template comes to."""
    return [installed() / "python/bin/ansible", "localhost", "-m", "ansible.builtin.debug", "-a", f"msg={{{{ {expression} }}}}"]


def node(program, *arguments):
    """A program of conformance/consumers in JavaScript. Skips the test, and says so, where there is no node."""
    folder = installed() / "node"
    if not (folder / "node_modules").exists():
        pytest.skip(f"no packages from npm in {folder}: cargo x test installs them")
    return ["node", HERE / program, folder, *arguments]


def command_line(action, context, *keys):
    """The AWS Encryption CLI, from standard input to standard output."""
    stated = [f"{name}={value}" for name, value in context.items()]
    return [Path(sys.executable).with_name("aws-encryption-cli"), f"--{action}", "--input", "-", "--output", "-",
            "--suppress-metadata", "--wrapping-keys", *(f"key={key}" for key in keys),
            "--encryption-context", *stated]


def piped(principal, command, given):
    """What the program makes of `given` for this principal, and what it says beside that."""
    variables = principal.variables() | {"NODE_EXTRA_CA_CERTS": str(principal.server.data / "ca.pem")}
    done = subprocess.run(command, input=given, capture_output=True, env=environment(**variables), timeout=120)
    if done.returncode:
        raise Refused(done.stderr.decode())
    return done.stdout, done.stderr.decode()


class Sdk:
    """One AWS Encryption SDK."""

    def __init__(self, name):
        self.name = name

    def __call__(self, principal, action, given, keyring, context, *keys):
        arguments = (action, keyring, json.dumps(context), *keys)
        if self.name == "cli":
            assert keyring == "plain"
            done, said = piped(principal, command_line(action, context, *keys), given)
            if not done:  # It leaves out what has another context, and succeeds.
                raise Refused(said)
            return done
        made = node("encryption_sdk.mjs", *arguments) if self.name == "node" else python("encryption_sdk.py", *arguments)
        return piped(principal, made, given)[0]
