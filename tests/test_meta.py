"""What holds for the package as a whole: codes, documentation, layers of imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from harness.fixtures import Block, files, read

import keras_lambda_lint
from keras_lambda_lint.report.rules import document
from keras_lambda_lint.rules import RULES

if TYPE_CHECKING:
    from keras_lambda_lint.rules.base import Rule

PACKAGE = Path(keras_lambda_lint.__file__).parent
REPOSITORY = Path(__file__).parent.parent
RULE_FILES = sorted(path for path in (PACKAGE / "rules").glob("*.py") if path.name.startswith("kll"))
CODES = [rule.code for rule in RULES]
SECTIONS = ["What it does", "Why is this bad", "Example", "Use instead", "Fix safety"]

# A module may import the groups on its own line and those below it; `verify` is reached from the command line only, when it is wanted.
LAYERS = [
    {"__main__"},
    {"cli"},
    {"server"},
    {"flake8_plugin", "pylsp_plugin", "commands"},
    {"artifacts"},
    {"verify"},
    {"report", "config", "files", "gitignore"},
    {"linter"},
    {"rules", "rewrite"},
    {"sites"},
    {"source", "keras_api"},
    {"diagnostic"},
]
# `linter` joins rules and rewrites; the documentation of the rules is a report.
FRAMEWORKS = {"tensorflow", "keras", "tf_keras", "numpy", "h5py"}


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, at whatever depth, as absolute names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            assert node.module is not None
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def group(path: Path) -> str:
    """Return the name of the part of the package that a file belongs to: its folder, or its own name at the top."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def layer(name: str) -> int:
    return next(number for number, groups in enumerate(LAYERS) if name in groups)


def section(rule: type[Rule[Any]], title: str) -> str:
    return rule.doc().partition(f"## {title}\n")[2].partition("\n## ")[0]


# codes


def test_rules_are_sorted_and_unique() -> None:
    assert sorted(set(CODES)) == CODES
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_rule_has_a_fixture_file_and_every_fixture_file_a_rule() -> None:
    assert [path.stem for path in files()] == CODES


def test_every_rule_has_its_section_in_rules_md() -> None:
    text = (REPOSITORY / "rules.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (KLL\d+) ", text, re.MULTILINE) == CODES


def test_every_rule_is_named_in_the_changelog() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert sorted(set(re.findall(r"KLL\d{3}", text))) == CODES


def test_rules_md_is_what_the_docstrings_say() -> None:
    assert (REPOSITORY / "rules.md").read_text(encoding="utf-8") == document(RULES), (
        "write it: keras-lambda-lint rule --all > rules.md"
    )


# one rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_documentation_has_five_sections(rule: type[Rule[Any]]) -> None:
    assert re.findall(r"^## (.+)$", rule.doc(), re.MULTILINE) == SECTIONS
    assert all(section(rule, title).strip() for title in SECTIONS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_examples_are_the_first_pair_of_the_fixtures(rule: type[Rule[Any]]) -> None:
    blocks = read(REPOSITORY / "tests" / "rules" / f"{rule.code}.md")
    assert section(rule, "Example").strip() == fenced(blocks[0].code)
    assert section(rule, "Use instead").strip() == fenced(instead(blocks))


def fenced(code: str) -> str:
    return f"```py\n{code}```"


def instead(blocks: list[Block]) -> str:
    if blocks[0].fixed is not None:
        return blocks[0].fixed.code
    return next(block.code for block in blocks if block.heading == "Use instead")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_fixture_file_has_the_name_of_the_rule_as_title(rule: type[Rule[Any]]) -> None:
    text = (REPOSITORY / "tests" / "rules" / f"{rule.code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {rule.code} {rule.name}\n")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_message_is_one_line_without_a_full_stop(rule: type[Rule[Any]]) -> None:
    assert "\n" not in rule.message
    assert not rule.message.endswith(".")


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_file_names_say_code_and_name(path: Path) -> None:
    rule = next(rule for rule in RULES if rule.__module__.endswith(f".{path.stem}"))
    assert path.stem == f"{rule.code.lower()}_{rule.name.replace('-', '_')}"
    assert rule.__name__ == "".join(word.capitalize() for word in rule.name.split("-"))


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_rules_see_the_domain_model_and_no_syntax_tree(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imports(path)} & {"ast", "libcst", "re"}
    read = {
        node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    assert not read & {"node", "nodes", "scope", "lineno", "col_offset", "callee_names"}


# layers


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    own = group(path)
    if own == "__init__":
        return
    for name in imports(path):
        root, _, rest = name.partition(".")
        if root == "keras_lambda_lint":
            imported = rest.partition(".")[0]
            if imported not in ("__version__", own):
                assert layer(imported) >= layer(own), f"{own} imports {imported}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_verifier_imports_a_framework(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imports(path)}
    assert group(path) in ("verify", "artifacts") or not roots & FRAMEWORKS


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_concrete_syntax_stays_in_the_islands(path: Path) -> None:
    libcst = {name for name in imports(path) if name.partition(".")[0] == "libcst"}
    assert path.name == "islands.py" or not libcst
    assert not any(name.startswith(("libcst.metadata", "libcst.matchers", "libcst.codemod")) for name in libcst)


def test_rewrites_know_nothing_of_the_verifier() -> None:
    for path in (PACKAGE / "rewrite").glob("*.py"):
        assert "verify" not in {name.split(".")[1] for name in imports(path) if name.startswith("keras_lambda_lint.")}


def test_diagnostics_and_the_gate_import_nothing_of_ours() -> None:
    for name in ("diagnostic.py", "source/gate.py"):
        assert not any(imported.startswith("keras_lambda_lint") for imported in imports(PACKAGE / name))
    assert imports(PACKAGE / "source" / "gate.py") == {"__future__.annotations", "re"}


def test_modules_import_in_no_circle() -> None:
    """Imports at the top of modules, as the interpreter runs them; those below `if TYPE_CHECKING` and in functions do not count."""
    graph = {dotted(path): runtime_imports(path) for path in modules()}
    finished: set[str] = set()

    def walk(name: str, on_the_way: tuple[str, ...]) -> None:
        assert name not in on_the_way, " -> ".join((*on_the_way, name))
        if name not in finished:
            for imported in graph.get(name, ()):
                walk(imported, (*on_the_way, name))
            finished.add(name)

    for name in graph:
        walk(name, ())


def dotted(path: Path) -> str:
    return ".".join(("keras_lambda_lint", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def runtime_imports(path: Path) -> set[str]:
    known = {dotted(other) for other in modules()}
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in known else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & known - {dotted(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
