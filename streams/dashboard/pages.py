"""Templates, and what every one of them may use. Whatever somebody typed comes out as text."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from streams.dashboard.addresses import page_of

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Pages:
    """Renders. `static` addresses bear a hash of all that is served, so that browsers may keep what they have."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["version"] = _version()
        self._templates.filters["page"] = page_of
        self._templates.filters["data"] = lambda what: msgspec.json.encode(what).decode()

    def render(self, name: str, **given: Any) -> str:
        return self._templates.get_template(name).render(**given)


def _version() -> str:
    """Of our own files and of which others were copied beside them."""
    digest = hashlib.blake2s(digest_size=6)
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in (".css", ".js") or path.name == ".made-from":
            digest.update(path.read_bytes())
    return digest.hexdigest()
