from submission.classifier import classification
from submission.likelihood import log_likelihood
from submission.sample import sample, temperature_scale, top_k_logits

__all__ = ["classification", "log_likelihood", "sample", "temperature_scale", "top_k_logits"]
