/* SPDX-License-Identifier: ISC */
/* Groups when a certain call fails, or when a file is not as it should be. */
#include "store/group.h"
#include "store/group_place.h"

#include "store_faults.h"

#include "os/process.h"
#include "store/fence.h"
#include "store/fsck.h"
#include "store_fixture.h"

#define TRIES 10 /* of one change, while others change the group (group.c) */

static struct fixture f;
static struct store *s;
static struct group found, ann, bob;
static struct group_refusal refusal = {.why = NULL};
static char findings[500];
static uint32_t other_user; /* added to the number of the process's user */
static bool fenced;         /* whether a fence proves nothing */

FAILING(bool, os_file_exists, false, name, (int dir, const char *name), (dir, name))

REPLACED(uint32_t, os_process_uid, (void))
{
    return real_os_process_uid() + other_user;
}

REPLACED(bool, fence_proves, (const struct store *store))
{
    return !fenced && real_fence_proves(store);
}

static void note_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    size_t n = strlen(findings);

    (void)ctx, (void)set_aside;
    snprintf(findings + n, sizeof findings - n, "%s/%s: %s; ", mailbox, file, what);
}

/* What fsck finds. */
static const char *check(bool whole, const char *name)
{
    struct fsck fsck = {.store = s, .finding = note_finding};

    findings[0] = '\0';
    is_int(fsck_all(&fsck), whole, "%s: fsck", name);
    return findings;
}

static enum status add(const struct group *members)
{
    return group_add(s, "staff", members, &refusal);
}

static bool is_member(const char *name)
{
    bool there = false;

    if (group_find(s, "staff", &found) == ST_OK)
        group_position(&found, name, &there);
    return there;
}

static void begin(void)
{
    fixture_begin_in(&f, "/dev/shm");
    s = fixture_open(&f, true);
    if (account_register(s, "ann", "hash") != ST_OK || account_register(s, "bob", "hash") != ST_OK)
        exit(1);
    is_int(add(&ann), ST_OK, "a group with ann");
}

static void end(void)
{
    store_close(s);
    fixture_end(&f);
}

static void test_owner(void)
{
    begin();
    other_user = 1;
    is_int(group_find(s, "staff", &found), ST_IO, "owner: a file of another user");
    ok(strstr(f.last, "groups/staff belongs to the user with number"), "... is reported: %s",
       f.last);
    is_int(add(&bob), ST_IO, "owner: ... and is not changed");
    other_user = 0;
    ok(is_member("ann") && !is_member("bob"), "owner: the group is as it was");
    end();
}

static void test_large(void)
{
    static char large[GROUP_FILE_BYTES + 1];

    begin();
    int dir = os_file_open_subdir(s->dir, LAYOUT_GROUPS);
    memset(large, '\n', sizeof large);
    os_file_replace(dir, "staff", span_of(large, sizeof large));
    os_file_close(dir);
    is_int(group_find(s, "staff", &found), ST_DAMAGED, "large: a file that no group has");
    is_str(check(true, "large"), "groups/staff: its contents are damaged; ", "large: ... finds it");
    end();
}

static void test_read_only(void)
{
    begin();
    s->failed = true;
    is_int(add(&bob), ST_READ_ONLY, "read-only: nobody is added");
    is_int(group_remove(s, "staff", &ann, &refusal), ST_READ_ONLY, "read-only: nor removed");
    is_int(group_delete(s, "staff"), ST_READ_ONLY, "read-only: no group is deleted");
    s->failed = false;
    ok(is_member("ann") && !is_member("bob"), "read-only: the group is as it was");
    end();
}

static void test_fence(void)
{
    begin();
    fenced = true;
    is_int(add(&bob), ST_UNKNOWN, "fence: another server may have taken the store");
    is_int(group_delete(s, "staff"), ST_UNKNOWN, "fence: ... so nothing is answered for");
    fenced = false;
    end();
}

static void test_looks(void)
{
    begin();
    faults_meanwhile("os_file_exists", "staff", 1, NULL, EACCES);
    is_int(add(&bob), ST_IO, "looks: nobody knows whether an account has the name");
    ok(faults_happened() && strstr(f.last, "cannot look at users/staff"), "... is reported: %s",
       f.last);
    ok(!is_member("bob"), "looks: ... and the group is as it was");
    faults_meanwhile("os_file_exists", "carl", 1, NULL, EACCES);
    is_int(group_place_check_free(s, "carl"), ST_IO, "looks: nor whether a group has it");
    ok(faults_happened() && strstr(f.last, "cannot look at groups/carl"), "... is reported: %s",
       f.last);
    is_int(group_place_check_free(s, "carl"), ST_OK, "looks: none has it");
    end();
}

/* --- somebody who is always faster --- */

static int changes;

static void change_again(void)
{
    enum status st = (changes % 2 == 0 ? group_add : group_remove)(s, "staff", &bob, &refusal);

    if (st != ST_OK)
        is_int(st, ST_OK, "busy: the other one changes the group");
    changes++;
    faults_meanwhile("os_file_make", NULL, 1, change_again, 0);
}

static void test_busy(void)
{
    struct group_refusal mine = {.why = NULL};

    begin();
    changes = 0;
    faults_meanwhile("os_file_make", NULL, 1, change_again, 0);
    is_int(group_remove(s, "staff", &ann, &mine), ST_BUSY, "busy: somebody is faster each time");
    ok(!faults_happened(), "busy: ... and could be again");
    is_int(changes, TRIES, "busy: a change is tried so often");
    ok(is_member("ann"), "busy: ... and is not made in part");
    is_int(group_remove(s, "staff", &ann, &mine), ST_OK, "busy: it is made when there is peace");
    ok(!is_member("ann"), "busy: ... as a whole");
    end();
}

/* --- fsck --- */

static void test_fsck(void)
{
    begin();
    is_str(check(true, "fsck"), "", "fsck: a group");
    faults_meanwhile("os_file_load", "staff", 1, NULL, EIO);
    is_str(check(true, "fsck"), "groups/staff: it cannot be read; ", "fsck: one cannot be read");
    ok(faults_happened(), "... which was tried");
    faults_meanwhile("os_file_look", "staff", 1, NULL, ENOENT);
    is_str(check(true, "fsck"), "", "fsck: one is deleted meanwhile");
    ok(faults_happened(), "... after its name was seen");
    faults_meanwhile("os_file_open_subdir", LAYOUT_GROUPS, 1, NULL, EIO);
    check(false, "fsck: the directory cannot be opened");
    ok(faults_happened(), "... which was tried");
    faults_meanwhile("malloc", NULL, 1, NULL, ENOMEM);
    ok(!group_fsck(s, NULL, NULL), "fsck: there is no memory");
    ok(faults_happened() && strstr(f.last, "cannot check groups"), "... is reported: %s", f.last);
    int dir = os_file_open_subdir(s->dir, LAYOUT_GROUPS);
    os_file_replace(dir, "no name", SPAN("pochta-group 1\n"));
    os_file_close(dir);
    is_str(check(true, "fsck"), "groups/no name: not a group; ", "fsck: no group has such a name");
    end();
}

int main(void)
{
    ann = (struct group){.n = 1, .members = {{.name = "ann"}}};
    bob = (struct group){.n = 1, .members = {{.name = "bob"}}};
    test_owner();
    test_large();
    test_read_only();
    test_fence();
    test_looks();
    test_busy();
    test_fsck();
    return done_testing();
}
