"""Takes the place of modules that a program imports and that are not installed, so that its definitions run all the same."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import types
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST = 64
NO_VALUE = "has no value here: its module is not installed"
"""How an error ends that says so."""


class Anything:
    """What the attributes of a stand-in are: can be called, indexed, entered, used as decorator or base class; has no value."""

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Anything(f"{self._name}.{name}")

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return a function or class that it decorates as it is, else something of its own sort."""
        if len(args) == 1 and not options and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return Anything(f"{self._name}()")

    def __getitem__(self, _key: Any) -> Any:
        return Anything(f"{self._name}[...]")

    def __setitem__(self, _key: Any, _value: Any) -> None:
        return None

    def __setattr__(self, _name: str, _value: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (type(self._name.rpartition(".")[2], (), {}),)

    def __array__(self, *_args: Any, **_options: Any) -> NoReturn:
        raise TypeError(f"{self._name} {NO_VALUE}")

    def __repr__(self) -> str:
        return f"<{self._name}, which is not installed>"


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Anything(f"{self.__name__}.{name}")


class StandIns:
    """Finds modules that are not installed, once their absence has stopped something: a program that copes without is left to."""

    def __init__(self) -> None:
        self.names: list[str] = []
        """The top-level modules that stand-ins were made for."""

    def install(self) -> None:
        """Ask this finder after all others, for the rest of this process."""
        sys.meta_path.append(self)

    def take(self, error: BaseException) -> bool:
        """Stand in for the module whose absence an error tells of; return whether trying again makes sense."""
        if not isinstance(error, ModuleNotFoundError) or not error.name or len(self.names) >= _MOST:
            return False
        root = error.name.partition(".")[0]
        if root in self.names or root in sys.modules or _is_installed(root):
            return False
        self.names.append(root)
        return True

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the specification of a stand-in, where one is wanted."""
        if name.partition(".")[0] not in self.names:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return a module that has every attribute."""
        return _Module(spec.name)

    def exec_module(self, _module: types.ModuleType) -> None:
        """Run nothing: there is no code."""


def _is_installed(root: str) -> bool:
    try:
        return importlib.util.find_spec(root) is not None
    except (ImportError, ValueError):
        return False
