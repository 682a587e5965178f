/* SPDX-License-Identifier: ISC */
#include "client/ended.h"

#include <stdio.h>

#include "client/language.h"
#include "os/error.h"

void ended_words(char words[ENDED_BYTES], const struct os_end *end)
{
    switch (end->kind) {
    case OS_END_EXIT:
        snprintf(words, ENDED_BYTES, _("the command ended with exit code %d"), end->number);
        break;
    case OS_END_SIGNAL:
        snprintf(words, ENDED_BYTES, _("the command was ended by signal %d (%s)"), end->number,
                 _(os_end_signal_text(end->number)));
        break;
    case OS_END_HANG_UP:
        snprintf(words, ENDED_BYTES, "%s", _("the command closed the connection"));
        break;
    case OS_END_NOT_RUN:
        snprintf(words, ENDED_BYTES, _("cannot run the command: %s"),
                 _(os_error_text(end->number)));
        break;
    }
}
