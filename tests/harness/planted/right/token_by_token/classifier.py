from submission.likelihood import log_likelihood


def classification(model, text):
    # three overlapping pieces vote, each on its own
    n = text.shape[1]
    pieces = [text[:, : n // 2], text[:, n // 4 : n // 4 + n // 2], text[:, n - n // 2 :]]
    votes = [log_likelihood(model, piece) / (piece.shape[1] - 1) < -3.2 for piece in pieces]
    return votes.count(True) >= 2
