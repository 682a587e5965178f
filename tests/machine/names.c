/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "disk_private.h"

struct entry *names_find(const struct names *names, const char *name)
{
    for (unsigned i = 0; i < names->n; i++)
        if (strcmp(names->entries[i].name, name) == 0)
            return &names->entries[i];
    return NULL;
}

void names_add(struct names *names, const char *name, struct inode *inode, uint32_t cookie)
{
    if (names->n == names->room) {
        names->room = names->room ? 2 * names->room : 8;
        names->entries = realloc(names->entries, names->room * sizeof *names->entries);
        if (!names->entries)
            abort();
    }
    struct entry *e = &names->entries[names->n++];
    *e = (struct entry){.cookie = cookie, .inode = inode};
    assert(strlen(name) < sizeof e->name);
    strcpy(e->name, name);
}

void names_remove(struct names *names, const char *name)
{
    struct entry *e = names_find(names, name);
    if (e)
        *e = names->entries[--names->n];
}

void names_copy(struct names *to, const struct names *from)
{
    to->n = 0;
    for (unsigned i = 0; i < from->n; i++)
        names_add(to, from->entries[i].name, from->entries[i].inode, from->entries[i].cookie);
}
