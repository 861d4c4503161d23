"""How a file is run past what fails in it: no Keras is needed for that."""

import textwrap

import pytest

from keras_lambda_lint.verify.child.overlay import ProjectFinder
from keras_lambda_lint.verify.child.standins import StandIns
from keras_lambda_lint.verify.child.tolerant import Program


class Watched:
    """Records how often what was made is forgotten."""

    def __init__(self):
        self.rewound = 0
        self.forgotten = []

    def prepare(self, tree, text):
        self.prepared = text

    def mark(self):
        return 0

    def rewind(self, mark):
        self.rewound += 1

    def restore(self, made):
        self.rewound -= 1

    def forget(self, value):
        self.forgotten.append(value)

    def is_forgotten(self, value):
        return any(value is each for each in self.forgotten)


@pytest.fixture
def run(tmp_path, monkeypatch):
    stand_ins = StandIns()
    import sys

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    before = set(sys.modules)
    stand_ins.install()

    def run(text, name="__main__"):
        program = Program(str(tmp_path / "program.py"), textwrap.dedent(text).encode(), stand_ins, Watched())
        names = {"__name__": name}
        program.run(names)
        return program, names

    run.stand_ins = stand_ins
    yield run
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_statement_that_fails_is_skipped_and_what_depends_on_it_fails_on_its_own(run):
    program, names = run("""
        a = 1
        b = missing + 1
        c = a + 1
        d = b + 1
        e = c + 1
    """)
    assert {key: names[key] for key in "ace"} == {"a": 1, "c": 2, "e": 3}
    assert "b" not in names
    assert "d" not in names
    assert [(each["type"], each["row"]) for each in program.failures] == [("NameError", 3), ("NameError", 5)]


def test_a_name_that_could_not_be_bound_anew_does_not_keep_its_old_value(run):
    _, names = run("""
        x = 1
        x = missing(x)
        y = x + 1
    """)
    assert "y" not in names


def test_a_model_that_a_layer_could_not_be_added_to_is_not_gone_on_with(run):
    _, names = run("""
        class Model(list):
            add = list.append

        model = same = Model()
        model.add(1)
        model.add(missing)
        model.add(2)
        other = Model()
    """)
    assert "model" not in names
    assert "same" not in names
    assert "other" in names


def test_blocks_are_entered(run):
    program, names = run("""
        import contextlib
        if __name__ == "__main__":
            missing()
            with contextlib.nullcontext(3) as three:
                missing()
                total = three + 1
        else:
            total = 0
    """)
    assert names["total"] == 4
    assert [each["row"] for each in program.failures] == [4, 6]


def test_a_value_that_decides_nothing_is_a_failure(run):
    program, names = run("""
        class Tensor:
            def __bool__(self):
                raise TypeError("no truth")
        if Tensor():
            first = 1
        second = 2
    """)
    assert "first" not in names
    assert names["second"] == 2
    assert [each["message"] for each in program.failures] == ["no truth"]


def test_a_function_that_fails_is_entered(run):
    program, names = run("""
        class Trainer:
            def run(self, size):
                self.size = size
                missing()
                self.done = True

        def main(size=3):
            trainer = Trainer()
            open("no/such/file")
            trainer.run(size + 1)
            double = lambda: trainer.size * 2
            if trainer.done:
                return double()
            return None

        result = main()
    """)
    assert names["result"] == 8
    assert [each["row"] for each in program.failures] == [10, 5]


def test_a_function_that_something_else_calls_is_entered(run):
    _, names = run("""
        import sys
        seen = []

        def run(main):
            main(["program"])

        def main(argv):
            seen.append(1)
            int(argv[1])
            seen.append(2)

        if __name__ == "__main__":
            sys.exit(main(sys.argv[:0]))
    """)
    assert names["seen"] == [1, 1, 2]


def test_what_a_program_copes_with_is_left_to_it(run):
    program, names = run("""
        try:
            import no_such_module_at_all as module
        except ImportError:
            module = None
        try:
            missing()
        except NameError:
            caught = True
    """)
    assert names["module"] is None
    assert names["caught"]
    assert not program.failures
    assert not run.stand_ins.names


def test_modules_that_are_not_installed_have_stand_ins(run):
    program, names = run("""
        import no_such_plots.pyplot as plt, os
        from no_such_torch import nn, jit
        from no_such_torch.nn.functional import pad

        @jit
        def double(x):
            return x * 2

        class Net(nn.Module):
            def size(self):
                return 3

        plt.figure(figsize=(1, 2)).legend[0].show()
        with plt.style.context("dark") as context:
            six = double(Net().size())
        number = pad(1) + 1
    """)
    assert names["six"] == 6
    assert "number" not in names
    assert run.stand_ins.names == ["no_such_plots", "no_such_torch"]
    assert [each["type"] for each in program.failures] == ["TypeError"]


def test_what_is_installed_has_no_stand_in(run):
    program, names = run("""
        import json.no_such_part
        from os import path, no_such_name, sep
    """)
    assert [each["row"] for each in program.failures] == [2, 3]
    assert names["sep"]
    assert "no_such_name" not in names
    assert not run.stand_ins.names


def test_annotations_future_and_docstring(run):
    program, names = run('''
        """What it is."""
        from __future__ import annotations

        value: int = 3

        def function(x: Missing) -> Missing:
            return x
    ''')
    assert names["__doc__"] == "What it is."
    assert names["__annotations__"] == {"value": "int"}
    assert names["function"].__annotations__ == {"x": "Missing", "return": "Missing"}
    assert not program.failures


def test_a_syntax_error_is_one_failure(run):
    program, _ = run("x = (\n")
    assert [(each["type"], each["row"]) for each in program.failures] == [("SyntaxError", 1)]


def test_modules_of_the_project_come_from_changed_texts_and_are_run_past_what_fails(tmp_path, monkeypatch):
    import sys

    (tmp_path / "kll_part.py").write_text("VALUE = 1\n", encoding="utf-8")
    (tmp_path / "changed.py").write_text("VALUE = 2\nraise OSError\nMORE = 3\n", encoding="utf-8")
    (tmp_path / "kll_other.py").write_text("from kll_missing import A\nfrom kll_part import MORE\n", encoding="utf-8")
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    finder = ProjectFinder(tmp_path, {str(tmp_path / "kll_part.py"): str(tmp_path / "changed.py")}, StandIns())
    finder.install()
    before = set(sys.modules)
    import kll_other

    assert kll_other.MORE == 3
    assert sys.modules["kll_part"].VALUE == 2
    assert sys.modules["kll_part"].__file__ == str(tmp_path / "kll_part.py")
    for name in set(sys.modules) - before:
        del sys.modules[name]
