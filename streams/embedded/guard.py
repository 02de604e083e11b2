"""Runs one command and ends it when whoever started us is gone, however that happened.

Our standard input is a pipe that the starter holds open: it closes when the starter closes it or dies,
even by SIGKILL. A starter that lives says a byte before, and then looks after FOLDER itself; of one that
died we remove it. FOLDER may be empty for none.
This file imports nothing of Headway, so that it starts fast.
Usage: python -I guard.py STOP_WITHIN_S FOLDER COMMAND...
"""

import os
import shutil
import signal
import subprocess
import sys
import threading


def main() -> int:
    stop_within_s, folder, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    # Our standard output is for the one line below; what the command says goes where our errors go.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: child.terminate())
    orphaned = threading.Event()
    threading.Thread(target=_follow, args=(child, stop_within_s, orphaned), daemon=True).start()
    code = child.wait()
    if folder and orphaned.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _follow(child: "subprocess.Popen[bytes]", stop_within_s: float, orphaned: threading.Event) -> None:
    if not os.read(0, 1):
        orphaned.set()
    child.terminate()
    try:
        child.wait(stop_within_s)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main())
