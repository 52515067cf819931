"""Requests as they are on the wire, signed by botocore's own signer, and what comes back."""

import http.client
import json
import re
import urllib.parse
from dataclasses import dataclass
from datetime import datetime, timezone

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.model import services

XML_CODE = re.compile(r"<Code>(\w+)</Code>")


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict
    text: str

    @property
    def request_id(self):
        return self.headers.get("x-amzn-requestid")

    @property
    def code(self):
        """The error's code in the protocol's form; none for a success."""
        if self.status == 200:
            return None
        if found := XML_CODE.search(self.text):
            return found[1]
        return json.loads(self.text)["__type"].rpartition("#")[2]


@dataclass
class Request:
    """One request, before or after it is signed."""

    service: str
    headers: dict
    body: bytes
    method: str = "POST"
    path: str = "/"

    @classmethod
    def of(cls, service_name, operation, parameters=None):
        """A call in the service's protocol. Query parameters are given flat, as `Tags.member.1.Key`."""
        service = services()[service_name]
        parameters = parameters or {}
        if service.is_json:
            headers = {"X-Amz-Target": f"{service.target_prefix}.{operation}",
                       "Content-Type": "application/x-amz-json-1.1"}
            return cls(service_name, headers, json.dumps(parameters).encode())
        form = {"Action": operation, "Version": service.version} | parameters
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return cls(service_name, headers, urllib.parse.urlencode(form).encode())

    def signed(self, server, principal, at=None, region="us-east-1", service=None, signed_body=None):
        """The same with an Authorization header, as of now or of another instant."""
        body = self.body if signed_body is None else signed_body
        request = AWSRequest(self.method, f"http://{server.address}{self.path}", self.headers, body)
        credentials = Credentials(principal.access_key_id, principal.secret_access_key, principal.session_token)
        sign_at(SigV4Auth(credentials, service or self.service, region), request, at or datetime.now(timezone.utc))
        return Request(self.service, dict(request.headers), self.body, self.method, self.path)


def sign_at(signer, request, at):
    """What botocore's `add_auth` does, for an instant of our choice."""
    request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signer._inject_signature_to_request(request, signature)


class Connection:
    """A kept-alive connection over plain HTTP."""

    def __init__(self, server, timeout=30):
        self.http = http.client.HTTPConnection(*server.address.split(":"), timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def send(self, request):
        self.http.request(request.method, request.path, request.body, request.headers)
        return answer(self.http.getresponse())


def answer(response):
    """Reads a response to its end."""
    text = response.read().decode()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)


def send(server, request):
    """One request on a connection of its own."""
    with Connection(server) as connection:
        return connection.send(request)


def get(server, url):
    """Whatever is at `url`, its path and query sent as they are."""
    parts = urllib.parse.urlsplit(url)
    path = parts.path + ("?" + parts.query if parts.query else "")
    return send(server, Request("", {}, b"", "GET", path))
