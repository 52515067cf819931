"""The server's memory is its own: no other process of its user reads it, it leaves no core, and what it keeps there is
in no file.

Where the tests are root's, server and attacker are run as a user of their own: root may read everything.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from support.account import Account
from support.canaries import used
from support.raw import until_logged
from support.sealed import files, legible
from support.server import Server

NOBODY = 65534
PTRACE_ATTACH = 16
# The system's own, which every user may start.
PYTHON = shutil.which("python3", path="/usr/bin:/bin") or "python3"
# Readers, each tried on the server and, to see that they work, on a process that does not mind.
READERS = {
    "open": "open(f'/proc/{pid}/mem', 'rb')",
    "maps": "open(f'/proc/{pid}/maps').read(1) or fail()",
    "environment": "open(f'/proc/{pid}/environ', 'rb').read()",
    "ptrace": "ctypes.CDLL(None, use_errno=True).ptrace(%d, pid, 0, 0) and fail()" % PTRACE_ATTACH,
}


def as_user(command):
    """`command` for the tests' own user, who is nobody where that is root."""
    if os.getuid() != 0:
        return command
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all", *command]


class Guarded(Server):
    """A server that may leave cores as far as its surroundings go."""

    def command(self):
        limits = ["prlimit", "--core=unlimited:unlimited"]
        return as_user([*limits, *super().command()])


def reads(reader, pid):
    """Whether another process of the same user gets at the memory of `pid`."""
    script = f"import ctypes, sys\npid = {pid}\ndef fail(): sys.exit(1)\n{READERS[reader]}"
    done = subprocess.run(as_user([PYTHON, "-c", script]), capture_output=True, text=True, timeout=20)
    return done.returncode == 0


@pytest.fixture
def folder():
    """A folder that the server's user owns and reaches."""
    path = Path(tempfile.mkdtemp(prefix="alcazar-memory-"))
    if os.getuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def server(folder, monkeypatch):
    monkeypatch.chdir(folder)
    server = Guarded(folder, ALCAZAR_LOG="trace").start()
    yield server
    server.kill()


@pytest.fixture
def bystander():
    """A process of the same user that guards nothing."""
    process = subprocess.Popen(as_user(["prlimit", "--core=unlimited:unlimited", "sleep", "60"]))
    while Path(f"/proc/{process.pid}/comm").read_text().strip() != "sleep":
        time.sleep(0.01)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("reader", READERS)
def test_no_process_of_the_same_user_reads_it(server, bystander, reader):
    # Some systems let nobody read but a parent, or only the process itself.
    works = reads(reader, bystander.pid)
    assert not reads(reader, server.process.pid)
    if not works:
        pytest.skip("nobody may read any process here")


def test_a_core_is_refused_however_it_is_asked_for(server, bystander, folder):
    pid = server.process.pid
    limits = Path(f"/proc/{pid}/limits").read_text()
    [core] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    if gcore := shutil.which("gcore"):
        done = subprocess.run(as_user([gcore, "-o", str(folder / "taken"), str(pid)]), capture_output=True, timeout=60)
        assert done.returncode != 0
    assert not list(folder.glob("taken*"))
    bystander.send_signal(signal.SIGABRT)
    _, dumps = os.waitpid(bystander.pid, 0)
    server.process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGABRT and not os.WCOREDUMP(status)
    server.process.returncode = bystander.returncode = -signal.SIGABRT
    left = [path for path in files(folder) if path.name.startswith("core")]
    assert len(left) <= os.WCOREDUMP(dumps), left


def test_what_was_in_memory_is_in_no_file(server, folder):
    """Keys from outside, and all that was sealed, opened, signed, agreed on or asked for a MAC with them: not in the data
    folder, and not in the log, though everything that can be logged is."""
    account = Account.create(server)
    canaries = used(account.root)
    assert sum(path.stat().st_size for path in files(folder)) > 20_000
    until_logged(server)
    assert legible(folder, canaries) == []
    server.process.send_signal(signal.SIGABRT)
    server.process.wait()
    assert legible(folder, canaries) == []
    server.start()
    server.stop()
    assert legible(folder, canaries) == [], "after an orderly end"
    (folder / "found").write_bytes(canaries[0])
    assert legible(folder, canaries), "the search finds what is there"
