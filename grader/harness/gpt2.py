"""GPT-2 in PyTorch, with the calling convention of the course (DESIGN §8).

``model(tokens, past=None) -> (logits, presents)``. Architecture and names of parameters are those of the released
weights (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019): pre-norm transformer blocks, GELU
in its tanh form, learned positions, and one matrix for input and output embeddings.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclasses.dataclass
class Config:
    """Sizes of a model, under the names that students know; ``top_k`` and ``seed`` are for sampling.

    ``n_ctx`` is the longest context in tokens, ``n_positions`` the number of position embeddings (the same).
    """

    vocab_size: int
    n_ctx: int
    n_positions: int
    n_embd: int
    n_layer: int
    n_head: int
    layer_norm_epsilon: float = 1e-5
    top_k: int = 40
    seed: int = 42

    @classmethod
    def of(cls, sizes: dict[str, Any]) -> Config:
        """From ``config.json``, whatever else it holds. Raises KeyError for a size that is missing."""
        context = sizes.get("n_ctx", sizes["n_positions"])
        names = [field.name for field in dataclasses.fields(cls) if field.default is dataclasses.MISSING]
        optional = [name for name in ("layer_norm_epsilon", "top_k", "seed") if name in sizes]
        return cls(**{name: sizes[name] for name in (*names, *optional) if name != "n_ctx"}, n_ctx=context)


class Projection(nn.Module):
    """A linear map that stores its matrix as (inputs, outputs), as the released weights do."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.t(), self.bias)


class Attention(nn.Module):
    """Causal self-attention over the past and the present."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.heads = config.n_head
        self.c_attn = Projection(config.n_embd, 3 * config.n_embd)
        self.c_proj = Projection(config.n_embd, config.n_embd)

    def forward(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        batch, length, width = x.shape
        heads = self.c_attn(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, present = heads[0], heads[1:]
        if past is not None:
            present = torch.cat((past, present), dim=-2)
        key, value = present[0], present[1]
        seen = None
        if length > 1 and past is not None:
            total = key.shape[-2]
            seen = torch.ones(length, total, dtype=torch.bool, device=x.device).tril(total - length)
        causal = length > 1 and past is None
        y = F.scaled_dot_product_attention(query, key, value, attn_mask=seen, is_causal=causal)
        return self.c_proj(y.transpose(1, 2).reshape(batch, length, width)), present


class MLP(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.c_fc = Projection(config.n_embd, 4 * config.n_embd)
        self.c_proj = Projection(4 * config.n_embd, config.n_embd)

    def forward(self, x: Tensor) -> Tensor:
        projected: Tensor = self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))
        return projected


class Block(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.attn = Attention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        attended, present = self.attn(self.ln_1(x), past)
        x = x + attended
        return x + self.mlp(self.ln_2(x)), present


def _embedding(count: int, width: int) -> nn.Embedding:
    """Without drawing weights that are not used; on the meta device, drawing imports all of torch's compiler."""
    return nn.Embedding(count, width, _weight=torch.empty(count, width))


class GPT2(nn.Module):
    """The language model. Its weights are not set until they are loaded."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.wte = _embedding(config.vocab_size, config.n_embd)
        self.wpe = _embedding(config.n_positions, config.n_embd)
        self.h = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)

    def forward(self, tokens: Tensor, past: Sequence[Tensor] | None = None) -> tuple[Tensor, list[Tensor]]:
        """Logits of the token after each of ``tokens``, and the keys and values of all tokens so far.

        ``tokens`` is a LongTensor (B, T) of token ids; ``past`` what an earlier call returned as ``presents``. Returns
        logits (B, T, vocab) and one tensor (2, B, heads, T_total, head_dim) for each layer. Raises ValueError where
        all tokens together are longer than the context.
        """
        shape = tokens.shape
        tokens = tokens.view(-1, shape[-1])  # (T,) is one sequence, as in the first public implementations
        start = 0 if past is None else past[0].shape[-2]
        end = start + tokens.shape[-1]
        if end > self.config.n_positions:
            raise ValueError(f"{end} tokens are more than the model's context of {self.config.n_positions}")
        x = self.wte(tokens) + self.wpe.weight[start:end]
        presents = []
        for layer, block in enumerate(self.h):
            x, present = block(x, None if past is None else past[layer])
            presents.append(present)
        logits = F.linear(self.ln_f(x), self.wte.weight)
        return logits.view(*shape, -1), presents
