"""Throw-away servers of databases and of Redis for tests, each with a data directory of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

__all__ = ["SERVERS", "CannotRun", "RedisServer", "Server", "children_of", "cpu_seconds", "running"]

SERVERS = ("postgresql", "mariadb")
"""Those in which a ledger can be."""
_SECONDS = 60.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_NOT_TO_DISK: Final = ("-F", "--innodb-flush-log-at-trx-commit=2")
"""Options with which a commit does not wait for the disk: tests kill servers, not their machine."""


class CannotRun(Exception):
    """Why a server cannot run here."""


@attrs.define
class Server:
    """A running server."""

    url: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """Kill it with all of its processes, as a crash of its host does."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGSTOP)  # it starts no other
        children = children_of(self.process.pid)
        for child in children:  # PostgreSQL's have sessions of their own, and may outlive their parent by a commit
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        while any(map(_is_running, children)):
            time.sleep(0.005)

    def start(self) -> None:
        """Start it on the same data, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        self.wait()

    def commit_to_disk(self) -> None:
        """Start it again such that each commit waits for the disk, as a server does that is set up as usual."""
        self.stop()
        self.command = [option for option in self.command if option not in _NOT_TO_DISK]
        self.start()

    def wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + _SECONDS
        while (why := self.why_silent()) is not None:
            if time.monotonic() > end or self.process is None or self.process.poll() is not None:
                raise CannotRun(f"{why}; {self.log.read_text('utf-8', 'replace')[-500:]}") from None
            time.sleep(0.05)

    def why_silent(self) -> str | None:
        """Why it does not answer; None if it does."""
        from sqlalchemy import create_engine
        from sqlalchemy.exc import DBAPIError

        engine = create_engine(self.url)
        try:
            engine.connect().close()
        except DBAPIError as error:
            return str(error.orig)
        finally:
            engine.dispose()
        return None


@attrs.define
class RedisServer(Server):
    """A running Redis, which keeps nothing when it is killed."""

    def why_silent(self) -> str | None:
        """Why it does not answer; None if it does."""
        from redis import Redis
        from redis.exceptions import RedisError

        try:
            with Redis.from_url(self.url) as client:
                client.ping()
        except RedisError as error:
            return str(error)
        return None


@contextmanager
def running(name: str) -> Generator[Server]:
    """A server of this name, for as long as the block runs. Raises `CannotRun`."""
    # Not pytest's directory: the path of a socket has at most 107 bytes.
    directory = Path(tempfile.mkdtemp(prefix="smsgate-", dir="/tmp"))
    try:
        server = _MAKERS[name](directory)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def children_of(parent: int) -> list[int]:
    """The processes that *parent* has started."""
    found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [each for each in found if _stat(each)[1:2] == [str(parent)]]


def cpu_seconds(process: int) -> float:
    """CPU seconds of *process* and of all that it has started, those that have ended included (Linux, proc(5))."""
    own = sum(map(int, _stat(process)[11:15])) / _TICKS
    with suppress(OSError):
        started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return own + sum(cpu_seconds(int(child)) for child in started)
    return own


def _is_running(process: int) -> bool:
    return _stat(process)[:1] not in ([], ["Z"])


def _stat(process: int) -> list[str]:
    """The state of a process, its parent, and more (Linux, proc(5)). Empty if there is none."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _postgresql(directory: Path) -> Server:
    own: list[str] = []
    if os.getuid() == 0:  # which the server refuses to run as
        shutil.chown(directory, "postgres", "postgres")
        own = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    data = f"{directory}/data"
    _run([*own, _program("initdb"), "-D", data, "-A", "trust", "-U", "smsgate", "-E", "UTF8", "--no-sync"])
    command = [*own, _program("postgres"), "-D", data, "-k", str(directory), "-h", "", _NOT_TO_DISK[0]]
    return Server(f"postgresql+psycopg://smsgate@/postgres?host={directory}", command, directory / "log")


def _mariadb(directory: Path) -> Server:
    user = [f"--user={'root' if os.getuid() == 0 else os.environ.get('USER', 'mysql')}"]
    data = f"--datadir={directory}/data"
    # Servers that start at once would remove each other's files in a directory that they share.
    own = [data, *user, f"--tmpdir={directory}"]
    _run([_program("mariadb-install-db"), "--no-defaults", *own, "--auth-root-authentication-method=normal"])
    with socket.socket() as probe:  # pymysql leaves a socket file's connection open where it is refused
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [_program("mariadbd"), "--no-defaults", *own, f"--socket={directory}/s"]
    command += ["--bind-address=127.0.0.1", f"--port={port}", f"--pid-file={directory}/pid"]
    command += [_NOT_TO_DISK[1]]
    return Server(f"mariadb+pymysql://root@127.0.0.1:{port}/test", command, directory / "log")


def _redis(directory: Path) -> Server:
    socket_file = f"{directory}/s"
    command = [_program("redis-server"), "--port", "0", "--unixsocket", socket_file, "--dir", str(directory)]
    return RedisServer(f"unix://{socket_file}", [*command, "--save", "", "--appendonly", "no"], directory / "log")


_MAKERS: Final = {"postgresql": _postgresql, "mariadb": _mariadb, "redis": _redis}


def _program(name: str) -> str:
    places = [
        *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True),
        "/usr/sbin",
        os.environ["PATH"],
    ]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise CannotRun(f"{name} is not installed: .ci/tools.sh does it")
    return found


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"{command[0]}: {done.stderr.strip()[-300:]}")
