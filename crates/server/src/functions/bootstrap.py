"""Runs one invocation of a handler in Python: asks the Lambda Runtime API for an event, answers with its result."""

import importlib
import http.client
import json
import logging
import os
import sys
import time
import traceback

VERSION = "/2018-06-01/runtime"


class Stopped(BaseException):
    """The runtime API did not take what it was told."""


def call(method, path, body=None, **headers):
    """One request of the runtime API: its headers and its body."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, VERSION + path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 300:
        raise Stopped(f"{path}: {answer.status} {content.decode(errors='replace')}")
    return answer.headers, content


def report(path, error):
    """Tells what was raised, in Lambda's form."""
    frames = traceback.format_tb(error.__traceback__)[1:]
    kind = type(error).__name__
    sys.stderr.write("[ERROR] %s: %s\n%s" % (kind, error, "".join(frames)))
    sys.stderr.flush()
    told = {"errorMessage": str(error), "errorType": kind, "stackTrace": frames}
    call("POST", path, json.dumps(told), Lambda_Runtime_Function_Error_Type=f"Unhandled.{kind}")
    sys.exit(1)


class Context:
    """What a handler learns of its invocation."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)


def handler():
    """The handler that `_HANDLER` names, from the function's folder."""
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def main():
    # As in Lambda, a handler finds a root logger that it need only set the level of.
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s\t%(message)s"))
    logging.getLogger().addHandler(lines)
    try:
        handle = handler()
    except Exception as error:
        report("/init/error", error)
    headers, event = call("GET", "/invocation/next")
    context = Context(headers)
    try:
        result = json.dumps(handle(json.loads(event), context))
    except Exception as error:
        report(f"/invocation/{context.aws_request_id}/error", error)
    sys.stdout.flush()
    sys.stderr.flush()
    call("POST", f"/invocation/{context.aws_request_id}/response", result)


if __name__ == "__main__":
    main()
