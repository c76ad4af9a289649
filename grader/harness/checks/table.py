"""The tests of course code that there are: names, what each detects, and how they depend on one another.

Without the tests themselves (``suite``), which need NumPy: files of problems and keys are read against this table.
"""

from __future__ import annotations

from dataclasses import dataclass

PUBLIC = "public"  # seeds what a self-check draws, which has no secret


@dataclass(frozen=True, slots=True)
class Check:
    """One test, of ``function``. ``detects`` says what a failure means, for authors and for reports.

    ``gate``: an item whose gate fails earns nothing. ``after``: it is not held against a student who fails one of
    these, for it would cost the same mistake twice.
    """

    function: str
    detects: str
    gate: bool = False
    after: tuple[str, ...] = ()


CHECKS: dict[str, Check] = {
    "sample-type": Check("sample", "another type or shape than a LongTensor (1, L + length)"),
    "sample-start": Check("sample", "a result that does not begin with the start"),
    "sample-support": Check("sample", "tokens drawn that top-k filters out"),
    "sample-distribution": Check("sample", "draws from another distribution"),
    "sample-seeds": Check("sample", "the same draws whatever the seed"),
    "sample-arguments": Check("sample", "arguments changed in place"),
    "sample-context": Check("sample", "failing where the text fills the context, or seeing only a part of it"),
    "sample-temperature": Check("sample", "draws from another distribution, with a temperature"),
    "sample-horizon": Check(
        "sample",
        "draws from another distribution, with horizon 2",
        after=("sample-distribution", "sample-temperature"),
    ),
    "scale-none": Check("temperature_scale", "logits changed although there is no temperature"),
    "scale-values": Check("temperature_scale", "other values than logits / T"),
    "scale-extremes": Check("temperature_scale", "other values at very small and large T"),
    "scale-type": Check("temperature_scale", "another type or shape, NaN or infinity"),
    "scale-arguments": Check("temperature_scale", "arguments changed in place"),
    "horizon-values": Check("temperature_scale", "other log-weights than those of the joint"),
    "horizon-filtered": Check("temperature_scale", "filtered tokens that come back"),
    "horizon-type": Check("temperature_scale", "another type or shape, NaN or infinity"),
    "horizon-arguments": Check("temperature_scale", "arguments changed in place"),
    "likelihood-type": Check("log_likelihood", "something else than one float"),
    "likelihood-values": Check("log_likelihood", "other values than the exact ones"),
    "likelihood-long": Check("log_likelihood", "products that underflow on long texts"),
    "likelihood-sum": Check("log_likelihood", "probabilities that do not add up to 1"),
    "likelihood-additive": Check("log_likelihood", "log p(ab) other than log p(a) + log p(b|a)"),
    "likelihood-arguments": Check("log_likelihood", "text changed in place"),
    "classifier-type": Check("classification", "something else than True or False"),
    "classifier-random": Check("classification", "random letters taken for prose"),
    "classifier-shakespeare": Check("classification", "Shakespeare taken for random"),
    "classifier-technical": Check("classification", "technical prose taken for random"),
    "classifier-model": Check("classification", "answers without the model", gate=True),
}
