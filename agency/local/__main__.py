"""`python -m agency.local`: the command line of everything that runs on one machine."""

import argparse
import sys
from collections.abc import Sequence

from agency.local import supervisor
from agency.local.errors import CannotStart


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m agency.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the whole platform in the foreground")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--sandbox-port", type=int, default=8100)
    commands.add_parser("reset", help="remove the demo's data")
    walkthrough = commands.add_parser("walkthrough", help="start everything afresh and go the whole way once")
    walkthrough.add_argument("script", nargs="*", default=[sys.executable, "-m", "tests.walk"])
    run = commands.add_parser("run", help="one command with servers and environment")
    run.add_argument("script", nargs="+", metavar="COMMAND")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "demo":
            return supervisor.demo(chosen.port, chosen.sandbox_port)
        if chosen.command == "reset":
            return supervisor.reset()
        if chosen.command == "walkthrough":
            return supervisor.walkthrough(chosen.script)
        return supervisor.run(chosen.script)
    except CannotStart as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
