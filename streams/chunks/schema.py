"""Hands a chunk through Faust as it is: agents decode, so that nothing is lost to a decoding error."""

from typing import Any

import faust
from faust.types import AppT, Message


class ChunkSchema(faust.Schema):
    """The value is the message's own value, the key is nothing."""

    def loads_key(self, app: AppT, message: Message, **_: Any) -> None:
        return None

    def loads_value(self, app: AppT, message: Message, **_: Any) -> Any:
        return message.value
