/* SPDX-License-Identifier: ISC */
#include "client/flags.h"

#include <string.h>

#include "mime/envelope.h"

struct letter {
    char letter;
    unsigned flag;
};

static const struct letter in_maildir[] = {{'S', FLAGS_SEEN},
                                           {'T', FLAGS_DELETED},
                                           {'R', FLAGS_ANSWERED},
                                           {'F', FLAGS_FLAGGED},
                                           {'P', FLAGS_FORWARDED},
                                           {'D', FLAGS_DRAFT},
                                           {'\0', 0}};

/* O, N and U: old, new and unread. Blanks and the line end belong to the value of a field. */
static const struct letter in_mbox[] = {{'R', FLAGS_SEEN},
                                        {'O', 0},
                                        {'N', 0},
                                        {'U', 0},
                                        {'D', FLAGS_DELETED},
                                        {'A', FLAGS_ANSWERED},
                                        {'F', FLAGS_FLAGGED},
                                        {'T', FLAGS_DRAFT},
                                        {' ', 0},
                                        {'\r', 0},
                                        {'\n', 0},
                                        {'\0', 0}};

static const struct letter *find(const struct letter *letters, char letter)
{
    while (letters->letter && letters->letter != letter)
        letters++;
    return letters->letter ? letters : NULL;
}

unsigned flags_of_name(const char *name)
{
    const char *letter = strstr(name, ":2,");
    unsigned flags = 0;
    for (letter = letter ? letter + 3 : ""; *letter; letter++) {
        const struct letter *known = find(in_maildir, *letter);
        if (known)
            flags |= known->flag;
        else if (*letter >= 'a' && *letter <= 'z')
            flags |= FLAGS_KEYWORD;
    }
    return flags;
}

static unsigned flags_of_field(struct span header, const char *name)
{
    struct span value;
    unsigned flags = 0;
    if (!envelope_field(header, name, &value))
        return 0;
    for (size_t i = 0; i < value.n; i++) {
        const struct letter *known = find(in_mbox, value.p[i]);
        if (!known)
            return 0;
        flags |= known->flag;
    }
    return flags;
}

unsigned flags_of_header(struct span header)
{
    return flags_of_field(header, "Status") | flags_of_field(header, "X-Status");
}
