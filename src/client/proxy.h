/*
 * proxy: how the text of --proxy-command and the name of a server become a command. Pure.
 *
 * The text is the user's own, and a shell may do with it what it says. The name of a server may
 * come from anyone: it is put in only if it means nothing to a shell, and is no option to a
 * command.
 */
#ifndef CLIENT_PROXY_H
#define CLIENT_PROXY_H

#include "base/buf.h"
#include "os/net.h"

/* What may stand in a text, and what a server may be called: in words. */
#define PROXY_TEXT_RULE "after a percent sign stands h (host), p (port) or another percent sign"
#define PROXY_HOST_RULE \
    "in a proxy command a host has only letters, digits and . _ : -, and does not begin with -"

bool proxy_text_ok(const char *text);
bool proxy_place_ok(const struct address_place *place);

/*
 * Appends text with %h, %p and %% replaced by host, port and a percent sign. Text and place must
 * have been found ok. False: out of memory.
 */
bool proxy_expand(struct buf *out, const char *text, const struct address_place *place);

#endif
