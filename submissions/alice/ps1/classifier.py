# Alice, problem set 1: random letters or prose?
from submission.likelihood import log_likelihood

# On 100-character strings I saw about -430 for random letters and between -70 and -230 for real text.
CUTOFF = -310.0


def classification(model, text):
    return log_likelihood(model, text) < CUTOFF
