"""Signals by the words that `kill -l` has for them."""

import signal

RTMIN, RTMAX = 34, 64  # glibc keeps 32 and 33 for itself


def word(n):
    if n >= RTMIN:
        return f"RTMIN+{n - RTMIN}"
    if n == 16:
        return "STKFLT"
    return {"SIGPOLL": "IO"}.get(signal.Signals(n).name, signal.Signals(n).name[3:])


def number(name):
    for n in ALL_SIGNALS:
        if word(n) == name:
            return n
    raise ValueError(name)


ALL_SIGNALS = [n for n in range(1, RTMAX + 1) if n < 32 or n >= RTMIN]
