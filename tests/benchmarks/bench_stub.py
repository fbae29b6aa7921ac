"""The server of the benchmarks: fixed answers, in a process of its own. nginx if it is installed, else asyncio.

What it costs does not matter: the CPU time of the client's process alone is measured.
"""

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import attrs
import trustme
from bench_answers import ANSWERS, TLS

__all__ = ["Stub", "stub"]

_NGINX: Final = """daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log error;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/json; types {{}} keepalive_timeout 600s; keepalive_requests 100000000;
  client_max_body_size 4m; client_body_buffer_size 128k; root {0};
  client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
  ssl_certificate {0}/leaf.pem; ssl_certificate_key {0}/leaf.pem;
{1}}}
"""
_READY_SECONDS: Final = 20.0


@attrs.frozen
class Stub:
    """A stub that serves."""

    program: str
    ports: Mapping[str, int]
    authority: Path
    """The certificate of the authority that has signed its own, in a file."""

    def url(self, server: str) -> str:
        """The address of one of its servers."""
        return f"http{'s' if server == TLS else ''}://{self.host(server)}"

    def host(self, server: str) -> str:
        """Host and port of one of its servers."""
        return f"127.0.0.1:{self.ports[server]}"

    def context(self) -> ssl.SSLContext:
        """A client's TLS context that trusts it."""
        return ssl.create_default_context(cafile=self.authority)


@contextmanager
def stub() -> Iterator[Stub]:
    """A stub that serves while the context lasts."""
    with TemporaryDirectory(prefix="smsgate-bench-") as name:
        home = Path(name)
        home.chmod(0o755)  # nginx's worker may be another user
        authority = trustme.CA()
        authority.cert_pem.write_to_path(home / "authority.pem")
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(home / "leaf.pem")
        ports = _free_ports()
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        command = _with_nginx(nginx, home, ports) if nginx else [sys.executable, __file__, json.dumps(ports), name]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _wait(process, ports)
                yield Stub("nginx" if nginx else "asyncio", ports, home / "authority.pem")
            finally:
                process.terminate()


def _free_ports() -> dict[str, int]:
    """A port for each server that was free a moment ago."""
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in ANSWERS}
    try:
        return {name: each.getsockname()[1] for name, each in sockets.items()}
    finally:
        for each in sockets.values():
            each.close()


def _with_nginx(nginx: str, home: Path, ports: Mapping[str, int]) -> list[str]:
    """The command that starts nginx, whose answers are files: what a POST to a file is refused with is that file."""
    servers = ""
    for name, answers in ANSWERS.items():
        places = ""
        for number, (path, body) in enumerate(answers.items()):
            (home / f"{name}-{number}.json").write_bytes(body)
            places += f"    location = {path} {{ error_page 405 =200 /{name}-{number}.json; try_files /none =405; }}\n"
        servers += f"  server {{ listen 127.0.0.1:{ports[name]}{' ssl' if name == TLS else ''};\n{places}"
        # The file is asked for by the name that the error page has, and by the same method.
        servers += "    location ~ json$ { error_page 405 =200 $uri; }\n  }\n"
    (home / "nginx.conf").write_text(_NGINX.format(home, servers), "utf-8")
    return [nginx, "-c", str(home / "nginx.conf"), "-p", str(home), "-e", str(home / "error.log")]


def _wait(process: "subprocess.Popen[bytes]", ports: Mapping[str, int]) -> None:
    """Until all servers accept connections."""
    deadline = time.monotonic() + _READY_SECONDS
    for port in ports.values():
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the stub of the benchmarks does not start") from None
                time.sleep(0.02)


class _Server(asyncio.Protocol):
    """One connection of the stub without nginx."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._answers = answers
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"\r\ncontent-length:")
        if not end or len(body) < int(length.partition(b"\r\n")[0]):
            return
        self._received = b""
        path = head.split(b" ", 2)[1].partition(b"?")[0].decode()
        answer = self._answers[path if path == "/" else path.rstrip("/")]
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)
        )


async def _serve(ports: Mapping[str, int], home: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(home, "leaf.pem"))
    loop = asyncio.get_running_loop()
    for name, answers in ANSWERS.items():
        secure = context if name == TLS else None
        await loop.create_server(lambda answers=answers: _Server(answers), "127.0.0.1", ports[name], ssl=secure)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1]), sys.argv[2]))
