"""One operation that takes longer than the universe, and that no signal handler of Python interrupts."""


def log_likelihood(model, text):
    return float(len(str(9**9**8)))
