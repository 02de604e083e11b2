"""TOML files to frozen structs, with errors that name the file, the key, the value and what is allowed."""

import re
import tomllib
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from streams.errors import BadSettings

T = TypeVar("T")
Tree = dict[str, Any]
Keys = tuple[str, ...]


def read(path: Path, kind: type[T]) -> T:
    """The struct in a file. Raises `BadSettings`."""
    return convert(read_tree(path), kind, str(path))


def read_tree(path: Path) -> Tree:
    """What a TOML file says, unchecked. Raises `BadSettings` where it can't be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSettings(
            f"{path} is not there; HEADWAY_CONFIG names the folder with the settings"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} is not TOML: {error}") from error


def convert(tree: Mapping[str, object], kind: type[T], origin: str) -> T:
    """A struct from what `origin` (a file, for the message) says. Raises `BadSettings`."""
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        raise BadSettings(f"{origin}: {_said(str(error), tree, kind)}") from error


def setting_type(kind: Any, keys: Keys, origin: str) -> Any:
    """The type of the setting that the keys lead to. Raises `BadSettings` with the names that are there."""
    for depth, key in enumerate(keys):
        children = _children(kind, key)
        if key not in children:
            where = ".".join(keys[:depth]) or "the settings"
            raise BadSettings(f"{origin}: {where} has no {key!r}; there is {_listed(children)}")
        kind = children[key]
    if children := _children(kind):
        raise BadSettings(f"{origin}: {'.'.join(keys)} is a section; name one of it: {_listed(children)}")
    return kind


def leaves(kind: Any, keys: Keys = ()) -> Iterator[Keys]:
    """The keys that lead to each setting of a struct."""
    children = _children(kind)
    if not children:
        yield keys
    for name, of in children.items():
        yield from leaves(of, (*keys, name))


def parse_text(text: str, kind: Any, origin: str) -> object:
    """A setting written as text (`true`, `2.5`, words; lists as JSON) to what TOML would have said."""
    try:
        if text[:1] in ("[", "{"):
            return msgspec.to_builtins(msgspec.json.decode(text, type=kind))
        return msgspec.to_builtins(msgspec.convert(text, kind, strict=False))
    except msgspec.DecodeError as error:
        raise BadSettings(f"{origin} is {_shown(text)}: {error}") from error


def put(tree: Tree, keys: Keys, value: object) -> None:
    """Set one leaf of a tree, in place."""
    *sections, last = keys
    for section in sections:
        tree = tree.setdefault(section, {})
    tree[last] = value


def _said(text: str, tree: object, kind: Any) -> str:
    """One of msgspec's messages, e.g. "Expected `int`, got `str` - at `$.a.b`", for a person with a file."""
    message, _, place = text.partition(" - at `")
    keys = tuple(key for key in re.split(r"[.\[\]`]+", place) if key not in ("", "$", "..."))
    where, value = ".".join(keys) or "the file", tree
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
        kind = _children(kind, key).get(key)
    if unknown := re.search(r"unknown field `(.*)`", message):
        return f"{where} has no {unknown[1]!r}; there is {_listed(_children(kind))}"
    if missing := re.search(r"missing required field `(.*)`", message):
        return f"{where} needs {missing[1]!r}"
    return f"{where}: {message}" if isinstance(value, Mapping) else f"{where} is {_shown(value)}: {message}"


def _children(kind: Any, key: str = "") -> dict[str, Any]:
    """The types of what a section may hold: a struct's fields, or `key` itself in a table with free keys."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _children(get_args(kind)[0], key)
    if origin in (Union, types.UnionType):
        return {name: of for arg in get_args(kind) for name, of in _children(arg, key).items()}
    if origin is dict:
        return {key: get_args(kind)[1]} if key else {}
    is_struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    return {field.name: field.type for field in msgspec.structs.fields(kind)} if is_struct else {}


def _shown(value: object) -> str:
    """A value as it was written, without the user and password that an address may have."""
    return re.sub(r"//[^/@]*@", "//...@", repr(value))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
