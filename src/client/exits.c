#include "client/exits.h"

#include "proto/status.h"

/* The protocol tells reasons in words alone; those of this project's own server are known here. */
static enum exits of_noop(struct span words)
{
    static const enum status temporary[] = {ST_FULL, ST_DISK_FULL, ST_READ_ONLY, ST_NO_MEMORY,
                                            ST_IO};
    if (span_eq(words, span_str(status_text(ST_NO_USER))))
        return EXITS_NO_USER;
    for (size_t i = 0; i < sizeof temporary / sizeof temporary[0]; i++)
        if (span_eq(words, span_str(status_text(temporary[i]))))
            return EXITS_TEMPORARY;
    if (span_starts(words, span_str(status_text(ST_TOO_OFTEN))))
        return EXITS_TEMPORARY;
    return EXITS_DATA;
}

enum exits exits_of_reply(enum reply_result result, struct span words)
{
    switch (result) {
    case REPLY_OK:
    case REPLY_END:
        return EXITS_OK;
    case REPLY_NOOP:
        return of_noop(words);
    case REPLY_EXIT:
    case REPLY_LOST:
    case REPLY_TIMEOUT:
        return EXITS_TEMPORARY;
    case REPLY_BROKEN:
        return EXITS_PROTOCOL;
    case REPLY_MEMORY:
        return EXITS_SOFTWARE;
    case REPLY_NOBODY:
        return EXITS_UNAVAILABLE;
    }
    return EXITS_SOFTWARE;
}
