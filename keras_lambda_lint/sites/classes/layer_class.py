"""The own `Layer` and `Model` classes of a file: their constructor, what their config holds, how they are made and saved."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import layer_config as facts

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.model import Target


class Root(Enum):
    """What of Keras a class derives from in the end."""

    LAYER = "Layer"
    MODEL = "Model"
    BUILTIN = "a layer of Keras with a config of its own"


class Evidence(NamedTuple):
    """What shows that a parameter holds something that no config can: what it is (`a function`), and where that shows."""

    what: str
    span: Span


class ConstructorParameter(NamedTuple):
    """A parameter of the constructor."""

    name: str
    kind: str
    """`positional`, `keyword`, `*` or `**`."""
    has_default: bool
    span: Span
    unsaveable: Evidence | None
    """Why the automatic config cannot hold it; None where nothing shows that."""
    used: bool
    """Whether the constructor keeps it in an attribute that another method reads; told where a config leaves a parameter out."""
    raw: Evidence | None
    """Where an overridden `get_config` returns it as it is, and what it is; None where nothing shows that."""

    @property
    def is_named(self) -> bool:
        """Whether it is neither `*args` nor `**kwargs`."""
        return self.kind in ("positional", "keyword")


class Config(NamedTuple):
    """An overridden `get_config`, those of own bases that it calls included."""

    span: Span
    """Its name."""
    keys: frozenset[str] | None
    """The keys that it returns, those of Keras apart; None where the code does not tell."""
    merges_base: bool
    """Whether it certainly returns what Keras' own `get_config` returns, whole."""


class UntrackedVariable(NamedTuple):
    """An attribute of `self` that is assigned a `tf.Variable`."""

    name: str
    span: Span


class LayerClass(NamedTuple):
    """One class of a file that derives from a layer or model of Keras."""

    span: Span
    """Its name."""
    name: str
    root: Root
    complete: bool
    """Whether all of its bases and decorators are known."""
    abstract: bool
    """Whether it is there to be derived from."""
    local: bool
    """Whether it stands below module level."""
    parameters: tuple[ConstructorParameter, ...] | None
    """Those of its constructor, or of that of an own base; None where that is Keras' own, or not known."""
    constructor: Span | None
    """The name of that constructor."""
    config: Config | None
    """The overridden `get_config`; None where there is none."""
    from_config: bool
    """Whether it overrides `from_config`."""
    registered: bool
    """Whether the file registers it, supplies it, or decorates it with something unknown."""
    inner: bool
    """Whether the file makes its instances in methods of own layers only: those rebuild it themselves."""
    made: bool
    """Whether the file makes one outside of own layers."""
    variables: tuple[UntrackedVariable, ...]
    target: Target
    made_by: frozenset[str]
    """The names whose use makes an instance: its own, and those of the file's functions that make one."""

    @property
    def takes_function(self) -> Evidence | None:
        """What shows that the constructor takes a function."""
        found = (parameter.unsaveable for parameter in self.parameters or ())
        return next((each for each in found if each is not None and each.what == "a function"), None)

    @property
    def is_suspect(self) -> bool:
        """Whether something of its constructor or its config may keep Keras from making it again."""
        odd = any(each.unsaveable is not None or each.raw is not None for each in self.parameters or ())
        return odd or bool(self.refused or self.left_out)

    @property
    def takes_any_keyword(self) -> bool:
        """Whether the constructor takes `**kwargs`."""
        return any(parameter.kind == "**" for parameter in self.parameters or ())

    @property
    def refused(self) -> frozenset[str]:
        """The keys of its own config that the constructor does not take where the config is rebuilt."""
        if self.parameters is None or self.takes_any_keyword:
            return frozenset()
        automatic = self.config is None and self.root is Root.LAYER
        given = facts.GIVEN_BACK_TO_AUTOMATIC if automatic else facts.GIVEN_BACK
        return given - {parameter.name for parameter in self.parameters}

    @property
    def refuses_config(self) -> bool:
        """Whether a Keras that the file may run on gives the constructor keys of the config that it does not take."""
        if not self.refused or self.constructor is None:
            return False
        if self.config is not None and not self.config.merges_base:
            return False
        if self.config is None and (self.root is Root.MODEL or self.local):
            return False
        return 3 in self.target or not self.refuses_only_on_keras_3

    @property
    def refuses_only_on_keras_3(self) -> bool:
        """Whether Keras 2 gives its constructor only what that takes."""
        return self.root is Root.MODEL or (self.config is None and self.root is not Root.BUILTIN)

    @property
    def left_out(self) -> tuple[ConstructorParameter, ...]:
        """The parameters that the config certainly does not hold."""
        added = frozenset[str]() if self.root is Root.BUILTIN else None
        keys = added if self.config is None else self.config.keys
        if keys is None or self.parameters is None:
            return ()
        known = keys | facts.BASE_PARAMETERS | (facts.BUILTIN_PARAMETERS if self.root is Root.BUILTIN else frozenset())
        left = (p for p in self.parameters if p.is_named and p.name not in known)
        return tuple(p for p in left if p.used or not p.has_default)
