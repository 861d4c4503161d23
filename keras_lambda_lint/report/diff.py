"""Unified diffs that `git apply` and `patch` take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.report.terminal import plain
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Fix
    from keras_lambda_lint.report.terminal import Palette

_CONTEXT = 3


def unified(old: Source, new: Source) -> bytes:
    """Return the diff from one text of a file to another, of a notebook cell by cell, in its encoding; empty where they are equal."""
    pairs = zip(old.parts, new.parts, strict=True)
    return b"".join(line for (name, before), (_, after) in pairs for line in _lines(name, before, after))


def of_fix(source: Source, fix: Fix) -> Iterator[tuple[Source, bytes]]:
    """Yield the diff of what one fix changes, file by file, with the text before; `source` is the text of its finding."""
    yield source, unified(source, source.applied(fix.edits))
    for each in fix.elsewhere:
        assert isinstance(each.source, Source)
        yield each.source, unified(each.source, each.source.applied(each.edits))


def _lines(filename: str, old: bytes, new: bytes) -> Iterator[bytes]:
    import difflib

    # On bytes cut at line feeds only, as git cuts them: the text's own idea of a line would break the patch of a
    # file that has lone carriage returns.
    before, after = _cut(old), _cut(new)
    groups = difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_CONTEXT)
    for number, group in enumerate(groups):
        if number == 0:
            yield b"--- " + _name("a/", filename) + b"\n+++ " + _name("b/", filename) + b"\n"
        yield _header(group)
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from _marked(b" ", before[old_start:old_end])
                continue
            yield from _marked(b"-", before[old_start:old_end])
            yield from _marked(b"+", after[new_start:new_end])


def _cut(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _header(group: list[tuple[str, int, int, int, int]]) -> bytes:
    old = _range(group[0][1], group[-1][2])
    new = _range(group[0][3], group[-1][4])
    return f"@@ -{old} +{new} @@\n".encode()


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _marked(mark: bytes, lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line
        if not line.endswith(b"\n"):
            yield b"\n\\ No newline at end of file\n"


def _name(prefix: str, filename: str) -> bytes:
    """Return a file name as git writes it: quoted where it holds characters that would end or hide it."""
    data = (prefix + filename.lstrip("/")).encode("utf-8", "surrogateescape")
    if not any(byte < 0x20 or byte in b'"\\\x7f' or byte >= 0x80 for byte in data):
        # git takes a name with spaces only where a tab ends it.
        return data + (b"\t" if b" " in data else b"")
    plain = {ord("\n"): b"\\n", ord("\t"): b"\\t", ord("\r"): b"\\r", ord('"'): b'\\"', ord("\\"): b"\\\\"}
    quoted = [plain.get(byte, bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte) for byte in data]
    return b'"' + b"".join(quoted) + b'"'


def shown(patch: bytes, encoding: str, palette: Palette) -> str:
    """Return a diff as a terminal may show it: in colours, without controls."""
    lines = patch.decode(encoding, "replace").split("\n")
    return "\n".join(palette.changed(plain(line.rstrip("\r").replace("\t", "    "))) for line in lines)
