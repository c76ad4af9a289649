from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work import latex
from grader.loading.work.sections import Section

Read = Callable[..., Any]


@pytest.mark.parametrize(
    "heading",
    [
        *[r"\section{3.1}", r"\section*{3.1}", r"\subsubsection*{Problem 3.1}", r"\paragraph{3.1:}", "% item: 3.1"],
        *[
            r"\section[short]{3.1}",
            r"\subsection* {\textbf{3.1}}\label{q31}",
            "%ITEM:3.1",
            "\\section*{3.1:\na \\emph{title}}",
        ],
    ],
)
def test_what_opens_an_item(read: Read, heading: str) -> None:
    assert read(tex=f"{heading}\n1/15\n").texts == {"3.1": {"answer": "1/15"}}


def test_only_the_document_counts(read: Read) -> None:
    before, after = "\\section{2b}\nno\n% \\begin{document}\n", "\n\\section{2c}\nno"
    assert read(tex=f"{before}\\begin{{document}}\n\\section{{3.1}}\n1\n\\end{{document}}{after}").texts == {
        "3.1": {"answer": "1"}
    }


def test_comments_go_and_percents_stay(read: Read) -> None:
    tex = "\\section{2c}\nno % yes\n% \\section{3.1}\nWhy: 50\\% of it \\\\% tail\n  % file: x\nmore\n"
    assert read(tex=tex).texts == {"2c": {"answer": "no", "why": "50\\% of it \\\\\nmore"}}


def test_verbatim_is_opaque_and_kept(read: Read) -> None:
    body = "\\begin{verbatim}\n\\section{2c} % kept\nWhy: x\n\\end{verbatim}"
    seen = read(tex=f"\\section{{3.1}}\n{body}\n\\section{{2b}}\nno")
    assert seen.texts == {"3.1": {"answer": body}, "2b": {"answer": "no"}}


def test_verbatim_that_is_never_closed_hides_nothing(read: Read) -> None:
    seen = read(tex="\\section{3.1}\n\\begin{lstlisting}\n1\n\\section{2b}\nno")
    assert seen.texts["2b"] == {"answer": "no"}
    assert "answers.tex:2" in seen.remarks()


def test_text_is_left_as_typed(read: Read) -> None:
    typed = "\\begin{aligned}\n  a &= b \\\\\n    &= \\frac{c}{d}~\\,\n\\end{aligned}"
    assert read(tex=f"\\section*{{1}}\n\n{typed}\n\n").texts == {"1": {"answer": typed}}


def test_a_comment_takes_the_heading_below_it_as_its_title(read: Read) -> None:
    tex = "% item: 3.1\n\\section*{A density}\n1\n% item: 2c\n\n\\section*{Invertible?}\nno\n\\section*{Other}\nlost\n"
    seen = read(tex=tex)
    assert seen.texts == {"3.1": {"answer": "1"}, "2c": {"answer": "no"}}
    assert "'Other' (answers.tex:8) belongs to no item" in seen.remarks()


def test_a_comment_does_not_swallow_the_next_item(read: Read) -> None:
    assert read(tex="% item: 3.1\n\\section*{2c}\nno\n").texts == {"2c": {"answer": "no"}}


def test_fields(read: Read) -> None:
    tex = r"""
\section*{2d}
\textbf{Jacobian:} $r$
\noindent\emph{Density}: $r\,p$
\subsection*{2e}
\begin{itemize}
\item $p$: yes
\item $p_T$: no
\end{itemize}
\subsection*{3.2}
$\mu_2$: $|x|$
\paragraph{Why:} it folds
\subsection*{3.3b} \textbf{T: 2}
\texttt{t}: 3
"""
    texts = read(tex=tex).texts
    assert texts["2d"] == {"jacobian": "$r$", "density": "$r\\,p$"}
    assert texts["2e"]["p"] == "yes"
    assert texts["3.2"] == {"mu_2": "$|x|$", "why": "it folds"}
    assert texts["3.3b"] == {"T": "2", "t": "3"}


def test_headings_within_a_line(read: Read) -> None:
    assert read(tex="\\section{3.1} 1 \\section{2c} no \\section{broken").texts["3.1"] == {"answer": "1"}


def test_deeper_headings_stay_in_the_text(read: Read) -> None:
    tex = "\\section{2c}\nno\n\\subsection{Why}\na\n\\subsection{Details}\nb\n"
    assert read(tex=tex).texts == {"2c": {"answer": "no", "why": "a\n\\subsection{Details}\nb"}}


PIECES = ["\\section", "*", "{", "}", "[", "]", "%", "\\", "\n", " ", "2b", "item: 2b", "Why:", "\\label{x}"]
MARKS = [f"\\{edge}{{{name}}}" for edge in ("begin", "end") for name in ("verbatim", "document")]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *MARKS]), max_size=30).map("".join) | st.text())
def test_any_text_is_read(text: str) -> None:
    assert all(isinstance(part, Section) for part in latex.read(text, "answers.tex").found)
