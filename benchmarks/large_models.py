"""Measures `inspect` on large models: `python benchmarks/large_models.py FOLDER > benchmarks/large_models.md`.

Writes the models into FOLDER: `.h5` of 500 MB in one dataset, in chunks, and in many groups; one with a configuration of 4 MB; a `.keras`
of 2 GB. They are whole files, not sparse ones.
"""

import json
import os
import resource
import subprocess
import sys
import zipfile
from base64 import b64encode
from pathlib import Path

import h5py
import numpy as np

from keras_lambda_lint import __version__

MEGABYTES = 500
_CODE = b64encode(
    bytes.fromhex("e300000000000000000000000001000000010000004300000073040000007c005300")
    + bytes.fromhex(
        "2901 4e a900 2901 da0178 7201000000 7201000000 fa033c663e da083c6c616d6264613e 0100000073 02000000 0400"
    )
).decode()
_MEASURED = "import sys; from keras_lambda_lint.cli import main; main(['inspect', sys.argv[1]])"


def config(layers: int = 1) -> str:
    """Return a model with so many dense layers and one Lambda."""
    found = [{"class_name": "Dense", "config": {"name": f"dense_{index}", "units": 8}} for index in range(layers - 1)]
    found.append(
        {
            "class_name": "Lambda",
            "config": {"name": "scale", "function": [_CODE, None, None], "function_type": "lambda"},
        }
    )
    return json.dumps({"class_name": "Sequential", "config": {"name": "model", "layers": found}})


def hdf5(path: Path, layers: int, *, chunked: bool, groups: int = 1) -> None:
    """Write a model whose weights take 500 MB."""
    values = np.random.default_rng(1).random(MEGABYTES * 250_000 // groups // 2, dtype=np.float64)
    with h5py.File(path, "w", libver="latest" if layers > 1 else None) as file:
        file.attrs["model_config"] = config(layers)
        file.attrs["keras_version"] = "2.11.0"
        for group in range(groups):
            weights = file.create_group(f"model_weights/dense_{group}")
            weights.create_dataset("kernel:0", data=values, chunks=(10_000,) if chunked else None)


def archive(path: Path) -> None:
    """Write a `.keras` of 2 GB."""
    block = os.urandom(1 << 24)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
        with file.open("model.weights.h5", "w", force_zip64=True) as stream:
            for _ in range(128):
                stream.write(block)
        file.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        file.writestr("config.json", config())


def measured(path: Path) -> tuple[float, int, str]:
    """Return CPU seconds and peak megabytes of `inspect` with all its processes, and the last line that it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    script = (
        "import resource, subprocess, sys\n"
        f"ran = subprocess.run([sys.executable, '-c', {_MEASURED!r}, sys.argv[1]], capture_output=True, text=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, (ran.stdout or ran.stderr).splitlines()[-1])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes, _, line = ran.stdout.strip().partition(" ")
    seconds = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(megabytes), line


def main() -> None:
    """Write the models, measure each three times, print the best."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    models = {
        "one dataset.h5": lambda path: hdf5(path, 1, chunked=False),
        "chunks.h5": lambda path: hdf5(path, 1, chunked=True),
        "500 groups.h5": lambda path: hdf5(path, 1, chunked=False, groups=500),
        "configuration of 4 MB.h5": lambda path: hdf5(path, 60_000, chunked=False),
        "archive.keras": archive,
    }
    print("# `inspect` on large models\n")
    print(
        f"Written by `python benchmarks/large_models.py FOLDER` at version {__version__}: processes together, the best of three.\n"
    )
    print("| model | MB | CPU seconds | peak MB of a process | it says |\n|---|---|---|---|---|")
    for name, write in models.items():
        path = folder / name.replace(" ", "_")
        write(path)
        seconds, megabytes, line = min(measured(path) for _ in range(3))
        print(f"| {name} | {path.stat().st_size >> 20} | {seconds:.2f} | {megabytes} | {line} |", flush=True)
        path.unlink()


if __name__ == "__main__":
    main()
