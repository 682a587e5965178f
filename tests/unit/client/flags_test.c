/* SPDX-License-Identifier: ISC */
#include "client/flags.h"

#include "tap.h"

static void name_gives(const char *name, unsigned flags)
{
    is_int(flags_of_name(name), flags, "flags_of_name: %s", name);
}

static void header_gives(const char *header, unsigned flags)
{
    is_int(flags_of_header(span_str(header)), flags, "flags_of_header: %.*s",
           (int)span_find(span_str(header), '\n'), header);
}

int main(void)
{
    name_gives("1512305493.M245P3312.mail,S=321,W=330:2,S", FLAGS_SEEN);
    name_gives("1.x:2,DFPRST", FLAGS_SEEN | FLAGS_DELETED | FLAGS_ANSWERED | FLAGS_FLAGGED |
                                   FLAGS_FORWARDED | FLAGS_DRAFT);
    name_gives("1.x:2,ac", FLAGS_KEYWORD);
    name_gives("1.x:2,X", 0);
    name_gives("1.x:2,{", 0);
    name_gives("1.x:2,", 0);
    name_gives("1.x:1,S", 0);
    name_gives("1.S", 0);
    header_gives("Status: RO\n", FLAGS_SEEN);
    header_gives("Status: O\n", 0);
    header_gives("Subject: x\nstatus: RO\nX-STATUS: AF\r\n",
                 FLAGS_SEEN | FLAGS_ANSWERED | FLAGS_FLAGGED);
    header_gives("X-Status: DT\n", FLAGS_DELETED | FLAGS_DRAFT);
    header_gives("Status: D", FLAGS_DELETED);
    header_gives("Status: Delivered\n", 0);
    header_gives("Status: RO\nX-Status: READ\n", FLAGS_SEEN);
    header_gives("Status:\n", 0);
    header_gives("", 0);
    return done_testing();
}
