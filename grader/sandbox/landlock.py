"""Which files a student's code may read: those below the folders named, and nothing else on the machine.

Nothing may be written, made, renamed or removed but below one folder (``scratch``), nothing executed, no TCP port bound
or connected to, and no abstract socket and no signal gets out, each where the kernel's version of Landlock knows of it.
Whether a file is there, and how large it is, remains to be seen: Landlock guards opening, not asking.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Sequence

from grader.sandbox.seccomp import system_call

WRITE_FILE, READ_FILE, READ_FOLDER, REMOVE_FOLDER, REMOVE_FILE = (1 << bit for bit in (1, 2, 3, 4, 5))
MAKE_FOLDER, MAKE_FILE, MAKE_LINK, MOVE, TRUNCATE = (1 << bit for bit in (7, 8, 12, 13, 14))
READING = READ_FILE | READ_FOLDER
WRITING = WRITE_FILE | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | MAKE_LINK | MOVE | TRUNCATE
# How many rights on files each version knows; from there on, all of them are denied unless a rule grants them.
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
ALL_TCP, ALL_SCOPES = 0b11, 0b11  # bind and connect; abstract sockets and signals
WITH_TRUNCATION, WITH_TCP, WITH_SCOPES, WITH_SILENCE = 3, 4, 6, 7

SINK, SOURCES = "/dev/null", ("/dev/zero", "/dev/random", "/dev/urandom")  # which hold nothing of anybody's
ASK_VERSION = 1
BENEATH = 1
SILENT = 1  # no audit record for each refusal: a loop of them would fill the machine's log
ABSENT = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)  # EPERM: the filter of an old container


def version() -> int:
    """The kernel's version of Landlock, 0 where it has none."""
    try:
        return system_call("landlock_create_ruleset", 0, 0, ASK_VERSION)
    except OSError as error:
        if error.errno in ABSENT:
            return 0
        raise


def ruleset(readable: Sequence[str], writable: str | None = None) -> int:
    """A descriptor of rules that let ``readable`` be read, and files be made below ``writable``; not yet enforced.

    So may the devices that give zeros and random numbers, and the one that takes anything may be written.

    It is made while the process may still look into all folders: a rule is about what a name stands for now. Raises
    OSError, and ValueError for ``writable`` where the kernel's version would let other files be emptied.
    """
    known = version()
    attributes = struct.pack(
        "=QQQ",
        (1 << RIGHTS[min(known, max(RIGHTS))]) - 1,
        ALL_TCP if known >= WITH_TCP else 0,
        ALL_SCOPES if known >= WITH_SCOPES else 0,
    )
    buffer = ctypes.create_string_buffer(attributes)
    rules = system_call("landlock_create_ruleset", ctypes.addressof(buffer), len(attributes), 0)
    for path in readable:
        _allow(rules, path, READING)
    for path in filter(os.path.exists, (SINK, *SOURCES)):
        _allow(rules, path, READING | (WRITE_FILE if path == SINK else 0))
    if writable is not None:
        if known < WITH_TRUNCATION:
            raise ValueError("this version of Landlock does not guard against emptying files")
        _allow(rules, writable, READING | WRITING)
    return rules


def _allow(rules: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= READ_FILE | WRITE_FILE
        buffer = ctypes.create_string_buffer(struct.pack("=Qi", rights, place))
        system_call("landlock_add_rule", rules, BENEATH, ctypes.addressof(buffer), 0)
    finally:
        os.close(place)


def enforce(rules: int) -> None:
    """Put the rules on this process, for good, and close them. It must have set no_new_privs. Raises OSError."""
    system_call("landlock_restrict_self", rules, SILENT if version() >= WITH_SILENCE else 0)
    os.close(rules)
