"""Types at the terminal of whoever grades."""

import fcntl
import os
import pty
import termios

from given import attempt, did


def type_at(number):
    for byte in b"echo was-here\n":
        fcntl.ioctl(number, termios.TIOCSTI, bytes([byte]))
    did("typed")


def own():
    _, theirs = pty.openpty()
    did("has a terminal")
    type_at(theirs)


def take():
    number = os.open("/dev/tty", os.O_RDWR)
    fcntl.ioctl(number, termios.TIOCSCTTY, 1)
    did("has the terminal")


def log_likelihood(model, text):
    attempt(own, take, *(lambda number=number: type_at(number) for number in range(3)))
    return 0.0
