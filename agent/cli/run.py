"""`simward run`: the daemon, in the foreground."""

import argparse
import os

from agent.i18n import set_language


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`simward run` takes all it needs from the configuration."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Work until a signal ends it; logs go to standard error."""
    from agent.config import load
    from agent.daemon import Daemon
    from agent.log import configure

    settings = load(args.config, os.environ)
    if settings.device.lang and not (args.lang or os.environ.get("SIMWARD_LANG")):
        set_language(settings.device.lang)
    configure(args.log_level or "info")
    return Daemon(settings).run()
