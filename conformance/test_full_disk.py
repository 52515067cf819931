"""A full volume stops answers; what was acknowledged stays, and with room again the server goes on by itself."""

import subprocess

import pytest
from botocore.exceptions import ClientError

from support.account import Account
from support.server import Server

SIZE = "24m"
LEFT = 2 * 1024 * 1024
TAGS = [{"Key": f"tag-{number}", "Value": "v" * 200} for number in range(20)]


@pytest.fixture
def volume(tmp_path):
    """A small volume of its own."""
    folder = tmp_path / "volume"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no leave to mount a volume: {mounted.stderr}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def cramped(volume, tmp_path):
    """A server on that volume, its key elsewhere."""
    running = Server(volume, "--key-file", tmp_path / "root.key").start()
    yield running
    running.kill()


def fill(volume):
    """Leaves `LEFT` bytes."""
    filler = volume / "filler"
    free = int(subprocess.check_output(["df", "--output=avail", "--block-size=1", volume]).split()[-1])
    filler.write_bytes(b"x" * (free - LEFT))
    return filler


def write_until_refused(iam):
    """Users that were acknowledged, and the refusals of twenty more."""
    made, refusals = [], []
    while len(refusals) < 20:
        name = f"user-{len(made) + len(refusals)}"
        try:
            iam.create_user(UserName=name, Tags=TAGS)
            made.append(name)
        except ClientError as error:
            refusals.append(error.response)
    return made, refusals


def test_a_full_volume_stops_answers_and_loses_nothing(cramped, volume):
    account = Account.create(cramped)
    root = account.root
    filler = fill(volume)
    made, refusals = write_until_refused(root.iam)
    assert made
    for refusal in refusals:
        assert refusal["Error"]["Code"] == "InternalFailure"
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert cramped.process.poll() is None
    filler.unlink()
    root.iam.create_user(UserName="after")
    cramped.kill()
    cramped.start()
    pages = Account.root_of(cramped, account.id).iam.get_paginator("list_users").paginate()
    there = {user["UserName"] for page in pages for user in page["Users"]}
    assert set(made) | {"after"} <= there
    recorded = {event["requestParameters"]["userName"] for event in cramped.events()
                if event["eventName"] == "CreateUser" and "errorCode" not in event}
    assert set(made) | {"after"} <= recorded
