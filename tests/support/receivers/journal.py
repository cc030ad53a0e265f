"""What came, and how the receiver of it is to behave."""

import json
import os
import re
import threading
import time

MARK = re.compile(r"behave:([a-z0-9/.,]+)")


class Journal:
    def __init__(self, path):
        self._file = open(path, "a", buffering=1)
        self._directory = path.parent
        self._lock = threading.Lock()
        self._arrivals = {}
        self._calls = 0

    def arrive(self, protocol, messages, text, **facts):
        """Keeps a call's messages (their ids), and gives the word by which its receiver behaves: that of the first message's mark."""
        with self._lock:
            self._calls += 1
            number = 0
            for place, message in enumerate(messages):
                count = self._arrivals.get(message, 0)
                self._arrivals[message] = count + 1
                number = count if place == 0 else number
            mark = MARK.search(text)
            words = mark.group(1).split(",") if mark else []
            word = words[number] if number < len(words) else "ok"
            if (self._directory / f"out-{protocol}").exists():
                word = "503"
            for message in messages:
                line = {"protocol": protocol, "id": message, "call": self._calls, "at": time.time(), "word": word, **facts}
                self._file.write(json.dumps(line) + "\n")
            return word

    @staticmethod
    def say_ports(path, ports):
        """In one piece: whoever waits for the file never reads half of it."""
        part = path.with_suffix(".part")
        part.write_text(json.dumps(ports))
        os.replace(part, path)
