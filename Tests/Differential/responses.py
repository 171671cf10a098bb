"""Responses out of a number: from the grammar of RFC 9112, with what servers and attackers make of it, and damaged."""

import collections
import os
import random

Case = collections.namedtuple("Case", "kind ending cuts data")

STATUSES = [200] * 12 + [201, 204, 204, 206, 301, 304, 304, 404, 500, 503, 407, 599, 999, 101, 600]
LENGTHS = [
    "0", "1", "2", "5", "11", "011", "5, 5", "5,5", "5, 6", "+5", "-1", "", " 5 ", "\t5", "5 ", "0x5", "5a", "5.0",
    "5 5", ",5", "5,", "99999999999999999999", "9223372036854775808", "18446744073709551621", "4294967301", "1e1",
]
CODINGS = ["chunked"] * 10 + [
    "Chunked", "CHUNKED", "gzip, chunked", "chunked, gzip", "gzip", "identity", "identity, chunked",
    "chunked, chunked", "chunked;q=1", " chunked ", "\tchunked", "chunked,", ",chunked", "xchunked", "chunkedx",
    "chunked x", "", '"chunked"', 'x;a=", chunked', "chunked, identity", "trailers", "chunked\x0b", "chu\tnked",
    "gzip,,chunked", "'chunked'",
]
CONNECTIONS = [
    "close", "keep-alive", "Close", "Keep-Alive", "close, keep-alive", "keep-alive,close", "foo, close", "closed",
    "upgrade", "", " close ", "foo;close", "close;q=0", "transfer-encoding", "content-length, close", ",close,",
]
JUNK = [
    "A: b", "Server: x", "X-Y: \xe9\xff", "Date:", "Keep-Alive: timeout=5, max=3", "Trailer: X", "Set-Cookie: a=b; c",
    "X: " + "y" * 300, "Content-Type: text/html", "Upgrade: h2c", "X:\t\tz\t", "x_y: z", "!#$%&'*+-.^_`|~: t",
]
HOSTILE = [
    "A : b", " folded", "\tfolded", "A", ": b", "A\x00: b", "A: \x00", "A: b\rc", "A: b\nC: d", "A: b\r", "B\xe9: x",
    "A(b): c", "A: \x7f", "A: \x01", "Content-Length : 5", "Content-Length\x00: 5", "Transfer-Encoding : chunked",
    "Content_Length: 5", "Transfer-Encoding:chunked", "Content-Length:5", "transfer-encoding: chunked",
    "Transfer-Encoding: gzip\r\n , chunked", "Content-Length: 5\r\n 6", "\x0bTransfer-Encoding: chunked",
]
LINES = [
    "HTTP/1.1 {} OK", "HTTP/1.1 {} OK", "HTTP/1.1 {} OK", "HTTP/1.1 {} OK", "HTTP/1.0 {} OK", "HTTP/1.1 {}",
    "HTTP/1.1 {} ", "HTTP/1.0 {}", "HTTP/1.2 {} OK", "HTTP/1.9 {} x y",
]
BAD_LINES = [
    "HTTP/2.0 {} OK", "HTTP/0.9 {} OK", "http/1.1 {} OK", "HTTP/1.1  {} OK", " HTTP/1.1 {} OK", "HTTP/1.1 {}0 OK",
    "HTTP/1.1 20 OK", "HTTP/1.1 +20 OK", "HTTP/11 {} OK", "HTTP/1.1\t{} OK", "HTTP/1.1 {}\tOK", "HTTP/1.1 {}OK",
    "ICY {} OK", "HTTP/1.1 {} a\x00b", "HTTP/1.1 {} \xe9", "HTTP/1.10 {} OK", "HTTP/01.1 {} OK", "HTTP/1.1 2{} OK",
    "HTTP/1.1 000 OK", "HTTP/1.1 099 OK", "", "HTTP/1.1 {} a\rb", "HTTP/1.1 -{} OK",
]
EXTENSIONS = [
    "", "", "", "", "", "", "", ";", ";a", ";a=b", ';a="b;c"', ';a="', " ;a", ";a ", " ", "\t", ";\x00", ";a=\xe9",
    ";a\r", ";a\n", "\x0b",
]
SIZE_FORMS = ["{:x}"] * 8 + [
    "{:X}", "0{:x}", "00000000{:x}", "0x{:x}", "+{:x}", "-{:x}", " {:x}", "{:x} ", "{:x}g", "", "{:x}\t",
    "0000000000000000000{:x}", "1{:016x}", "{:x}_",
]
BODY = bytes(range(97, 123)) * 4


def draw(rng, usual, odd, chance):
    return rng.choice(odd if rng.random() < chance else usual)


def chunks(rng):
    data = b""
    for _ in range(rng.randrange(4)):
        size = rng.choice([1, 2, 5, 9, 10, 16, 26])
        form = draw(rng, ["{:x}", "{:X}", "0{:x}"], SIZE_FORMS, 0.06)
        extension = draw(rng, [""], EXTENSIONS, 0.15)
        data += (form.format(size) + extension).encode("latin-1") + end(rng)
        data += BODY[: size if rng.random() > 0.02 else size + rng.choice([-1, 1])] + end(rng)
    if rng.random() < 0.95:
        data += draw(
            rng, ["0"], ["00", "000000000", "0 ", "0;a", "0x0", "-0", "0\t", '0;"', " 0"], 0.06
        ).encode() + end(rng)
        while rng.random() < 0.1:
            data += draw(
                rng, JUNK + ["Content-Length: 9", "Connection: close", "Transfer-Encoding: x"], HOSTILE, 0.1
            ).encode("latin-1") + end(rng)
        if rng.random() < 0.97:
            data += end(rng)
    return data


def end(rng):
    return rng.choice([b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n", b""]) if rng.random() < 0.006 else b"\r\n"


def head(rng, status):
    lines = [draw(rng, LINES, BAD_LINES, 0.03).format(status)]
    fields = [rng.choice(JUNK) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))]
    framed = rng.random()
    if framed < 0.45 or framed > 0.93:
        fields += ["Content-Length: " + draw(rng, ["0", "5", "11", "26"], LENGTHS, 0.25)] * rng.choice([1] * 9 + [2])
    if 0.45 <= framed:
        fields += ["Transfer-Encoding: " + draw(rng, ["chunked"], CODINGS, 0.25)] * rng.choice([1] * 9 + [2])
    if rng.random() < 0.1:
        fields = [field for field in fields if not field.startswith(("Content-Length", "Transfer"))]
    if rng.random() < 0.3:
        fields.append("Connection: " + rng.choice(CONNECTIONS))
    if rng.random() < 0.05:
        fields.append(rng.choice(HOSTILE))
    if rng.random() < 0.04:
        fields.append("Content-Length: " + rng.choice(LENGTHS))
    rng.shuffle(fields)
    data = b"".join(line.encode("latin-1") + end(rng) for line in lines + fields)
    return data + end(rng), any(field.lower().startswith("transfer") for field in fields)


def response(rng):
    data = b""
    while rng.random() < 0.06:
        data += f"HTTP/1.1 {rng.choice([100, 102, 103, 199])} x\r\n".encode()
        data += rng.choice([b"", b"Link: x\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"]) + b"\r\n"
    top, in_chunks = head(rng, rng.choice(STATUSES))
    data += top
    if in_chunks if rng.random() < 0.97 else not in_chunks:
        data += chunks(rng)
    else:
        data += BODY[: rng.choice([0, 1, 2, 5, 5, 5, 5, 11, 11, 26, 26])]
    if rng.random() < 0.08:
        data += rng.choice(
            [b"\r\n", b"\n", b"\r", b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"\r\n\r\n", b"\0"]
        )
    if rng.random() < 0.03:
        data = rng.choice([b"\r\n", b"\n", b"\r\n\r\n", b" ", b"\0"]) + data
    return data


def damage(rng, data):
    place = rng.randrange(len(data) + 1)
    upper = min(len(data), place + 1 + rng.randrange(8))
    choice = rng.randrange(6)
    if choice == 0 and place < len(data):
        return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
    if choice == 1:
        return data[:place] + data[upper:]
    if choice == 2:
        other = rng.randrange(len(data) + 1)
        return data[:other] + data[place:upper] + data[other:]
    if choice == 3:
        return data[:place]
    tokens = [
        b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b'"', b"0", b"7", b"f", b"-", b"\xff",
        b"\r\n\r\n", b"chunked", b"close", b"0\r\n\r\n", b"5\r\nhello\r\n",
    ]
    return data[:place] + rng.choice(tokens) + data[place if rng.random() < 0.5 else upper :]


def cut(rng, data):
    return sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice([0, 1, 1, 2, 3, 5])))


def case(seed):
    rng = random.Random(seed)
    data = response(rng)
    if rng.random() < 0.25:
        for _ in range(rng.randrange(1, 4)):
            data = damage(rng, data)
    kind = rng.choice(["GET"] * 8 + ["HEAD", "CONNECT"])
    ending = rng.choice(["clean", "clean", "open"])
    return Case(kind, ending, cut(rng, data), data)


def corpus(folder):
    """The fuzzer's corpus: two bytes that say how it feeds the stream, and the stream."""
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()[2:]
        for kind, ending in [("GET", "clean"), ("GET", "open"), ("HEAD", "clean")]:
            yield Case(kind, ending, cut(random.Random(name), data), data)
