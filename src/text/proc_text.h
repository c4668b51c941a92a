/* The text of files in /proc, as proc(5) describes them. */
#ifndef LASTCALL_TEXT_PROC_TEXT_H
#define LASTCALL_TEXT_PROC_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Of /proc/PID/stat or /proc/PID/task/TID/stat. */
struct proc_stat {
    int32_t pid;
    char comm[64];  /* any bytes but NUL, parentheses and line ends included */
    char state;     /* R S D T t Z X ... */
    int32_t parent, pgrp, session;
    uint64_t start; /* clock ticks since boot: with pid, an identity */
};

/* Of /proc/PID/status. */
struct proc_status {
    char state;
    uint64_t caught; /* SigCgt: bit n-1 for signal n */
};

/* 0, or -1: not such a file, or cut short before what is asked of it or within it. */
int proc_stat_parse(const char *bytes, size_t n, struct proc_stat *out);
int proc_status_parse(const char *bytes, size_t n, struct proc_status *out);

#endif
