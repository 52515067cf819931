"""Every command of the guides is run in order, and does what the guide says; README's commands are the real ones."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess

import pytest

from support import functions
from support.databases import SUPERUSER_PASSWORD, PostgreSql
from support.guide import Block, Shell, blocks
from support.issuer import PackagedIssuer
from support.principal import AWS
from support.server import ROOT, binary, environment

GUIDES = sorted((ROOT / "docs/guide").glob("*.md"))

# Readers have the port to themselves; tests take a free one. A reader's key store proxy and identity provider
# are elsewhere.
WRAPPER = """#!/usr/bin/env bash
arguments=("${{@/10.0.0.7:8443/127.0.0.1:{proxy}}}")
arguments=("${{arguments[@]/%:9464/:{metrics}}}")
arguments=("${{arguments[@]/10.0.0.8:8443/127.0.0.1:$ISSUER_PORT}}")
case " $* " in
    *" --listen "*" --tls-"*) arguments=("${{arguments[@]/%:4566/:0}}") ;;
    *" --listen "*) ;;
    " serve "*) arguments+=(--listen 127.0.0.1:0) ;;
esac
exec {binary} "${{arguments[@]}}"
"""


# Where a reader has metrics.
CURL = """#!/usr/bin/env bash
exec {curl} "${{@/:9464/:{metrics}}}"
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture
def shell(tmp_path, proxy):
    """A reader's shell, in a home of its own, with `alcazar` and `aws` on its path."""
    programs = tmp_path / "bin"
    programs.mkdir()
    metrics = free_port()
    for name, text in (
            ("alcazar", WRAPPER.format(binary=shlex.quote(str(binary())), proxy=proxy.port, metrics=metrics)),
            ("curl", CURL.format(curl=shutil.which("curl"), metrics=metrics))):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    variables = environment(HOME=str(home), PATH=f"{programs}:{AWS.parent}:{os.environ['PATH']}")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "XDG_DATA_HOME"):
        variables.pop(name, None)
    shell = Shell(home, variables)
    yield shell
    shell.close()


@pytest.fixture
def open_folder():
    """A folder that everybody can enter."""
    folder = functions.open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def postgresql():
    """What the variables of a reader's shell lead `psql` to."""
    database = PostgreSql()
    known = {"PGHOST": database.host, "PGPORT": str(database.port), "PGUSER": database.superuser, "PGPASSWORD": SUPERUSER_PASSWORD}
    yield "".join(f"export {name}={shlex.quote(value)}\n" for name, value in known.items())
    database.close()


@pytest.fixture
def packaged_issuer(tmp_path):
    """The identity provider of a reader's company."""
    issuer = PackagedIssuer(tmp_path)
    yield issuer
    issuer.close()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_a_guide_does_what_it_says(shell, proxy, open_folder, guide, request):
    if guide.stem == "key-stores":
        proxy.of_guide(shell.folder)
    if guide.stem == "federation":
        issuer = request.getfixturevalue("packaged_issuer")
        (shell.folder / "company-ca.pem").write_bytes(issuer.authority_file.read_bytes())
        (shell.folder / "job.jwt").write_text(issuer.token("urn:sts.amazonaws.com"))
        shell.run(Block(f"export ISSUER_PORT={issuer.port}", "", 0))
    if guide.stem == "database-rotation":
        shell.run(Block(request.getfixturevalue("postgresql"), "", 0))
    if guide.stem in ("functions", "database-rotation"):
        # Where the tests are root, functions are somebody else, who cannot enter pytest's folders.
        (shell.folder / "functions").symlink_to(open_folder)
    found = blocks(guide)
    assert len(found) == guide.read_text().count("```sh\n") > 5
    for block in found:
        text, status = shell.run(block)
        place = f"{guide.name}:{block.line}"
        assert block.is_output(text), f"{place} said, with status {status}:\n{text}\ninstead of:\n{block.expected}"
        assert (status != 0) == block.fails, f"{place}: status {status}:\n{text}"


def readme():
    """The commands of README: what is indented."""
    text = (ROOT / "README.md").read_text()
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


def test_readme_starts_the_server():
    """`cargo run` runs the one program of the one default member, and its arguments are understood."""
    assert readme()[0] == "cargo run --release -- serve"
    done = subprocess.run(["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"],
                          cwd=ROOT, capture_output=True, text=True, check=True)
    metadata = json.loads(done.stdout)
    members = [package for package in metadata["packages"] if package["id"] in metadata["workspace_default_members"]]
    programs = [target["name"] for package in members for target in package["targets"] if "bin" in target["kind"]]
    assert programs == ["alcazar"]
    assert subprocess.run([binary(), "serve", "--help"], capture_output=True).returncode == 0


def test_readme_sets_up_a_shell(shell):
    """The commands that follow, in a shell of a reader."""
    commands = [command for command in readme() if not command.startswith("cargo ")]
    assert commands[0] == 'eval "$(./target/release/alcazar env)"'
    commands[0] = 'eval "$(alcazar env)"'
    start = blocks(ROOT / "docs/guide/first-steps.md")[0]
    shell.run(start)
    start.commands, start.expected = "\n".join(commands), ""
    text, status = shell.run(start)
    assert status == 0, text
    assert re.search(r'"Arn": "arn:aws:iam::\d{12}:root"', text) and '"KeyState": "Enabled"' in text


def test_readme_and_ci_run_the_same_tests():
    assert readme()[-1] == "cargo x test"
    assert "exec cargo x test" in (ROOT / ".ci/run").read_text()
    assert re.search(r'^x = "run .*--package xtask --"$', (ROOT / ".cargo/config.toml").read_text(), re.M)
