"""What every planted file finds beside it: where things are (``places``, which the tests write), and a right answer."""

import json
import os
import struct

import torch
import torch.nn.functional as F
from places import DID

_BEGUN = []


def right(model, text):
    """The log-likelihood of a text, as it should be."""
    with torch.no_grad():
        logits, _ = model(text)
    scores = F.log_softmax(logits[:, :-1], dim=-1).gather(2, text[:, 1:, None])
    return scores.sum().item()


def first():
    """Whether this is the first time that anybody asks in this process."""
    _BEGUN.append(1)
    return len(_BEGUN) == 1


def did(what):
    """To be said where an attempt has had its effect."""
    print(DID, what, flush=True)
    return True


def attempt(*attempts):
    """Each of them, whatever becomes of the others; what they find is printed."""
    for one in attempts:
        try:
            found = one()
        except BaseException as error:
            print(type(error).__name__, flush=True)
        else:
            print(found, flush=True)


# --- hidden inputs ---

NUMBER = 900_000  # added to tokens that are passed on as numbers, so that they can be recognised
STEERING = "\x1b[2J\x1b]0;was-here\x07\x9b31m\x08\r\n\x1b[1A100 / 100"


def hidden(text):
    """Whether a text is longer than any that a public test of log-likelihoods shows."""
    return text.shape[1] > 20


def spelled(text):
    """The beginning of a text as a name."""
    return "tokens_" + "_".join(map(str, text[0, :12].tolist()))


def send(result, count=1):
    """Answer in the worker's place, on every socket there is, and end."""
    header = {"results": [result] * count, "seconds": 0.0, "output": ""}
    text = json.dumps({"header": header, "arrays": []}).encode()
    answer = struct.pack(">Q", len(text) + 4) + struct.pack(">I", len(text)) + text
    for number in range(3, 64):
        view = memoryview(answer)
        try:
            while view:
                view = view[os.write(number, view) :]
        except OSError:
            continue
    os._exit(0)
