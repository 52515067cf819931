"""Guides as programs: their commands, and what is written beneath as their output."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

FENCED = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.M | re.S)
WITHIN = 30


@dataclass
class Block:
    """Commands, the output a reader is told to expect, and the line they begin on."""

    commands: str
    expected: str
    line: int

    @property
    def in_background(self):
        return self.commands.rstrip().endswith("&")

    @property
    def fails(self):
        return "An error occurred (" in self.expected or self.expected.startswith("alcazar: ")

    def is_output(self, text):
        return re.fullmatch(pattern(self.expected), text) is not None


def blocks(path):
    """The blocks of a guide, in order."""
    text = path.read_text()
    return [Block(found[1], found[2] or "", text.count("\n", 0, found.start()) + 1)
            for found in FENCED.finditer(text)]


def pattern(expected):
    """`...` stands for anything within a line; alone on a line, for any lines. The port is whichever was free."""
    expected = expected.replace(":4566", ":...")
    lines = (line if line != "...\n" else "\0" for line in expected.splitlines(keepends=True))
    return re.escape("".join(lines)).replace(r"\.\.\.", "[^\n]*").replace("\0", "(?:[^\n]*\n)*")


class Shell:
    """A bash that runs blocks one after the other, as a reader would."""

    END = "--- end of block: "

    def __init__(self, folder, environment):
        self.folder = folder
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=environment, text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.output = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.output.put(line)

    def run(self, block):
        """Runs a block: its output and its exit status. Waits for what a background job has to say."""
        file = self.folder / "block.sh"
        file.write_text(block.commands)
        self.process.stdin.write(f'source "{file}" < /dev/null; echo "{self.END}$?"\n')
        self.process.stdin.flush()
        text, status, until = "", None, time.monotonic() + WITHIN
        while status is None or (block.in_background and not block.is_output(text)):
            try:
                line = self.output.get(timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                break
            if line.startswith(self.END):
                status = int(line.removeprefix(self.END))
            else:
                text += line
        return text, status

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
