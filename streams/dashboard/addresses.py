"""Where a territory's page is. Any name has an address that nothing on its way takes for another.

`/`, and a name of nothing but dots, mean something in a path, also as `%2F` and `%2E`: browsers and proxies
resolve them. So they are written with a `~` in place of the `%`, and so is `~`.
"""

import re
from urllib.parse import quote


def page_of(territory: str) -> str:
    """As in `/t/Ocotillo%20North`; `..` is at `/t/~2E~2E`."""
    own = r"[./\\~]" if set(territory) == {"."} else r"[/\\~]"
    return "/t/" + quote(re.sub(own, lambda found: f"~{ord(found[0]):02X}", territory), safe="~")


def named(part: str) -> str:
    """The territory of an address's part, as the web framework hands it over (without `%`)."""
    return re.sub("~([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), part)
