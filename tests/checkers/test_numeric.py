"""``numeric``: exact where both are exact, else within the tolerance."""

from __future__ import annotations

import pytest

from grader.checkers import numeric
from grader.errors import SpecError
from grader.keys import Tolerance
from grader.math.equality import Verdict
from tests.checkers.common import agrees, field, judged, key, said

FIFTEENTH = "1/15"
# fmt: off
TABLE = [
    # an exact fraction
    *(
        (FIFTEENTH, "correct", text)
        for text in ("1/15", "2/30", " 1 / 15 ", r"$\frac{1}{15}$", r"\(\frac1{15}\)", "15^{-1}")
    ),
    *(
        (FIFTEENTH, "correct", text)
        for text in ("p_X(1) = 1/15", "1/15.", '"1/15"', "(1/3)/5", "1/3 * 1/5", "e^{-\\ln 15}")
    ),
    *(
        (FIFTEENTH, "correct", text)
        for text in ("0.0667", "0.06666666", "6.67e-2", ".0667", "6.667%", "0.06673", "0.0666")
    ),
    *(
        (FIFTEENTH, "incorrect", text)
        for text in ("1/5", "-1/15", "−1/15", "15", "3/5", "1/16", "0", "1/15 + 10^{-30}")
    ),
    *((FIFTEENTH, "incorrect", text) for text in ("0.067", "0.07", "0.06674", "0.0665", "-0.0667", "6.67", "1/15!")),
    *(
        (FIFTEENTH, "malformed", text)
        for text in ("1/15)", "(1/15", "1/15 or 1/5", "the answer is 1/15", "1/15 units", "x")
    ),
    *(
        (FIFTEENTH, "malformed", text)
        for text in ("1/15 = 0.0667", "1:15", "0,0667", "1//15", "about 1/15", "1/", "/15", "\\")
    ),
    *(
        (FIFTEENTH, "malformed", text)
        for text in ("≈ 0.0667", "1/15, 1/5", "1/15; 0.0667", "[1/15, 1]", "one fifteenth", "0.0.1")
    ),
    # an integer is exact
    *(
        ("14974991", "correct", text)
        for text in ("14974991", "14,974,991", "14{,}974{,}991", "9743*(768+768+1)", "14974991.0")
    ),
    *(("14974991", "correct", text) for text in ("1.4974991e7", r"14\,974\,991", "9743·1537", "14 974 991")),
    *(
        ("14974991", "incorrect", text)
        for text in ("14974990", "14,974,990", "14974991.4", "14965248", "-14974991", "0", "1e30")
    ),
    *(("14974991", "review", text) for text in ("1.5e7", "1.497e7")),
    *(
        ("14974991", "malformed", text)
        for text in ("14,97,4991", "14.974.991", "14_974_991", "15 million", "14974991 parameters")
    ),
    *(
        ("1", "correct", text)
        for text in ("1", "1.0", "T = 1", "e^0", "2 - 1", "100%", "0!", "-(-1)", "sin(pi/2)", "[1]")
    ),
    *(
        ("1", "incorrect", text)
        for text in ("0", "2", "-1", "0.9999", "1.0001", "1/2", "infinity", "1/0", "0/0", "log(0)")
    ),
    *(("1", "malformed", text) for text in ("one", "±1", "1 or -1", "1 (one)", "T \\to 1", "x/x", "!1")),
    *(
        ("16", "correct", text)
        for text in ("16", "2^4", "log_2(65536)", "log2(65536)", "sqrt(256)", "4²", "16.0", "2^{2^2}")
    ),
    *(("16", "correct", text) for text in (r"\lceil \log_2(50257) \rceil", "ceil(log_2(50257))")),
    *(("16", "incorrect", text) for text in ("15.6", "15", "log_2(50257)", "log(65536)", "50257", "2^16", "32")),
    *(("16", "malformed", text) for text in ("16 bits", "0x10", "2^", "sixteen")),
    # irrational and negative
    *(("pi", "correct", text) for text in ("pi", "π", r"\pi", "3.14", "3.1416", "4*arctan(1)", "arccos(-1)")),
    *(("pi", "incorrect", text) for text in ("22/7", "3", "3.15", "-pi", "355/113", "e", "180")),
    *(("-log(2)", "correct", text) for text in ("-log(2)", "log(1/2)", "-\\ln 2", "-0.693147", "log(0.5)")),
    *(("-log(2)", "incorrect", text) for text in ("log(2)", "0.693", "-log_2(2)", "-log_{10}(2)", "log(-2)", "-0.7")),
    *(("-2.5", "correct", text) for text in ("-2.5", "-5/2", "-2.501", "−2.5")),
    *(("-2.5", "incorrect", text) for text in ("2.5", "-2.51", "5/2")),
]
# fmt: on


@pytest.mark.parametrize(("value", "status", "text"), TABLE)
def test_status(value: str, status: str, text: str) -> None:
    outcome = judged(field("numeric"), key("numeric", value=value), text)
    assert agrees(outcome, status), said(outcome)


@pytest.mark.parametrize(
    "text", ["infinity/infinity", "log(-1)/log(-1)", "0*log(0) + 1", "1 + infinity - infinity", "(1/0)^0"]
)
def test_what_has_no_value_is_never_right(text: str) -> None:
    assert judged(field("numeric"), key("numeric", value="1"), text).status != "correct"


@pytest.mark.parametrize(
    ("value", "tolerance", "right", "wrong"),
    [
        ("1/15", {"absolute": 0.01}, ["0.07", "0.06", "1/15", "0.0766"], ["0.08", "0.05", "1/14"]),
        ("1/15", {"relative": 0.1}, ["0.07", "0.0733"], ["0.075", "0.08"]),
        ("pi", {"digits": 3}, ["3.14", "3.142", "3.1449", "pi"], ["3.15", "3.1", "3.13"]),
        ("1234.5", {"digits": 2}, ["1234.5", "1200.0", "1250.0"], ["1300.0", "1180.0"]),
        ("0.00123", {"digits": 2}, ["0.0012", "1.2e-3"], ["0.0013", "0.012"]),
        ("-7/3", {"digits": 3}, ["-2.33", "-2.333"], ["-2.3", "2.33"]),
        ("0", {"absolute": 0.05}, ["0", "0.0", "0.05", "-0.05"], ["0.051", "1/100"]),
        ("16", {"relative": 0.01}, ["16", "16.1", "15.9"], ["15", "17.0"]),
    ],
)
def test_tolerances(value: str, tolerance: dict[str, float], right: list[str], wrong: list[str]) -> None:
    marked = key("numeric", value=value, tolerance=tolerance)
    assert {text: judged(field("numeric"), marked, text).status for text in right} == dict.fromkeys(right, "correct")
    assert {text: judged(field("numeric"), marked, text).status for text in wrong} == dict.fromkeys(wrong, "incorrect")


def test_digits_of_a_power_of_ten() -> None:
    marked = key("numeric", value="10", tolerance={"digits": 3})
    assert judged(field("numeric"), marked, "10.04").status == "correct"
    assert judged(field("numeric"), marked, "10.1").status == "incorrect"


@pytest.mark.parametrize("text", ["0.067", "0.0670", "0.066"])
def test_close_is_told_to_be_close(text: str) -> None:
    outcome = judged(field("numeric"), key("numeric", value=FIFTEENTH), text)
    assert "close" in said(outcome)
    assert "1/15" not in said(outcome)


def test_far_is_not_told_to_be_close() -> None:
    assert "close" not in said(judged(field("numeric"), key("numeric", value=FIFTEENTH), "0.2"))


def test_an_exact_key_sends_its_own_rounding_to_a_human() -> None:
    exact = key("numeric", value="1/15", tolerance="exact")
    assert judged(field("numeric"), exact, "0.0667").status == "review"
    assert judged(field("numeric"), exact, "0.0668").status == "incorrect"
    assert judged(field("numeric"), exact, "2/30").status == "correct"


def test_zero_with_an_exponent_is_no_rounding() -> None:
    assert judged(field("numeric"), key("numeric", value="14974991"), "0.0").status == "incorrect"


def test_the_reading_and_the_dropped_label_are_told() -> None:
    outcome = judged(field("numeric"), key("numeric", value=FIFTEENTH), "p_X(1) = 1/15")
    assert outcome.read_as == r"\frac{1}{15}"
    assert "p_X(1)" in said(outcome)
    assert "dropped" in said(outcome)


def test_malformed_says_where() -> None:
    outcome = judged(field("numeric"), key("numeric", value=FIFTEENTH), "1/15)")
    assert "character 5" in said(outcome)
    assert outcome.evidence["position"] == 4


@pytest.mark.parametrize("value", ["1/15)", "x", ""])
def test_a_key_that_cannot_be_read_is_the_keys_fault(value: str) -> None:
    with pytest.raises(SpecError, match=r"key\.yaml:7"):
        judged(field("numeric"), key("numeric", value=value or " "), "1")


@pytest.mark.parametrize(
    "given", [{}, {"relative": 0.1, "digits": 2}, {"relative": 0}, {"digits": 0}, {"absolute": -1}]
)
def test_one_tolerance_is_given(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"Input|expected"):
        Tolerance.model_validate(given)


# --- significant digits ---


@pytest.mark.parametrize(
    ("value", "digits", "right", "wrong"),
    [
        (
            "0.0667",
            "3",
            ["0.0667", "0.06667", "0.066667", "0.06665", "0.06675"],
            ["0.067", "0.0666", "0.0668", "0.06664"],
        ),
        ("1/15", "3", ["0.0667", "0.06667", "0.0666667", "1/15"], ["0.067", "0.0666", "0.0668"]),
        ("1/2", "3", ["0.5", "0.500", "0.5004"], ["0.501", "0.49"]),
        ("9.996", "3", ["10.0", "9.996", "10.00"], ["9.99", "10.1"]),
        # rounded to so few digits that no decimal point is left
        ("14974991", "3", ["15000000", "1.50e7", "14974991", "15,000,000"], ["15100000", "14000000", "1.4e7"]),
        ("73/10", "1", ["7", "7.3", "7.0"], ["8", "6"]),
        ("73/10", "2", ["7.3"], ["7", "8"]),
        ("701/100", "2", ["7.0", "7.01"], ["7", "6.9"]),  # an integer is exact where a decimal could have been written
        ("7", "1", ["7"], ["7.6", "8"]),
    ],
)
def test_significant_digits(value: str, digits: str, right: list[str], wrong: list[str]) -> None:
    marked = key("numeric", value=value, tolerance={"digits": digits})
    found = {text: judged(field("numeric"), marked, text).status for text in right + wrong}
    assert found == {**dict.fromkeys(right, "correct"), **dict.fromkeys(wrong, "incorrect")}


# --- intervals ---


@pytest.mark.parametrize(
    ("value", "ends", "right", "wrong"),
    [
        (
            "1/15",
            ["0.066", "0.0675"],
            ["0.066", "0.0675", "0.067", "0.0667", "1/15", "6.7%"],
            ["0.0659", "0.068", "1/14"],
        ),
        ("pi", ["3", "3.2"], ["3.0", "3.2", "3.14", "pi"], ["3", "22/7", "3.21", "2.9"]),
        ("-1/2", ["-1", "0"], ["-0.5", "-1.0", "0.0", "-1/2"], ["0.1", "-1.01", "-1/3"]),
        ("2", ["2", "2"], ["2", "2.0"], ["2.001", "3"]),
        ("1/3", ["0", "1"], ["0.99"], ["1.01", "2/3"]),
    ],
)
def test_an_interval_holds_decimals(value: str, ends: list[str], right: list[str], wrong: list[str]) -> None:
    marked = key("numeric", value=value, tolerance={"interval": ends})
    found = {text: judged(field("numeric"), marked, text).status for text in right + wrong}
    assert found == {**dict.fromkeys(right, "correct"), **dict.fromkeys(wrong, "incorrect")}


def test_an_interval_is_evidence_and_what_lies_beside_it_is_close() -> None:
    marked = key("numeric", value="1/15", tolerance={"interval": ["0.066", "0.068"]})
    assert judged(field("numeric"), marked, "0.067").evidence["tolerance"] == {"interval": [0.066, 0.068]}
    assert "close" in said(judged(field("numeric"), marked, "0.0685"))
    assert "close" not in said(judged(field("numeric"), marked, "0.08"))


@pytest.mark.parametrize("ends", [["0.07", "0.08"], ["0.01", "0.06"]])
def test_a_key_outside_of_its_own_interval_is_at_fault(ends: list[str]) -> None:
    with pytest.raises(SpecError, match=r"key\.yaml:7.*outside of the interval"):
        judged(field("numeric"), key("numeric", value="1/15", tolerance={"interval": ends}), "0.07")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (["0.07", "0.06"], r"lower end first instead of \[0.07, 0.06\]"),
        (["1"], r"the two ends of an interval, such as \[0.06, 0.07\]"),
        ("0.06", "the two ends of an interval"),
        (["a", "b"], "valid number"),
        (["0", "inf"], "finite"),
    ],
)
def test_ends_that_are_none(ends: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Tolerance.model_validate({"interval": ends})


# --- form ---


@pytest.mark.parametrize(
    ("form", "text", "score"),
    [
        ("value", "1/15", 2),
        ("value", "0.0667", 2),
        ("value", "2/30", 2),
        ("value", "1/3*1/5", 0),
        ({"value": "0.5"}, "1/3 * 1/5", 1.5),
        ("lowest-terms", "2/30", 0),
        ("lowest-terms", "1/15", 2),
        ("exact", "0.0667", 0),
        ("exact", "1/3*1/5", 2),
        ("no-integral", r"\int_0^1 \frac{x^2}{5} dx", 0),
        ({"value": "1", "lowest-terms": "0.5"}, "4/60 + 0", 0.5),
    ],
)
def test_form(form: object, text: str, score: float) -> None:
    outcome = judged(field("numeric", form=form), key("numeric", value="1/15"), text)
    assert outcome.status == ("correct" if score == 2 else "partial" if score else "incorrect")
    assert outcome.score == score
    assert ("The value is right, but" in said(outcome)) == (score < 2)


def test_a_numeric_key_that_breaks_its_own_rule_is_at_fault() -> None:
    with pytest.raises(SpecError, match="own form rule lowest-terms"):
        judged(field("numeric", form="lowest-terms"), key("numeric", value="2/30"), "1/15")


# --- near misses ---


@pytest.mark.parametrize(
    ("value", "text", "slip"),
    [
        (FIFTEENTH, "-1/15", "Check the sign."),
        (FIFTEENTH, "-0.0667", "Check the sign."),
        (FIFTEENTH, "15", "This is the reciprocal of the right number."),
        (FIFTEENTH, "2/15", "This is off by a factor of 2."),
        (FIFTEENTH, "1/30", "This is off by a factor of 2."),
        (FIFTEENTH, "0.1333", "This is off by a factor of 2."),
        (FIFTEENTH, "2/3", "This is off by a factor of 10."),
        (FIFTEENTH, "0.00667", "This is off by a factor of 10."),
        (FIFTEENTH, "6.67", "This is off by a factor of 100. Is it a percentage?"),
        (FIFTEENTH, "1/1500", "This is off by a factor of 100. Is it a percentage?"),
        ("16", "15", "This is off by one."),
        ("16", "17", "This is off by one."),
        ("14974991", "14,974,990", "This is off by one."),
        ("-log(2)", "log(2)", "Check the sign."),
        ("-log(2)", "0.693147", "Check the sign."),
        ("pi", "pi/2", "This is off by a factor of 2."),
        ("1", "0", "This is off by one."),
    ],
)
def test_a_slip_is_named(value: str, text: str, slip: str) -> None:
    outcome = judged(field("numeric"), key("numeric", value=value), text)
    assert agrees(outcome, "incorrect")
    assert said(outcome) == slip
    assert "near_miss" in outcome.evidence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (FIFTEENTH, "1/5"),
        (FIFTEENTH, "0"),
        (FIFTEENTH, "0.0"),
        (FIFTEENTH, "16/15"),
        (FIFTEENTH, "0.13"),
        (FIFTEENTH, "1/0"),
        ("16", "18"),
        ("16", "16.5"),
        ("0", "1.5"),
        ("2", "infinity"),
    ],
)
def test_no_slip_is_made_up(value: str, text: str) -> None:
    outcome = judged(field("numeric"), key("numeric", value=value), text)
    assert outcome.status == "incorrect"
    assert "near_miss" not in outcome.evidence


def test_a_key_near_one_is_not_its_own_reciprocal() -> None:
    """1.0001 is near both the key and its reciprocal; near the key is no slip."""
    marked = key("numeric", value="1.00003", tolerance={"digits": "10"})
    assert "near_miss" not in judged(field("numeric"), marked, "1.0001").evidence
    assert judged(field("numeric"), marked, "-1.00003").evidence["near_miss"] == "sign"


def test_a_change_that_leaves_the_key_alone_is_no_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numeric, "compare", lambda *_: Verdict("equal", "sampled"))
    assert "near_miss" not in judged(field("numeric"), key("numeric", value="16"), "3").evidence


def test_one_number_is_expected() -> None:
    outcome = judged(field("numeric"), key("numeric", value="1/15"), "[1/15, 1]")
    assert agrees(outcome, "malformed")
    assert "one number" in said(outcome)
