"""Reference for problem set 1, item 6.5: is a string of 100 characters random letters or English prose?"""

from submission.likelihood import log_likelihood

CHARACTERS = 100
THRESHOLD = -3.0


def classification(model, text):
    """True when ``text``, the tokens of 100 characters, is random: its mean log-likelihood per character is low.

    The mean is taken over characters, not tokens: a byte-pair encoding cuts prose into few tokens and random letters
    into many, so that the means over tokens lie close together. GPT-2 gives prose above -2.3 nats per character and
    random letters below -3.8.
    """
    return log_likelihood(model, text) / CHARACTERS < THRESHOLD
