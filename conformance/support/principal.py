"""Somebody who calls: credentials, and other people's clients that use them."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import boto3
from botocore.config import Config

from support.model import services
from support.server import environment

# Names of boto3 that differ from those of IAM.
CLIENTS = {"cloudhsm": "cloudhsmv2"}
AWS = Path(sys.executable).with_name("aws")
CLI_ERROR = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation(?: \([^)]*\))?: (.*)", re.S)


class CliError(Exception):
    """The stock command line reported an error of the service."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass
class Principal:
    """One principal of one server."""

    server: object
    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    region: str = "us-east-1"
    clients: dict = field(default_factory=dict)

    def client(self, service):
        """A boto3 client over HTTPS, which trusts the server's own CA, never retries, and leaves it
        to the server to refuse what is wrong."""
        if service not in self.clients:
            self.clients[service] = self._make_client(service)
        return self.clients[service]

    def _make_client(self, service):
        client = self._session.client(
            CLIENTS.get(service, service), endpoint_url=f"https://{self.server.address}", verify=str(self.server.data / "ca.pem"),
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=30))
        client.meta.events.register("after-call.*.*", self._note)
        return client

    @cached_property
    def _session(self):
        return boto3.Session(self.access_key_id, self.secret_access_key, self.session_token, self.region)

    def __getattr__(self, service):
        """The client of a service, by the name that IAM knows it by."""
        if service not in services():
            raise AttributeError(service)
        return self.client(service)

    @cached_property
    def arn(self):
        return self.sts.get_caller_identity()["Arn"]

    @cached_property
    def account(self):
        return self.arn.split(":")[4]

    def at(self, region):
        """The same principal, asking for another region."""
        return Principal(self.server, self.access_key_id, self.secret_access_key, self.session_token, region)

    def variables(self):
        """What `alcazar env` would export for this principal."""
        own = {
            "AWS_ENDPOINT_URL": f"https://{self.server.address}",
            "AWS_CA_BUNDLE": str(self.server.data / "ca.pem"),
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_MAX_ATTEMPTS": "1",
        }
        return own | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})

    def cli(self, service, command, *arguments):
        """The stock `aws` command: its parsed output; `CliError` where the service answered with an error."""
        done = subprocess.run(
            [AWS, service, command, *arguments, "--output", "json"],
            capture_output=True, text=True, env=environment(**self.variables()), timeout=60)
        operation = f"{service}:{''.join(word.capitalize() for word in command.split('-'))}"
        if done.returncode == 0:
            self.server.recorder.note(operation)
            return json.loads(done.stdout) if done.stdout.strip() else {}
        reported = CLI_ERROR.search(done.stderr)
        assert reported, f"aws {service} {command} did not run: {done.stderr}"
        self.server.recorder.note(operation, error=reported[1])
        raise CliError(reported[1], reported[3].strip())

    def _note(self, http_response, parsed, model, **_):
        """Called by botocore after each call, before it raises an error."""
        service = model.service_model.signing_name
        error = parsed.get("Error", {}).get("Code") if http_response.status_code >= 300 else None
        request_id = parsed["ResponseMetadata"].get("RequestId")
        self.server.recorder.note(f"{service}:{model.name}", error, request_id)
