/* The story of a run in words: one line of the log for each STORY_ of core/event.h. */
#ifndef LASTCALL_TEXT_STORY_H
#define LASTCALL_TEXT_STORY_H

#include <stddef.h>
#include <stdint.h>

#include "core/event.h"

enum story_level { STORY_LEVEL_ERROR, STORY_LEVEL_WARN, STORY_LEVEL_INFO, STORY_LEVEL_DEBUG };

/* What may be lost where there is too little time: with jobs, without, and for a linger. */
#define STORY_LOSS_OF_JOBS "jobs that still run then may be lost"
#define STORY_LOSS_OF_LADDER "what it still does then is cut off"
#define STORY_LOSS_OF_LINGER "requests that come later may fail"

struct story_input {
    enum story id;
    const char *service;  /* whose story it is; NULL: lastcall's own */
    const char *other;    /* the service that failed, or whose end is the cause; of
                             STORY_SPAWN_FAILED the command; or NULL */
    int32_t pid;          /* of the service's leader, 0 unknown; said where it helps */
    uint8_t signo;        /* of STORY_SHUTDOWN and STORY_ASK: the signal, where that is the
                             cause; 0 unknown */
    int64_t a, b, c;      /* as STORIES lists them */
};

/* Words the line, NUL-terminated, without a line end, cut where size ends. Returns its
 * length; 0 when nothing is to be said: STORY_BOOKS and STORY_DONE, which together are
 * story_done_line(). Numbers out of range give a line too. */
size_t story_line(const struct story_input *in, char *buf, size_t size);

enum story_level story_level(const struct story_input *in);

/* `done in 61s of 3h: 3 jobs finished, 0 handed back, 0 killed`; without a deadline
 * (NEVER) `done in 61s, no deadline: ...`. The form is the contract's: SPEC 4. */
size_t story_done_line(int64_t ms, int64_t deadline, int64_t finished, int64_t handed_back,
                       int64_t killed, char *buf, size_t size);

#endif
