"""Functions declared for a server: folders that the user they run as can read."""

import json
import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

REGION = "us-east-1"
SYSTEM = Path("/usr/bin/python3")


def open_folder():
    """A new folder that everybody can read; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="alcazar-functions-"))
    folder.chmod(0o755)
    return folder


def interpreter():
    """A Python that has boto3: its `python`, `read` and `PYTHONPATH`."""
    packages = Path(sysconfig.get_path("purelib")).resolve()
    if os.geteuid() != 0:
        return sys.executable, [str(packages), sys.base_prefix, sys.prefix], str(packages)
    # Another user may not reach the one that runs the tests.
    return str(SYSTEM), [str(packages)], str(packages)


class Functions:
    """A folder of functions, for `--functions`."""

    def __init__(self):
        self.folder = open_folder()

    def close(self):
        shutil.rmtree(self.folder)

    def arn(self, account, name):
        return f"arn:aws:lambda:{REGION}:{account}:function:{name}"

    def declare(self, account, name, code=None, **members):
        """A function of the account, by default in Python: its ARN. Without `allow`, Secrets Manager may run it."""
        folder = self.folder / name
        folder.mkdir()
        arn = self.arn(account, name)
        python, read, packages = interpreter()
        usual = {"arn": arn, "timeout": 30}
        if code is not None:
            (folder / "app.py").write_text(code)
            usual |= {"handler": "app.lambda_handler", "python": python, "read": read}
        allow = members.pop("allow", [{"service": "secretsmanager.amazonaws.com"}])
        environment = {"PYTHONPATH": packages} | members.pop("environment", {})
        lines = [f"{key} = {written(value)}" for key, value in (usual | members).items()]
        lines += ["[environment]"] + [f"{key} = {written(value)}" for key, value in environment.items()]
        for statement in allow:
            lines += ["[[allow]]"] + [f"{key} = {written(value)}" for key, value in statement.items()]
        (folder / "function.toml").write_text("\n".join(lines) + "\n")
        return arn


def written(value):
    """A value in TOML, whose strings, numbers and lists of them are those of JSON."""
    return json.dumps(value)
