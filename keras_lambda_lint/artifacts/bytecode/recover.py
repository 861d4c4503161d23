"""From the bytes that Keras stores for a function to its source, with what is known of its truth."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from keras_lambda_lint.artifacts.bytecode.code import Code, Flag
from keras_lambda_lint.artifacts.bytecode.decompile import decompile
from keras_lambda_lint.artifacts.bytecode.disassemble import disassemble
from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode, Undecodable
from keras_lambda_lint.artifacts.bytecode.narrow import check_version
from keras_lambda_lint.artifacts.bytecode.normal import Do, Program, Variable
from keras_lambda_lint.artifacts.bytecode.opcodes import tables, tables_of
from keras_lambda_lint.artifacts.bytecode.proof import difference
from keras_lambda_lint.artifacts.bytecode.rebuild import assemble
from keras_lambda_lint.artifacts.bytecode.repair import (
    MOST_PLACES,
    Repaired,
    is_from_windows,
    loads_of_globals,
    slashes,
    with_other_line_ends,
    without_backslashes,
)
from keras_lambda_lint.artifacts.bytecode.translate import translate
from keras_lambda_lint.artifacts.bytecode.unmarshal import unmarshal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.artifacts.bytecode.code import Version
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table

Status = Literal["exact", "approximate", "undecodable"]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is known of a stored function."""

    status: Status
    source: str | None
    """One `lambda` or `def`, without the values of defaults, which Keras stores beside the code; None if undecodable."""
    name: str
    """`<lambda>`, or the function's name."""
    parameters: tuple[str, ...]
    python: tuple[Version, ...]
    """The Pythons that can have written the bytes, oldest first."""
    names: tuple[str, ...]
    """Global names that it reads, sorted."""
    free: tuple[str, ...]
    """Variables of outer functions that it reads, in the order in which Keras stores their values."""
    reason: str | None
    """Why it is not exact: what differs, or what cannot be read."""
    disassembly: str
    notes: tuple[str, ...] = ()
    """What to mind though the source is exact."""
    repairs: tuple[int, ...] = ()
    """Offsets of the bytes that were mended."""

    @property
    def python_range(self) -> str:
        """Return the Pythons as a person writes them."""
        names = [f"{major}.{minor}" for major, minor in self.python]
        return names[0] if len(names) == 1 else f"{names[0]}-{names[-1]}" if names else "unknown"


def recover(stored: bytes) -> Recovery:
    """Return the source of a marshalled function, and whether it is proven.

    Nothing is executed. `exact` says: the source, compiled by the Python that wrote the bytes, does the same operations
    on the same values in the same order on every path. Damaged bytes are mended: then `exact` says also that no other
    way to mend them makes sense. Raises `BadBytecode` where the bytes are no marshalled function of a known Python.
    """
    try:
        found = _undamaged(stored)
    except BadBytecode:
        mended = _mended([*_ways(stored, slashes(stored)), *with_other_line_ends(stored)], [])
        if mended is None:
            raise
        return mended
    if found.status == "exact" and not is_from_windows(stored):
        return _noted(stored, found)
    places = [place for place in slashes(stored) if not _is_idle(stored, place, found)]
    if is_from_windows(stored) and len(places) > MOST_PLACES and not loads_of_globals(stored, places):
        return _doubtful(found, "Windows turned `\\` into `/` in the bytes, in too many places to mend")
    return _mended(_ways(stored, places), [found]) or found


def _ways(stored: bytes, places: list[int]) -> Iterator[Repaired]:
    """Yield all that the bytes may have been. What certainly was a backslash is no choice."""
    certain = tuple(loads_of_globals(stored, places))
    if certain and not any(_is_readable(stored, certain, left) for left in certain):
        places = [place for place in places if place not in certain]
    else:
        certain = ()
    return without_backslashes(stored, places, certain)


def _is_readable(stored: bytes, certain: tuple[int, ...], left: int) -> bool:
    """Return whether the bytes can be read with one slash left as it is."""
    others = tuple(place for place in certain if place != left)
    try:
        _undamaged(next(without_backslashes(stored, [], others)).stored if others else stored)
    except BadBytecode:
        return False
    return True


def _noted(stored: bytes, found: Recovery) -> Recovery:
    """Return an exact reading with a note if nothing shows on which system it was saved, and Windows would matter."""
    if unmarshal(stored)[0].filename.startswith("/"):
        return found
    ways = [way for place in slashes(stored) for way in without_backslashes(stored, [place])]
    mended = _mended(ways, [found])
    if mended is None or mended.reason is None:
        return found
    return replace(found, notes=(*found.notes, f"if it was saved on Windows, {mended.reason}"))


def _is_idle(stored: bytes, place: int, found: Recovery) -> bool:
    """Return whether a byte means nothing, whatever it is: those that say which line is where."""
    (changed,) = (way.stored for way in without_backslashes(stored, [place]))
    try:
        return replace(_undamaged(changed), disassembly="") == replace(found, disassembly="")
    except BadBytecode:
        return False


def _mended(ways: Iterable[Repaired], found: list[Recovery]) -> Recovery | None:
    """Return the one reading of damaged bytes that is exact, or the likeliest of several, which then is not."""
    exact = [recovery for recovery in found if recovery.status == "exact"]
    for way in ways:
        try:
            recovery = _undamaged(way.stored)
        except BadBytecode:
            continue
        if recovery.status == "exact":
            exact.append(replace(recovery, repairs=way.places))
    if not exact:
        return None
    others = sorted({recovery.source for recovery in exact if recovery.source is not None} - {exact[0].source})
    if others:
        return _doubtful(exact[0], f"the bytes are damaged and may also mean `{others[0]}`")
    return exact[0]


def _doubtful(recovery: Recovery, reason: str) -> Recovery:
    status: Status = "approximate" if recovery.status == "exact" else recovery.status
    return replace(recovery, status=status, reason=recovery.reason or reason)


def _undamaged(stored: bytes) -> Recovery:
    readings = list(_readings(stored))
    found = [recovery for recovery, _ in readings]
    versions = tuple(sorted({version for recovery in found for version in recovery.python}))
    for status in ("exact", "approximate", "undecodable"):
        same = [recovery for recovery in found if recovery.status == status]
        if same:
            break
    best = same[-1]
    programs = [program for recovery, program in readings if recovery.status == best.status]
    if len({recovery.source for recovery in same}) > 1 and not _agree(programs):
        best = _doubtful(best, "the Pythons that can have written it differ in what it means")
    return replace(best, python=versions)


def _agree(programs: list[Program | None]) -> bool:
    """Return whether programs that several Pythons would run do the same, though their sources differ."""
    first, *others = programs
    try:
        return all(first is not None and other is not None and difference(first, other) is None for other in others)
    except Undecodable:
        return False


def _readings(stored: bytes) -> Iterator[tuple[Recovery, Program | None]]:
    reasons: list[BadBytecode] = []
    tried = 0
    for code in unmarshal(stored):
        for table in tables_of(code.layout):
            tried += 1
            try:
                yield _reading(code, table)
            except BadBytecode as error:
                reasons.append(error)
    if len(reasons) == tried:
        known = ", ".join(f"{major}.{minor}" for major, minor in sorted(tables()))
        raise BadBytecode(f"written by none of the Pythons known here ({known}): {reasons[-1] if reasons else 'none'}")


def _reading(code: Code, table: Table) -> tuple[Recovery, Program | None]:
    check_version(code, table)
    try:
        program = translate(code, table)
    except Undecodable as error:
        return _recovery(code, table, None, "undecodable", None, str(error)), None
    try:
        source = _source(program, table.version)
    except (Undecodable, RecursionError) as error:
        return _recovery(code, table, program, "undecodable", None, _reason(error)), program
    try:
        differing = difference(program, _rebuilt(source, program, code, table))
    except (Undecodable, RecursionError) as error:
        differing = _reason(error)
    status: Status = "exact" if differing is None else "approximate"
    return _recovery(code, table, program, status, source, differing), program


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _source(program: Program, version: Version) -> str:
    node = decompile(program, version)
    try:
        return ast.unparse(ast.fix_missing_locations(node))
    except ValueError as error:
        raise Undecodable(str(error)) from None


def _rebuilt(source: str, program: Program, code: Code, table: Table) -> Program:
    try:
        tree = ast.parse(source).body
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # What only a compiler sees, such as a keyword that is given twice. Nothing is run.
            compile(source, "recovered", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError) as error:
        raise Undecodable(f"the source does not compile: {error}") from None
    node: ast.AST = tree[0]
    if isinstance(node, ast.Expr):
        node = node.value
    if len(tree) != 1 or not isinstance(node, (ast.Lambda, ast.FunctionDef)):
        raise Undecodable("the source is no function")
    true_division = bool(code.flags & Flag.FUTURE_DIVISION)
    return assemble(node, frozenset(program.free), table.version, true_division=true_division)


def _recovery(
    code: Code, table: Table, program: Program | None, status: Status, source: str | None, reason: str | None
) -> Recovery:
    names = set(code.names) if program is None else set(_globals(program))
    notes = []
    if program is not None and any(_classic(program)):
        notes.append("`/` is that of Python 2: it rounds down between integers")
    return Recovery(
        status,
        source,
        code.name,
        code.parameters,
        (table.version,),
        tuple(sorted(names - {"True", "False"})),
        code.freevars,
        reason,
        disassemble(code, table),
        tuple(notes),
    )


def _globals(program: Program) -> Iterator[str]:
    for op in program.ops:
        if op.do is Do.LOAD and isinstance(op.arg, Variable) and op.arg.scope == "global":
            yield op.arg.name
        if isinstance(op.arg, Program):
            yield from _globals(op.arg)


def _classic(program: Program) -> Iterator[bool]:
    for op in program.ops:
        if op.do is Do.BINARY and str(op.arg).startswith("classic"):
            yield True
        if isinstance(op.arg, Program):
            yield from _classic(op.arg)
