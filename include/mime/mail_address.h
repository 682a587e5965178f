/* SPDX-License-Identifier: ISC */
/*
 * mail_address: reads the addresses of mail: those in a field such as From (RFC 5322, sections 3.4
 * and 4.4), and those in the SMTP commands MAIL and RCPT (RFC 5321, section 4.1.2). Pure.
 *
 * It reads each byte once, does not recurse, and allocates nothing.
 *
 * It accepts a little more than the standards, as long as that can be understood in only one way:
 * dots anywhere in a local part, underscores in a domain, bytes above 127, comments wherever spaces
 * may stand.
 */
#ifndef MIME_MAIL_ADDRESS_H
#define MIME_MAIL_ADDRESS_H

#include "base/span.h"

/*
 * RFC 5321, section 4.5.3.1: a path of 256 bytes with its < and > must be accepted. A local part of
 * 64 bytes must be, too, but those that mail servers write (SRS, VERP, BATV) are often longer.
 */
#define MAIL_ADDRESS_LOCAL_BYTES  254
#define MAIL_ADDRESS_DOMAIN_BYTES 255

struct mail_address {
    char local_room[MAIL_ADDRESS_LOCAL_BYTES], domain_room[MAIL_ADDRESS_DOMAIN_BYTES];
    size_t local_bytes, domain_bytes;
    bool too_long; /* a part did not fit */
};

/* What stands before @, without quotes. Any bytes but control characters. Points into a. */
static inline struct span mail_address_local(const struct mail_address *a)
{
    return span_of(a->local_room, a->local_bytes);
}

/* What stands after @, in the case in which it was written: a domain, or [192.0.2.1]. May be empty.
 * Points into a. */
static inline struct span mail_address_domain(const struct mail_address *a)
{
    return span_of(a->domain_room, a->domain_bytes);
}

enum mail_address_result {
    MAIL_ADDRESS_ONE,
    MAIL_ADDRESS_END,   /* no more addresses */
    MAIL_ADDRESS_BROKEN /* this is not a list of addresses, or a part of one is too long */
};

/*
 * Takes the next address from the value of a field: ann@x.org, Ann <ann@x.org>, also within a
 * group. It need not have a domain: `From: root (Cron)`. It must not have a route, as
 * <@a.org:ann@x.org>: mail programs differ on what that is. After MAIL_ADDRESS_BROKEN, *value and
 * *a are undefined.
 */
enum mail_address_result mail_address_next(struct span *value, struct mail_address *a);

/*
 * Takes a path from what follows MAIL FROM: or RCPT TO:, which is spaces and then <ann@x.org>, or
 * <@a.org,@b.org:ann@x.org>, whose route is ignored. For <>, local part and domain are empty; for
 * <Postmaster>, only the domain is. On success *s is the rest: empty, or a space and the parameters
 * of the command. Returns false, and leaves *s unchanged, if there is no path; a->too_long says
 * whether the reason is that a part of it is too long.
 */
bool mail_address_path(struct span *s, struct mail_address *a);

#endif
