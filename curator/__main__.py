"""The command `curator`: the terminal program on files, or a headless command."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from curator.cli.exit_codes import Exit
from curator.cli.output import prepare, talk
from curator.errors import CuratorError, UnreadableError, UnwritableError


def main() -> None:
    """Run what the command line asks for, and leave with its exit code."""
    arguments = sys.argv[1:]
    prepare()
    try:
        outcome = _run(arguments)
        sys.stdout.flush()
    except CuratorError as error:
        talk(str(error))
        outcome = Exit.UNREADABLE if isinstance(error, UnreadableError | UnwritableError) else Exit.USAGE
    except KeyboardInterrupt:
        outcome = Exit.INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        outcome = Exit.CLEAN
    except OSError as error:
        _give_up_stdout()
        talk(f"stopped: {error.strerror or error}.")
        outcome = Exit.UNREADABLE
    except Exception as error:  # noqa: BLE001 - the last resort, so that nobody is shown a traceback
        from curator.fault_report import write_report

        talk(write_report(error))
        outcome = Exit.FAULT
    sys.exit(outcome)


def _give_up_stdout() -> None:
    """Let what is still to be written vanish, so that leaving cannot fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """Let Ctrl-C end the program as it ends any other while there is nothing to clear away, and modules are loaded."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run(arguments: list[str]) -> int:
    with _ending_at_once():
        from curator.cli import commands

    if arguments and arguments[0] in commands.COMMANDS:
        return commands.run(arguments[0], arguments[1:])
    return _open(arguments)


def _open(arguments: list[str]) -> int:
    from curator.cli import commands, options

    parser = options.Parser(
        prog="curator",
        description="Look through and put right the conversations that a language model is fine-tuned on.",
        epilog=f"commands (`curator COMMAND --help` for each):\n{commands.overview()}"
        if _asks_help(arguments)
        else None,
        formatter_class=options.KeptLines,
    )
    options.add_version(parser)
    options.add_files(parser)
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)
    options.add_journal(parser)
    options.add_screen(parser)
    given = parser.parse_args(arguments)
    settings = options.settings_of(given)
    gc.disable()  # until the first screen is drawn: nearly all that is made until then stays

    from curator.cli.opening import wait_for_all
    from curator.tui.launch import launch

    return launch(given.files, settings, wait_for_all)


def _asks_help(arguments: list[str]) -> bool:
    return "-h" in arguments or "--help" in arguments


if __name__ == "__main__":
    main()
