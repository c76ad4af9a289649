import torch
def log_likelihood(m,t): return m(t)[0][0,:-1].log_softmax(-1).gather(1,t.T[1:]).sum().item()
