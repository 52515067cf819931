"""Real databases, each on a free port and in a folder of its own, run by a user that is not root."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))[-1:]
SUPERUSER_PASSWORD = "su 'per' \\ \"user\""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quoted(name):
    """A name of PostgreSQL's or a user of it."""
    return '"' + name.replace('"', '""') + '"'


def text(value):
    """A text of PostgreSQL's."""
    return " E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


class Database:
    """What a database needs of the machine."""

    user = None
    last_words = None

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="alcazar-database-"))
        self.port = free_port()
        self.host = "127.0.0.1"
        self.log = self.folder / "log"
        self.identity = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam(self.user)
            self.identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self.give(self.folder)

    def give(self, path):
        """Makes a file the database's."""
        if self.identity:
            os.chown(path, self.identity["user"], self.identity["group"])

    def run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, timeout=120, **self.identity)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def spawn(self, *command):
        with open(self.log, "a") as log:
            os.chmod(self.log, 0o666)
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **self.identity)
        until = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def logged(self):
        """Everything that it logged, also when it is gone."""
        return self.last_words or self.log.read_text(errors="replace")

    def close(self):
        self.process.kill()
        self.process.wait(timeout=20)
        self.last_words = self.logged()
        shutil.rmtree(self.folder, ignore_errors=True)


class Session:
    """Somebody who stays logged in."""

    def __init__(self, command, variables, end):
        self.end = end
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, env=os.environ | variables)

    def ask(self, statement):
        """What the database says to it."""
        self.process.stdin.write(f"{statement};\n{self.end}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.strip() == "-- done":
                return "\n".join(lines)
            lines.append(line.rstrip("\n"))
        raise AssertionError("the session ended: " + "\n".join(lines))

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


class PostgreSql(Database):
    """A PostgreSQL that logs every statement."""

    user = "postgres"
    engine = "postgres"
    superuser = "postgres"

    def __init__(self, authority=None):
        super().__init__()
        self.programs = POSTGRESQL[0].parent
        data = self.folder / "data"
        self.run(self.programs / "initdb", "--pgdata", data, "--auth-local=trust", "--auth-host=scram-sha-256",
                 "--username=postgres", "--encoding=UTF8", "--no-sync")
        settings = ["fsync=off", "log_statement=all", "log_connections=on", f"port={self.port}",
                    "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}"]
        if authority:
            certificate, key = authority.issue(self.folder, self.host, self.give)
            settings += ["ssl=on", f"ssl_cert_file={certificate}", f"ssl_key_file={key}"]
            # Who comes without TLS is sent away.
            (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
        self.spawn(self.programs / "postgres", "-D", data, *(part for each in settings for part in ("-c", each)))
        self.sql(f"ALTER ROLE postgres PASSWORD{text(SUPERUSER_PASSWORD)}")

    def answers(self):
        command = [self.programs / "pg_isready", "--quiet", "--host", self.folder, "--port", str(self.port)]
        return subprocess.run(command, timeout=20).returncode == 0

    def sql(self, statement):
        """What the superuser is told."""
        return self.run(self.programs / "psql", "--host", self.folder, "--port", str(self.port), "--username=postgres",
                        "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
                        "--command", statement).strip()

    def make_user(self, name, password):
        self.sql(f"CREATE ROLE {quoted(name)} LOGIN PASSWORD{text(password)}")

    def change_password(self, name, password):
        self.sql(f"ALTER ROLE {quoted(name)} PASSWORD{text(password)}")

    def make_table(self, owner):
        """A table that `owner` may read, and its clones by way of it."""
        self.sql("CREATE TABLE IF NOT EXISTS held (it text); TRUNCATE held; INSERT INTO held VALUES ('held'); "
                 f"GRANT SELECT ON held TO {quoted(owner)}")

    def _client(self, name):
        return [self.programs / "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--no-password",
                f"host={self.host} port={self.port} dbname=postgres sslmode=prefer user='"
                + name.replace("\\", "\\\\").replace("'", "\\'") + "'"]

    def lets_in(self, name, password):
        done = subprocess.run([*self._client(name), "--command", "SELECT 1"], capture_output=True, text=True, timeout=20,
                              env=os.environ | {"PGPASSWORD": password})
        assert done.returncode == 0 or "authentication failed" in done.stderr, done.stderr
        return done.returncode == 0

    def session(self, name, password):
        return Session(self._client(name), {"PGPASSWORD": password}, "\\echo -- done")


def sql_text(value):
    """A text of MariaDB's."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class MariaDb(Database):
    """A MariaDB that logs every statement."""

    user = "mysql"
    engine = "mariadb"
    superuser = "super"
    schema = "app TO `held`"

    def __init__(self, authority=None):
        super().__init__()
        data = self.folder / "data"
        self.created = "REQUIRE SSL" if authority else ""
        options = []
        if authority:
            certificate, key = authority.issue(self.folder, self.host, self.give)
            options = [f"--ssl-cert={certificate}", f"--ssl-key={key}"]
        self.run("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
                 "--skip-test-db")
        self.spawn("/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--port={self.port}", "--bind-address=127.0.0.1",
                   f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", "--skip-name-resolve",
                   "--general-log", f"--general-log-file={self.log}", "--innodb-flush-log-at-trx-commit=0", *options)
        self.sql(f"CREATE USER super@'%' IDENTIFIED BY {sql_text(SUPERUSER_PASSWORD)}; "
                 "GRANT ALL ON *.* TO super@'%' WITH GRANT OPTION")

    def answers(self):
        return subprocess.run([*self._by_socket(), "--execute", "SELECT 1"], capture_output=True, timeout=20).returncode == 0

    def _by_socket(self):
        return ["mariadb", "--no-defaults", f"--socket={self.folder}/socket", "--user=root", "--batch", "--skip-column-names",
                "--default-character-set=utf8mb4"]

    def sql(self, statement):
        """What the superuser is told."""
        return self.run(*self._by_socket(), "--execute", statement).strip()

    def make_user(self, name, password):
        self.sql(f"CREATE USER {sql_text(name)}@'%' IDENTIFIED BY {sql_text(password)} {self.created}")

    def change_password(self, name, password):
        self.sql(f"ALTER USER {sql_text(name)}@'%' IDENTIFIED BY {sql_text(password)}")

    def make_table(self, owner):
        """A table that `owner` may read."""
        schema = "`" + self.schema.replace("`", "``") + "`"
        self.sql(f"CREATE DATABASE IF NOT EXISTS {schema}; CREATE OR REPLACE TABLE {schema}.held (it text); "
                 f"INSERT INTO {schema}.held VALUES ('held'); GRANT SELECT, INSERT (it) ON {schema}.held TO {sql_text(owner)}@'%'")

    def _client(self, name):
        return ["mariadb", "--no-defaults", f"--host={self.host}", f"--port={self.port}", "--protocol=tcp", f"--user={name}",
                "--batch", "--skip-column-names", "--unbuffered", "--default-character-set=utf8mb4", "--ssl"]

    def lets_in(self, name, password):
        done = subprocess.run([*self._client(name), "--execute", "SELECT 1"], capture_output=True, text=True, timeout=20,
                              env=os.environ | {"MYSQL_PWD": password})
        assert done.returncode == 0 or "Access denied" in done.stderr, done.stderr
        return done.returncode == 0

    def session(self, name, password):
        return Session([*self._client(name), self.schema], {"MYSQL_PWD": password}, "SELECT '-- done';")
