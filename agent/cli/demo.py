"""`simward demo`: the main job on this machine, with simulated gateways."""

import argparse
import signal
import tempfile
from importlib.util import find_spec
from pathlib import Path

from agent.errors import UsageError
from agent.exits import OK
from agent.i18n import t

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward demo`."""
    parser.add_argument("--stay", action="store_true", help=t("go on until Ctrl-C"))


def run(args: argparse.Namespace) -> int:
    """Tell the story; leaves no process and no file behind."""
    if find_spec("amqtt") is None:
        raise UsageError("the demo needs a broker: pip install 'simward[demo]'")
    from agent.demo.stage import Stage
    from agent.demo.story import Story

    # Whatever ends the demo, it ends its programs first.
    for number in _ENDINGS:
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="simward-demo-") as folder:
        stage = Stage(Path(folder))
        try:
            story = Story(stage, lambda line: print(line, flush=True))
            story.tell()
            if args.stay:
                print(t("the demo goes on; Ctrl-C ends it ({folder})", folder=folder), flush=True)
                story.watch()
        except KeyboardInterrupt:
            print()
        finally:
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)  # impatience would leave some running
            stage.stop()
    print(t("all stopped; nothing is left running"))
    return OK
