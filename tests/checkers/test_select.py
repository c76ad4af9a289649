"""``select``: a set of options, marked by the author's policy."""

from __future__ import annotations

import pytest

from grader.errors import SpecError
from tests.checkers.common import MODELS, POINTS, agrees, field, judged, key, said

SPEC = field("select", options=MODELS)
KEY = key("select", must=("AR", "VAE", "EBM"))

# fmt: off
TABLE = [
    *(("correct", text) for text in ("AR, VAE, EBM", "EBM, AR, VAE", "ar, vae, ebm", "AR and VAE and EBM",
        "AR, VAE, and EBM", "AR VAE EBM".replace(" ", "; "))),
    *(("correct", text) for text in ("AR\nVAE\nEBM", "- AR\n- VAE\n- EBM", "AR, VAE, EBM.", "**AR**, **VAE**, **EBM**",
        "AR & VAE & EBM", "AR/VAE/EBM")),
    *(("correct", text) for text in ("autoregressive, variational autoencoders, energy-based models",
        "Autoregressive models, VAEs and EBMs", "AR, AR, VAE, EBM")),
    *(("correct", text) for text in (r"\textbf{AR}, VAE, EBM", "[AR, VAE, EBM]", "{AR, VAE, EBM}",
        "1. AR\n2. VAE\n3. EBM", "the AR, the VAE, the EBM")),
    *(("incorrect", text) for text in ("AR", "AR, VAE", "AR, VAE, EBM, GAN", "all", "none", "GAN, Flow", "Flow",
        "all of them")),
    *(("malformed", text) for text in ("AR, VAE, EBN", "models", "AR or maybe VAE", "A, B", "1, 2, 5",
        "AR, VAE, transformers", "yes", ",", "all but the good ones")),
]
# fmt: on


@pytest.mark.parametrize(("status", "text"), TABLE)
def test_status(status: str, text: str) -> None:
    outcome = judged(SPEC, KEY, text)
    assert agrees(outcome, status), (outcome.status, outcome.read_as, said(outcome))


@pytest.mark.parametrize(
    "text",
    ["all", "All of them", "all models", "every model", "all five", "AR, VAE, Flow, GAN, EBM", "all of the above"],
)
def test_all(text: str) -> None:
    assert judged(SPEC, key("select", must=tuple(MODELS)), text).status == "correct"


@pytest.mark.parametrize("text", ["none", "None", "none of them", "nothing", "none of the above", "no models"])
def test_none(text: str) -> None:
    assert judged(SPEC, key("select", must=()), text).status == "correct"
    assert judged(SPEC, KEY, text).status == "incorrect"


@pytest.mark.parametrize(
    ("text", "status"),
    [("VAE, Flow", "correct"), ("VAE, Flow, GAN", "correct"), ("all", "incorrect"), ("VAE", "incorrect")],
)
def test_options_that_may_be_added(text: str, status: str) -> None:
    may = key("select", must=("VAE", "Flow"), may=("GAN", "EBM"))
    assert judged(SPEC, may, text).status == status


@pytest.mark.parametrize(
    ("policy", "text", "share"),
    [
        ("all-or-nothing", "AR, VAE", 0),
        ("all-or-nothing", "AR, VAE, EBM", 1),
        ("per-option", "AR, VAE, EBM", 1),
        ("per-option", "AR, VAE", 4 / 5),
        ("per-option", "AR, VAE, GAN", 3 / 5),
        ("per-option", "GAN, Flow", 0),
        ("per-option", "all", 3 / 5),
        ("per-option-with-penalty", "AR, VAE", 2 / 3),
        ("per-option-with-penalty", "AR, VAE, GAN", 1 / 3),
        ("per-option-with-penalty", "GAN", 0),
        ("per-option-with-penalty", "AR, GAN, Flow", 0),
        ("per-option-with-penalty", "all", 1 / 3),
    ],
)
def test_policies(policy: str, text: str, share: float) -> None:
    outcome = judged(field("select", options=MODELS, policy=policy), KEY, text)
    assert outcome.score == pytest.approx(POINTS * share)
    assert outcome.status == {0: "incorrect", 1: "correct"}.get(share, "partial")
    assert outcome.pending == 0


@pytest.mark.parametrize("policy", ["all-or-nothing", "per-option", "per-option-with-penalty"])
@pytest.mark.parametrize("text", ["none", "all", "AR", "GAN, Flow", "AR, VAE, EBM, GAN"])
def test_no_score_leaves_its_bounds(policy: str, text: str) -> None:
    for must in [(), ("AR",), tuple(MODELS)]:
        outcome = judged(field("select", options=MODELS, policy=policy), key("select", must=must), text)
        assert 0 <= outcome.score <= POINTS


def test_a_list_is_taken_element_by_element() -> None:
    assert judged(SPEC, KEY, "AR, VAE, EBM", parts=("AR", "VAE", "EBM")).status == "correct"
    assert judged(SPEC, KEY, "AR, VAE", parts=("AR", "VAE")).status == "incorrect"
    assert judged(SPEC, KEY, "AR, x", parts=("AR", "x")).status == "malformed"


def test_the_options_are_echoed_in_their_order() -> None:
    assert judged(SPEC, KEY, "EBM, AR").read_as == "AR, EBM"
    assert judged(SPEC, KEY, "none").read_as == "none"


def test_malformed_names_the_word() -> None:
    outcome = judged(SPEC, KEY, "AR, VAE, EBN")
    assert "`EBN`" in said(outcome)
    assert "AR, VAE, Flow, GAN, EBM" in said(outcome)


@pytest.mark.parametrize("more", [{"must": ("XYZ",)}, {"must": ("AR",), "may": ("xyz",)}])
def test_a_key_with_no_such_option_is_the_keys_fault(more: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(SpecError, match="none of the options"):
        judged(SPEC, key("select", **more), "AR")
