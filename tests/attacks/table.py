"""What hostile submissions do, phrase by phrase, and which payload or test stands for each phrase.

A payload is a file or folder below ``payloads/<group>``: what a student hands in, beside ``given.py`` and a
``places.py`` that the tests write. Names with ``::`` are tests elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PAYLOADS = HERE / "payloads"
FULL, SAMPLES = 6.0, 10.0  # what the items are worth, 6.4 and 6.3
CONSTANT = 1.0  # what any number earns on 6.4: it is a float, and the arguments are left alone


@dataclass(frozen=True, slots=True)
class Payload:
    """``score`` is what the item gives for the same code without the attack: more may never come of it.

    ``endless``: it takes all the patience that there is. ``only_a``: the inner walls do not stand against it, and are
    not said to. ``slow``: judged with -m slow. ``wide``: without walls it looks at the
    whole machine. ``unseen`` says why a grader without walls (``naive``) is not shown to
    suffer from it.
    """

    name: str
    score: float = CONSTANT
    item: str = "6.4"
    endless: bool = False
    only_a: bool = False
    slow: bool = False
    wide: bool = False
    unseen: str = ""
    given: Mapping[str, str] = field(default_factory=dict)  # what is handed in, where it is not below payloads/

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]

    def files(self) -> dict[str, str]:
        """What is handed in."""
        if self.given:
            return dict(self.given)
        path = PAYLOADS / self.name
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.is_file())
            return {file.name.removesuffix(".txt"): file.read_text("utf-8") for file in files}  # .txt: not for pytest
        return {"likelihood.py": path.with_suffix(".py").read_text("utf-8")}


ONLY_THERE = "it has an effect in the process of its own author alone"
NOT_TAKEN = "it is a wrong answer, and every grader that looks at values says so"
BY_LAYERS = "no machine should meet it without a bound: tests/sandbox/test_layers.py takes one layer away"
ORACLE = "the number goes into no report, and how far off it is cannot be hidden from whoever asks often enough"
USED_AGAIN = "it harms those alone who use the same text again"
ESCAPED = "it is text here; what becomes of it is for the reports to be tested on"
SAMPLING = "a grader without distributions has nothing to compare it with"
CONFIRMED = "this kernel or machine may not have it: what stops it is tested by number in tests/sandbox/test_seccomp.py"

TABLE = (
    Payload("looking/key_from_disk", FULL),
    Payload("looking/exists", FULL, only_a=True),
    Payload("looking/walk", FULL, wide=True),
    Payload("looking/frames", FULL),
    Payload("looking/heap", FULL),
    Payload("looking/siblings", FULL),
    Payload("looking/processes", FULL),
    Payload("looking/process_ids", FULL, only_a=True),
    Payload("looking/own_memory", FULL),
    Payload("looking/environment", FULL),
    Payload("looking/descriptors", FULL),
    Payload("looking/memory_of_others", FULL),
    Payload("looking/uninitialised"),
    Payload("looking/cache_of_python", FULL),
    Payload("forging/write_results"),
    Payload("forging/remove_results"),
    Payload("forging/frames_of_ours"),
    Payload("forging/frames_with_values"),
    Payload("forging/frames_of_faults"),
    Payload("forging/print_pass"),
    Payload("forging/exit_zero"),
    Payload("forging/exit_zero_at_once"),
    Payload("forging/exit_on_import"),
    Payload("forging/exit_like_a_fault"),
    Payload("forging/at_exit"),
    Payload("forging/finaliser"),
    Payload("forging/thread"),
    Payload("forging/equal_to_everything"),
    Payload("forging/torch_function"),
    Payload("forging/numbers_that_lie"),
    Payload("forging/patch_torch"),
    Payload("forging/patch_the_rest"),
    Payload("forging/patch_the_grader"),
    Payload("forging/swap_forward"),
    Payload("forging/edit_weights", CONSTANT + 1),  # and its probabilities add up
    Payload("forging/planted_files"),
    Payload("forging/swap_files"),
    Payload("forging/poison_caches"),
    Payload("forging/right_but_at_import", FULL),
    Payload("forging/right_but_at_exit", FULL),
    Payload("forging/right_but_finaliser", FULL),
    Payload("forging/right_but_thread", FULL),
    Payload("values/hard_coded", unseen=NOT_TAKEN),
    Payload("values/under_the_grader", unseen=NOT_TAKEN),
    Payload("values/ready_made", 0.0),
    Payload("values/ready_made_in_memory"),
    Payload("values/ready_made_samples", 2.0, item="6.3", unseen=SAMPLING),
    Payload("values/fixed_seed", SAMPLES - 1, item="6.3", unseen=SAMPLING),
    Payload("values/greedy", 5.0, item="6.3", unseen=SAMPLING),
    Payload("values/nan"),
    Payload("values/infinity", unseen=NOT_TAKEN),
    Payload("values/too_large_for_json", unseen=NOT_TAKEN),
    Payload("values/bool_for_number", unseen=NOT_TAKEN),
    Payload("values/huge_int"),
    Payload("values/wrong_shapes"),
    Payload("values/wrong_types"),
    Payload("values/in_place", FULL - 0.5, unseen=USED_AGAIN),
    Payload("values/lazy"),
    Payload("values/pickled"),
    Payload("values/hostile_weights", FULL),
    Payload("values/letters", item="6.5", unseen=SAMPLING, slow=True),
    Payload("values/letters_and_a_guess", item="6.5", unseen=SAMPLING),
    Payload("values/always", item="6.5", unseen=SAMPLING, slow=True),
    Payload("exhausting/fork_bomb", unseen=BY_LAYERS),
    Payload("exhausting/fork_once"),
    Payload("exhausting/thread_bomb"),
    Payload("exhausting/more_than_allowed"),
    Payload("exhausting/endless_list", unseen=BY_LAYERS),
    Payload("exhausting/endless_tensors", unseen=BY_LAYERS),
    Payload("exhausting/anonymous_files"),
    Payload("exhausting/endless_loop", endless=True),
    Payload("exhausting/loop_on_import", endless=True),
    Payload("exhausting/power", endless=True),
    Payload("exhausting/sleep", endless=True),
    Payload("exhausting/ignore_signals", endless=True),
    Payload("exhausting/stop_itself", endless=True),
    Payload("exhausting/kill_parent"),
    Payload("exhausting/kill_group"),
    Payload("exhausting/kill_everybody", unseen="it would kill everybody"),
    Payload("exhausting/daemon"),
    Payload("exhausting/many_files"),
    Payload("exhausting/huge_file"),
    Payload("exhausting/output_flood"),
    Payload("exhausting/endless_frame", endless=True),
    Payload("exhausting/frame_of_everything"),
    Payload("exhausting/segfault"),
    Payload("exhausting/abort"),
    Payload("exhausting/recursion", endless=True, unseen=BY_LAYERS, slow=True),
    Payload("exhausting/recursion_in_c"),
    Payload("exhausting/nested_source", unseen=ONLY_THERE),
    Payload("exhausting/exception_that_loops", endless=True),
    Payload("exhausting/exception_that_exits"),
    Payload("exhausting/exception_that_grows", unseen=ONLY_THERE),
    Payload("escaping/tcp"),
    Payload("escaping/udp"),
    Payload("escaping/dns"),
    Payload("escaping/abstract"),
    Payload("escaping/sockets"),
    Payload("escaping/another_program"),
    Payload("escaping/namespaces"),
    Payload("escaping/mount"),
    Payload("escaping/io_uring", unseen=CONFIRMED),
    Payload("escaping/bpf", unseen=CONFIRMED),
    Payload("escaping/x32"),
    Payload("escaping/become_root"),
    Payload("escaping/raise_limits"),
    Payload("escaping/terminal"),
    Payload("report/name_of_an_exception", FULL),
    Payload("report/name_of_a_type", FULL),
    Payload("report/text_of_an_import_error", FULL),
    Payload("report/module_that_is_not_there", FULL),
    Payload("report/text_of_a_syntax_error", FULL),
    Payload("report/message", FULL),
    Payload("report/name_that_is_built", FULL),
    Payload("report/shape", FULL),
    Payload("report/output", FULL),
    Payload("report/value", FULL, unseen=ORACLE),
    Payload("report/forged_error", FULL),
    Payload("report/forged_kind", FULL),
    Payload("report/forged_type", FULL),
    Payload("report/forged_name", FULL),
    Payload("report/flood"),
    Payload("report/flood_of_names"),
    Payload("report/escapes_in_names"),
    Payload("report/escapes_in_types"),
    Payload("report/escapes_in_imports"),
    Payload("report/escapes_in_output"),
    Payload("report/half_characters"),
    Payload("report/markup", unseen=ESCAPED),
)
BY_NAME = {payload.name: payload for payload in TABLE}


# --- the list that all of this stands for ---

GROUPS = {
    "Looking": """
        read the key from disk; stat/exists as an oracle; walk sys.path, cwd, `__file__`; frames, `inspect`, `gc`;
        an earlier submission in inherited heap; sibling submissions; /proc/PPID/environ, cmdline, root; /proc/self/mem;
        environment secrets; left-over descriptors; ptrace and process_vm; uninitialised memory holding the reference's
        output.
    """,
    "Forging": """
        write results.json anywhere; chmod or remove results; forged frames on the result channel; print "PASS
        100/100"; `sys.exit(0)`; `os._exit(0)`; atexit, `__del__` or a thread that rewrites the result; an object equal
        to everything; `__torch_function__`, tensor subclass, `__array__`, `__float__` that lie; patching torch, numpy,
        unittest, pytest, time, the RNG, the tokenizer; swapping `model.forward`, editing weights; planted conftest.py,
        torch.py, sitecustomize.py, .pth, .pyc; swapping the files while they are graded; poisoning a shared cache.
    """,
    "Cheating with values": """
        hard-coded public outputs; behaving differently under the grader; calling the reference or a
        ready-made generate; a fixed manual_seed inside `sample`; NaN, Infinity, 1e999, bool for number, huge int, wrong
        but broadcastable shape or dtype; changing inputs in place; a lazy iterable that hangs; pickle payloads; hostile
        .pt files.
    """,
    "Exhausting": """
        fork bomb; thread bomb; lists and tensors without end; memfd and pipes; endless loops; `9**9**8` under
        the GIL; sleeping; ignoring SIGTERM and SIGXCPU; stopping itself; killing the parent or the group; daemons
        holding a pipe; many files; one huge file; output floods; an endless frame; segfault, abort, both kinds of
        recursion; an exception whose `__str__` misbehaves.
    """,
    "Escaping": """
        TCP, UDP, DNS, abstract unix sockets; user namespaces, mount, io_uring, bpf; x32 system calls; setuid,
        raising limits; TIOCSTI; terminal escapes in output.
    """,
    "Bad files": """
        symlinks, hard links, FIFOs and devices in a submission; zip-slip, tar links, zip bombs; duplicate,
        case-colliding, `..`, NUL and Unicode names; deep JSON, duplicate keys; YAML aliases, tags, depth; deeply nested
        Python; notebooks with giant outputs, 1e5 cells, magics (`!`, `%run`, `%%bash`), duplicated or missing cells,
        pre-baked outputs.
    """,
    "Bad mathematics": """
        `__import__('os')` in an answer; 9**9**9**9, factorial(10**9), N(pi, 10**8), endless simplification,
        deep nesting, huge matrices; homoglyphs and bidirectional marks; regular expressions that explode.
    """,
    "Through the report": """
        `<script>` and event handlers in answers shown as HTML; Markdown, LaTeX and ANSI injection;
        `=cmd` cells in CSV; a name that claims to be someone else; hidden inputs leaking through stdout, tracebacks or
        messages; score, timing or crash used as an oracle over many submissions; keyword stuffing and invisible text
        against a rubric; instructions to a language model in an answer.
    """,
}

_READ, _MATH, _HERE = "tests/loading/work", "tests/math/test_hostile.py", "tests/attacks/test_bad_files.py"
# What no test can stand for yet: there is nothing that it could be done to.
LATER = "later: "

PHRASES = {
    "read the key from disk": "looking/key_from_disk",
    "stat/exists as an oracle": "looking/exists",
    "walk sys.path, cwd, `__file__`": "looking/walk looking/cache_of_python",
    "frames, `inspect`, `gc`": "looking/frames looking/heap",
    "an earlier submission in inherited heap": "looking/heap looking/own_memory",
    "sibling submissions": "looking/siblings",
    "/proc/PPID/environ, cmdline, root": "looking/processes looking/process_ids",
    "/proc/self/mem": "looking/own_memory",
    "environment secrets": "looking/environment",
    "left-over descriptors": "looking/descriptors",
    "ptrace and process_vm": "looking/memory_of_others",
    "uninitialised memory holding the reference's output": "looking/uninitialised",
    "write results.json anywhere": "forging/write_results forging/right_but_at_import",
    "chmod or remove results": "forging/remove_results",
    "forged frames on the result channel": "forging/frames_of_ours forging/frames_with_values forging/frames_of_faults",
    'print "PASS 100/100"': "forging/print_pass",
    "`sys.exit(0)`": "forging/exit_zero",
    "`os._exit(0)`": "forging/exit_zero_at_once forging/exit_on_import forging/exit_like_a_fault",
    "atexit, `__del__` or a thread that rewrites the result": "forging/at_exit forging/finaliser forging/thread "
    "forging/right_but_at_exit forging/right_but_finaliser forging/right_but_thread",
    "an object equal to everything": "forging/equal_to_everything",
    "`__torch_function__`, tensor subclass": "forging/torch_function",
    "`__array__`, `__float__` that lie": "forging/numbers_that_lie",
    "patching torch": "forging/patch_torch forging/patch_the_grader",
    "numpy, unittest, pytest, time, the RNG, the tokenizer": "forging/patch_torch forging/patch_the_rest",
    "swapping `model.forward`": "forging/swap_forward",
    "editing weights": "forging/edit_weights",
    "planted conftest.py, torch.py, sitecustomize.py, .pth, .pyc": "forging/planted_files",
    "swapping the files while they are graded": f"forging/swap_files {_READ}/test_files.py::"
    "test_a_file_swapped_for_a_link_is_not_read",
    "poisoning a shared cache": "forging/poison_caches",
    "hard-coded public outputs": "values/hard_coded",
    "behaving differently under the grader": "values/under_the_grader values/letters values/letters_and_a_guess "
    "values/always",
    "calling the reference or a ready-made generate": "values/ready_made values/ready_made_in_memory "
    "values/ready_made_samples",
    "a fixed manual_seed inside `sample`": "values/fixed_seed values/greedy",
    "NaN": "values/nan",
    "Infinity": "values/infinity",
    "1e999": "values/too_large_for_json",
    "bool for number": "values/bool_for_number",
    "huge int": "values/huge_int",
    "wrong but broadcastable shape or dtype": "values/wrong_shapes values/wrong_types",
    "changing inputs in place": "values/in_place",
    "a lazy iterable that hangs": "values/lazy",
    "pickle payloads": "values/pickled",
    "hostile .pt files": "values/hostile_weights",
    "fork bomb": "exhausting/fork_bomb exhausting/fork_once",
    "thread bomb": "exhausting/thread_bomb",
    "lists and tensors without end": "exhausting/endless_list exhausting/endless_tensors exhausting/more_than_allowed",
    "memfd and pipes": "exhausting/anonymous_files",
    "endless loops": "exhausting/endless_loop exhausting/loop_on_import",
    "`9**9**8` under the GIL": "exhausting/power",
    "sleeping": "exhausting/sleep",
    "ignoring SIGTERM and SIGXCPU": "exhausting/ignore_signals",
    "stopping itself": "exhausting/stop_itself",
    "killing the parent or the group": "exhausting/kill_parent exhausting/kill_group exhausting/kill_everybody",
    "daemons holding a pipe": "exhausting/daemon",
    "many files": "exhausting/many_files",
    "one huge file": "exhausting/huge_file",
    "output floods": "exhausting/output_flood report/flood report/flood_of_names",
    "an endless frame": "exhausting/endless_frame exhausting/frame_of_everything",
    "segfault, abort": "exhausting/segfault exhausting/abort",
    "both kinds of recursion": "exhausting/recursion exhausting/recursion_in_c",
    "an exception whose `__str__` misbehaves": "exhausting/exception_that_loops exhausting/exception_that_exits "
    "exhausting/exception_that_grows",
    "TCP": "escaping/tcp escaping/sockets",
    "UDP": "escaping/udp",
    "DNS": "escaping/dns",
    "abstract unix sockets": "escaping/abstract",
    "user namespaces": "escaping/namespaces escaping/another_program",
    "mount": "escaping/mount",
    "io_uring": "escaping/io_uring",
    "bpf": "escaping/bpf",
    "x32 system calls": "escaping/x32",
    "setuid": "escaping/become_root",
    "raising limits": "escaping/raise_limits",
    "TIOCSTI": "escaping/terminal",
    "terminal escapes in output": "report/escapes_in_output report/escapes_in_names report/escapes_in_types "
    "report/escapes_in_imports",
    "symlinks": f"{_HERE}::test_odd_files_are_named_and_not_read {_READ}/test_files.py::test_links_are_not_followed",
    "hard links": f"{_HERE}::test_a_hard_link_is_the_file_that_it_is",
    "FIFOs and devices in a submission": f"{_HERE}::test_odd_files_are_named_and_not_read",
    "zip-slip, tar links, zip bombs": f"{LATER}{_READ}/test_snapshot.py",
    "duplicate, case-colliding, `..`, NUL and Unicode names": f"{LATER}{_READ}/test_snapshot.py",
    "deep JSON": f"{_HERE}::test_deep_files_end_with_a_word "
    "tests/harness/test_session.py::test_forged_answers_are_failures",
    "duplicate keys": "tests/loading/test_yaml.py::test_all_repeated_keys_are_named_with_both_lines",
    "YAML aliases, tags": "tests/loading/test_yaml.py::test_an_alias_bomb_stays_small "
    "tests/loading/test_yaml.py::test_what_is_not_plain_data_is_refused_all_at_once",
    "depth": f"tests/loading/test_yaml.py::test_depth_is_bounded {_HERE}::test_deep_files_end_with_a_word",
    "deeply nested Python": f"exhausting/nested_source {_HERE}::test_source_of_any_depth_fails_alone",
    "notebooks with giant outputs, 1e5 cells": f"{_READ}/test_notebook.py::test_thousands_of_cells_and_giant_outputs",
    "magics (`!`, `%run`, `%%bash`)": f"{_HERE}::test_magics_of_a_notebook_are_not_run",
    "duplicated or missing cells": f"{_READ}/test_notebook.py::test_a_copied_and_edited_cell_is_a_problem",
    "pre-baked outputs": f"{_HERE}::test_outputs_of_a_notebook_are_not_believed",
    "`__import__('os')` in an answer": f"{_MATH}::test_nothing_is_evaluated_as_code",
    "9**9**9**9, factorial(10**9)": f"{_MATH}::test_ends_without_a_mark",
    "N(pi, 10**8), endless simplification": f"{_MATH}::test_ends_without_a_mark",
    "deep nesting": f"{_MATH}::test_nested_functions",
    "huge matrices": f"{_HERE}::test_mathematics_that_explodes_ends",
    "homoglyphs and bidirectional marks": f"{_MATH}::test_ends_without_a_mark",
    "regular expressions that explode": f"{_HERE}::test_mathematics_that_explodes_ends",
    "`<script>` and event handlers in answers shown as HTML": f"{LATER}there is no HTML yet; report/markup",
    "Markdown, LaTeX and ANSI injection": "report/markup report/half_characters "
    "tests/reports/test_terminal.py::test_nothing_steers_the_terminal",
    "`=cmd` cells in CSV": f"{LATER}there is no CSV yet",
    "a name that claims to be someone else": f"{_READ}/test_answers.py::test_names_are_cleaned",
    "hidden inputs leaking through stdout, tracebacks or messages": "report/name_of_an_exception report/name_of_a_type "
    "report/text_of_an_import_error report/module_that_is_not_there report/text_of_a_syntax_error report/message "
    "report/name_that_is_built report/shape report/output report/forged_error report/forged_kind report/forged_type "
    "report/forged_name",
    "score, timing or crash used as an oracle over many submissions": "report/value",
    "keyword stuffing and invisible text against a rubric": f"{LATER}no rubric is judged by machine",
    "instructions to a language model in an answer": f"{LATER}no language model reads answers",
}
