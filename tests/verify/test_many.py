"""Several files at a time, and verdicts that are kept between runs; what runs a file is replaced here by a count."""

from __future__ import annotations

import io
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.source.text import Source
from keras_lambda_lint.verify import (
    Kind,
    ModelVerdict,
    SiteVerdict,
    Verdict,
    Verification,
    VerifyError,
    VerifyOptions,
    many,
)
from keras_lambda_lint.verify.cache import Cache
from keras_lambda_lint.verify.many import Job, verify_many
from keras_lambda_lint.verify.verdict import Form

if TYPE_CHECKING:
    from pathlib import Path

FORM = Form("pickle", "save refused", "reloads and agrees", was_whole=False, is_whole=True)
VERDICT = Verdict(Kind.AGREE, 12, intended=("trains-weight",), before="b", after="a", forms=(FORM,))


class Runs:
    """Stands in for `verify_file`: counts, and says what it is told."""

    def __init__(self, read: tuple[str, ...] = ()) -> None:
        self.paths: list[str] = []
        self.sandboxes: set[int] = set()
        self.verdict = VERDICT
        self.read = read

    def __call__(self, path: str, *arguments: object) -> Verification:
        self.paths.append(path)
        self.sandboxes.add(id(arguments[4]))
        if "broken" in path:
            raise VerifyError("no such Keras")
        if "interrupt" in path:
            raise KeyboardInterrupt
        sites, models = (SiteVerdict(3, 4, ("a",), self.verdict),), (ModelVerdict("m", 2, self.verdict),)
        skipped = Verification(path, "keras", "GPU", (), (), instead=Verdict(Kind.SKIPPED, detail="no GPU"))
        return Verification(path, "keras 3", "CPU", sites, models, also=(skipped,), read=self.read)


class Box:
    """Stands in for a sandbox."""

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing to end."""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    module = tmp_path / "layers.py"
    module.write_text("x = 1\n")
    made = Runs((str(module),))
    monkeypatch.setattr(many, "verify_file", made)
    monkeypatch.setattr(many, "Sandbox", Box)
    return made


def job(path: str, text: str = "import keras\n") -> Job:
    return Job(path, Source(path, text), Source(path, text + "# fixed\n"), (), VerifyOptions())


def test_results_come_in_order_and_one_failure_is_its_own(runs: Runs) -> None:
    found = verify_many([job("a.py"), job("broken.py"), job("c.py")], workers=2)
    assert [each if isinstance(each, VerifyError) else each.path for each in found][::2] == ["a.py", "c.py"]
    assert str(found[1]) == "no such Keras"


def test_workers_run_at_once_each_with_its_own_processes(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2, timeout=20)

    def meeting(path: str, *arguments: object) -> Verification:
        together.wait()
        return runs(path, *arguments)

    monkeypatch.setattr(many, "verify_file", meeting)
    verify_many([job("a.py"), job("b.py")], workers=2)
    assert len(runs.sandboxes) == 2


def test_kept_verdicts_are_the_same_and_cost_no_run(runs: Runs, tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "cache"))
    first = verify_many([job("a.py")], cache=cache)
    assert verify_many([job("a.py")], cache=Cache(str(tmp_path / "cache"))) == first
    assert runs.paths == ["a.py"]


def test_what_changed_is_run_again(runs: Runs, tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "cache"))
    verify_many([job("a.py")], cache=cache)
    verify_many([job("a.py", "import keras as k\n")], cache=cache)
    verify_many([replace(job("a.py"), options=VerifyOptions(keras="2"))], cache=cache)
    assert len(runs.paths) == 3, "another text, other options"
    (tmp_path / "layers.py").write_text("x = 2\n")
    verify_many([job("a.py")], cache=cache)
    assert len(runs.paths) == 4, "another text of a module that the program imports"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"read": {}, "verification": {"path": 3}}'])
def test_corrupt_entry_is_made_anew(runs: Runs, tmp_path: Path, content: str) -> None:
    cache = Cache(str(tmp_path / "cache"))
    first = verify_many([job("a.py")], cache=cache)
    (entry,) = (tmp_path / "cache").iterdir()
    whole = entry.read_text()
    entry.write_text(content)
    assert verify_many([job("a.py")], cache=cache) == first
    assert entry.read_text() == whole
    assert len(runs.paths) == 2


def test_interrupted_run_goes_on_where_it_ended(runs: Runs, tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "cache"))
    with pytest.raises(KeyboardInterrupt):
        verify_many([job("a.py"), job("interrupt.py"), job("c.py")], workers=1, cache=cache)
    runs.paths.clear()
    verify_many([job("a.py"), job("c.py")], workers=1, cache=cache)
    assert "a.py" not in runs.paths


def test_errors_are_not_kept(runs: Runs, tmp_path: Path) -> None:
    runs.verdict = Verdict(Kind.ERROR, detail="did not end within 120 s")
    cache = Cache(str(tmp_path / "cache"))
    verify_many([job("a.py")], cache=cache)
    verify_many([job("a.py")], cache=cache)
    assert len(runs.paths) == 2


def test_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VerifyError, match="file: cannot keep verdicts there"):
        Cache(str(tmp_path / "file"))


def test_progress_on_a_terminal_only(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        verify_many([job("a.py"), job("b.py")], workers=1)
        assert ("verifying" in stream.getvalue()) == stream.isatty()
