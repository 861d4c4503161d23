"""What every page has around its content: style, script, and a policy that lets nothing else in."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

from keras_lambda_lint import __version__
from keras_lambda_lint.report.page.markup import escaped

_HERE = Path(__file__).parent

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{style_hash}'; script-src '{script_hash}'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>{title}</h1>
{lead}
</header>
{body}
<footer><p>Written by keras-lambda-lint {version}.</p></footer>
<script>{script}</script>
</body>
</html>
"""


def framed(title: str, lead: str, body: str) -> str:
    """Return a whole page. `lead`, below the title, and `body`, which holds an element `main` with the id `content`, are HTML.

    The script shows the form with the id `filter` and hides the elements of the class `item` that it does not match.
    """
    style, script = (f"\n{(_HERE / name).read_text(encoding='utf-8')}" for name in ("style.css", "filter.js"))
    return _PAGE.format(
        title=escaped(title),
        lead=lead,
        body=body,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
