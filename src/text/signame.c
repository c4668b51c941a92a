#include "text/signame.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/ascii.h"
#include "text/number.h"

/* SIGRTMIN is a call into the C library. 34 is glibc's answer (and what operators
 * mean by it: systemd's and lastcall's RTMIN+3 is 37); musl's is 35. */
enum { REALTIME_MIN = 34, REALTIME_MAX = 64 };

static const char *const names[REALTIME_MAX + 1] = {
    [SIGHUP] = "HUP", [SIGINT] = "INT", [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
    [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT", [SIGBUS] = "BUS", [SIGFPE] = "FPE",
    [SIGKILL] = "KILL", [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
    [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM", [SIGSTKFLT] = "STKFLT",
    [SIGCHLD] = "CHLD", [SIGCONT] = "CONT", [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
    [SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU", [SIGURG] = "URG", [SIGXCPU] = "XCPU",
    [SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
    [SIGIO] = "IO", [SIGPWR] = "PWR", [SIGSYS] = "SYS", [32] = "32", [33] = "33",
    [34] = "RTMIN", [35] = "RTMIN+1", [36] = "RTMIN+2", [37] = "RTMIN+3",
    [38] = "RTMIN+4", [39] = "RTMIN+5", [40] = "RTMIN+6", [41] = "RTMIN+7",
    [42] = "RTMIN+8", [43] = "RTMIN+9", [44] = "RTMIN+10", [45] = "RTMIN+11",
    [46] = "RTMIN+12", [47] = "RTMIN+13", [48] = "RTMIN+14", [49] = "RTMIN+15",
    [50] = "RTMIN+16", [51] = "RTMIN+17", [52] = "RTMIN+18", [53] = "RTMIN+19",
    [54] = "RTMIN+20", [55] = "RTMIN+21", [56] = "RTMIN+22", [57] = "RTMIN+23",
    [58] = "RTMIN+24", [59] = "RTMIN+25", [60] = "RTMIN+26", [61] = "RTMIN+27",
    [62] = "RTMIN+28", [63] = "RTMIN+29", [64] = "RTMAX",
};

static const struct {
    const char *name;
    int signo;
} aliases[] = {{"IOT", SIGABRT}, {"CLD", SIGCHLD}, {"POLL", SIGIO}};

const char *signal_name(int signo)
{
    if (signo < 1 || signo > REALTIME_MAX)
        return "?";
    return names[signo];
}

static bool begins(const char *s, const char *prefix)
{
    for (; *prefix != '\0'; s++, prefix++)
        if (ascii_upper(*s) != *prefix)
            return false;
    return true;
}

/* RTMIN+n and RTMAX-n, with n from 0; the bare names are in the table. */
static int realtime(const char *s)
{
    uint64_t n;
    bool from_min = begins(s, "RTMIN+");
    if (!from_min && !begins(s, "RTMAX-"))
        return 0;
    if (!number_parse(s + strlen("RTMIN+"), REALTIME_MAX - REALTIME_MIN, &n))
        return 0;
    return from_min ? REALTIME_MIN + (int)n : REALTIME_MAX - (int)n;
}

int signal_number(const char *name)
{
    uint64_t n;
    if (number_parse(name, REALTIME_MAX, &n))
        return (int)n;
    if (begins(name, "SIG"))
        name += strlen("SIG");
    if (ascii_is_digit(*name))
        return 0;
    for (int i = 1; i <= REALTIME_MAX; i++)
        if (ascii_equal_nocase(name, names[i]))
            return i;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (ascii_equal_nocase(name, aliases[i].name))
            return aliases[i].signo;
    return realtime(name);
}
