"""Files that are there whole or not at all, also where the power goes, and a disk that refuses in our words."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from streams.errors import BadSettings, StoreUnavailable

Write = Callable[[Path], object]


def replace_whole(path: Path, write: Write) -> None:
    """Have `write` make the file under a name that nobody reads, then put it in its place."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        write(temporary)
        sync(temporary)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def replace_bytes(path: Path, content: bytes) -> None:
    replace_whole(path, lambda temporary: temporary.write_bytes(content))


def sync(path: Path) -> None:
    """Returns when a file's content, or a folder's names, would survive a loss of power."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Raises `StoreUnavailable` where the disk refuses."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            f"the archive can't be written at {where} ({error.strerror or error}); "
            "free some space or set archive.folder to a folder that can be written"
        ) from error


def check_writable(folder: Path) -> None:
    """Make the folder where there is none. Raises `BadSettings` where nothing can be written in it."""
    for place in (folder, folder / ".positions"):
        try:
            place.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=place) as tried:
                tried.write(b"Headway can write here")
                tried.flush()
                os.fsync(tried.fileno())
        except OSError as error:
            raise BadSettings(
                f"archive.folder: nothing can be written in {place.absolute()} ({error.strerror or error}); "
                "free some space, let this user write there, or name another folder with HEADWAY_ARCHIVE__FOLDER"
            ) from error
