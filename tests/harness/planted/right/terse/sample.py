import torch, torch.nn.functional as F
from tqdm import trange
def top_k_logits(l,k): return l if k==0 else torch.where(l<l.topk(k)[0][:,-1:],torch.full_like(l,-1e10),l)
def temperature_scale(l,m,past,c,T,h):
    if T is None: return l
    if h==1: return l/T
    n=l.shape[1]
    q=m(torch.arange(n)[:,None],[p.expand(-1,n,-1,-1,-1) for p in past])[0][:,-1]
    w=((l.log_softmax(1).T+top_k_logits(q,c.top_k).log_softmax(1))/T).logsumexp(1)[None]
    return w.masked_fill(l<=-1e10,-1e10)
def sample(model,start_text,config,length,temperature=None,temperature_horizon=1):
    x=y=start_text;past=None
    for _ in range(length):
        l,past=model(x,past)
        l=temperature_scale(top_k_logits(l[:,-1],config.top_k),model,past,config,temperature,temperature_horizon)
        x=l.softmax(1).multinomial(1);y=torch.cat([y,x],1)
    return y
