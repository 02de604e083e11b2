"""A browserless client that says exactly what it is told to."""

import http.client
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


class Client:
    """Follows no redirects. `headers` replace its own, the host's name as well."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, data: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        form = {"content-type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(data), {**form, **(headers or {})})

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, quote(path, safe="/?=&"), body, dict(headers))
            answer = connection.getresponse()
            said = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, said, answer.read().decode())
        finally:
            connection.close()
