"""Alcazar's own rotators, run as AWS Lambda runs functions: by the Runtime API, with the credentials of a role."""

import json
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.server import binary, environment

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class Raised(Exception):
    """The function answered with an error."""

    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message}")
        self.kind, self.message = kind, message


class RuntimeApi:
    """The part of Lambda's Runtime API that functions need, for one of them."""

    def __init__(self, seconds=20):
        self.events, self.answers, self.seconds = queue.Queue(), queue.Queue(), seconds
        runtime = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                assert self.path == "/2018-06-01/runtime/invocation/next", self.path
                event = runtime.events.get()
                body = json.dumps(event).encode() if not isinstance(event, bytes) else event
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "an-id")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + runtime.seconds) * 1000)))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                runtime.answers.put((self.path, body))

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.server.server_address[1]

    def ask(self, event):
        """What the function answers to an event."""
        self.events.put(event)
        path, body = self.answers.get(timeout=self.seconds + 30)
        if path == "/2018-06-01/runtime/invocation/an-id/error":
            raise Raised(body["errorType"], body["errorMessage"])
        assert path == "/2018-06-01/runtime/invocation/an-id/response", path
        return body

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Rotator:
    """A function of Alcazar's, as a process of its own."""

    def __init__(self, name, role, log, seconds=20, **variables):
        self.runtime = RuntimeApi(seconds)
        known = environment(
            AWS_LAMBDA_RUNTIME_API=self.runtime.address, AWS_ENDPOINT_URL=f"https://{role.server.address}",
            AWS_CA_BUNDLE=str(role.server.data / "ca.pem"), AWS_REGION=role.region,
            AWS_ACCESS_KEY_ID=role.access_key_id, AWS_SECRET_ACCESS_KEY=role.secret_access_key) | variables
        if role.session_token:
            known["AWS_SESSION_TOKEN"] = role.session_token
        self.log = log
        with open(log, "a") as output:
            self.process = subprocess.Popen([binary(), "function", name], env=known, stdout=output, stderr=output)

    def step(self, step, secret, token):
        """Has it do a step."""
        assert self.runtime.ask({"Step": step, "SecretId": secret, "ClientRequestToken": token}) is None

    def close(self):
        self.process.kill()
        self.process.wait(timeout=20)
        self.runtime.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
