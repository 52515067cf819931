"""User functions: they run as in AWS Lambda, under their role, and reach nothing that is not theirs."""

import json
import os
import shutil
import subprocess
import time

import pytest

from support.account import Account, allow, document
from support.functions import Functions, open_folder
from support.server import DidNotStart, Server, binary, environment

ACCOUNT = "111122223333"
OTHER = "arn:aws:iam::444455556666:role/r"
LAMBDA = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
ROOT = {"ALCAZAR_ROOT_ACCOUNT_ID": ACCOUNT, "ALCAZAR_ROOT_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00",
        "ALCAZAR_ROOT_SECRET_ACCESS_KEY": "a-secret-of-the-tests-own-0123456789"}


@pytest.fixture
def functions():
    made = Functions()
    yield made
    made.close()


@pytest.fixture
def start(tmp_path, functions):
    """Starts a server with the functions that have been declared."""
    running = []

    def started(*options, **variables):
        server = Server(tmp_path, "--functions", str(functions.folder), *options, **ROOT, **variables)
        running.append(server)
        return server.start()
    yield started
    for server in running:
        server.kill()


def invoke(server, arn, event=None):
    """An operator's run of a function: its result."""
    done = run(server, arn, event or {})
    assert done.returncode == 0, done.stderr + server.log.read_text()
    return json.loads(done.stdout)


def run(server, arn, event):
    return subprocess.run([binary(), "functions", "invoke", arn, "--payload", "-", "--data", server.data],
                          input=json.dumps(event), capture_output=True, text=True, env=environment(), timeout=60)


def fails(server, arn, event=None):
    """The same, for one that fails: what the operator is told."""
    done = run(server, arn, event or {})
    assert done.returncode == 1, done.stdout
    return done.stderr


def account(server):
    return Account(server, ACCOUNT, Account.root_of(server, ACCOUNT))


def role(server, *statements):
    """A role that functions run under."""
    return account(server).role(*statements, trusting=LAMBDA)


def events(server, name):
    return [event for event in server.events() if event["eventName"] == name]


HELLO = """
import logging, os, sys
logger = logging.getLogger()
logger.setLevel(logging.INFO)

def lambda_handler(event, context):
    logger.info("hello from the function")
    print("and a line", flush=True)
    return {"event": event, "id": context.aws_request_id, "arn": context.invoked_function_arn,
            "left": context.get_remaining_time_in_millis(), "memory": context.memory_limit_in_mb,
            "environment": dict(os.environ), "argv": sys.argv, "cwd": os.getcwd(), "uid": os.getuid()}
"""


def test_a_handler_runs_as_in_lambda(functions, start):
    arn = functions.declare(ACCOUNT, "hello", HELLO, environment={"COLOR": "red"}, memory=300)
    server = start(ALCAZAR_LOG="function=info", LEAK="of the server's environment")
    assert server.ask("functions", "list") == f"{arn}\n"
    result = invoke(server, arn, {"a": ["b"]})
    assert result["event"] == {"a": ["b"]} and result["arn"] == arn
    assert 20_000 < result["left"] <= 30_000
    told = result["environment"]
    assert told["COLOR"] == "red" and told["AWS_REGION"] == "us-east-1" and told["_HANDLER"] == "app.lambda_handler"
    assert told["AWS_LAMBDA_FUNCTION_NAME"] == "hello" and told["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "300"
    assert told["AWS_ENDPOINT_URL"] == f"https://{server.address}" == told["SECRETS_MANAGER_ENDPOINT"]
    assert result["cwd"] == told["LAMBDA_TASK_ROOT"] == str(functions.folder.resolve() / "hello")
    assert "LEAK" not in told and "AWS_SECRET_ACCESS_KEY" not in told
    assert result["uid"] != 0
    log = server.log.read_text()
    assert "hello from the function" in log and "and a line" in log
    assert not os.path.exists(told["TMPDIR"])
    event, = events(server, "InvokeFunction")
    assert event["serviceEventDetails"] == {"function": arn, "requestID": result["id"]}


WHOAMI = """
import os, boto3

def lambda_handler(event, context):
    sts = boto3.client("sts")
    arn = sts.get_caller_identity()["Arn"]
    try:
        boto3.client("kms").list_keys()
        kms = "allowed"
    except Exception as error:
        kms = error.response["Error"]["Code"]
    return {"arn": arn, "kms": kms, "token": os.environ["AWS_SESSION_TOKEN"], "secret": os.environ["AWS_SECRET_ACCESS_KEY"]}
"""


def test_it_runs_under_its_role_and_nothing_else(functions, start):
    arn = functions.declare(ACCOUNT, "whoami", WHOAMI, role=f"arn:aws:iam::{ACCOUNT}:role/whoami")
    server = start(ALCAZAR_LOG="debug")
    assert "the role of the function cannot be assumed" in fails(server, arn)
    root = account(server).root
    root.iam.create_role(RoleName="whoami", AssumeRolePolicyDocument=LAMBDA)
    result = invoke(server, arn)
    assert result["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/whoami/whoami"
    assert result["kms"] == "AccessDeniedException"
    root.iam.put_role_policy(RoleName="whoami", PolicyName="own", PolicyDocument=document(allow("kms:ListKeys")))
    assert invoke(server, arn)["kms"] == "allowed"
    of_another = {"Condition": {"ArnNotEquals": {"lambda:SourceFunctionArn": arn}}}
    for effect, kms in (("Deny", "allowed"), ("Allow", "AccessDeniedException")):
        policies = [allow("kms:ListKeys") | of_another | {"Effect": effect}]
        policies += [allow("kms:ListKeys")] if effect == "Deny" else []
        root.iam.put_role_policy(RoleName="whoami", PolicyName="own", PolicyDocument=document(*policies))
        assert invoke(server, arn)["kms"] == kms
    root.iam.update_assume_role_policy(RoleName="whoami", PolicyDocument=LAMBDA.replace("lambda", "ec2"))
    assert "the role of the function cannot be assumed" in fails(server, arn)
    by_lambda = [event for event in events(server, "AssumeRole")
                 if event["userIdentity"].get("invokedBy") == "lambda.amazonaws.com"]
    assert [event.get("errorCode") for event in by_lambda] == ["AccessDenied", None, None, None, None, "AccessDenied"]
    said = server.log.read_text() + json.dumps(server.events())
    assert result["token"] not in said and result["secret"] not in said


RAISES = """
def lambda_handler(event, context):
    if event["how"] == "raise":
        raise ValueError("no such database")
    if event["how"] == "exit":
        import sys
        sys.exit(7)
    if event["how"] == "kill":
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    if event["how"] == "large":
        return "x" * (6 << 20)
    if event["how"] == "set":
        return {1, 2}
    while True:
        pass
"""


def test_what_goes_wrong_is_told(functions, start):
    arn = functions.declare(ACCOUNT, "raises", RAISES, timeout=2)
    broken = functions.declare(ACCOUNT, "broken", "import nothing_of_this_name\n")
    missing = functions.declare(ACCOUNT, "missing", command=["/bin/false"])
    server = start()
    for how, told in [("raise", "ValueError: no such database"), ("exit", "exit status: 7"), ("kill", "signal: 9"),
                      ("large", "ResponseSizeTooLarge"), ("set", "TypeError"), ("loop", "did not end in time")]:
        assert told in fails(server, arn, {"how": how}), how
    assert "ModuleNotFoundError" in fails(server, broken)
    assert "exit status: 1" in fails(server, missing)
    assert "does not exist" in fails(server, functions.arn(ACCOUNT, "unknown"))
    assert "did not end in time" in events(server, "InvokeFunctionFailed")[2]["errorMessage"]


HOSTILE = '''
import ctypes, errno, glob, os, signal, socket, subprocess, sys, time

def attempt(what, *arguments):
    try:
        return "did: %r" % (what(*arguments),)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)

def connect(path):
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(path)

X86_64 = os.uname().machine == "x86_64"
# The number of each call on x86_64, and on the machines that Linux came to later.
CALLS = {"ptrace": (101, 117), "io_uring_setup": (425, 425), "unshare": (272, 97), "socket": (41, 198),
         "prlimit64": (302, 261), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
         "memfd_create": (319, 279), "prctl": (157, 167)}

def raw(name, *arguments, x32=0):
    number = CALLS[name][0 if X86_64 else 1] | x32
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.syscall(number, *arguments)
    return done if done >= 0 else errno.errorcode[ctypes.get_errno()]

def lambda_handler(event, context):
    def read(path):
        with open(path, "rb") as file:
            return file.read(1)
    server, others = event["server"], event["others"]
    return {
        "own": attempt(read, os.environ["LAMBDA_TASK_ROOT"] + "/app.py"),
        "write own": attempt(open, os.environ["LAMBDA_TASK_ROOT"] + "/new", "w"),
        "write tmp": attempt(lambda: open(os.environ["TMPDIR"] + "/new", "w").close()),
        "list data": attempt(os.listdir, event["data"]),
        "read": {path: attempt(read, path) for path in event["files"]},
        "control": attempt(connect, event["control"]),
        "environ": attempt(read, "/proc/%d/environ" % server),
        "mem": attempt(read, "/proc/%d/mem" % server),
        "cmdline": attempt(read, "/proc/%d/cmdline" % server),
        "root": attempt(os.listdir, "/proc/%d/root/" % server),
        "parent": attempt(read, "/proc/%d/environ" % os.getppid()),
        "kill": attempt(os.kill, server, 0),
        "kill parent": attempt(os.kill, os.getppid(), signal.SIGKILL),
        "kill all": attempt(os.kill, -1, 0),
        "setsid": attempt(os.setsid),
        "setpgid": attempt(os.setpgid, 0, os.getpid()),
        "ptrace": raw("ptrace", 16, server, 0, 0),
        "io_uring": raw("io_uring_setup", 8, 0),
        "unshare": raw("unshare", 0x10000000),
        "x32 socket": raw("socket", 1, 1, 0, x32=0x40000000 if X86_64 else 0),
        "prlimit": raw("prlimit64", server, 7, 0, 0),
        "listen": attempt(lambda: socket.create_server(("127.0.0.1", 0))),
        "raw listen": raw("listen", 0, 1),
        "accept": raw("accept", 0, 0, 0),
        "accept4": raw("accept4", 0, 0, 0, 0),
        "memfd": raw("memfd_create", b"x", 0),
        "death signal": raw("prctl", 1, 0, 0, 0, 0),
        "name": raw("prctl", 15, b"f", 0, 0, 0),
        "mptcp": raw("socket", 2, 1, 262),
        "datagrams": attempt(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM),
        "streams": attempt(lambda: [end.close() for end in socket.socketpair()]),
        "udp": attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 17).close()),
        "abstract": attempt(connect, "\\0nobody"),
        "su": attempt(lambda: subprocess.run(["/bin/su", "-c", "id"], capture_output=True, text=True, timeout=5).stdout),
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "privileges": [line for line in open("/proc/self/status") if line.startswith(("NoNewPrivs", "Seccomp:", "CapEff"))],
        "tmp": attempt(os.listdir, "/tmp"),
        "apis": attempt(read, "/proc/net/tcp"),
    }
'''


class OfUser(Server):
    """A server of another user than root, as which functions run too: no file's mode protects it from them."""

    USER = "12345"

    def command(self):
        return ["setpriv", "--reuid", self.USER, "--regid", self.USER, "--clear-groups", *super().command()]


@pytest.mark.parametrize("kind", [Server, OfUser] if os.geteuid() == 0 else [Server])
def test_it_reaches_nothing_of_the_server(functions, kind):
    arn = functions.declare(ACCOUNT, "hostile", HOSTILE)
    home = open_folder()
    if kind is OfUser:
        os.chown(home, int(OfUser.USER), int(OfUser.USER))
    server = kind(home, "--functions", str(functions.folder), **ROOT, SECRET_OF_THE_SERVER="hidden").start()
    try:
        reaches_nothing(server, arn, home)
    finally:
        server.kill()
        shutil.rmtree(home)


def reaches_nothing(server, arn, home):
    data = server.data
    key, secret = data.with_name("data.key"), home / "secret"
    secret.write_text("x")
    secret.chmod(0o644)
    files = [data / "keyring.json", data / "ca.pem", key, secret, "/etc/shadow", "/etc/hostname", "/etc/ssl/private",
             "/root/.bashrc", "/proc/1/environ", "/proc/sys/kernel/core_pattern", "/dev/mem", "/dev/tty"]
    result = invoke(server, arn, {"server": server.process.pid, "data": str(data), "others": [],
                                  "control": str(data / "control.sock"), "files": [str(file) for file in files]})
    assert result["own"].startswith("did") and result["write tmp"].startswith("did")
    assert result["write own"].startswith("PermissionError")
    for what in ["list data", "environ", "mem", "cmdline", "root", "parent", "tmp", "kill", "kill parent", "listen", "apis"]:
        assert result[what].startswith(("PermissionError", "FileNotFoundError")), (what, result[what])
    for path, came in result["read"].items():
        assert came.startswith(("PermissionError", "FileNotFoundError", "OSError")), (path, came)
    for what in ["control", "abstract", "setsid", "setpgid", "datagrams"]:
        assert "not implemented" in result[what], (what, result[what])
    for what in ["ptrace", "io_uring", "unshare", "x32 socket", "prlimit", "raw listen", "accept", "accept4", "memfd",
                 "death signal", "mptcp"]:
        assert result[what] == "ENOSYS", (what, result[what])
    assert result["name"] == 0 and result["streams"].startswith("did") and result["udp"].startswith("did")
    assert "uid=0" not in result["su"]
    assert [line.split() for line in result["privileges"]] == [
        ["CapEff:", "0000000000000000"], ["NoNewPrivs:", "1"], ["Seccomp:", "2"]]
    # Standard input, output and error, and the folder that lists them.
    assert len(result["descriptors"]) == 4, result["descriptors"]
    assert server.process.poll() is None
    invoke(server, arn, {"server": 1, "data": "/", "others": [], "control": "/", "files": []})


GREEDY = """
import os, sys, time

def lambda_handler(event, context):
    if event["what"] == "fork":
        while True:
            try:
                if os.fork() == 0:
                    time.sleep(600)
            except OSError:
                os.kill(os.getpid(), 0)
                return {"forked": True}
    if event["what"] == "bomb":
        while True:
            try:
                os.fork()
            except OSError:
                pass
    if event["what"] == "memory":
        try:
            return len(bytearray(2 << 30))
        except MemoryError:
            return "MemoryError"
    if event["what"] == "file":
        with open(os.environ["TMPDIR"] + "/big", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 1 << 30)
    if event["what"] == "files":
        for number in range(3):
            with open(os.environ["TMPDIR"] + "/%d" % number, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, 300 << 20)
        time.sleep(4)
    if event["what"] == "print":
        for line in range(200_000):
            print("x" * 100)
        return "printed"
    if event["what"] == "line":
        sys.stdout.write("y" * (8 << 20))
        return "printed"
"""


def processes(marker):
    """Processes whose command line has this in it."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline") as file:
                line = file.read()
        except OSError:
            continue
        if marker in line:
            found.append(line)
    return found


def test_it_takes_no_more_than_its_share(functions, start):
    arn = functions.declare(ACCOUNT, "greedy", GREEDY, timeout=5)
    server = start(ALCAZAR_LOG="function=info")
    assert invoke(server, arn, {"what": "fork"}) == {"forked": True}
    assert processes("alcazar-function-") == []
    assert "did not end in time" in fails(server, arn, {"what": "bomb"})
    assert processes("alcazar-function-") == []
    assert invoke(server, arn, {"what": "memory"}) == "MemoryError"
    assert "File too large" in fails(server, arn, {"what": "file"}) or "signal: 25" in fails(server, arn, {"what": "file"})
    assert "kept more files than it may" in fails(server, arn, {"what": "files"})
    before = server.log.stat().st_size
    assert invoke(server, arn, {"what": "print"}) == "printed"
    assert invoke(server, arn, {"what": "line"}) == "printed"
    assert server.log.stat().st_size - before < 2 << 20
    assert "prints more than is logged" in server.log.read_text()
    # No child of the server is left, dead or alive.
    children = subprocess.run(["ps", "--ppid", str(server.process.pid), "-o", "pid="], capture_output=True, text=True)
    assert children.stdout == ""


SLEEPS = """
import time

def lambda_handler(event, context):
    time.sleep(60)
"""


def test_it_ends_with_the_server(functions, start):
    arn = functions.declare(ACCOUNT, "sleeps", SLEEPS, timeout=60)
    server = start()
    waiting = subprocess.Popen([binary(), "functions", "invoke", arn, "--data", server.data], env=environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: processes("alcazar-function-"))
    server.kill()
    waiting.wait(timeout=20)
    wait_for(lambda: not processes("alcazar-function-"))


def wait_for(what, within=20):
    until = time.monotonic() + within
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_declarations_that_are_wrong(functions, start, tmp_path):
    folder = functions.folder / "f"
    folder.mkdir()
    file = folder / "function.toml"
    arn = f'arn = "{functions.arn(ACCOUNT, "f")}"\n'
    whole = f'{arn}command = ["/bin/true"]\n'
    for text, told in [
        ("", "missing field `arn`"),
        (arn, "say what runs"),
        (f'{arn}handler = "app"\n', "MODULE.FUNCTION"),
        (f'{arn}command = ["./nothing"]\n', "nothing"),
        (f'{whole}handler = "a.b"\n', "say what runs"),
        (f'{whole}role = "{OTHER}"\n', f"arn:aws:iam::{ACCOUNT}:role/NAME"),
        (f"{whole}timeout = 901\n", "1 to 900 seconds"),
        (f"{whole}memory = 64\n", "128 to 10240 megabytes"),
        (f"{whole}colour = 1\n", "colour"),
        (f'{whole}read = ["{tmp_path}"]\n', "keep it elsewhere"),
        (f'{whole}[environment]\nAWS_REGION = "x"\n', "leave it out"),
        (f'{whole}[[allow]]\nservice = "secretsmanager"\n', "policy: "),
        (f'{whole}policy = "policy.json"\n', "policy.json"),
        (whole.replace(":function:f", ":function:f:1"), "names no function"),
    ]:
        file.write_text(text)
        with pytest.raises(DidNotStart) as refused:
            start()
        assert told in str(refused.value).splitlines()[-1] + str(refused.value), (text, str(refused.value))
        (tmp_path / "server.log").unlink()
    file.write_text(whole)
    program = folder / "program"
    program.write_text("#!/bin/true\n")
    program.chmod(0o755)
    module = functions.folder / "module.py"
    module.touch()
    (folder / "linked.py").symlink_to(module)
    for path in (file, program, folder, functions.folder, module):
        before = path.stat().st_mode
        path.chmod(before | 0o020)
        with pytest.raises(DidNotStart, match=f"{path.name}: others than its owner may write to it.*chmod go-w"):
            start()
        (tmp_path / "server.log").unlink()
        path.chmod(before)
    start()


def test_a_function_that_is_somebody_elses(functions, start):
    arn = functions.declare(ACCOUNT, "hello", HELLO)
    program = functions.folder / "hello/app.py"
    # Only root gives files away; who is not, lets others write to his own, which comes to the same.
    if os.geteuid() == 0:
        os.chown(program, 12345, 12345)
        told = "user 12345 owns it"
    else:
        program.chmod(0o666)
        told = "others than its owner may write to it"
    with pytest.raises(DidNotStart, match=told):
        start()
    os.chown(program, os.geteuid(), os.getegid())
    program.chmod(0o644)
    assert invoke(start(), arn, {})["arn"] == arn
