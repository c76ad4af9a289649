"""Returns things that never end when somebody looks at them."""

import collections.abc


class Endless(collections.abc.Sequence):
    def __len__(self):
        while True:
            pass

    def __getitem__(self, place):
        while True:
            pass

    __float__ = __iter__ = __array__ = __repr__ = __str__ = __eq__ = __abs__ = __sub__ = __len__
    __hash__ = None


def log_likelihood(model, text):
    return Endless()
