"""`kill -9` at random moments under concurrent writers: nothing acknowledged is lost, nothing is half there.

`ALCAZAR_CRASH_ROUNDS` says how many rounds, `ALCAZAR_CRASH_SEED` which random choices.
"""

import http.client
import os
import random
import socket
import subprocess
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone

import pytest

from support.account import Account
from support.cell import UNKNOWN, Cell, settled
from support.crash import killed
from support.found import found
from support.server import DidNotStart, Server, environment
from support.wire import Connection, Request

ROUNDS = int(os.environ.get("ALCAZAR_CRASH_ROUNDS", "10"))
SEED = int(os.environ.get("ALCAZAR_CRASH_SEED", time.time_ns() % 1_000_000))
WRITERS = 6
# Within the number of groups an account may have.
ROUNDS_OF_AN_ACCOUNT = 10
KILLED_WITHIN = (0.02, 0.4)


@dataclass
class Writer:
    """Changes its cell until the server is gone."""

    server: Server
    root: object
    cell: Cell
    acknowledged: list = field(default_factory=list)
    in_flight: tuple = None
    failure: object = None

    def run(self):
        with Connection(self.server, timeout=10) as connection:
            while self.failure is None:
                step, name = self.cell.next(), f"{self.cell.name}/{len(self.acknowledged)}"
                request = Request.of(step.service, step.operation, step.parameters)
                request.headers["User-Agent"] = name
                self.in_flight = (step, name)
                try:
                    answer = connection.send(request.signed(self.server, self.root))
                except (OSError, http.client.HTTPException):
                    return
                if answer.status != 200:
                    self.failure = (step, answer)
                    return
                self.cell.state = self.cell.after(step, answer)
                self.acknowledged.append((step, name, answer.request_id))
                self.in_flight = None


def test_kill_at_random_moments(tmp_path):
    print(f"seed {SEED}, {ROUNDS} rounds")
    chance = random.Random(SEED)
    server = Server(tmp_path, "--listen", f"127.0.0.1:{port_below_the_ephemeral(chance)}").start()
    rounds, began, figures = [], time.monotonic(), []
    try:
        for number in range(ROUNDS):
            if number % ROUNDS_OF_AN_ACCOUNT == 0:
                account = Account.create(server)
            writers = one_round(server, account, number, chance)
            figures.append(check_round(server, account, writers))
            rounds.append(writers)
        spent = time.monotonic() - began
        for writers in rounds:
            check_states(writers)
        check_no_other_keys(rounds)
    finally:
        server.kill()
    acknowledged = sum(figure[0] for figure in figures)
    landed = sum(figure[1] for figure in figures)
    print(f"{acknowledged} acknowledged calls and their records are there; of {sum(it[2] for it in figures)} in flight "
          f"{landed} were carried out whole; {spent / ROUNDS:.2f} s a round")
    assert acknowledged > ROUNDS * WRITERS


def port_below_the_ephemeral(chance):
    """A port that no outgoing connection takes while the server is down."""
    while True:
        port = chance.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def one_round(server, account, number, chance):
    """Writers write, the server is killed and started again."""
    cells = [Cell(account, f"r{number}w{at}", random.Random(chance.random())) for at in range(WRITERS)]
    writers = [Writer(server, account.root, cell) for cell in cells]
    account.round_began = datetime.now(timezone.utc)
    killed(server, chance, KILLED_WITHIN, writers)
    return writers


def check_round(server, account, writers):
    """Every acknowledged call is recorded; what was in flight was carried out and recorded, or neither."""
    events = server.events("--account", account.id, "--from", account.round_began.strftime("%Y-%m-%dT%H:%M:%SZ"))
    recorded = {}
    for event in events:
        recorded.setdefault(event["userAgent"], []).append(event)
    for writer in writers:
        for step, name, request_id in writer.acknowledged:
            [event] = recorded[name]
            assert (event["eventName"], event["requestID"]) == (step.operation, request_id)
            assert "errorCode" not in event
    landed = 0
    for writer in writers:
        step, name = writer.in_flight or (None, None)
        if step and name in recorded:
            [event] = recorded[name]
            assert event["eventName"] == step.operation and "errorCode" not in event
            writer.cell.state = after_record(writer.cell, step, event)
            landed += 1
    check_states(writers)
    in_flight = sum(writer.in_flight is not None for writer in writers)
    return sum(len(writer.acknowledged) for writer in writers), landed, in_flight


def after_record(cell, step, event):
    """The state after a call whose answer was lost but whose record tells what it made."""
    state = cell.after(step, None)
    made = event["responseElements"] or {}
    if UNKNOWN in state["keys"]:
        state["keys"][made["keyMetadata"]["keyId"]] = state["keys"].pop(UNKNOWN)
    for user in state["users"].values():
        if UNKNOWN in user["access_keys"]:
            user["access_keys"].remove(UNKNOWN)
            user["access_keys"].append(made["accessKey"]["accessKeyId"])
    return state


def check_states(writers):
    for writer in writers:
        expected = settled(writer.cell.state)
        assert found(writer.root, writer.cell.name, list(expected["keys"])) == expected, writer.in_flight


def check_no_other_keys(rounds):
    """There is no key that no record tells of."""
    roots = {writer.root.access_key_id: writer.root for writers in rounds for writer in writers}
    pages = [page for root in roots.values() for page in root.kms.get_paginator("list_keys").paginate()]
    there = {key["KeyId"] for page in pages for key in page["Keys"]}
    assert there == {key for writers in rounds for writer in writers for key in writer.cell.state["keys"]}


@pytest.mark.parametrize("attempt", range(max(5, ROUNDS // 10)))
def test_kill_during_the_first_start(tmp_path, attempt):
    """Whatever of a data folder is there, the next start makes it whole."""
    chance = random.Random(SEED + attempt)
    server = Server(tmp_path)
    starting = subprocess.Popen(server.command(), env=environment(),
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.uniform(0, 0.15))
    starting.kill()
    starting.wait()
    try:
        server.start()
    except DidNotStart as reason:
        pytest.fail(f"seed {SEED}: {reason}")
    assert server.env()["AWS_ACCESS_KEY_ID"]
    server.kill()
