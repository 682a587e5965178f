/* SPDX-License-Identifier: ISC */
/*
 * proxy: makes a shell command from --proxy-command and the name of a server. Pure, thread-safe.
 *
 * The text is trusted: it is the user's own. The name of a server is not: it is inserted only if it
 * has no special meaning for a shell and cannot be taken for an option.
 */
#ifndef CLIENT_PROXY_H
#define CLIENT_PROXY_H

#include "base/buf.h"
#include "client/language.h"
#include "os/net.h"

/* What the next two functions accept. */
#define PROXY_TEXT_RULE \
    N_("a percent sign must be followed by h (host), p (port) or another percent sign")
#define PROXY_HOST_RULE                                                                           \
    N_("in a proxy command a host has only letters, digits and . _ : -, and does not begin with " \
       "-")

bool proxy_text_ok(const char *text);
bool proxy_place_ok(const struct address_place *place);

/*
 * Appends text, with %h, %p and %% replaced by host, port and a percent sign. Text and place must
 * be ok by the functions above. Returns false if out of memory.
 */
bool proxy_expand(struct buf *out, const char *text, const struct address_place *place);

#endif
