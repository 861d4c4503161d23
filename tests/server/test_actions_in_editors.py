"""Quick fixes, fix-all, comments and hover, whatever the editor can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from client import start
from lsprotocol import types

if TYPE_CHECKING:
    from pathlib import Path

    from client import Client

pytestmark = pytest.mark.asyncio

MODEL = """\
from tensorflow import keras

first = keras.layers.Lambda(lambda x: x * 2 + 1, name="first")
second = keras.layers.Lambda(lambda x: x * 3 + 1, name="second")  # third of all
third = keras.layers.Lambda(lambda x: x * 4 + 1)
"""
FIX_ALL = "keras-lambda-lint: Fix all auto-fixable problems"


def title(actions: dict[str, types.CodeAction | types.Command], start: str) -> str:
    """Return the one title that starts like this."""
    (found,) = [each for each in actions if each.startswith(start) and not each.endswith("Disable for this line")]
    return found


async def test_actions_one_after_the_other(client: Client) -> None:
    literal = client.kind != "minimal"
    uri = client.open("model.py", MODEL)
    actions = await client.actions(uri, "lambda x: x * 2")
    one = title(actions, "keras-lambda-lint (KLL101): Layer subclass")
    if literal:
        assert isinstance(actions[one], types.CodeAction)
        assert actions[one].kind == "quickfix"
        assert actions[one].is_preferred is True
        assert [each.code for each in actions[one].diagnostics or ()] == ["KLL101"]
    await client.apply(actions[one])
    assert 'name="first"' in client.texts[uri]
    assert "lambda x: x * 2" not in client.texts[uri]
    assert "lambda x: x * 3" in client.texts[uri]

    # The third has no name of its own: its fix is unsafe, says so, and is never the preferred one.
    actions = await client.actions(uri, "lambda x: x * 4")
    unsafe = title(actions, "keras-lambda-lint (KLL101): Layer subclass")
    assert "(unsafe: " in unsafe
    if literal:
        assert not actions[unsafe].is_preferred

    # All findings of the rule.
    await client.apply(actions[title(actions, "keras-lambda-lint (KLL101): Fix all in this file, unsafe")])
    assert "lambda" not in client.texts[uri]
    assert "# third of all" in client.texts[uri]
    assert await client.codes(uri) == []


async def test_fix_all_takes_the_safe_fixes(client: Client) -> None:
    uri = client.open("model.py", MODEL)
    actions = await client.actions(uri, "import", only=["source.fixAll"])
    assert list(actions) == [FIX_ALL]
    if client.kind != "minimal":
        assert actions[FIX_ALL].kind == "source.fixAll.keras-lambda-lint"
    await client.apply(actions[FIX_ALL])
    assert client.texts[uri].count("lambda x") == 1
    assert await client.actions(uri, "import", only=["source.fixAll.keras-lambda-lint"]) == {}
    assert await client.actions(uri, "lambda x", only=["refactor"]) == {}


async def test_comments_disable_a_rule_for_a_line(client: Client) -> None:
    text = """\
from tensorflow import keras

a = keras.layers.Lambda(lambda x: x + 1, name="a")
b = keras.layers.Lambda(lambda x: x + 2, name="b")  # noqa: E501 as long as it is
c = keras.layers.Lambda(
    lambda x: x + 3, name='''c
''')
"""
    uri = client.open("model.py", text)
    for place in ("lambda x: x + 1", "lambda x: x + 2", "lambda x: x + 3"):
        actions = await client.actions(uri, place)
        await client.apply(actions["keras-lambda-lint (KLL101): Disable for this line"])
    assert (
        client.texts[uri]
        == """\
from tensorflow import keras

a = keras.layers.Lambda(lambda x: x + 1, name="a")  # noqa: KLL101
b = keras.layers.Lambda(lambda x: x + 2, name="b")  # noqa: E501, KLL101 as long as it is
c = keras.layers.Lambda(
    lambda x: x + 3, name='''c
''')  # noqa: KLL101
"""
    )
    assert "KLL101" not in await client.codes(uri)


async def test_a_fix_that_changes_another_file_too(client: Client) -> None:
    (client.folder / "setup.cfg").write_text("[metadata]\nname = demo\n")
    (client.folder / "helpers.py").write_text("def twice(x):\n    return x * 2\n")
    uri = client.open(
        "model.py",
        "import keras\nfrom helpers import twice\n\nlayer = keras.layers.Dense(3, activation=twice)\n",
    )
    actions = await client.actions(uri, "twice)")
    await client.apply(actions[title(actions, "keras-lambda-lint (KLL110): ")])
    assert "register_keras_serializable" in (client.folder / "helpers.py").read_text()


async def test_an_action_for_a_text_that_has_changed_since(client: Client) -> None:
    uri = client.open("model.py", MODEL)
    actions = await client.actions(uri, "lambda x: x * 2")
    action = actions[title(actions, "keras-lambda-lint (KLL101): Layer")]
    client.change(uri, "x * 2", "x * 20")
    if client.kind == "minimal":
        await client.apply(action)
    elif client.kind in ("vscode", "neovim"):
        with pytest.raises(Exception, match="has changed since"):
            await client.apply(action)
    else:
        return
    assert (await client.messages())[-1] == "keras-lambda-lint: the text has changed since this was offered"
    assert "class" not in client.texts[uri]


async def test_hover_shows_the_rule(client: Client) -> None:
    uri = client.open("model.py", MODEL + "x = keras.layers.Lambda(lambda y: y, name='x')  # noqa: E501, KLL602\n")
    shown = await client.hover(uri, "lambda x: x * 2")
    assert shown is not None
    assert "Keras 3 refuses to load" in shown
    assert ("## " in shown) == (client.kind != "minimal")
    on_comment = await client.hover(uri, "KLL602")
    assert on_comment is not None
    assert "redundant-lambda" in on_comment
    assert await client.hover(uri, "import") is None


async def test_commands(client: Client) -> None:
    uri = client.open("model.py", MODEL)
    run = client.lsp.workspace_execute_command_async
    await run(types.ExecuteCommandParams("keras-lambda-lint.applyFixAll", [{"uri": uri, "version": 1}]))
    assert client.texts[uri].count("lambda x") == 1
    for command, arguments in (
        ("keras-lambda-lint.applyFixAll", [uri + "?"]),
        ("keras-lambda-lint.applyFixAll", []),
        ("keras-lambda-lint.applyFix", [{"uri": uri}]),
        ("keras-lambda-lint.verify", [uri, {"start": 3}]),
        ("keras-lambda-lint.other", []),
    ):
        with pytest.raises(Exception):  # noqa: B017 (pygls raises several)
            await run(types.ExecuteCommandParams(command, arguments))
    assert await client.codes(client.open("other.py", MODEL))


async def test_settings_turn_actions_off(tmp_path: Path) -> None:
    options = {"settings": {"fixAll": False, "disableRuleComment": False, "quickFix": False}}
    async with start("neovim", tmp_path, options=options) as client:
        assert await client.actions(client.open("model.py", MODEL), "lambda x: x * 2") == {}
