"""Measures CPU time (user and system, of the whole process) and prints a table of ratios.

    python benchmarks/speed.py [--site-packages DIR] [--hits FOLDER ...] [--torchfix COMMAND] [--output speed.md]

Every figure is the best of several runs, in turns with what it is compared with, of processes that use one thread and find the bytecode of
their modules, as after an installation: the first run writes it. TorchFix runs once: it takes as long as all others together. Nothing else
should run on the machine; the ratios stand where the seconds do not.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

RUNS = 8
WITHOUT_KERAS = ("keras", "tensorflow", "tf_keras")
HITS = """\
from keras.layers import Lambda

layer = Lambda(lambda x: x ** 2)
"""
NO_HIT = """\
import os


def main():
    print(os.getcwd())
"""

Command = list[str]


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    what: str
    figures: str
    ratio: str
    target: str
    met: bool | None = None
    """None: there is no target."""

    def __str__(self) -> str:
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return f"| {self.what} | {self.figures} | {self.ratio} | {self.target} | {met} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site-packages", type=Path, default=Path(sysconfig.get_paths()["purelib"]))
    parser.add_argument(
        "--hits", nargs="*", type=Path, default=[], help="folders; their files that name `Lambda(` count"
    )
    parser.add_argument("--torchfix", help="the command, in an environment of its own")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("speed.md"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode
        results = _measured(arguments, Path(scratch))
    lines = [
        f"Python {platform.python_version()}, ruff {version('ruff')}, flake8 {version('flake8')}, "
        f"libcst {version('libcst')}; {platform.system()} {platform.machine()}. CPU time, best of {RUNS}.",
        "",
        "| what | CPU time | ratio | target | met |",
        "|---|---|---|---|---|",
        *map(str, results),
    ]
    text = "\n".join(lines) + "\n"
    arguments.output.write_text(text, encoding="utf-8")
    print(text, end="")
    return 1 if any(each.met is False for each in results) else 0


def _measured(arguments: argparse.Namespace, scratch: Path) -> list[Result]:
    results = []
    for name, left_out, target in (
        ("installed packages without keras, tensorflow, tf_keras", WITHOUT_KERAS, 0.8),
        ("the same with keras and tf_keras", ("tensorflow",), 3.0),
    ):
        tree = scratch / name.replace(" ", "-").replace(",", "")
        _copy_packages(arguments.site_packages, tree, left_out)
        results.append(_against_ruff(name, tree, target))
        shutil.rmtree(tree)
    results += _start_up(scratch)
    if arguments.hits:
        hits = scratch / "hits"
        lines = _copy_hits(arguments.hits, hits)
        results += _with_hits(hits, lines, arguments.torchfix)
    return results


def _copy_packages(source: Path, tree: Path, left_out: tuple[str, ...]) -> None:
    """Copy the Python files of all packages but some, with their `dist-info`."""

    def ignored(directory: str, names: list[str]) -> set[str]:
        top = Path(directory) == source
        return {
            name
            for name in names
            if (top and name.partition("-")[0] in left_out)
            or (not name.endswith(".py") and not (Path(directory) / name).is_dir())
        }

    shutil.copytree(source, tree, ignore=ignored)


def _against_ruff(name: str, tree: Path, target: float) -> Result:
    ruff_check = _tool("ruff", "check", "--no-cache", "--isolated", "--select", "F", "--quiet", str(tree))
    ours, ruff = _seconds(_own(tree), ruff_check)
    files = sum(1 for _ in tree.rglob("*.py"))
    what = f"{name} ({files:,} files) vs `ruff check --no-cache --isolated --select F`, one thread"
    ratio = ours / ruff
    return Result(what, f"{ours:.2f} s vs {ruff:.2f} s", f"{ratio:.2f} x", f"≤ {target} x", ratio <= target)


def _start_up(scratch: Path) -> list[Result]:
    without, with_hit = scratch / "without.py", scratch / "with.py"
    without.write_text(NO_HIT, encoding="utf-8")
    with_hit.write_text(HITS, encoding="utf-8")
    python, one, hit = _seconds([sys.executable, "-c", "pass"], _own(without), _own(with_hit))
    base = f"{python * 1000:.0f} ms for `python -c pass`"
    return [
        Result("one file without a hit, the whole process", f"{one * 1000:.0f} ms, {base}", "", "≤ 60 ms", one <= 0.06),
        Result("one file with one Lambda, the whole process", f"{hit * 1000:.0f} ms, {base}", "", "", None),
    ]


def _copy_hits(folders: list[Path], target: Path) -> int:
    """Copy the files that parse and call something named `Lambda`; return their lines.

    TorchFix looks only into files that say `torch`: a comment at the end says it, for both tools alike.
    """
    lines = 0
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            text = path.read_bytes()
            if b"Lambda(" in text and _calls_lambda(text):
                copy = target / folder.name / path.relative_to(folder)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(text + b"\n# torch\n")
                lines += text.count(b"\n")
    return lines


def _calls_lambda(text: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return False
    names = (getattr(node.func, "attr", getattr(node.func, "id", None)) for node in nodes if isinstance(node, ast.Call))
    return "Lambda" in names


def _with_hits(tree: Path, lines: int, torchfix: str | None) -> list[Result]:
    thousands = lines / 1000
    (ours,) = _seconds(_own(tree))
    results = []
    name = f"{sum(1 for _ in tree.rglob('*.py'))} files with Lambda layers ({lines:,} lines)"
    if torchfix is None:
        results.append(
            Result(f"{name}, per 1,000 lines", f"{ours / thousands * 1000:.1f} ms", "", "TorchFix not given")
        )
    else:
        theirs = _once([torchfix, "-j", "1", str(tree)])
        figures = f"{ours / thousands * 1000:.1f} ms vs {theirs / thousands * 1000:.1f} ms"
        ratio = theirs / ours
        what = f"{name} vs TorchFix, per 1,000 lines"
        results.append(Result(what, figures, f"{ratio:.0f} x faster", "≥ 50 x faster", ratio >= 50))
    flake8 = _tool("flake8", "--isolated", "-j", "1", "--exit-zero", "--quiet", "--quiet", str(tree))
    with_plugin, without = _seconds(flake8, [sys.executable, "-c", _FLAKE8_ALONE, *flake8[3:]])
    figures = f"{without / thousands * 1000:.0f} ms alone, {with_plugin / thousands * 1000:.0f} ms with the plugin"
    results.append(Result(f"{name} by flake8, per 1,000 lines", figures, f"{with_plugin / without:.2f} x", ""))
    return results


_FLAKE8_ALONE = """\
import sys
from flake8.plugins import finder
found = finder._flake8_plugins
finder._find_importlib_plugins, real = (lambda: (p for p in real() if p.package != "keras-lambda-lint")), finder._find_importlib_plugins
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""Runs flake8 as if the plugin were not installed."""


def _own(path: Path) -> Command:
    return _tool("keras_lambda_lint", "check", "--exit-zero", str(path))


def _tool(module: str, *arguments: str) -> Command:
    return [sys.executable, "-m", module, *arguments]


def _seconds(*commands: Command) -> list[float]:
    """Return the least CPU time of some runs of each command."""
    runs = [[_once(command) for command in commands] for _ in range(RUNS)]
    return [min(times) for times in zip(*runs, strict=True)]


def _once(command: Command) -> float:
    bytecode = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": os.path.join(tempfile.gettempdir(), "speed-bytecode"),
    }
    environment = {**os.environ, **bytecode, "RAYON_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if b"Traceback" in done.stderr:
        raise SystemExit(f"{command}:\n{done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
