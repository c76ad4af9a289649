"""What it costs to run a submission's code behind the walls.

    python benchmarks/sandbox.py [SUBMISSIONS]

Every submission is a ``likelihood.py`` that scores one text of 32 tokens, under *tiny* and under random weights of the
124M size (made in a temporary folder). ``walls`` is the wall time from asking the warm process for a child to its end,
``plain`` that of the same file, imported and called in this process, which holds torch and the weights too, on one
thread; they take turns, and the overhead is the median of the differences. ``new process`` starts a Python that imports
torch, loads the weights and does the same. Memory is what a child does not share with the warm process, after its call.
``two at once`` gives half of the submissions, each of which scores as many texts as take half a second, to each of two
warm processes, which are up already, and compares the time until all are done with half of what the calls alone take in
their children, one submission after the other.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import torch
from safetensors.torch import save_file
from tokenizers import ByteLevelBPETokenizer

from grader.harness.gpt2 import GPT2, Config
from grader.harness.imports import Sources
from grader.harness.lab import WORKER
from grader.harness.models import TINY
from grader.harness.session import Call, Model, Session, Tokens
from grader.harness.weights import load
from grader.sandbox.levels import level
from grader.sandbox.limits import Limits
from grader.sandbox.processes import libraries
from grader.sandbox.warm import Warm

LENGTH, NEW_PROCESSES, ENOUGH = 32, 5, 0.5
CODE = """
import torch
import torch.nn.functional as F

def log_likelihood(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    logp = F.log_softmax(logits[:, :-1], dim=-1)
    return float(logp.gather(-1, text[:, 1:, None]).sum())
"""
NEW = """
import sys, torch
from pathlib import Path
from grader.harness.weights import load
torch.set_num_threads(1)
model = load(Path(sys.argv[1]))
names = {}
exec(sys.argv[2], names)
print(names["log_likelihood"](model, torch.arange(32)[None]))
"""
GPT2_SMALL = Config(vocab_size=50257, n_ctx=1024, n_positions=1024, n_embd=768, n_layer=12, n_head=12)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    torch.set_num_threads(1)
    print(f"level {level()}, {count} submissions, {len(os.sched_getaffinity(0))} processors")
    with tempfile.TemporaryDirectory() as folder:
        for name, path in (("tiny", TINY), ("124M", random_weights(Path(folder)))):
            measure(name, path, count)


def random_weights(folder: Path) -> Path:
    """A folder with weights of the size of GPT-2 small."""
    model = GPT2(GPT2_SMALL)
    for weight in model.parameters():
        weight.data.normal_(std=0.02)
    save_file(model.state_dict(), folder / "model.safetensors")
    sizes = ", ".join(f'"{name}": {value}' for name, value in vars(GPT2_SMALL).items())
    (folder / "config.json").write_text(f"{{{sizes}}}")
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(["nobody reads with it"], 300, show_progress=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def warm_of(name: str, path: Path) -> Warm:
    return Warm(WORKER, {"models": {name: str(path)}, "device": "cpu"}, libraries(), level(), [str(path)])


def measure(name: str, path: Path, count: int) -> None:
    began = time.monotonic()
    warm = warm_of(name, path)
    behind_walls(warm, name, 0)
    cold = time.monotonic() - began
    model = load(path)
    pairs = []
    plain(model, 0)
    for number in range(count):
        walls, private = behind_walls(warm, name, number)
        pairs.append((walls, plain(model, number), private))
    overhead = statistics.median(walls - direct for walls, direct, _ in pairs)
    walls, direct, private = (statistics.median(column) for column in zip(*pairs, strict=True))
    new = statistics.median(new_process(path) for _ in range(NEW_PROCESSES)) - direct
    print(f"\n{name}: first result from a cold start {cold:.1f} s")
    print(f"  walls {walls * 1e3:7.1f} ms   plain {direct * 1e3:7.1f} ms   overhead {overhead * 1e3:6.1f} ms")
    print(f"  new process, without the call {new * 1e3:7.0f} ms   ratio {new / overhead:5.1f}")
    print(f"  memory of a child of its own {private:.1f} MiB")
    two_at_once(warm, warm_of(name, path), name, count, round(ENOUGH / direct) + 1)


def behind_walls(warm: Warm, name: str, number: int, texts: int = 1, *, look: bool = True) -> tuple[float, float]:
    """Seconds, and MiB that the child did not share."""
    calls = [Call((Model(name), Tokens(tokens(number).numpy())))] * texts
    began = time.monotonic()
    with Session(warm, {"likelihood.py": CODE + f"# {number}\n"}, Limits()) as session:
        session.call("likelihood.py", "log_likelihood", calls, 60.0)
        seconds = time.monotonic() - began
        private = private_memory(warm) if look else 0.0
        began = time.monotonic()
    return seconds + time.monotonic() - began, private


def inside(warm: Warm, name: str, number: int, texts: int) -> float:
    """Seconds that the calls take, as their child measures them."""
    calls = [Call((Model(name), Tokens(tokens(number).numpy())))] * texts
    with Session(warm, {"likelihood.py": CODE + f"# {number}\n"}, Limits()) as session:
        session.call("likelihood.py", "log_likelihood", calls, 60.0)
        return session.seconds


def plain(model: GPT2, number: int) -> float:
    """Seconds of the same in this process."""
    began = time.monotonic()
    sources = Sources({"likelihood.py": CODE + f"# {number}\n"})
    sources.install()
    sources.function("likelihood.py", "log_likelihood")(model, tokens(number))
    sys.meta_path.remove(sources)
    for module in [module for module in sys.modules if module.startswith("submission")]:
        del sys.modules[module]
    return time.monotonic() - began


def tokens(number: int) -> torch.Tensor:
    return (torch.arange(LENGTH)[None] * 7 + number) % 250


def new_process(path: Path) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", NEW, str(path), CODE], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def private_memory(warm: Warm) -> float:
    """Of the one child there is: the youngest process below the warm one."""
    assert warm._process is not None
    pid = warm._process.popen.pid
    while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        pid = int(children[-1])
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024


def two_at_once(one: Warm, other: Warm, name: str, count: int, texts: int) -> None:
    behind_walls(other, name, 0)
    own = sum(inside(one, name, number, texts) for number in range(count))

    def half(warm: Warm, numbers: range) -> None:
        for number in numbers:
            behind_walls(warm, name, number, texts, look=False)

    began = time.monotonic()
    halves = (one, range(0, count, 2)), (other, range(1, count, 2))
    threads = [threading.Thread(target=half, args=each) for each in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    print(f"  two at once: {spent:.2f} s, half of their own compute {own / 2:.2f} s, ratio {spent / own * 2:.2f}")
    one.close()
    other.close()


if __name__ == "__main__":
    main()
