"""The functions of the test set: `lambdas.txt`, one a line, and `functions.txt`, blocks between empty lines."""

import ast
import re
from pathlib import Path

_FREE = re.compile(r"(\w+(?:, \w+)*): (?=lambda|def)")


def bodies(kind: str) -> list[tuple[list[str], str]]:
    """Return the names of variables of a function around, and the source, of each lambda or def."""
    text = (Path(__file__).parent / f"{kind}.txt").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    blocks = text.splitlines() if kind == "lambdas" else re.split(r"\n\s*\n", text)
    found = []
    for block in blocks:
        source = block.strip("\n")
        if source.strip():
            match = _FREE.match(source)
            free = match[1].split(", ") if match else []
            found.append((free, source[match.end() :] if match else source))
    return found


def corpus(folder: Path, kind: str) -> list[tuple[list[str], str]]:
    """Return each different lambda, or each def of up to 25 statements, of the files below a folder."""
    found = set()
    for path in folder.rglob("*.py"):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Lambda if kind == "lambdas" else ast.FunctionDef):
                if isinstance(node, ast.FunctionDef):
                    node.decorator_list = []
                    if len(node.body) > 25:
                        continue
                found.add(ast.unparse(node))
    return [([], source) for source in sorted(found)]
