"""Nothing that a student writes becomes markup: pages full of hostile text, in a real browser, and what they do there.

Each page is visited as it is, and once more without its policy, so that escaping and the policy hold on their own. Two
more show that the tests can fail: unescaped without the policy everything happens, unescaped with it nothing does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

import pytest

from grader.reports.html import index, page
from grader.result import Feedback, Report
from tests.course import real_course
from tests.reports.browser import Server, Visit, needs_chromium
from tests.reports.made import assignment, field, item, refused, report, with_text

LONG = "<img src=x onerror=alert(1)>" * 40_000  # more than a megabyte
LOOK = r"""(document, window) => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const all = [...document.querySelectorAll("*")];
  const sortable = document.querySelector("table.sortable");
  const sorted = () => [...sortable.tBodies[0].rows].map((row) => row.cells[1].textContent);
  const orders = [];
  if (sortable && document.title === "Class report") {
    orders.push(sorted());
    for (const press of [1, 2]) {
      sortable.tHead.rows[0].cells[1].querySelector("button")?.click();
      orders.push([sortable.tHead.rows[0].cells[1].getAttribute("aria-sort"), ...sorted()]);
    }
  }
  return {
    title: document.title,
    forbidden: all.filter((one) => one.matches(
      "iframe, object, embed, link, form, base, input, audio, video, foreignObject, meta[http-equiv=refresh i], " +
      "a[href^='javascript:' i]")).map((one) => one.tagName),
    scripts: document.querySelectorAll("script").length,
    handlers: all.flatMap((one) => [...one.attributes]).filter((one) => /^on/i.test(one.name)).map((one) => one.name),
    wide: document.documentElement.scrollWidth,
    colour: window.getComputedStyle(document.body).color,
    orders,
  };
}"""


def payloads(where: str) -> list[str]:
    """Each tries to change the title or to ask the server for something."""
    act = f"document.title='owned';new Image().src='{where}'"
    return [
        f"<script>{act}</script>",
        f'<img src="{where}" onerror="{act}">',
        f'"><svg onload="{act}">',
        f'\'><svg/onload="{act}">',
        f'<a href="javascript:{act}">x</a> [x](javascript:alert) ![x]({where})',
        f'<meta http-equiv="refresh" content="0;url={where}">',
        f'</style><style>body{{color:#010203;background:url({where})}}</style><link rel=stylesheet href="{where}">',
        f'</title></pre></code></details><iframe src="{where}"></iframe><object data="{where}"></object>',
        f"{{{{7*7}}}} {{% raw %}} {{{{ ''.__class__ }}}} <base href=\"{where}/\">",
        rf"$\text{{<img src={where} onerror=x>}} \href{{javascript:{act}}}{{x}} \class{{<script>}}{{y}}$",
        rf"\unicode{{60}}script\unicode{{62}} \style{{background:url({where})}}{{z}}",
        r"\begin{aligned} & <script> \\ \end",
        "\u202eevil\u2066\x1b[31m\x07\x00&#60;script&#62;&lt;b&gt;",
        f"]]><!--><script>{act}</script><!--",
        f'<math><mtext></p><script>{act}</script><annotation-xml encoding="text/html"><img src="{where}">',
    ]


def hostile(where: str) -> Report:
    each = [with_text(text) for text in payloads(where)]
    return report(*each, *each, refused(payloads(where)[0], payloads(where)[1]))


def all_of(where: str, audience: str) -> str:
    """One submission with every payload in every place."""
    return page(with_text("\n".join(payloads(where))), real_course(), audience)  # type: ignore[arg-type]


def without_policy(text: str) -> str:
    found, count = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    assert count == 1
    return found


def unescaped(where: str) -> str:
    text = page(with_text(payloads(where)[1]), real_course(), "student")
    assert escape(payloads(where)[1], quote=False) != payloads(where)[1]
    return re.sub(
        r"&lt;img(.*?)&gt;",
        lambda found: found[0].replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace("&#39;", "'"),
        text,
    )


def honest() -> Report:
    marks = ["correct", "incorrect", "partial", "correct"]
    scores = [2.0, 0.0, 1.0, 10.0]
    return report(
        *(
            with_text("x").model_copy(
                update={
                    "submission": f"s{number}",
                    "assignments": (
                        assignment(
                            "midterm", item("4a", field(status=status, points=12.0).model_copy(update={"score": score}))
                        ),
                    ),  # type: ignore[arg-type]
                }
            )
            for number, (status, score) in enumerate(zip(marks, scores, strict=True))
        ),
        refused("gone", "it is no folder"),
    )


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    server = Server()
    try:
        yield server.visit(_pages(server.address), LOOK, tmp_path_factory.mktemp("profile"))
    finally:
        server.close()


def _pages(address: str) -> dict[str, str]:
    def at(name: str) -> str:
        return f"{address}/hit-{name}"

    course = real_course()
    long = with_text("x")
    said = field(kind="text", status="review", response=f"$x$ {LONG}", feedback=(Feedback(text=LONG),))
    rows = field(kind="derivation", response=LONG, evidence={"rows": [LONG, "x" * 10**6], "lines": ["holds", "unread"]})
    one = assignment("midterm", item("4b", said), item("5d", rows), remarks=("x" * 10**6,))
    long = long.model_copy(update={"assignments": (one,)})
    return {
        "student": all_of(at("student"), "student"),
        "staff": all_of(at("staff"), "staff"),
        "index": index(hostile(at("index")), course, links=dict.fromkeys(range(5, 99), ("a", "b"))),
        "student-bare": without_policy(all_of(at("student-bare"), "student")),
        "staff-bare": without_policy(all_of(at("staff-bare"), "staff")),
        "index-bare": without_policy(
            index(hostile(at("index-bare")), course, links=dict.fromkeys(range(5, 99), ("a", "b")))
        ),
        "long": page(long, course, "student"),
        "unescaped": unescaped(at("unescaped")),
        "unescaped-bare": without_policy(unescaped(at("unescaped-bare"))),
        "honest": index(honest(), course),
    }


@needs_chromium
@pytest.mark.parametrize("name", ["student", "staff", "index", "student-bare", "staff-bare", "index-bare", "long"])
def test_nothing_that_a_student_writes_becomes_markup(visit: Visit, name: str) -> None:
    found = visit.found[name]
    assert "failed" not in found
    assert found["title"] != "owned"
    assert found["forbidden"] == []
    assert found["handlers"] == []
    assert found["scripts"] == (1 if name.startswith("index") else 0)
    assert found["colour"] != "rgb(1, 2, 3)"
    assert [asked for asked in visit.asked if asked.endswith(f"hit-{name}")] == []


@needs_chromium
def test_without_escaping_the_policy_holds_and_without_both_nothing_does(visit: Visit) -> None:
    assert visit.found["unescaped"]["handlers"]  # it became markup
    assert visit.found["unescaped"]["title"] != "owned"
    assert visit.found["unescaped-bare"]["title"] == "owned"
    assert visit.asked
    assert all("hit-unescaped-bare" in asked for asked in visit.asked)


@needs_chromium
@pytest.mark.parametrize("name", ["student", "staff", "index", "long", "honest"])
def test_a_page_as_narrow_as_a_phone_does_not_scroll_sideways(visit: Visit, name: str) -> None:
    assert visit.found[name]["wide"] <= 320


@needs_chromium
def test_marks_are_sorted_by_a_press_on_a_heading_and_the_other_way_by_a_second(visit: Visit) -> None:
    as_written, up, down = visit.found["honest"]["orders"]
    assert as_written == ["2 / 12", "0 / 12", "1 / 12", "10 / 12", "none"]
    assert up == ["ascending", "0 / 12", "1 / 12", "2 / 12", "10 / 12", "none"]
    assert down == ["descending", "10 / 12", "2 / 12", "1 / 12", "0 / 12", "none"]
