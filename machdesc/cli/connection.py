"""The options that name the monitor of a running QEMU, and the connection to it."""

from __future__ import annotations

from contextlib import contextmanager

from machdesc.cli.report import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from machdesc.live.endpoint import Endpoint
    from machdesc.live.monitor import Monitor

_MOST_SECONDS = 86400
"""The longest to wait for one answer: a day. What waits below refuses numbers that are out of all bounds."""


def add_connection(parser: ArgumentParser, required: bool = True) -> None:
    """`--qmp` and `--timeout`"""
    parser.add_argument(
        "--qmp",
        required=required,
        metavar="SOCKET",
        help="the QMP monitor of a running QEMU: the path of a unix socket, or HOST:PORT on loopback",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="how long to wait for its greeting and for each answer (default: 10)",
    )


def _seconds(text: str) -> float:
    """How long to wait, as an option says it."""
    from argparse import ArgumentTypeError

    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_SECONDS:  # also what is no number at all
        raise ArgumentTypeError(f"`{text}` is no number of seconds above 0 and up to {_MOST_SECONDS}")
    return seconds


@contextmanager
def connected(arguments: Namespace) -> Iterator[tuple[Endpoint, Monitor]]:
    """The running QEMU of the options, which goes on afterwards; ends the command when it does not answer."""
    from machdesc.ending import ended_in_order
    from machdesc.live.child import QemuFailure
    from machdesc.live.conversation import Refusal
    from machdesc.live.endpoint import open_endpoint

    try:
        with ended_in_order(), open_endpoint(arguments.qmp, arguments.timeout) as opened:
            yield opened
    except QemuFailure as failure:
        text = str(failure)
        fail(text if text.startswith(arguments.qmp) else f"{arguments.qmp}: {text}")
    except Refusal as refusal:
        fail(f"{arguments.qmp}: QEMU refuses to tell of its guest: {refusal}")
