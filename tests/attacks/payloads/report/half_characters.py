"""Uses what no file can be written with: halves of characters, zero bytes, bidirectional marks."""


def log_likelihood(model, text):
    print("\0\u202e\u2066")
    raise type("Half\u202e\u2066", (ImportError,), {})("\ud800\0\u202e")
