"""Keeps the gateway on 127.0.0.1, and says so if it cannot have its port."""

import socket
from typing import Any

from twisted.internet import endpoints

LOOPBACK = "127.0.0.1"


def must_be_free(port: int) -> None:
    """Raises `RuntimeError` if the port is taken: LocalStack would call itself ready anyway."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise RuntimeError(
                f"GATEWAY_LISTEN: found port {port}, which cannot be listened on ({error}); "
                f"it must be a free port of {LOOPBACK}"
            ) from error


def bind_loopback() -> None:
    """Makes 127.0.0.1 the interface of every TCP endpoint that names none, as LocalStack's do."""
    original = endpoints.TCP4ServerEndpoint.__init__

    def on_loopback(
        self: endpoints.TCP4ServerEndpoint,
        reactor: Any,
        port: int,
        backlog: int = 50,
        interface: str = LOOPBACK,
    ) -> None:
        original(self, reactor, port, backlog, interface)

    endpoints.TCP4ServerEndpoint.__init__ = on_loopback
