/* SPDX-License-Identifier: ISC */
/* Groups in backups: they come back with the whole store, and what is damaged is told. */
#include "store_faults.h"

#include "backup_fixture.h"
#include "base/crc32c.h"
#include "store/group.h"

static struct group found;
static struct group_refusal refusal = {.why = NULL};

static void add(const char *group, const char *one, const char *two)
{
    static struct group asked;
    struct who who = {.generation = ""};

    asked.n = 0;
    snprintf(who.name, sizeof who.name, "%s", one);
    group_insert(&asked, &who);
    snprintf(who.name, sizeof who.name, "%s", two);
    group_insert(&asked, &who);
    is_int(group_add(s, group, &asked, &refusal), ST_OK, "%s has %s and %s", group, one, two);
}

static enum status restore_again(struct restore *r)
{
    *r = backup_restore(s, NULL);
    return restore_all(r);
}

static void groups_file(const struct backup *b, char name[64])
{
    snprintf(name, 64, "%s.groups", b->date);
}

static void test_whole(void)
{
    struct fixture other;
    struct backup b;
    char name[64];

    backup_begin();
    is_int(backup_make(&b), ST_OK, "a backup without groups");
    groups_file(&b, name);
    ok(b.groups == 0 && !os_file_exists(place, name), "... has no file of groups");
    add("staff", "ann", "bob");
    add("all", "ann", "ann");
    is_int(backup_make(&b), ST_OK, "a backup with two groups");
    groups_file(&b, name);
    ok(b.groups == 2 && os_file_exists(place, name), "... has a file of groups");
    fixture_begin(&other);
    struct store *to = fixture_open(&other, true);
    struct restore r = backup_restore(to, NULL);
    is_int(restore_all(&r), ST_OK, "it is restored into an empty store");
    ok(r.groups == 2 && r.accounts == 2, "... with both groups");
    is_int(group_find(to, "staff", &found), ST_OK, "... one is found");
    ok(found.n == 2 && strcmp(found.members[0].generation, mb->who.generation) == 0,
       "... with its members");
    r = backup_restore(to, NULL);
    is_int(restore_all(&r), ST_OK, "it is restored once more");
    ok(r.groups == 0 && r.told.findings == 0, "... and nothing is missing");
    store_close(to);
    fixture_end(&other);
    is_int(backup_keep(&b, 1), ST_OK, "only the last backup is kept");
    ok(os_file_exists(place, name), "... with its groups");
    is_int(backup_make(&b), ST_OK, "one more backup");
    is_int(backup_keep(&b, 1), ST_OK, "... is the only one that is kept");
    ok(!os_file_exists(place, name), "... and the groups of the other are removed");
    backup_end();
}

/* Changes one byte of a file. */
static void spoil(const char *name, size_t at)
{
    struct buf text;

    buf_init(&text, 4096);
    if (!os_file_load(place, name, &text) || at >= text.n)
        exit(1);
    text.p[at] ^= 1;
    if (!os_file_replace(place, name, buf_span(&text)))
        exit(1);
    buf_free(&text);
}

static void test_damaged_copy(void)
{
    struct os_file_info info;
    struct restore r;
    struct backup b;
    char name[64];
    int told = 0;

    backup_begin();
    add("staff", "ann", "bob");
    backup_make(&b);
    groups_file(&b, name);
    group_delete(s, "staff");
    os_file_look(place, name, &info);
    for (size_t at = 0; at < info.bytes; at++) {
        spoil(name, at);
        told += restore_again(&r) == ST_OK && r.told.findings == 1 && r.groups == 0 &&
                strstr(findings, "damaged");
        spoil(name, at);
    }
    is_int(told, (int)info.bytes, "each damaged byte of the file of groups is told");
    is_int(group_find(s, "staff", &found), ST_NO_USER, "... and nothing was restored from it");
    ok(restore_again(&r) == ST_OK && r.groups == 1, "... until it was sound again");
    backup_end();
}

/* Files of groups that are not as a backup writes them, though their checksums are right. */
static void test_odd_copy(void)
{
    static const struct {
        const char *groups, *number, *checksum, *end, *finding;
    } copies[] = {
        {"group Staff 15\npochta-group 1\n", "1 ", NULL, "", "no group was restored"},
        {"group staff 15\npochta-group 1\n", "1 ", NULL, "more\n", "no group was restored"},
        {"group staff 15\npochta-group 1\n", "1 0", NULL, "", "no group was restored"},
        {"group staff 15\npochta-group 1\n", "1 ", "0123456g", "", "no group was restored"},
        {"group staff 15\npochta-group 1\n", "2 ", NULL, "", "no group was restored"},
        {"group staff 6\nother\n", "1 ", NULL, "", "groups/staff: the copy is damaged"},
        {"group " NAME_SERVER " 15\npochta-group 1\n", "1 ", NULL, "",
         "groups/" NAME_SERVER ": the name is reserved"},
    };
    char name[64], head[200], sum[20], text[300];
    struct restore r;
    struct backup b;

    backup_begin();
    backup_make(&b);
    groups_file(&b, name);
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
        snprintf(head, sizeof head, "pochta-groups 1\n%s", copies[i].groups);
        snprintf(sum, sizeof sum, "%08x", (unsigned)crc32c(0, span_str(head)));
        snprintf(text, sizeof text, "%scomplete %s%s\n%s", head, copies[i].number,
                 copies[i].checksum ? copies[i].checksum : sum, copies[i].end);
        os_file_replace(place, name, span_str(text));
        is_int(restore_again(&r), ST_OK, "odd: copy %zu", i);
        ok(r.groups == 0 && r.told.findings == 1 && strstr(findings, copies[i].finding),
           "odd: ... is told: %s", findings);
    }
    snprintf(head, sizeof head, "pochta-groups 1\ngroup staff 15\npochta-group 1\n");
    snprintf(text, sizeof text, "%scomplete 1 %08x\n", head, (unsigned)crc32c(0, span_str(head)));
    os_file_replace(place, name, span_str(text));
    ok(restore_again(&r) == ST_OK && r.groups == 1, "odd: a sound one is restored");
    backup_end();
}

static void test_shortage(void)
{
    struct backup b;

    backup_begin();
    add("staff", "ann", "bob");
    faults_meanwhile("os_file_load", "staff", 1, NULL, EMFILE);
    is_int(backup_make(&b), ST_NO_FILES, "shortage: too many files are open");
    ok(faults_happened() && !*findings, "shortage: ... which does not mean that staff is damaged");
    is_int(backup_make(&b), ST_OK, "shortage: it passes");
    is_int((int)b.groups, 1, "shortage: ... and the group is in the backup");
    backup_end();
}

static void test_names(void)
{
    struct restore r;
    struct backup b;

    backup_begin();
    add("staff", "ann", "bob");
    add("carl", "ann", "bob");
    backup_make(&b);
    group_delete(s, "carl");
    group_delete(s, "staff");
    account_register(s, "carl", "hash");
    is_int(restore_again(&r), ST_OK, "names: an account has the name of a group");
    ok(r.groups == 1 && strstr(findings, "groups/carl: the name is taken in the store"),
       "names: ... which is told, and the other group is restored: %s", findings);
    backup_end();

    backup_begin();
    backup_make(&b);
    struct who who = {.name = "bob"};
    struct account a;
    account_find(s, "bob", &who, &a);
    account_delete(s, &who);
    deleted_accounts_purge(s, fixture_never, NULL);
    add("bob", "ann", "ann");
    is_int(restore_again(&r), ST_OK, "names: a group has the name of an account");
    ok(r.accounts == 0 && strstr(findings, "bob/: the store has a group with this name"),
       "names: ... which is told, and the account is not restored: %s", findings);
    backup_end();
}

static void test_damaged_group(void)
{
    struct backup b;

    backup_begin();
    add("staff", "ann", "bob");
    add("all", "ann", "bob");
    int dir = os_file_open_subdir(s->dir, LAYOUT_GROUPS);
    os_file_replace(dir, "staff", SPAN("pochta-group 1\nx\n"));
    is_int(backup_make(&b), ST_OK, "damaged: a group in the store");
    ok(b.groups == 1 && strstr(findings, "groups/staff: the group cannot be copied"),
       "damaged: ... is told, and the other group is in the backup: %s", findings);
    os_file_close(dir);
    backup_end();
}

int main(void)
{
    test_whole();
    test_damaged_copy();
    test_odd_copy();
    test_shortage();
    test_names();
    test_damaged_group();
    return done_testing();
}
