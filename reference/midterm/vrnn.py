"""5a: how many parameters an unrolled VRNN has, counted on ones that are built."""

WIDTH, LATENT, SEEN = 5, 2, 3


class Weights:
    """Arrays by name, each made once; ``count`` is how many numbers they have together."""

    def __init__(self):
        self.made = {}

    def use(self, name, *shape):
        numbers = self.made.setdefault(name, [0.1] * _size(shape))
        assert len(numbers) == _size(shape), name

    @property
    def count(self):
        return sum(map(len, self.made.values()))


def _size(shape):
    size = 1
    for n in shape:
        size *= n
    return size


def _unrolled(steps):
    """Which weights the steps of the recurrence touch: the state is updated, z_t and x_t get their conditionals."""
    weights = Weights()
    for _ in range(steps):
        for name, inputs, outputs in (
            ("prior of z_t", WIDTH, 2 * LATENT),
            ("decoder of x_t", WIDTH + LATENT, 2 * SEEN),
            ("state", WIDTH + LATENT + SEEN, WIDTH),
        ):
            weights.use(f"{name}: matrix", inputs, outputs)
            weights.use(f"{name}: bias", outputs)
    return weights.count


def parameters():
    """``N`` if a VRNN of any length has as many parameters as one of length 1, else what was counted."""
    counts = {steps: _unrolled(steps) for steps in range(1, 30)}
    return "N" if len(set(counts.values())) == 1 else f"not constant: {counts}"
