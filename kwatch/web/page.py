"""The page with the terminal, and what a browser may do with it."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

FONT_SIZE = 15

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="static/css/xterm.css">
<style>
@font-face {{ font-family: "Roboto Mono"; src: url("static/fonts/RobotoMono-VariableFont_wght.ttf"); }}
html, body {{ margin: 0; height: 100%; background: #11151c; color: #d8dee9; font-family: sans-serif; }}
.textual-terminal {{ height: 100vh; }}
#ended {{ display: none; position: fixed; inset: 0; z-index: 10; background: #11151ccc; }}
body.-closed #ended {{ display: flex; align-items: center; justify-content: center; gap: 2em; }}
#ended a {{ color: #88c0d0; }}
</style>
<script src="static/js/textual.js"></script>
<script src="focus.js"></script>
</head>
<body>
<div id="ended" role="status"><span>The session has ended.</span><a href="./">Begin another</a></div>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{websocket}" data-font-size="{size}"></div>
<noscript>kwatch needs JavaScript here.</noscript>
</body>
</html>
"""

FOCUS = """\
const focus = () => document.querySelector(".xterm-helper-textarea")?.focus();
addEventListener("load", () => {
  const terminal = document.getElementById("terminal");
  new MutationObserver((_, observer) => {
    if (document.querySelector(".xterm-helper-textarea")) { observer.disconnect(); focus(); }
  }).observe(terminal, { childList: true, subtree: true });
  focus();
});
addEventListener("focus", focus);
"""
"""Keys go to the terminal from the start, without a click."""


class NotInstalled(ValueError):
    """What the page is made of is not there; the text is a sentence."""


def static_files() -> Path:
    """Where the terminal of the page is; raise NotInstalled."""
    try:
        folder = Path(str(files("textual_serve"))) / "static"
    except ModuleNotFoundError:
        folder = None
    if folder is None or not (folder / "js" / "textual.js").is_file():
        raise NotInstalled("kwatch serve needs textual-serve: pip install 'kwatch-tui[serve]'")
    return folder


def page(websocket: str, title: str) -> str:
    """`websocket` is its address."""
    return _PAGE.format(title=escape(title), websocket=escape(websocket), size=FONT_SIZE)


def headers(websocket: str) -> dict[str, str]:
    """Nothing is loaded from elsewhere, framed, kept or told to other sites: the address is a secret."""
    origin = "/".join(websocket.split("/")[:3])
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; "
        f"connect-src 'self' {origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
