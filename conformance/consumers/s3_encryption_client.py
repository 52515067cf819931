"""The Amazon S3 Encryption Client for Python, as a program: keeps standard input in a bucket, and gives it back.

    s3_encryption_client.py KEY CONTEXT [CONTEXT_OF_READER]

Alcazar has no S3: the bucket is a dictionary behind a web server of this program's own. The data keys are of KMS.
Prints what was read; what lies in the bucket goes to standard error, as JSON of names to metadata.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from s3_encryption import S3EncryptionClient, S3EncryptionClientConfig
from s3_encryption.materials.kms_keyring import KmsKeyring

BUCKET = {}


class Bucket(BaseHTTPRequestHandler):
    """PutObject and GetObject."""

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta-")}
        BUCKET[self.path] = (body, kept)
        self.answer(b"", {"ETag": '"1"'})

    def do_GET(self):
        self.answer(*BUCKET[self.path.partition("?")[0]])

    def answer(self, body, headers):
        self.send_response(200)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


def main(key, written, read=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    plain = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server.server_port}", config=boto3.session.Config(
        s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
        response_checksum_validation="when_required"))
    keyring = KmsKeyring(kms_client=boto3.client("kms"), kms_key_id=key)
    client = S3EncryptionClient(plain, S3EncryptionClientConfig(keyring=keyring))
    client.put_object(Bucket="b", Key="o", Body=sys.stdin.buffer.read(), EncryptionContext=json.loads(written))
    (body, metadata), = BUCKET.values()
    print(json.dumps({"length": len(body), "metadata": metadata}), file=sys.stderr)
    found = client.get_object(Bucket="b", Key="o", EncryptionContext=json.loads(read or written))
    sys.stdout.buffer.write(found["Body"].read())


main(*sys.argv[1:])
