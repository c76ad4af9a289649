"""GPT-2 from files: the formats its weights are handed around in, and what is said where a file is wrong.

A source is a Hugging Face folder (``config.json`` and ``model.safetensors`` or ``pytorch_model.bin``), or one file of
weights under the released names: ``.safetensors``, or ``.bin`` and ``.pt`` as ``torch.save`` writes them. Weights in
float32 stay private mappings of their file: processes that load one model share its memory.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from grader.errors import UsageError
from grader.harness.gpt2 import GPT2, Config

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WEIGHTS = ("model.safetensors", "pytorch_model.bin")  # the first that is there is read
TOKENIZER, VOCABULARY, MERGES = "tokenizer.json", "vocab.json", "merges.txt"
HUB_FILES = ["config.json", WEIGHTS[0], VOCABULARY, MERGES, TOKENIZER]
HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
SUFFIXES = (".safetensors", ".bin", ".pt")
DEVICES = ("cpu", "cuda")

PREFIX = "transformer."
OUTPUT = "lm_head.weight"
MASKS = re.compile(r"h\.\d+\.attn\.(masked_)?bias")  # of attention: constants, which old files hold
HEAD_DIM = 64  # in the released models of all sizes
SIZES = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
FIXED = {  # settings that change the numbers: what our model stands for, first the value it is released with
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
}
FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
END = "<|endoftext|>"
BYTES = 256  # a vocabulary of this size is that of UTF-8 bytes
POINTER = b"version https://git-lfs.github.com/spec/"
SHOWN = 3  # names listed in a message


def find(name_or_path: str) -> Path:
    """The source that a person names: a file or folder that is there, or else a model of the Hugging Face hub.

    A hub id (``gpt2``, ``openai-community/gpt2``) is looked up among the models fetched before, then fetched. Raises
    UsageError where it is neither here nor to be had.
    """
    path = Path(name_or_path)
    if name_or_path and path.exists():
        return path
    if not HUB_ID.fullmatch(name_or_path) or path.suffix in SUFFIXES:
        raise UsageError(f"there is no file or folder {name_or_path}")
    return _cached(name_or_path) or _fetched(name_or_path)


def load(source: Path, device: str = "cpu") -> GPT2:
    """The model of a source, in float32, for evaluation: none of its weights requires a gradient.

    Raises UsageError, naming the file, what it holds and what was expected, where it is not the whole of a GPT-2, and
    where the device is not ``cpu`` or a ``cuda`` that is there.
    """
    check_device(device)
    path, tensors = _weights(source)
    config = _config(source, tensors)
    with torch.device("meta"):  # no memory and no time for weights that are replaced at once
        model = GPT2(config)
    _check(path, tensors, {name: weight.shape for name, weight in model.state_dict().items()})
    model.load_state_dict({name: weight.float() for name, weight in tensors.items()}, assign=True)
    return model.requires_grad_(False).eval().to(device)


def encode(source: Path, text: str) -> list[int]:
    """The tokens of a text for the model of a source: its UTF-8 bytes where that is its vocabulary, else by its merges.

    The tokenizer is read from ``tokenizer.json``, or ``vocab.json`` and ``merges.txt``, beside the weights. Raises
    UsageError where there is none, or it is that of another model.
    """
    return encoder(source.absolute())(text)


def _cached(name: str) -> Path | None:
    try:
        folder = _snapshot(name, local_files_only=True)
    except (FileNotFoundError, ValueError):  # nothing of it, or no name of the hub
        return None
    return folder if _weights_file(folder) else None  # a snapshot may hold the few files that another program fetched


def _fetched(name: str) -> Path:
    try:
        return _snapshot(name, local_files_only=False)
    except Exception as error:  # the hub's client, the HTTP library under it and Xet each raise errors of their own
        raise UsageError(
            f"there is no file or folder {name}, and no model of that name could be fetched from the Hugging Face hub "
            f"({_line(error)}); give the path of a folder with config.json and {WEIGHTS[0]} instead"
        ) from error


def _snapshot(name: str, local_files_only: bool) -> Path:
    try:
        import huggingface_hub  # here, as it takes long and few need it
    except ImportError:
        raise UsageError(f"there is no file or folder {name}; the hub needs: pip install huggingface_hub") from None
    return Path(huggingface_hub.snapshot_download(name, allow_patterns=HUB_FILES, local_files_only=local_files_only))


def check_device(device: str) -> None:
    """Raises UsageError where there is no such device here."""
    if device not in DEVICES:
        raise UsageError(f"there is no device {device!r}; expected cpu or cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("there is no device cuda: PyTorch finds no GPU that it can use here; use cpu")


def _weights(source: Path) -> tuple[Path, dict[str, Tensor]]:
    """The file of weights, and what it holds by released name: no prefix, no masks, embeddings once."""
    path = _weights_file(source) if source.is_dir() else source
    if path is None:
        raise UsageError(f"{source} holds no weights: expected {' or '.join(WEIGHTS)} in it")
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path} is no file of weights by its name: expected {', '.join(SUFFIXES)} or a folder")
    read = _read_safetensors if path.suffix == ".safetensors" else _read_pickle
    tensors = {name.removeprefix(PREFIX): tensor for name, tensor in read(path).items()}
    output = tensors.pop(OUTPUT, None)
    if output is not None and not torch.equal(tensors.setdefault("wte.weight", output).float(), output.float()):
        raise UsageError(f"{path}: {OUTPUT} differs from wte.weight; in a GPT-2 they are one matrix")
    return path, {name: tensor for name, tensor in tensors.items() if not MASKS.fullmatch(name)}


def _weights_file(folder: Path) -> Path | None:
    return next((folder / name for name in WEIGHTS if (folder / name).exists()), None)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    _first_bytes(path)
    try:
        return load_file(path)
    except SafetensorError as error:
        raise UsageError(f"{path} is no safetensors file, or not the whole of one: {_line(error)}") from error


def _read_pickle(path: Path) -> dict[str, Tensor]:
    # Files from before torch 1.6 are no zip archives, and cannot be mapped.
    zipped = _first_bytes(path).startswith(b"PK\x03\x04")
    try:
        found = torch.load(path, map_location="cpu", mmap=zipped, weights_only=True)
    except Exception as error:  # damaged bytes make the unpickler fail in any way: fuzzed, there were ten types
        code = re.search(r"GLOBAL (\S*\w) ", str(error))
        if code:
            raise UsageError(f"{path} is refused: it is to run {code[1]} when read; expected tensors alone") from error
        raise UsageError(
            f"{path} is no file of torch.save, or not the whole of one ({type(error).__name__})"
        ) from error
    if not isinstance(found, dict) or not all(isinstance(tensor, Tensor) for tensor in found.values()):
        raise UsageError(f"{path} holds {_described(found)}; expected tensors by the names of GPT-2")
    return {str(name): tensor for name, tensor in found.items()}


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = file.read(len(POINTER))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if found == POINTER:
        raise UsageError(f"{path} is a pointer that git leaves in place of a large file; get it with: git lfs pull")
    return found


def _described(found: object) -> str:
    if isinstance(found, dict):
        others = [str(name) for name, value in found.items() if not isinstance(value, Tensor)]
        return f"what is no tensor under {_listed(others)}"
    return f"one {type(found).__name__}"


def _config(source: Path, tensors: dict[str, Tensor]) -> Config:
    """The sizes that ``config.json`` states; where there is none beside a single file, those of its tensors."""
    path = _folder(source) / "config.json"
    return _stated(path) if source.is_dir() or path.exists() else _inferred(source, tensors)


def _folder(source: Path) -> Path:
    return source if source.is_dir() else source.parent


def _stated(path: Path) -> Config:
    _first_bytes(path)
    try:
        stated = json.loads(path.read_bytes())
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}") from error
    if not isinstance(stated, dict):
        raise UsageError(f"{path} is no config of a GPT-2: expected an object, read a {type(stated).__name__}")
    _check_stated(path, stated)
    return Config.of(stated)


def _check_stated(path: Path, stated: dict[str, Any]) -> None:
    def expected(name: str, wanted: object) -> UsageError:
        read = json.dumps(stated[name]) if name in stated else "nothing"
        return UsageError(f"{path} is no config of a GPT-2: {name} is {read}, expected {wanted}")

    for name, values in FIXED.items():
        if stated.get(name, values[0]) not in values:
            raise expected(name, " or ".join(map(json.dumps, values)))
    for name in SIZES:
        if type(stated.get(name)) is not int or stated[name] < 1:
            raise expected(name, "a whole number above 0")
    epsilon = stated.get("layer_norm_epsilon", 1e-5)
    if not isinstance(epsilon, float) or not epsilon > 0:
        raise expected("layer_norm_epsilon", "a fraction above 0")
    if stated.get("n_ctx", stated["n_positions"]) != stated["n_positions"]:
        raise expected("n_ctx", f"n_positions, {stated['n_positions']}")
    if stated["n_embd"] % stated["n_head"]:
        raise expected("n_embd", f"a multiple of n_head, {stated['n_head']}")


def _inferred(path: Path, tensors: dict[str, Tensor]) -> Config:
    for name in ("wte.weight", "wpe.weight"):
        if name not in tensors or tensors[name].dim() != 2:
            raise UsageError(f"{path} is no GPT-2: expected a matrix {name}, it holds {_listed(tensors)}")
    (vocabulary, width), positions = tensors["wte.weight"].shape, len(tensors["wpe.weight"])
    if width % HEAD_DIM:
        raise UsageError(
            f"{path} has embeddings of width {width}, no multiple of {HEAD_DIM}, so that the number of heads is not "
            "known; put its config.json beside it"
        )
    layers = len({name.split(".")[1] for name in tensors if name.startswith("h.")})
    return Config(vocabulary, positions, positions, width, layers, width // HEAD_DIM)


def _check(path: Path, tensors: dict[str, Tensor], wanted: dict[str, torch.Size]) -> None:
    """That the tensors are those wanted, in name, shape and type. Raises UsageError at the first kind of difference."""
    missing = [name for name in wanted if name not in tensors]
    if missing:
        raise UsageError(f"{path} is not the whole of this GPT-2: it lacks {_listed(missing)}")
    unknown = [name for name in tensors if name not in wanted]
    if unknown:
        raise UsageError(f"{path} is more than this GPT-2: no place for {_listed(unknown)}")
    for name, shape in wanted.items():
        tensor = tensors[name]
        if tensor.shape != shape:
            raise UsageError(f"{path}: {name} is {_by(tensor.shape)}, expected {_by(shape)}")
        if tensor.dtype not in FLOATS:
            raise UsageError(f"{path}: {name} holds {tensor.dtype}, expected {', '.join(map(str, FLOATS))}")


@functools.lru_cache(maxsize=8)
def encoder(source: Path) -> Callable[[str], list[int]]:
    """What gives the tokens of a text for the model of a source, as ``encode`` does, without reading anything again."""
    size = _config(source, _weights(source)[1]).vocab_size
    if size == BYTES:
        return lambda text: list(text.encode())
    folder = _folder(source)
    tokenizer = _tokenizer(folder)
    if tokenizer.get_vocab_size() > size:
        raise UsageError(f"{folder}: the tokenizer has {tokenizer.get_vocab_size()} tokens, the model {size}")
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def decoder(source: Path) -> Callable[[list[int]], str]:
    """What tokens of a model's vocabulary read as; bytes that are no UTF-8 are replaced."""
    if _config(source, _weights(source)[1]).vocab_size == BYTES:
        return lambda tokens: bytes(tokens).decode("utf-8", "replace")
    tokenizer = _tokenizer(_folder(source))
    return lambda tokens: str(tokenizer.decode(tokens, skip_special_tokens=False))


def _tokenizer(folder: Path) -> Tokenizer:
    try:
        from tokenizers import Tokenizer  # here, as the models of bytes do without
    except ImportError:
        raise UsageError(f"{folder}: its tokenizer needs: pip install tokenizers") from None
    whole, parts = folder / TOKENIZER, [folder / VOCABULARY, folder / MERGES]
    files = [whole] if whole.exists() else parts
    if not all(file.exists() for file in files):
        raise UsageError(f"{folder} holds no tokenizer: expected {TOKENIZER}, or {VOCABULARY} and {MERGES}")
    for file in files:
        _first_bytes(file)
    try:
        return Tokenizer.from_file(str(whole)) if whole.exists() else _from_merges(*parts)
    except Exception as error:  # of no narrower type in tokenizers
        raise UsageError(f"{' and '.join(map(str, files))}: no tokenizer can be read: {_line(error)}") from error


def _from_merges(vocabulary: Path, merges: Path) -> Tokenizer:
    """As the released model cuts a text: byte-level merges, no space put in front."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(*models.BPE.read_file(str(vocabulary), str(merges))))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if tokenizer.token_to_id(END) is not None:  # else it would be added, beyond the model's vocabulary
        tokenizer.add_special_tokens([END])
    return tokenizer


def _by(shape: Iterable[int]) -> str:
    return " × ".join(map(str, shape)) or "a single number"


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + rest or "nothing"


def _line(error: Exception) -> str:
    """The first line of what an error says: libraries go on with advice."""
    return (str(error) or type(error).__name__).splitlines()[0]
