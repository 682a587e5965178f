/* SPDX-License-Identifier: ISC */
#include "admin/groups.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "store/account.h"
#include "store/group_place.h"

bool groups_parse(struct span list, struct group *asked, struct admin_answer *answer)
{
    while (list.n > 0) {
        struct who who = {.generation = ""};
        struct span word = span_take(&list, ' ');
        if (word.n == 0)
            continue;
        if (!name_fold(word, who.name)) {
            admin_answer_fail(answer, EX_DATAERR, "\"%.*s\" is not a name: " NAME_RULE,
                              SPAN_PRINTF(span_first(word, 100)));
            return false;
        }
        if (!group_insert(asked, &who)) {
            admin_answer_fail(answer, EX_DATAERR, "more than %d names", GROUP_MEMBERS);
            return false;
        }
    }
    return true;
}

/* A list under way. */
struct listing {
    struct store *store;
    struct admin_answer *answer;
    struct group group;
};

static const char *state_of(struct store *s, const struct who *member)
{
    struct who now;
    struct account a;
    enum status st = account_find(s, member->name, &now, &a);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK && strcmp(now.generation, member->generation) == 0)
        return "active";
    return st == ST_OK || st == ST_NO_USER ? "gone" : admin_answer_state(st);
}

static bool list_members(struct listing *l, const char *name)
{
    for (size_t i = 0; i < l->group.n; i++) {
        const struct who *member = &l->group.members[i];
        buf_printf(&l->answer->text, "%s\t%s\t%s\n", name, member->name,
                   state_of(l->store, member));
        if (!admin_answer_row_done(l->answer))
            return false;
    }
    if (l->group.n > 0)
        return true;
    buf_printf(&l->answer->text, "%s\t-\tempty\n", name);
    return admin_answer_row_done(l->answer);
}

/* A group that cannot be read does not hide the others. */
static bool list_group(void *ctx, const char *name)
{
    struct listing *l = ctx;
    enum status st = group_find(l->store, name, &l->group);
    if (st == ST_OK)
        return list_members(l, name);
    if (st == ST_NO_USER) /* deleted meanwhile */
        return true;
    buf_printf(&l->answer->text, "%s\t-\t%s\n", name, admin_answer_state(st));
    return admin_answer_row_done(l->answer);
}

enum status groups_list(struct store *s, const char *name, struct admin_answer *answer)
{
    struct listing *l = malloc(sizeof *l);
    enum status st = ST_OK;
    if (!l)
        return ST_NO_MEMORY;
    l->store = s;
    l->answer = answer;
    if (*name && group_place_check_free(s, name) == ST_OK)
        st = ST_NO_USER;
    else if (*name)
        list_group(l, name);
    else if (!group_each(s, list_group, l))
        st = ST_IO;
    free(l);
    return st;
}
