/**
 * The other side of `wafer bench train --peer pytorch`: the same network, loss, clipping and AdamW
 * in PyTorch, of standard modules, on random weights and tokens.
 *
 * It is given a shape as JSON, trains two steps, prints what it is and what sums its matrices, and
 * for each line with a number of steps the fastest of them in milliseconds.
 */
export const PYTORCH_PROGRAM = `
import ctypes, json, math, re, sys, time
import torch
import torch.nn.functional as F

spec = json.loads(sys.argv[1])
D, L, H, K = spec["width"], spec["layers"], spec["heads"], spec["kvHeads"]
ffn, V, T, B = spec["ffn"], spec["vocab"], spec["context"], spec["rows"]
W = D // H
torch.set_num_threads(spec["threads"])
torch.manual_seed(1)

def matrix(rows, columns):
    return torch.nn.Parameter(torch.randn(rows, columns) / math.sqrt(columns))

def gain():
    return torch.nn.Parameter(torch.ones(D))

embed, last = matrix(V, D), gain()
layers = [dict(n1=gain(), q=matrix(D, D), k=matrix(K * W, D), v=matrix(K * W, D), o=matrix(D, D),
               n2=gain(), gate=matrix(ffn, D), up=matrix(ffn, D), down=matrix(D, ffn))
          for _ in range(L)]
parameters = [embed, last] + [p for layer in layers for p in layer.values()]
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1, foreach=True)
angles = torch.outer(torch.arange(T), 10000.0 ** (-torch.arange(0, W, 2) / W))
cos, sin = angles.cos(), angles.sin()
mask = torch.full((T, T), -math.inf).triu(1)
tokens = torch.randint(V, (B, T + 1))
fused = getattr(F, "scaled_dot_product_attention", None)

def norm(x, g):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * g

def heads(x, count):
    return x.view(B, T, count, W).transpose(1, 2)

def turn(x):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

def attend(q, k, v):
    if K < H:
        k, v = k.repeat_interleave(H // K, 1), v.repeat_interleave(H // K, 1)
    if fused:
        return fused(q, k, v, is_causal=True)
    return torch.softmax(q @ k.transpose(2, 3) / math.sqrt(W) + mask, -1) @ v

def loss_of(ids, targets):
    x = F.embedding(ids, embed)
    for one in layers:
        h = norm(x, one["n1"])
        q, k = turn(heads(F.linear(h, one["q"]), H)), turn(heads(F.linear(h, one["k"]), K))
        mixed = attend(q, k, heads(F.linear(h, one["v"]), K))
        x = x + F.linear(mixed.transpose(1, 2).reshape(B, T, D), one["o"])
        h = norm(x, one["n2"])
        x = x + F.linear(F.silu(F.linear(h, one["gate"])) * F.linear(h, one["up"]), one["down"])
    return F.cross_entropy(F.linear(norm(x, last), embed).view(-1, V), targets.reshape(-1))

def step():
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(tokens[:, :-1], tokens[:, 1:])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return (time.perf_counter() - start) * 1000, loss.item()

def library():
    # Which BLAS, and what OpenBLAS calls its kernels; a "generic" one is known by what is loaded.
    built = re.search(r"BLAS(?:_INFO)?=(\\w+)", torch.__config__.show())
    blas = built.group(1) if built else "unknown"
    if "mkl" in blas:
        return dict(blas="MKL", kernels="")
    try:
        with open("/proc/self/maps") as maps:
            path = re.search(r"/\\S*libopenblas\\S*", maps.read()).group()
        name = ctypes.CDLL(path).openblas_get_corename
        name.restype = ctypes.c_char_p
        return dict(blas="OpenBLAS", kernels=name().decode())
    except (OSError, AttributeError):
        return dict(blas=blas, kernels="")

def say(value):
    print(json.dumps(value), flush=True)

step()
say({"version": torch.__version__, "loss": step()[1], **library()})
for line in sys.stdin:
    steps = [step() for _ in range(int(line))]
    say({"ms": min(ms for ms, _ in steps), "loss": steps[-1][1]})
`;
