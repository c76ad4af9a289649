"""Never returns, whatever is raised in it."""


def log_likelihood(model, text):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
