"""Weights load from every format they are handed around in; a file that is wrong is said to be, and how."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import ByteLevelBPETokenizer, Tokenizer
from tokenizers.processors import TemplateProcessing
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from grader.errors import UsageError
from grader.harness.gpt2 import GPT2
from grader.harness.weights import END, HUB_FILES, decoder, encode, find, load

SIZES: dict[str, Any] = {"vocab_size": 300, "n_positions": 16, "n_embd": 128, "n_layer": 2, "n_head": 2}
TOKENS = torch.arange(12).view(2, 6)
TEXT = f"the quick brown fox — naïve{END} fox"

State = dict[str, Tensor]
Save = Callable[[State, Path], None]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Models as small as these lose by more, above all on a machine that is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def theirs() -> GPT2LMHeadModel:
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(**SIZES)).eval().requires_grad_(False)
    for weight in model.parameters():
        weight.normal_(std=0.2)
    return model


@pytest.fixture
def state(theirs: GPT2LMHeadModel) -> State:
    """Under the names of the released files, the masks of attention included, which are in the old ones."""
    masks = {"h.0.attn.bias": torch.ones(1, 1, 16, 16).tril().byte(), "h.1.attn.masked_bias": torch.tensor(-1e4)}
    return {name: weight.clone() for name, weight in theirs.transformer.state_dict().items()} | masks


@pytest.fixture
def folder(theirs: GPT2LMHeadModel, tmp_path: Path) -> Path:
    theirs.save_pretrained(tmp_path / "saved")
    return tmp_path / "saved"


@pytest.fixture(scope="module")
def trained() -> ByteLevelBPETokenizer:
    """A tokenizer with merges of its own."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator([TEXT] * 3, 300, 1, show_progress=False, special_tokens=[END])
    return tokenizer


def prefixed(state: State) -> State:
    return {f"transformer.{name}": tensor for name, tensor in state.items()}


def with_output(state: State) -> State:
    return state | {"lm_head.weight": state["wte.weight"].clone()}


def as_saved_whole(state: State) -> State:
    return prefixed(state) | {"lm_head.weight": state["wte.weight"].clone()}


def old_save(state: State, path: Path) -> None:
    torch.save(state, path, _use_new_zipfile_serialization=False)


def assert_theirs(found: GPT2, theirs: GPT2LMHeadModel) -> None:
    torch.testing.assert_close(found(TOKENS)[0], theirs(TOKENS).logits, atol=1e-4, rtol=0)


def refused(source: Path, *words: str) -> None:
    """A source is refused in one line that names the file that is wrong and has these words."""
    with pytest.raises(UsageError) as caught:
        load(source)
    message = str(caught.value)
    assert str(source) in message
    assert "\n" not in message
    for word in words:
        assert word in message


class TestFormats:
    def test_a_folder_of_transformers(self, folder: Path, theirs: GPT2LMHeadModel) -> None:
        model = load(folder)
        assert_theirs(model, theirs)
        assert (model.config.n_head, model.config.n_ctx, model.config.layer_norm_epsilon) == (2, 16, 1e-5)

    def test_a_folder_of_the_model_without_its_output(self, tmp_path: Path, theirs: GPT2LMHeadModel) -> None:
        theirs.transformer.save_pretrained(tmp_path)
        assert_theirs(load(tmp_path), theirs)

    def test_a_folder_with_a_pickle(self, folder: Path, theirs: GPT2LMHeadModel) -> None:
        (folder / "model.safetensors").unlink()
        torch.save(theirs.state_dict(), folder / "pytorch_model.bin")
        assert_theirs(load(folder), theirs)

    def test_safetensors_come_first(self, folder: Path, theirs: GPT2LMHeadModel) -> None:
        (folder / "pytorch_model.bin").write_text("not looked at")
        assert_theirs(load(folder), theirs)

    @pytest.mark.parametrize("change", [dict, prefixed, with_output, as_saved_whole])
    @pytest.mark.parametrize(
        ("name", "save"),
        [("a.safetensors", save_file), ("a.bin", torch.save), ("a.pt", torch.save), ("old.bin", old_save)],
    )
    def test_one_file(
        self,
        tmp_path: Path,
        state: State,
        theirs: GPT2LMHeadModel,
        name: str,
        save: Save,
        change: Callable[[State], State],
    ) -> None:
        save(change(state), tmp_path / name)
        model = load(tmp_path / name)
        assert_theirs(model, theirs)
        assert (model.config.n_head, model.config.n_layer, model.config.n_ctx) == (2, 2, 16)

    def test_embeddings_kept_under_the_name_of_the_output(
        self, tmp_path: Path, state: State, theirs: GPT2LMHeadModel
    ) -> None:
        state["lm_head.weight"] = state.pop("wte.weight")  # which of two names for one tensor is left is up to chance
        save_file(state, tmp_path / "a.safetensors")
        assert_theirs(load(tmp_path / "a.safetensors"), theirs)

    def test_sizes_beside_one_file(self, tmp_path: Path, state: State) -> None:
        save_file(state, tmp_path / "a.safetensors")
        config = SIZES | {"n_head": 8, "layer_norm_epsilon": 1e-3}
        (tmp_path / "config.json").write_text(json.dumps(config))
        found = load(tmp_path / "a.safetensors").config
        assert (found.n_head, found.layer_norm_epsilon) == (8, 1e-3)

    @pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
    @pytest.mark.parametrize(("name", "save"), [("a.safetensors", save_file), ("a.bin", torch.save)])
    def test_other_precisions_become_float32(
        self, tmp_path: Path, state: State, name: str, save: Save, kind: torch.dtype
    ) -> None:
        rounded = {key: tensor.to(kind) for key, tensor in state.items()}
        save(rounded, tmp_path / name)
        for key, weight in load(tmp_path / name).state_dict().items():
            assert torch.equal(weight, rounded[key].float())
            assert weight.dtype == torch.float32

    def test_it_is_for_evaluation(self, folder: Path) -> None:
        model = load(folder)
        assert not any(weight.requires_grad for weight in model.parameters())
        assert not any(module.training for module in model.modules())


class TestMapping:
    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    @pytest.mark.parametrize(("name", "save"), [("a.safetensors", save_file), ("a.bin", torch.save)])
    def test_weights_stay_in_their_file(self, tmp_path: Path, state: State, name: str, save: Save) -> None:
        path = tmp_path / name
        save(state, path)
        model = load(path)
        maps = Path("/proc/self/maps").read_text()
        spans = [line.split()[0].split("-") for line in maps.splitlines() if str(path) in line]
        for weight in model.parameters():
            assert any(int(start, 16) <= weight.data_ptr() < int(end, 16) for start, end in spans)

    def test_what_is_written_to_them_is_not_written_to_the_file(self, folder: Path) -> None:
        before = (folder / "model.safetensors").read_bytes()
        load(folder).wte.weight.zero_()
        assert (folder / "model.safetensors").read_bytes() == before


class TestWrongFiles:
    def test_nothing_there(self, tmp_path: Path) -> None:
        refused(tmp_path / "a.bin", "cannot be read: No such file")

    def test_no_file_of_weights(self, tmp_path: Path) -> None:
        refused(tmp_path / "model.ckpt", "expected .safetensors, .bin, .pt or a folder")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        refused(tmp_path, "expected model.safetensors or pytorch_model.bin")

    def test_no_config(self, folder: Path) -> None:
        (folder / "config.json").unlink()
        refused(folder, "config.json cannot be read: No such file")

    @pytest.mark.parametrize("content", [b"", b"<html>Not found</html>", b"\x80\x02junk" * 9])
    def test_something_else(self, tmp_path: Path, content: bytes) -> None:
        for name, sentence in {"a.safetensors": "no safetensors file", "a.bin": "no file of torch.save"}.items():
            (tmp_path / name).write_bytes(content)
            refused(tmp_path / name, sentence)

    @pytest.mark.parametrize("part", [0.0001, 0.001, 0.5, 0.9999])
    @pytest.mark.parametrize(
        ("name", "save"), [("a.safetensors", save_file), ("a.bin", torch.save), ("old.bin", old_save)]
    )
    def test_truncated(self, tmp_path: Path, state: State, name: str, save: Save, part: float) -> None:
        path = tmp_path / name
        save(state, path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * part)])
        refused(path, "not the whole of one")

    @pytest.mark.parametrize("save", [torch.save, old_save])
    def test_a_pickle_with_code_in_it_does_not_run(
        self, tmp_path: Path, state: State, save: Callable[..., None]
    ) -> None:
        path, made = tmp_path / "a.bin", tmp_path / "made"

        class Attack:
            def __reduce__(self) -> tuple[object, ...]:
                return os.mkdir, (str(made),)

        save({**state, "more": Attack()}, path)
        refused(path, "is refused: it is to run posix.mkdir when read")
        assert not made.exists()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ([torch.ones(2)], "holds one list"),
            (torch.ones(2), "holds one Tensor"),
            ({"epoch": 3, "model": {}}, "no tensor under epoch, model"),
        ],
    )
    def test_a_pickle_of_something_else(self, tmp_path: Path, content: object, words: str) -> None:
        torch.save(content, tmp_path / "a.pt")
        refused(tmp_path / "a.pt", words, "expected tensors by the names of GPT-2")

    @pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
    def test_a_pointer_of_git(self, folder: Path, name: str) -> None:
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 548105171\n"
        (folder / name).write_text(pointer)
        refused(folder, name, "git lfs pull")

    def test_names_that_are_missing(self, tmp_path: Path, state: State) -> None:
        for name in ("wpe.weight", "h.1.ln_2.weight", "h.1.ln_2.bias", "ln_f.bias"):
            del state[name]
        save_file(state, tmp_path / "model.safetensors")
        (tmp_path / "config.json").write_text(json.dumps(SIZES))
        refused(tmp_path, "it lacks wpe.weight, h.1.ln_2.weight, h.1.ln_2.bias and 1 more")

    def test_a_layer_too_many(self, folder: Path) -> None:
        (folder / "config.json").write_text(json.dumps(SIZES | {"n_layer": 1}))
        refused(folder, "no place for h.1.", "and 9 more")

    def test_another_width(self, folder: Path) -> None:
        (folder / "config.json").write_text(json.dumps(SIZES | {"n_embd": 64}))
        refused(folder, "wte.weight is 300 × 128, expected 300 × 64")

    def test_a_number_in_place_of_a_vector(self, tmp_path: Path, state: State) -> None:
        save_file(state | {"ln_f.bias": torch.tensor(1.0)}, tmp_path / "a.safetensors")
        refused(tmp_path / "a.safetensors", "ln_f.bias is a single number, expected 128")

    def test_whole_numbers(self, tmp_path: Path, state: State) -> None:
        save_file({name: weight.to(torch.int8) for name, weight in state.items()}, tmp_path / "a.safetensors")
        refused(tmp_path / "a.safetensors", "wte.weight holds torch.int8, expected torch.float32")

    @pytest.mark.parametrize("change", [lambda w: w + 1e-3, lambda w: w.half(), lambda w: w[:-1]])
    def test_an_output_of_its_own(self, tmp_path: Path, state: State, change: Callable[[Tensor], Tensor]) -> None:
        state["lm_head.weight"] = change(state["wte.weight"]).clone()
        save_file(state, tmp_path / "a.safetensors")
        refused(tmp_path / "a.safetensors", "lm_head.weight differs from wte.weight")

    def test_another_model(self, tmp_path: Path) -> None:
        save_file({f"layer.{n}": torch.ones(2) for n in range(5)}, tmp_path / "a.safetensors")
        refused(tmp_path / "a.safetensors", "expected a matrix wte.weight", "layer.0, layer.1, layer.2 and 2 more")

    def test_no_tensors(self, tmp_path: Path) -> None:
        save_file({}, tmp_path / "a.safetensors")
        refused(tmp_path / "a.safetensors", "it holds nothing")

    def test_heads_that_cannot_be_told(self, tmp_path: Path) -> None:
        save_file({"wte.weight": torch.ones(9, 40), "wpe.weight": torch.ones(4, 40)}, tmp_path / "a.safetensors")
        refused(tmp_path / "a.safetensors", "width 40, no multiple of 64", "put its config.json beside it")


class TestWrongConfig:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"model_type": "bert"}, 'model_type is "bert", expected "gpt2"'),
            ({"activation_function": "relu"}, 'activation_function is "relu", expected "gelu_new"'),
            ({"scale_attn_by_inverse_layer_idx": True}, "is true, expected false"),
            ({"n_embd": "128"}, 'n_embd is "128", expected a whole number above 0'),
            ({"n_layer": 0}, "n_layer is 0"),
            ({"n_head": 3}, "n_embd is 128, expected a multiple of n_head, 3"),
            ({"n_ctx": 32}, "n_ctx is 32, expected n_positions, 16"),
            ({"layer_norm_epsilon": 0.0}, "layer_norm_epsilon is 0.0, expected a fraction above 0"),
        ],
    )
    def test_settings_that_are_not_those_of_gpt2(self, folder: Path, change: dict[str, object], words: str) -> None:
        (folder / "config.json").write_text(json.dumps(SIZES | change))
        refused(folder, "is no config of a GPT-2", words)

    def test_a_size_that_is_missing(self, folder: Path) -> None:
        (folder / "config.json").write_text('{"vocab_size": 300}')
        refused(folder, "n_positions is nothing")

    @pytest.mark.parametrize(("content", "words"), [("{", "is not JSON"), ("[]", "expected an object, read a list")])
    def test_no_config(self, folder: Path, content: str, words: str) -> None:
        (folder / "config.json").write_text(content)
        refused(folder, words)


class TestDevice:
    def test_cuda_where_there_is_none(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        with pytest.raises(UsageError, match="no device cuda: PyTorch finds no GPU"):
            load(folder, "cuda")

    def test_no_device_by_that_name(self, folder: Path) -> None:
        with pytest.raises(UsageError, match="no device 'gpu'; expected cpu or cuda"):
            load(folder, "gpu")

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
    def test_cuda(self, folder: Path, theirs: GPT2LMHeadModel) -> None:
        logits, presents = load(folder, "cuda")(TOKENS.cuda())
        torch.testing.assert_close(logits.cpu(), theirs(TOKENS).logits, atol=1e-3, rtol=0)
        assert presents[0].is_cuda


class TestHub:
    @pytest.fixture(autouse=True)
    def hub(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """No network, and what was fetched before is in a folder of the test."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))

    @staticmethod
    def fetched_before(name: str) -> Path:
        """The folder of a snapshot as huggingface_hub keeps it."""
        model = Path("hub") / f"models--{name.replace('/', '--')}"
        snapshot = model / "snapshots" / ("0" * 40)
        snapshot.mkdir(parents=True)
        (model / "refs").mkdir()
        (model / "refs" / "main").write_text("0" * 40)
        return snapshot

    def test_what_is_here_is_not_looked_for(self, tmp_path: Path) -> None:
        (tmp_path / "gpt2").mkdir()
        assert find("gpt2") == Path("gpt2")
        assert find(str(tmp_path)) == tmp_path

    @pytest.mark.parametrize("name", ["gpt2", "openai-community/gpt2"])
    def test_what_was_fetched_before(self, folder: Path, theirs: GPT2LMHeadModel, name: str) -> None:
        snapshot = self.fetched_before(name)
        for file in folder.iterdir():
            (snapshot / file.name).symlink_to(file)
        assert_theirs(load(find(name)), theirs)

    @pytest.mark.parametrize("part", [None, "config.json"])
    def test_what_is_fetched(self, folder: Path, monkeypatch: pytest.MonkeyPatch, part: str | None) -> None:
        """Where nothing of it was fetched before, or a part without weights."""
        asked = []
        if part:
            (self.fetched_before("gpt2") / part).touch()
        cached = huggingface_hub.snapshot_download

        def download(name: str, *, allow_patterns: list[str], local_files_only: bool) -> str:
            asked.append((name, local_files_only))
            assert allow_patterns == HUB_FILES
            return cached(name, local_files_only=True) if local_files_only else str(folder)

        monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
        assert find("gpt2") == folder
        assert asked == [("gpt2", True), ("gpt2", False)]

    @pytest.mark.parametrize("name", ["gpt2", "openai-community/gpt2", "models/x..y"])
    def test_not_to_be_had(self, name: str) -> None:
        with pytest.raises(UsageError, match=f"no file or folder {name}, and no model .* could be fetched"):
            find(name)

    @pytest.mark.parametrize("name", ["./gpt2", "/nowhere/gpt2", "a/b/c", "gpt2.safetensors", "model.bin", ""])
    def test_no_name_of_the_hub(self, name: str) -> None:
        with pytest.raises(UsageError, match=f"^there is no file or folder {name}$"):
            find(name)

    def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "huggingface_hub", None)
        with pytest.raises(UsageError, match="pip install huggingface_hub"):
            find("gpt2")


class TestTokens:
    def test_bytes(self, tmp_path: Path, state: State) -> None:
        state["wte.weight"] = state["wte.weight"][:256].clone()
        save_file(state, tmp_path / "a.safetensors")
        assert encode(tmp_path / "a.safetensors", "naïve\n") == list("naïve\n".encode())

    def test_merges(self, folder: Path, trained: ByteLevelBPETokenizer) -> None:
        trained.save_model(str(folder))
        found = encode(folder, TEXT)
        assert found == trained.encode(TEXT).ids
        assert len(found) < len(TEXT.encode())
        assert encode(folder / "model.safetensors", TEXT) == found

    def test_a_tokenizer_in_one_file(self, folder: Path, trained: ByteLevelBPETokenizer) -> None:
        trained.save(str(folder / "tokenizer.json"))
        (folder / "vocab.json").write_text("not looked at")
        assert encode(folder, TEXT) == trained.encode(TEXT).ids

    def test_no_token_is_put_around_a_text(self, folder: Path, trained: ByteLevelBPETokenizer) -> None:
        tokenizer = Tokenizer.from_str(trained.to_str())
        tokenizer.post_processor = TemplateProcessing(single=f"{END} $A", special_tokens=[(END, 0)])
        tokenizer.save(str(folder / "tokenizer.json"))
        assert encode(folder, "fox") == trained.encode("fox").ids
        assert encode(folder, "") == []

    def test_merges_that_know_no_end_of_text(self, folder: Path) -> None:
        plain = ByteLevelBPETokenizer()
        plain.train_from_iterator([TEXT] * 3, 300, 1, show_progress=False)
        plain.save_model(str(folder))
        (folder / "config.json").write_text(json.dumps(SIZES | {"vocab_size": plain.get_vocab_size()}))
        assert encode(folder, TEXT) == plain.encode(TEXT).ids

    @pytest.mark.parametrize("name", ["merges", "whole"])
    def test_and_back(self, name: str, folder: Path, trained: ByteLevelBPETokenizer) -> None:
        if name == "merges":
            trained.save_model(str(folder))
        else:
            trained.save(str(folder / "tokenizer.json"))
        assert decoder(folder)(encode(folder, TEXT)) == TEXT

    def test_bytes_and_back(self, tmp_path: Path, state: State) -> None:
        state["wte.weight"] = state["wte.weight"][:256].clone()
        save_file(state, tmp_path / "a.safetensors")
        decode = decoder(tmp_path / "a.safetensors")
        assert decode(list("naïve\n".encode())) == "naïve\n"
        assert decode([255, 97]) == "\ufffda"

    @pytest.mark.parametrize("left", [[], ["vocab.json"], ["merges.txt"]])
    def test_none(self, folder: Path, left: list[str]) -> None:
        for name in left:
            (folder / name).touch()
        with pytest.raises(UsageError, match=r"saved holds no tokenizer: expected tokenizer.json, or vocab.json and "):
            encode(folder, TEXT)

    @pytest.mark.parametrize("names", [["tokenizer.json"], ["vocab.json", "merges.txt"]])
    def test_a_broken_one(self, folder: Path, names: list[str]) -> None:
        for name in names:
            (folder / name).write_text("<html>")
        with pytest.raises(UsageError, match=f"{names[0]}.*: no tokenizer can be read"):
            encode(folder, TEXT)

    def test_a_pointer_of_git(self, folder: Path) -> None:
        (folder / "tokenizer.json").write_text("version https://git-lfs.github.com/spec/v1\n")
        with pytest.raises(UsageError, match=r"tokenizer.json is a pointer"):
            encode(folder, TEXT)

    def test_that_of_another_model(self, folder: Path, trained: ByteLevelBPETokenizer) -> None:
        tokenizer = Tokenizer.from_str(trained.to_str())
        tokenizer.add_tokens([f"<{number}>" for number in range(50)])
        tokenizer.save(str(folder / "tokenizer.json"))
        with pytest.raises(UsageError, match=r"saved: the tokenizer has 3\d\d tokens, the model 300"):
            encode(folder, TEXT)

    def test_without_the_library(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "tokenizers", None)
        with pytest.raises(UsageError, match="pip install tokenizers"):
            encode(folder, TEXT)
