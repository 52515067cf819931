"""What of Secrets Manager `createSecret` needs, with a version that has a label and no value yet."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class EmptyVersion:
    """One secret, whose version `new` is pending and empty."""

    def __init__(self, current):
        self.values, self.calls, self.answer = {"old": json.dumps(current)}, [], None
        secret = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                operation = self.headers["X-Amz-Target"].removeprefix("secretsmanager.")
                assert self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=")
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                secret.calls.append((operation, asked))
                status, answer = getattr(secret, operation)(asked)
                body = json.dumps(answer).encode() if secret.answer is None else secret.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server.server_address[1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def DescribeSecret(self, _):
        return 200, {"ARN": "arn", "RotationEnabled": True,
                     "VersionIdsToStages": {"old": ["AWSCURRENT"], "new": ["AWSPENDING"]}}

    def GetSecretValue(self, asked):
        version = asked.get("VersionId", "old")
        if version not in self.values:
            return 400, {"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find the specified secret value"}
        return 200, {"SecretString": self.values[version]}

    def GetRandomPassword(self, _):
        return 200, {"RandomPassword": "random"}

    def PutSecretValue(self, asked):
        assert asked["VersionStages"] == ["AWSPENDING"]
        self.values[asked["ClientRequestToken"]] = asked["SecretString"]
        return 200, {}
