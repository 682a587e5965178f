/* SPDX-License-Identifier: ISC */
#include "way.h"

#include <stddef.h>

const struct way_row way_rows[WAYS] = {
    [WRITE_IN_MENU] = {.name = "write in the menu", .item = "1\r", .typed = true},
    [WRITE_BY_VERB] = {.name = "pochta send", .verb = {"send", "bob"}, .typed = true},
    [WRITE_TO_MANY] = {.name = "pochta send to many",
                       .verb = {"send", "bob", "carol", "dan"},
                       .typed = true,
                       .many = true},
    [REPLY_IN_MENU] = {.name = "reply in the menu", .item = "12\r", .typed = true, .reply = true},
    [REPLY_BY_VERB] = {.name = "pochta reply",
                       .verb = {"reply", "1"},
                       .typed = true,
                       .reply = true},
    [EDIT_IN_MENU] = {.name = "~e in the menu", .item = "1\r", .typed = true, .edited = true},
    [EDIT_BY_VERB] = {.name = "pochta send -e", .verb = {"send", "-e", "bob"}, .edited = true},
    [EDIT_A_REPLY] = {.name = "pochta reply -e",
                      .verb = {"reply", "-e", "1"},
                      .edited = true,
                      .reply = true},
    [SEND_IN_MENU] = {.name = "Drafts in the menu", .item = "18\r"},
    [SEND_BY_VERB] = {.name = "pochta drafts send", .verb = {"drafts", "send"}},
};

bool way_is_verb(enum way way)
{
    return way_rows[way].verb[0] != NULL;
}
