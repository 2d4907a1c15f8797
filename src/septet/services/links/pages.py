"""The few pages that visitors see: a password form, a preview, and why a link leads nowhere. No script, no style sheet
from elsewhere; everything shown is escaped.
"""

from html import escape

from septet.kernel.errors import Problem

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1a1a1a}}
a{{overflow-wrap:anywhere}}input,button{{font:inherit;padding:.5rem .75rem}}.error{{color:#b00020}}</style></head>
<body><h1>{title}</h1>{body}</body></html>"""
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'",
    "Cache-Control": "private, no-store",
}


def password_form(title: str, error: str = "") -> str:
    told = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return _PAGE.format(
        title=escape(title) or "This link is protected",
        body=f"""<p>Enter the password that came with this link.</p>{told}
<form method="post"><label>Password <input type="password" name="password" required autofocus></label>
<button type="submit">Continue</button></form>""",
    )


def preview(title: str, short_url: str, url: str) -> str:
    """Where a link leads, without going there."""
    return _PAGE.format(
        title=escape(title) or "Where this link leads",
        body=f"""<p>{escape(short_url)} leads to</p>
<p><a rel="noreferrer nofollow" href="{escape(url)}">{escape(url)}</a></p>""",
    )


def refusal(problem: Problem) -> str:
    return _PAGE.format(title=escape(problem.title), body=f"<p>{escape(problem.detail)}</p>")
