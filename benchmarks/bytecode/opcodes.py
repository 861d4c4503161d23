"""Writes keras_lambda_lint/artifacts/bytecode/opcodes.json from CPython's own `opcode` modules.

    python benchmarks/bytecode/opcodes.py INTERPRETER|opcode.py=3.5 ...

Each argument is an interpreter, or a file `Lib/opcode.py` of CPython's sources and the version that it belongs to
(3.3 to 3.10 only: later ones need their own interpreter). Versions that are not given keep their rows.
"""

import json
import pathlib
import subprocess
import sys

TABLE = pathlib.Path(__file__).parents[2] / "keras_lambda_lint" / "artifacts" / "bytecode" / "opcodes.json"

# Runs under every interpreter, 2.7 included.
DUMP = r"""
import json, sys
if len(sys.argv) > 1:
    space = {"__name__": "opcode"}
    with open(sys.argv[1]) as source:
        exec(compile(source.read().replace("from _opcode import stack_effect", ""), sys.argv[1], "exec"), space)
    version = sys.argv[2]
else:
    import opcode
    space = vars(opcode)
    version = "%d.%d" % sys.version_info[:2]
caches = space.get("_inline_cache_entries", {})
def cache(name, number):
    return caches.get(name, 0) if isinstance(caches, dict) else caches[number]
rows = {}
for name, number in space["opmap"].items():
    if number > 255 or name.startswith("INSTRUMENTED_") or name == "CACHE":
        continue
    if "hasarg" in space:
        argument = number in space["hasarg"]
    else:
        argument = number >= space["HAVE_ARGUMENT"]
    jump = "abs" if number in space["hasjabs"] else "rel" if number in space["hasjrel"] else ""
    rows[name] = [number, int(argument), jump, cache(name, number)]
print(json.dumps({
    "version": version,
    "opcodes": rows,
    "compare": list(space["cmp_op"]),
    "binary": [symbol for _, symbol in space.get("_nb_ops", ())],
    "intrinsic1": list(space.get("_intrinsic_1_descs", ())),
    "intrinsic2": list(space.get("_intrinsic_2_descs", ())),
    "common": [each.__name__ for each in space.get("_common_constants", ())],
}))
"""


def main(arguments: list[str]) -> None:
    tables = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    for argument in arguments:
        source, _, version = argument.partition("=")
        command = [sys.executable, "-c", DUMP, source, version] if version else [source, "-c", DUMP]
        table = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        table["opcodes"] = dict(sorted(table["opcodes"].items(), key=lambda row: row[1]))
        tables[table.pop("version")] = table
    lines = []
    for version in sorted(tables, key=lambda text: tuple(map(int, text.split(".")))):
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in tables[version].items())
        lines.append(f" {json.dumps(version)}: {{\n{rows}\n }}")
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
