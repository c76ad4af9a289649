"""A self-check: how responses are read without a key, what is blank or malformed, and that nothing is judged."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checking import NOT_ASKED, check
from grader.checking.found import Check, FieldCheck
from grader.checking.functions import look
from grader.harness.checks.bench import failed, passed
from grader.harness.lab import Lab
from grader.loading.specs.course import Course, load_course
from grader.spec import CodeField, Item
from grader.submission import Remark, Response, Submission, Trouble, Work
from tests.course import ROOT

SAMPLE = "def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):\n    return 1\n"


@cache
def keyless() -> Course:
    return load_course(ROOT / "problems", None)


def checked(item: str, code: dict[str, str] | None = None, lab: Lab | None = None, **fields: str) -> Check:
    """Check one item of a submission that answers it so."""
    assignment, _, name = item.partition("/")
    responses = {name: {field: Response(text=text, source="answers.yaml:7") for field, text in fields.items()}}
    work = Work(assignment=assignment, responses=responses, code=code or {})
    return check(Submission(name="dave", works=(work,)), keyless(), {item}, lab)


def field(found: Check, name: str = "answer") -> FieldCheck:
    return next(field for field in found.fields if field.name == name)


# --- how each kind is read ---


@pytest.mark.parametrize(
    ("item", "name", "written", "plain", "latex"),
    [
        ("midterm/1a", "answer", "T", "true", ""),
        ("midterm/2a", "answer", "autoregressive and VAEs", "AR, VAE", ""),
        ("midterm/2c", "answer", "none of them", "none", ""),
        ("midterm/4a", "answer", r"$p_X(1) = \frac{1}{5}$", "1/5", r"\frac{1}{5}"),
        ("midterm/4d", "jacobian", "(1/2) r", "1/2*r", r"\frac{1}{2}\,r"),
        ("midterm/7c", "answer", "(0, 1)", "0 < T < 1", "0 < T < 1"),
        ("midterm/3d", "A", "I", "identity(D)", "I_{D}"),
    ],
)
def test_a_response_is_shown_as_it_was_read(item: str, name: str, written: str, plain: str, latex: str) -> None:
    found = field(checked(item, **{name: written}), name)
    assert (found.state, found.plain, found.latex, found.trouble) == ("ready", plain, latex, "")


def test_dots_are_written_out() -> None:
    found = field(checked("midterm/5b", answer="x_1, z_1, ..., x_T, z_T"))
    assert found.plain == "for T = 3: x_1, z_1, x_2, z_2, x_3, z_3"


def test_right_and_wrong_look_the_same() -> None:
    """Nothing says which of them is right: one reads like the other."""
    right, wrong = (field(checked("midterm/4a", answer=text)) for text in ("1/15", "1/16"))
    same = {"written", "plain", "latex"}
    assert right.model_dump(exclude=same) == wrong.model_dump(exclude=same)


def test_prose_is_counted() -> None:
    assert field(checked("midterm/1a", why="three words here"), "why").words == 3


def test_a_reason_behind_a_choice_is_no_part_of_it() -> None:
    found = field(checked("midterm/1a", answer="False, unless the order is fixed."))
    assert (found.state, found.plain) == ("ready", "false")
    assert any("a human will look" in remark for remark in found.remarks)


def test_what_the_problem_itself_forbids_is_remarked_on() -> None:
    """The shape that is asked for, and rules of form, are public."""
    wrong_shape = field(checked("ps1/6.7a", p0="1/2"), "p0")
    assert wrong_shape.state == "ready"
    assert any("expected is" in remark for remark in wrong_shape.remarks)


# --- what cannot be read ---


@pytest.mark.parametrize(
    ("item", "name", "written", "text", "position", "hint"),
    [
        ("midterm/4a", "answer", "$p = 1/15)$", "1/15)", 4, "1/15"),
        ("midterm/4a", "answer", "1 = 2 = 3", "1 = 2 = 3", 6, "one number"),
        ("midterm/4d", "jacobian", "2 q", "2 q", 2, "p_XY(., .)"),
        ("midterm/7c", "answer", "T < (1", "T < (1", 6, "T < 1"),
    ],
)
def test_where_reading_stopped(item: str, name: str, written: str, text: str, position: int, hint: str) -> None:
    found = field(checked(item, **{name: written}), name)
    assert found.state == "malformed"
    assert found.trouble
    assert found.stop is not None
    assert (found.stop.text, found.stop.position) == (text, position)
    assert hint in found.hint
    assert found.source == "answers.yaml:7"


def test_a_choice_that_does_not_decide() -> None:
    found = field(checked("midterm/1a", answer="it depends"))
    assert found.state == "malformed"
    assert "true, false" in found.trouble


def test_what_is_crossed_out_cannot_be_read() -> None:
    assert field(checked("midterm/4a", answer="~~1/5~~ 1/15")).state == "malformed"
    assert field(checked("midterm/1a", why="~~no~~ yes"), "why").state == "ready"


def test_what_the_file_is_at_fault_for_is_malformed() -> None:
    response = Response(text="1", problem="answered twice, differently", source="answers.md:3")
    work = Work(assignment="midterm", responses={"4a": {"answer": response}})
    found = field(check(Submission(name="d", works=(work,)), keyless(), {"midterm/4a"}))
    assert (found.state, found.trouble) == ("malformed", "answered twice, differently")


def test_blank_unless_something_was_lost() -> None:
    assert field(checked("midterm/4a")).state == "blank"
    trouble = Trouble(status="malformed", text="answers.ipynb is no notebook")
    work = Work(assignment="midterm", troubles=(trouble,))
    found = check(Submission(name="d", works=(work,)), keyless(), {"midterm/4a"})
    assert field(found).state == "malformed"
    assert found.assignments[0].unreadable == ("answers.ipynb is no notebook",)


def test_remarks_stand_with_the_item_or_the_assignment() -> None:
    remarks = (Remark(item="4a", text="on 4a"), Remark(text="on all"), Remark(item="9z", text="no such item"))
    work = Work(assignment="midterm", remarks=remarks)
    (found,) = check(Submission(name="d", works=(work,)), keyless(), {"midterm/4a"}).assignments
    assert (found.items[0].remarks, found.remarks) == (("on 4a",), ("on all", "no such item"))


# --- proofs ---


PROOF = r"""\begin{aligned}
\min_{q_\theta} D_{KL}(p^T(x) \| q_\theta(x)) &= \min_{q_\theta} 7 \\
&= \min_{q_\theta} \mathbb{E}_{x \sim p^T}[ + ] \\
&= \min_{q_\theta} \mathbb{E}_{x \sim p^T}[-\log q_\theta(x)]
\end{aligned}"""


def test_a_proof_line_by_line_and_no_step_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def judging(*_: object) -> None:
        raise AssertionError("a step was judged")

    monkeypatch.setattr("grader.derivation.engine.steps.Judge.step", judging)
    found = field(checked("midterm/7f", answer=PROOF))
    assert (found.state, len(found.lines)) == ("malformed", 3)
    first, second, third = found.lines
    assert first.latex == r"\min_{\theta} D_{KL}(p^T(x) \| q_\theta(x)) = \min_{\theta} 7"  # false, and read
    assert third.latex.startswith("= ")
    assert (first.trouble, third.trouble) == ("", "")
    assert second.trouble
    assert second.position is not None
    assert second.written[second.position :].lstrip().startswith("]")


def test_a_proof_that_begins_with_a_relation_goes_on_from_the_claim() -> None:
    found = field(checked("midterm/7f", answer=r"= \min_{q_\theta} 7"))
    assert [line.latex for line in found.lines] == [r"= \min_{\theta} 7"]


def test_no_formula_at_all() -> None:
    found = field(checked("midterm/7f", answer="It is clear."))
    assert (found.state, found.words) == ("ready", 3)  # a human reads it
    assert "no line of this could be read as a formula" in found.remarks[0]


def test_a_sentence_with_a_formula_that_cannot_be_read_is_named() -> None:
    found = field(checked("midterm/7f", answer=rf"By Jensen's rule $f(E[X]) \le E[f(X)]$, so{chr(10)}{PROOF}"))
    assert found.state == "malformed"
    assert "not all of 'By Jensen" in found.trouble


def test_a_proof_that_speaks_of_another_field() -> None:
    """``w`` is what the student gave for it; where that cannot be read, neither can the proof."""
    proof = r"$p_\theta(y \mid x) = p_\gamma(y \mid x)$"
    assert field(checked("ps1/2", w="mu_y/sigma^2", proof=proof), "proof").state == "ready"
    found = field(checked("ps1/2", w="mu_y/", proof=proof), "proof")
    assert (found.state, "another field" in found.trouble) == ("malformed", True)


def test_what_a_field_says_is_not_said_again_of_its_item() -> None:
    response = Response(text="16", problem="in a code cell", source="answers.ipynb, cell 3")
    remarks = (Remark(item="6.1", text="in a code cell"), Remark(item="6.1", text="and more"))
    work = Work(assignment="ps1", responses={"6.1": {"answer": response}}, remarks=remarks)
    found = check(Submission(name="d", works=(work,)), keyless(), {"ps1/6.1"})
    assert found.assignments[0].items[0].remarks == ("and more",)


# --- code ---


def test_code_is_looked_at_without_being_run() -> None:
    found = field(checked("ps1/6.3", {"sample.py": SAMPLE}))
    assert (found.state, found.hidden) == ("not run", 8)
    assert found.plain.startswith("sample(model, start_text, config, length, temperature=None")
    assert found.remarks == (NOT_ASKED,)


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("def sample(\n", "failed", "line 1"),
        ("x = 1\0", "failed", "Python cannot read the file"),
        ("(" * 5000 + ")" * 5000, "failed", "Python cannot read the file"),
        ("def draw(): return 1\n", "failed", "there is no function sample in sample.py; found draw"),
        ("def Sample(): return 1\ndef temperature_scale(): return 1\n", "failed", "found Sample"),
        ("def temperature_scale(): return 1\n", "blank", "there is no function sample"),
        ("def sample(model):\n    'Write this.'\n    raise NotImplementedError('later')\n", "blank", "not written yet"),
        ("def sample(m):\n    return 1\n", "not run", "the problem asks for sample(model, start_text"),
        ("def sample(*everything):\n    return 1\n", "not run", NOT_ASKED),
        ("from submission.other import sample\n", "not run", NOT_ASKED),
        ("try:\n    sample = print\nexcept OSError:\n    pass\n", "not run", NOT_ASKED),
        ("if True:\n    def sample(*a): return '\\d'\n", "not run", NOT_ASKED),
    ],
)
def test_what_a_file_shows_of_a_function(text: str, state: str, said: str) -> None:
    found = field(checked("ps1/6.3", {"sample.py": text}))
    assert found.state == state, found
    assert said in " ".join((found.trouble, *found.remarks))


def test_a_function_in_the_text_of_an_answer_is_no_file() -> None:
    found = field(checked("ps1/6.3", answer=SAMPLE))
    assert found.state == "not run"
    assert "# file: sample.py" in found.hint


def test_a_missing_file_is_blank() -> None:
    found = field(checked("ps1/6.3"))
    assert (found.state, found.remarks) == ("blank", ("there is no file sample.py",))


def test_without_torch_code_is_said_not_to_have_been_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.harness.lab.NEEDED", ("no_such_module",))
    with Lab(own=True) as lab:
        found = checked("ps1/6.3", {"sample.py": SAMPLE}, lab)
    assert field(found).state == "not run"
    assert "torch is not installed" in field(found).remarks[-1]
    assert (found.exit_status, found.isolation) == (0, None)


@pytest.mark.parametrize(
    ("second", "state", "status"),
    [(passed(), "ready", 0), (failed("It returned a list."), "failed", 1)],
)
def test_public_tests_have_their_sentences(
    monkeypatch: pytest.MonkeyPatch, second: object, state: str, status: int
) -> None:
    monkeypatch.setattr(Lab, "refusal", lambda self: "")
    monkeypatch.setattr(Lab, "start", lambda self: None)
    findings = {"sample-type": passed(), "sample-start": second}
    monkeypatch.setattr("grader.checking.run_public", lambda spec, desk: (findings, "out"))
    found = checked("ps1/6.3", {"sample.py": SAMPLE}, Lab(own=True))
    assert (field(found).state, found.exit_status) == (state, status)
    assert [test.name for test in field(found).tests] == ["sample-type", "sample-start"]
    assert field(found).tests[1].said == second.say  # type: ignore[attr-defined]
    assert (field(found).printed, field(found).hidden) == ("out", 8)


def test_every_code_item_says_how_its_function_is_called() -> None:
    """The signature is taken from the prompt: the reference would meet every one."""
    for item in keyless().assignments["ps1"].items:
        for spec in item.fields:
            if isinstance(spec, CodeField):
                assert isinstance(item, Item)
                text = (ROOT / "submissions" / "alice" / "ps1" / spec.file).read_text("utf-8")
                seen = look(spec, item, text, ())
                assert (seen.trouble, seen.remark) == ("", ""), item.id
                assert "the problem asks for" in look(spec, item, f"def {spec.function}(a_b_c): return 1", ()).remark


@pytest.mark.slow
def test_real_code_is_run_with_public_draws() -> None:
    with Lab(own=True) as lab:
        found = checked("ps1/6.3", {"sample.py": "def sample(*args, **more):\n    print('here')\n    return 1\n"}, lab)
    assert (field(found).state, found.exit_status) == ("failed", 1)
    assert {test.state for test in field(found).tests} == {"failed"}
    assert "here" in field(found).printed
    assert found.isolation is not None


# --- faults of ours, bounds ---


def test_a_reader_that_fails_costs_its_own_field_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("lost")

    monkeypatch.setattr("grader.checking.readings.choice.read", broken)
    found = checked("midterm/1a", answer="true", why="because")
    assert (field(found).state, field(found, "why").state) == ("error", "ready")
    assert "tell your instructor" in field(found).trouble
    assert found.exit_status == 3


@pytest.mark.parametrize(("answer", "status"), [("1/15", 0), ("", 0), ("1/15)", 1)])
def test_blank_is_no_failure(answer: str, status: int) -> None:
    assert checked("midterm/4a", answer=answer).exit_status == status


def test_a_text_of_a_million_characters_is_cut() -> None:
    for item, name in (("midterm/4a", "answer"), ("midterm/7f", "answer"), ("midterm/1a", "why")):
        found = field(checked(item, **{name: "x " * 500_000}), name)
        assert len(found.model_dump_json()) < 20_000


@given(st.text(st.sampled_from("1/ x_^{}()=<,\\~$&\n\x1bT") | st.characters(), max_size=30))
def test_whatever_is_typed_something_is_said(text: str) -> None:
    for item, name in (("midterm/4a", "answer"), ("midterm/4d", "density"), ("midterm/7c", "answer")):
        found = field(checked(item, **{name: text}), name)
        assert found.state in ("ready", "malformed", "blank"), found
        assert bool(found.plain) == (found.state == "ready")
        assert bool(found.trouble) == (found.state == "malformed")
