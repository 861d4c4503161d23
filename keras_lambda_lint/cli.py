"""The command line. Imports nothing heavy: a run that finds nothing must cost little more than Python itself."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from keras_lambda_lint import __version__
from keras_lambda_lint.commands.check import run as check
from keras_lambda_lint.commands.usage import UsageError, missing_extra
from keras_lambda_lint.config import KEYS, NUMBER, ConfigError, Settings, check_codes, number, split, suggestion
from keras_lambda_lint.report.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

_DESCRIPTION = "Finds Keras Lambda layers that break when a model is saved, loaded or trained, and rewrites them."
_EXIT_CODES = """\
exit codes: 0 nothing found or everything fixed (verify: every site holds; --diff: nothing to change),
1 findings remain (verify: some differ or are uncovered; inspect: bytecode found; recover: a part is left to
a person; migrate: the new model does not load, or differs; --diff: something to change),
2 a part of the work could not be done"""
_TIMEOUT = f"let no process that runs a program take longer (default: {Settings.timeout})"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    _prepare_streams()
    console = Console()
    try:
        code = _dispatch(_parsed(list(sys.argv[1:] if argv is None else argv)), console)
        sys.stdout.flush()
    except (UsageError, ConfigError) as error:
        console.error(str(error))
        return 2
    except BrokenPipeError:
        # The reader, such as `head`, has gone: nothing is left to say, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except KeyboardInterrupt:
        console.note("interrupted")
        return 130
    return code


def _prepare_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        # File names and sources hold characters that a terminal's encoding may lack.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _dispatch(arguments: argparse.Namespace, console: Console) -> int:
    values = vars(arguments)
    command = values.pop("command")
    if command == "check":
        return check(values.pop("paths"), values, console)
    if command == "verify":
        try:
            from keras_lambda_lint.commands.verify import run as verify
        except ModuleNotFoundError as error:
            raise missing_extra(error) from None
        return verify(console=console, **values)
    if command == "inspect":
        from keras_lambda_lint.commands.inspect import run as inspect

        return inspect(console=console, **values)
    if command == "migrate":
        from keras_lambda_lint.commands.migrate import run as migrate

        return migrate(console=console, **values)
    if command == "recover":
        from keras_lambda_lint.commands.recover import run as recover

        return recover(console=console, **values)
    if command == "server":
        from keras_lambda_lint.server.command import run as serve

        return serve(values["tcp"], console)
    from keras_lambda_lint.commands.rule import run as rule

    return rule(values["code"], console)


class _Parser(argparse.ArgumentParser):
    """Reports every error as one line of the whole program, whatever the command."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _parsed(argv: list[str]) -> argparse.Namespace:
    parser, commands = _parser()
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        known = [option for each in (parser, commands[arguments.command]) for option in each._option_string_actions]
        raise UsageError(f"unrecognized argument `{unknown[0]}`{suggestion(unknown[0].partition('=')[0], known)}")
    return arguments


def _parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    parser = _Parser(
        prog="keras-lambda-lint",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    return parser, {
        "check": _check(commands),
        "verify": _verify(commands),
        "inspect": _inspect(commands),
        "recover": _recover(commands),
        "migrate": _migrate(commands),
        "rule": _rule(commands),
        "server": _server(commands),
    }


def _add(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return added


def _check(commands: Any) -> argparse.ArgumentParser:
    parser = _add(commands, "check", "find, show and fix what breaks")
    # What is not given stays away from the namespace, so that the configuration file decides it.
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files or directories (default: the current one); `-` is standard input",
    )
    add = parser.add_argument_group("what is looked for").add_argument
    for name, text in (
        ("select", "report these rules only"),
        ("ignore", "leave these rules out"),
        ("extend-select", "report these rules too"),
    ):
        add(f"--{name}", type=_codes, action=_Extend, metavar="CODES", default=argparse.SUPPRESS, help=text)
    _choice(add, "keras", "the Keras that the code is for (default: auto, what the file imports or the project pins)")
    add(
        "--exclude",
        type=lambda text: tuple(glob for glob in text.split(",") if glob),
        action=_Extend,
        metavar="GLOB",
        default=argparse.SUPPRESS,
        help="skip files and directories whose name or path matches",
    )
    _switch(add, "force-exclude", "skip what is excluded also where PATH names it, as pre-commit does")
    _value(add, "stdin-filename", "NAME", "the name of what is read from standard input")

    add = parser.add_argument_group("fixes").add_argument
    _switch(add, "fix", "write the safe fixes")
    _switch(add, "unsafe-fixes", "with --fix or --diff: the unsafe fixes too")
    _switch(add, "diff", "show what --fix would change and write nothing")
    _switch(add, "ask", "with --fix: show each fix and ask whether to write it")
    _switch(add, "verify", "with --fix or --diff: execute both versions, keep exactly the fixes that hold")
    _value(add, "timeout", "SECONDS", f"with --verify: {_TIMEOUT}")
    _choice(
        add, "fix-style", "what Lambda layers become: a Layer, or on Keras 3 a registered function (default: layer)"
    )

    add = parser.add_argument_group("code that was there before").add_argument
    _value(add, "baseline", "F", "leave out the findings that this file lists")
    _value(add, "write-baseline", "F", "list all present findings in this file")
    _value(add, "diff-base", "REV", "report only what lies on lines that changed since this git revision")
    _switch(add, "add-noqa", "write a `# noqa` comment to each line with a finding")
    _switch(add, "report-unused-noqa", "report `# noqa` comments that name our codes and suppress nothing")

    add = parser.add_argument_group("many files").add_argument
    _value(
        add, "jobs", "N", "so many processes at once (default: as many as there are cores, where that is faster)", "-j"
    )
    _switch(add, "models", "look into saved models too (KLL502)")
    _switch(add, "cache", "remember what was found in files that are as they were (default: on)")

    add = parser.add_argument_group("output").add_argument
    _choice(add, "output-format", "how findings are printed (default: text)")
    _value(add, "output-file", "F", "write the findings to this file instead of printing them")
    _value(add, "report", "F", "write what was changed, what was not and why to this file: F.md or F.html")
    _switch(add, "statistics", "print how often each rule speaks instead of the findings")
    _switch(add, "show-settings", "show what holds for each PATH, and why; check nothing")
    _switch(add, "exit-zero", "exit with 0 although findings remain")
    _switch(add, "exit-non-zero-on-fix", "with --fix: exit with 1 although all findings were fixed")
    return parser


def _verify(commands: Any) -> argparse.ArgumentParser:
    parser = _add(commands, "verify", "execute files and their fixes, and compare what they compute, save and load")
    add = parser.add_argument
    add(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="FILE or pkg.mod that builds models, FILE:factory or pkg.mod:factory that makes one, or DIR: all files in it; executed",
    )
    add("--against", metavar="FIXED", help="compare FILE with this file (default: with the result of all its fixes)")
    add("--device", choices=("cpu", "gpu", "all"), default="cpu", help="where to run (default: cpu)")
    add("--backend", default="tensorflow", help="backends of Keras 3: tensorflow, jax, torch, with commas between")
    add(
        "--keras",
        choices=("2,3", "2", "3", "auto"),
        default="auto",
        metavar="VERSION",
        help="on which Keras: 2 (tf_keras), 3, or 2,3 (default: auto, what the configuration says or the file imports)",
    )
    add("--factory-args", metavar="JSON", help="arguments of the factory: an object by name, or an array by position")
    add("--input-spec", metavar="SPEC", help='what models take whose code does not say it: "(None, 28, 28, 1):float32"')
    add("--int-range", metavar="A:B", help="whole numbers in inputs are from A to before B")
    add("--stdin-filename", metavar="NAME", help="TARGET is `-`: verify standard input as the text of this file")
    add("--timeout", type=_number, default=Settings.timeout, metavar="SECONDS", help=_TIMEOUT)
    jobs = "so many files at a time (default: as many as there are cores)"
    add("-j", "--jobs", dest="workers", type=_number, metavar="N", help=jobs)
    add("--cache", metavar="DIR", help="keep verdicts there; a file that is as it was is not run again")
    add("--report", metavar="F", help="write the verdicts, with the errors of each layer, to this file: F.md or F.html")
    add("--json", metavar="F", dest="json_file", help="write the verdicts to this file as JSON; `-` is standard output")
    return parser


def _inspect(commands: Any) -> argparse.ArgumentParser:
    parser = _add(commands, "inspect", "show the Python code in saved models, and what loading them does")
    add = parser.add_argument
    add(
        "models",
        nargs="+",
        metavar="MODEL",
        help=".h5, .keras, SavedModel directory, JSON or YAML; nothing in it is executed",
    )
    add("--output-format", choices=("text", "json", "sarif"), default="text", help="how it is printed (default: text)")
    return parser


def _recover(commands: Any) -> argparse.ArgumentParser:
    parser = _add(commands, "recover", "write the Python code in a saved model as a module for Keras 3")
    add = parser.add_argument
    add("model", metavar="MODEL", help=".h5, .keras, SavedModel directory, JSON or YAML; nothing in it is executed")
    add("-o", dest="output", metavar="MODULE", help="the new file, such as layers.py (default: standard output)")
    add("--fix-style", choices=KEYS["fix-style"], default="layer", help="what Lambda layers become (default: layer)")
    return parser


def _migrate(commands: Any) -> argparse.ArgumentParser:
    parser = _add(commands, "migrate", "write a saved model anew, with registered layers instead of Python code")
    add = parser.add_argument
    add("model", metavar="MODEL", help=".h5 or .keras; it stays as it is")
    add("-o", dest="output", metavar="NEW", required=True, help="the new file: .keras, or .h5 from .h5")
    add(
        "--module",
        metavar="M",
        help="the module with the layers, as recover writes it (default: NEW_layers.py is written)",
    )
    return parser


def _rule(commands: Any) -> argparse.ArgumentParser:
    parser = _add(commands, "rule", "explain a rule")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("code", nargs="?", metavar="CODE", help="such as KLL101")
    which.add_argument(
        "--all", action="store_const", const=None, dest="code", help="explain every rule, as rules.md does"
    )
    return parser


def _server(commands: Any) -> argparse.ArgumentParser:
    parser = _add(commands, "server", "serve editors as a language server")
    parser.add_argument("--stdio", action="store_true", help="talk through standard input and output (the default)")
    parser.add_argument("--tcp", metavar="HOST:PORT", help="talk to all who connect there instead")
    return parser


class _Extend(argparse.Action):
    """Collects the values of a repeated option in one tuple."""

    def __call__(self, _parser: object, namespace: argparse.Namespace, values: Any, _option: object = None) -> None:
        setattr(namespace, self.dest, (*getattr(namespace, self.dest, ()), *values))


def _switch(add: Callable[..., Any], key: str, text: str) -> None:
    add(f"--{key}", action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=text)


def _choice(add: Callable[..., Any], key: str, text: str) -> None:
    add(f"--{key}", choices=KEYS[key], default=argparse.SUPPRESS, help=text)


def _value(add: Callable[..., Any], key: str, metavar: str, text: str, *short: str) -> None:
    kind = _number if KEYS[key] == NUMBER else str
    add(*short, f"--{key}", metavar=metavar, type=kind, default=argparse.SUPPRESS, help=text)


def _number(text: str) -> int:
    try:
        return number(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(split(text))
    if not codes:
        raise argparse.ArgumentTypeError("it names no rule")
    try:
        check_codes(codes)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return codes
