/* SPDX-License-Identifier: ISC */
#include "client/choice.h"

#include <stdio.h>

#include "client/draft_view.h"
#include "client/language.h"
#include "client/output.h"
#include "client/prompt.h"

enum choice choice_ask(struct buf *line, const char *text, const char *letters,
                       const enum choice *choices)
{
    while (prompt_line(line, text)) {
        size_t at = prompt_letter(buf_span(line), letters);
        if (at != PROMPT_NO_LETTER)
            return choices[at];
        prompt_say("%s\n", _("Enter one of these letters."));
    }
    return CHOICE_NONE;
}

enum choice choice_of_letter(struct buf *line)
{
    static const enum choice choices[] = {CHOICE_AGAIN, CHOICE_EDIT, CHOICE_WRITE, CHOICE_DISCARD,
                                          CHOICE_KEEP};
    return choice_ask(line,
                      _("s - send it, e - edit it, a - add a line, d - discard it, k - keep it: "),
                      N_("seadk"), choices);
}

enum choice choice_review(struct buf *line, const struct draft *d)
{
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    draft_view_short(&text, d, output_columns());
    printf("\n%.*s", SPAN_PRINTF(buf_span(&text)));
    buf_free(&text);
    return choice_of_letter(line);
}
