"""A real LocalStack in host mode, started once for all tests that ask for it."""

import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import LOCALSTACK, Cloud, environment

# A first start on a busy machine compiles thousands of modules before its first word.
START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 10


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a LocalStack of our own; none of it is left afterwards."""
    folder = tmp_path_factory.mktemp("localstack")
    port = _free_port()
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            LOCALSTACK,
            env=environment(port, folder),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _await_ready(url, process, log)
        yield url
    finally:
        _stop(process)
        assert _refuses(port), f"port {port} is still open"


@pytest.fixture(scope="session")
def cloud(endpoint: str) -> Cloud:
    """Clients of the session's LocalStack; every test uses names of its own."""
    return Cloud(endpoint)


@pytest.fixture
def namespace() -> str:
    """A CloudWatch namespace that no other test uses."""
    return f"test-{secrets.token_hex(4)}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _await_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, f"LocalStack ended early:\n{log.read_text()}"
        try:
            with urllib.request.urlopen(f"{url}/_localstack/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"LocalStack was not ready in {START_TIMEOUT_S} s:\n{log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
