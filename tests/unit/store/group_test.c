/* SPDX-License-Identifier: ISC */
/*
 * Groups: who can be a member, which names are free, what several processes do at once, and what
 * becomes of the group when an account is deleted.
 */
#include "store/group.h"
#include "store/group_place.h"

#include "store_faults.h"

#include "random.h"
#include "store/fsck.h"
#include "store_fixture.h"

#define THREADS 4
#define ROUNDS  10

static struct fixture f;
static struct store *s;
static struct group found;
static struct group_refusal refusal = {.why = NULL};

/* The names, separated by spaces, as members without generations. */
static const struct group *names(const char *list)
{
    static _Thread_local struct group g;
    struct span rest = span_str(list);

    g.n = 0;
    while (rest.n > 0) {
        struct who who = {.generation = ""};
        struct span name = span_take(&rest, ' ');
        snprintf(who.name, sizeof who.name, "%.*s", SPAN_PRINTF(name));
        group_insert(&g, &who);
    }
    return &g;
}

static enum status add(const char *group, const char *list)
{
    return group_add(s, group, names(list), &refusal);
}

static enum status take(const char *group, const char *list)
{
    return group_remove(s, group, names(list), &refusal);
}

/* The members of a group, separated by spaces, or why it cannot be read. */
static const char *members(const char *group)
{
    static char text[500];
    enum status st = group_find(s, group, &found);

    text[0] = '\0';
    for (size_t i = 0; i < found.n && st == ST_OK; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 found.members[i].name);
    return st == ST_OK ? text : status_text(st);
}

/* Whether the last refusal is about this name, and its words contain these. */
static bool says(const char *name, const char *words)
{
    return strcmp(refusal.name, name) == 0 && strstr(refusal.why ? refusal.why : "", words);
}

static int groups_dir(void)
{
    return os_file_open_subdir(s->dir, LAYOUT_GROUPS);
}

static bool put(const char *name, const char *text)
{
    int dir = groups_dir();
    bool ok = os_file_replace(dir, name, span_str(text));
    os_file_close(dir);
    return ok;
}

static void restart(void)
{
    store_close(s);
    s = fixture_open(&f, true);
    s->limits.trash_s = 86400;
}

static void delete_account(const char *name)
{
    struct who who;
    struct account a;

    is_int(account_find(s, name, &who, &a), ST_OK, "%s is found", name);
    is_int(account_delete(s, &who), ST_OK, "... and deleted");
}

/* --- one administrator --- */

static void test_first(void)
{
    is_str(members("staff"), "no such user", "no group: none is found");
    is_int(group_delete(s, "staff"), ST_NO_USER, "no group: none can be deleted");
    is_int(take("staff", "ann"), ST_NO_USER, "no group: nobody can be removed");
    ok(says("staff", "no such group"), "... which is said");
    is_int(add("staff", "bob ann"), ST_OK, "a group is made with two members");
    is_str(members("staff"), "ann bob", "... who are found, sorted");
    is_int(add("staff", "carl ann"), ST_OK, "a member more, and one who is there");
    is_str(members("staff"), "ann bob carl", "... both are");
    restart();
    is_str(members("staff"), "ann bob carl", "... also after a restart");
    is_int(take("staff", "ann carl"), ST_OK, "two are removed");
    is_str(members("staff"), "bob", "... and one stays");
    is_int(take("staff", "bob"), ST_OK, "the last one is removed");
    is_str(members("staff"), "", "... the group stays");
    is_int(group_delete(s, "staff"), ST_OK, "it is deleted");
    is_str(members("staff"), "no such user", "... and gone");
}

static void test_refused(void)
{
    add("staff", "ann bob");
    is_int(add("staff", "carl nobody"), ST_NO_USER, "a member who does not exist is refused");
    is_str(refusal.name, "nobody", "... by name");
    is_str(members("staff"), "ann bob", "... and the others are not added either");
    is_int(add("all", "ann staff"), ST_NO_USER, "a group is not a member");
    ok(says("staff", "it is a group"), "... which is said");
    is_str(members("all"), "no such user", "... and no group is made");
    is_int(take("staff", "ann carl"), ST_NO_USER, "one who is not a member cannot be removed");
    ok(says("carl", "not a member"), "... which is said");
    is_str(members("staff"), "ann bob", "... and the others are not removed either");
    is_int(add(NAME_SERVER, "ann"), ST_RESERVED, "the server's name is refused");
    is_int(add("ann", "bob"), ST_USER_EXISTS, "the name of an account is refused");
    ok(says("ann", "an account has this name"), "... which is said");
    const struct store_limits no_disk = {.reserve_bytes = UINT64_MAX / 2}, none = {.trash_s = 1};
    store_set_limits(s, &no_disk);
    is_int(add("all", "ann"), ST_DISK_FULL, "no group is made if the disk is full");
    is_int(take("staff", "ann"), ST_OK, "... but a member is removed");
    is_int(group_delete(s, "staff"), ST_OK, "... and a group is deleted");
    store_set_limits(s, &none);
    s->limits.trash_s = 86400;
}

static void test_limit(void)
{
    static struct group many;
    char name[NAME_BYTES + 1];
    int failed = 0;

    many.n = 0;
    for (int i = 0; i < GROUP_MEMBERS; i++) {
        struct who who = {.generation = ""};
        snprintf(name, sizeof name, "m%d", i);
        failed += account_register(s, name, "hash") != ST_OK;
        memcpy(who.name, name, sizeof name);
        group_insert(&many, &who);
    }
    is_int(failed, 0, "limit: %d accounts", GROUP_MEMBERS);
    is_int(group_add(s, "many", &many, &refusal), ST_OK, "limit: all are members");
    is_int(add("many", "m7"), ST_OK, "limit: one of them again");
    is_int(add("many", "ann"), ST_FULL, "limit: one more is refused");
    ok(says("many", "at most 500"), "... with the limit");
    is_int(group_find(s, "many", &found), ST_OK, "limit: the group is read");
    is_int((long long)found.n, GROUP_MEMBERS, "... with all members");
    group_delete(s, "many");
}

/* --- names that accounts and groups share --- */

static void test_names(void)
{
    struct account_new batch[2] = {{.name = "dora"}, {.name = "staff"}};

    batch[0].account = batch[1].account = account_file_standard;
    is_int(account_register(s, "eve", "hash"), ST_OK, "names: eve registers");
    delete_account("eve");
    add("staff", "ann");
    add("eve", "ann");
    is_int(account_may_register(s, "staff", false), ST_USER_EXISTS, "names: staff is taken");
    is_int(account_register(s, "staff", "hash"), ST_USER_EXISTS, "names: no account gets it");
    is_int(account_register_many(s, batch, 2), ST_OK, "names: many accounts at once");
    ok(batch[0].st == ST_OK && batch[1].st == ST_USER_EXISTS, "names: ... one has a group's name");
    is_int(deleted_accounts_restore(s, "eve"), ST_USER_EXISTS,
           "names: a deleted account is not restored while a group has its name");
    is_int(group_delete(s, "eve"), ST_OK, "names: that group is deleted");
    is_int(deleted_accounts_restore(s, "eve"), ST_OK, "names: ... and the account restored");
    is_int(group_put(s, "eve", names("ann")), ST_USER_EXISTS, "names: no group takes its name");
    is_int(group_put(s, "staff", names("ann")), ST_USER_EXISTS, "names: nor that of a group");
    group_delete(s, "staff");
}

/* --- accounts that are deleted --- */

static void test_deleted(void)
{
    char before[STORE_GENERATION_DIGITS + 1];
    struct who who;
    struct account a;

    add("staff", "ann bob");
    group_find(s, "staff", &found);
    memcpy(before, found.members[1].generation, sizeof before);
    delete_account("bob");
    is_str(members("staff"), "ann bob", "deleted: bob is still listed");
    is_int(deleted_accounts_restore(s, "bob"), ST_OK, "deleted: he is restored");
    is_int(account_find(s, "bob", &who, &a), ST_OK, "deleted: ... and is who he was");
    is_str(who.generation, before, "deleted: ... so he is a member again");
    delete_account("bob");
    is_int(account_register(s, "bob", "hash"), ST_OK, "deleted: another bob registers");
    is_int(account_find(s, "bob", &who, &a), ST_OK, "deleted: ... and is found");
    group_find(s, "staff", &found);
    is_str(found.members[1].generation, before, "deleted: the member is still the first bob");
    ok(strcmp(who.generation, before) != 0, "deleted: ... who is another one");
    is_int(add("staff", "bob"), ST_OK, "deleted: the second bob is added");
    group_find(s, "staff", &found);
    ok(found.n == 2 && strcmp(found.members[1].generation, who.generation) == 0,
       "deleted: ... in place of the first one");
    group_delete(s, "staff");
}

/* --- files --- */

static void note_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    char *text = ctx;

    (void)set_aside;
    if (strcmp(mailbox, LAYOUT_GROUPS) == 0)
        snprintf(text + strlen(text), 500 - strlen(text), "%s: %s; ", file, what);
}

static bool count_name(void *ctx, const char *name)
{
    int *n = ctx;

    (void)name;
    ++*n;
    return true;
}

static void test_damage(void)
{
    char text[500] = "";
    struct fsck fsck = {.store = s, .finding = note_finding, .ctx = text};
    int n = 0, before = f.troubles;

    add("staff", "ann");
    add("all", "ann bob");
    ok(fsck_all(&fsck) && fsck.findings == 0, "damage: no findings at first");
    put("staff", "pochta-group 1\nann\n");
    put("Stranger", "");
    put("~new-0123-1", "");
    is_int(group_find(s, "staff", &found), ST_DAMAGED, "damage: one group is damaged");
    ok(strstr(f.last, "group staff: its file in groups/ is damaged"), "... which is reported: %s",
       f.last);
    is_str(members("all"), "ann bob", "... the other one is not");
    is_int(add("staff", "bob"), ST_DAMAGED, "damage: nobody is added to it");
    is_int(take("staff", "ann"), ST_DAMAGED, "... and nobody removed");
    ok(says("staff", "damaged"), "... which is said");
    is_int(group_put(s, "staff", names("")), ST_DAMAGED, "... nor is it replaced");
    is_int(account_register(s, "staff", "hash"), ST_USER_EXISTS, "... it still has its name");
    os_file_make_dir(s->dirs[LAYOUT_USERS], "all");
    ok(fsck_all(&fsck), "damage: fsck");
    ok(strstr(text, "staff: its contents are damaged; ") &&
           strstr(text, "Stranger: not a group; ") &&
           strstr(text, "all: an account has the same name, and gets all mail to it; "),
       "... finds each: %s", text);
    ok(!strstr(text, "~new"), "... but not one that is being written");
    os_file_remove_dir(s->dirs[LAYOUT_USERS], "all");
    ok(group_each(s, count_name, &n) && n == 2, "damage: two files have the name of a group");
    restart();
    int dir = groups_dir();
    ok(!os_file_exists(dir, "~new-0123-1") && os_file_exists(dir, "staff"),
       "damage: a start removes what was not finished, and nothing else");
    os_file_remove(dir, "Stranger");
    os_file_close(dir);
    is_int(group_delete(s, "staff"), ST_OK, "damage: a damaged group can be deleted");
    is_int(group_delete(s, "all"), ST_OK, "damage: ... and the other one");
    f.troubles = before;
}

/* --- several at once --- */

static void add_carl(void)
{
    static struct group carl = {.n = 1, .members = {{.name = "carl"}}};

    is_int(group_add(s, "staff", &carl, &refusal), ST_OK,
           "meanwhile: another administrator adds carl");
}

static void delete_staff(void)
{
    is_int(group_delete(s, "staff"), ST_OK, "meanwhile: another administrator deletes the group");
}

static void test_meanwhile(void)
{
    add("staff", "ann");
    faults_meanwhile("os_file_make", NULL, 1, add_carl, 0);
    is_int(add("staff", "bob"), ST_OK, "meanwhile: one adds bob");
    ok(faults_happened(), "meanwhile: ... at the same moment");
    is_str(members("staff"), "ann bob carl", "meanwhile: both are there");
    faults_meanwhile("os_file_make", NULL, 1, delete_staff, 0);
    is_int(take("staff", "bob"), ST_NO_USER, "meanwhile: nobody is removed from a deleted group");
    ok(faults_happened(), "meanwhile: ... at the same moment");
    is_str(members("staff"), "no such user", "meanwhile: it stays deleted");
}

static int locked;

/* How many bytes of the lock file are locked. */
static int count_locked(void)
{
    int fd = os_file_open(s->dir, LAYOUT_LOCK), n = 0;

    for (long byte = 0; byte < 4352; byte++)
        n += os_lock_is_held(fd, byte);
    os_file_close(fd);
    return n;
}

static void look_at_locks(void)
{
    locked = count_locked();
}

static void test_locked(void)
{
    int before = count_locked();

    faults_meanwhile("os_file_rename_over", LAYOUT_REMOVING, 1, look_at_locks, 0);
    is_int(add("staff", "ann"), ST_OK, "locked: a group gets its file");
    ok(faults_happened() && locked == before + 1, "locked: ... with a lock on its name");
    faults_meanwhile("os_file_remove", "staff", 1, look_at_locks, 0);
    is_int(group_delete(s, "staff"), ST_OK, "locked: it loses its file");
    ok(faults_happened() && locked == before + 1, "locked: ... with this lock");
    is_int(count_locked(), before, "locked: ... which is given back");
}

/* A shortage passes: it must not be said to be the disk's fault. */
static void test_shortage(void)
{
    struct group g;
    int before = f.troubles;

    faults_meanwhile("os_file_open_subdir", LAYOUT_GROUPS, 1, NULL, EMFILE);
    is_int(group_find(s, "staff", &g), ST_NO_FILES, "shortage: too many files are open");
    ok(faults_happened(), "shortage: ... at the directory of the groups");
    faults_meanwhile("os_file_open_subdir", LAYOUT_GROUPS, 1, NULL, ENOMEM);
    is_int(group_delete(s, "staff"), ST_NO_MEMORY, "shortage: there is no memory");
    faults_meanwhile("os_file_open_subdir", LAYOUT_GROUPS, 1, NULL, EMFILE);
    is_int(group_place_check_free(s, "staff"), ST_NO_FILES, "shortage: whether a name is free");
    is_int(f.troubles, before + 3, "shortage: each is reported");
    f.troubles = before;
}

/* The directory of the store is synced, then that of the groups. */
static void test_syncs(void)
{
    int before = f.troubles;

    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    is_int(add("staff", "ann"), ST_IO, "syncs: that of the store fails");
    is_str(members("staff"), "no such user", "syncs: ... nothing was changed");
    is_int(add("staff", "ann"), ST_READ_ONLY, "syncs: ... and nothing can be");
    restart();
    is_int(add("staff", "ann"), ST_OK, "syncs: ... until the next start");
    faults_meanwhile("os_file_sync_dir", NULL, 2, NULL, EIO);
    is_int(add("staff", "bob"), ST_UNKNOWN, "syncs: that of the groups fails");
    is_int(group_delete(s, "staff"), ST_READ_ONLY, "syncs: ... and nothing can be changed");
    restart();
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    is_int(group_delete(s, "staff"), ST_UNKNOWN, "syncs: that after a deletion fails");
    restart();
    f.troubles = before;
}

struct runner {
    struct store *store;
    int number, failed;
    pthread_t thread;
};

/* Others may be faster again and again: then a change says that it is busy, and nothing was done.
 */
static bool change(const struct runner *r, bool adds)
{
    struct group_refusal why = {.why = NULL};
    char name[NAME_BYTES + 1];
    enum status st;

    snprintf(name, sizeof name, "m%d", r->number);
    do
        st = (adds ? group_add : group_remove)(r->store, "busy", names(name), &why);
    while (st == ST_BUSY);
    return st == ST_OK;
}

static void *add_and_remove(void *arg)
{
    struct runner *r = arg;

    for (int i = 0; i < ROUNDS; i++)
        r->failed += !change(r, true) + !change(r, false);
    r->failed += !change(r, true);
    return NULL;
}

/* Threads of a server and of a tool each add and remove a member; none undoes what another did. */
static void test_race(void)
{
    struct store *tool = fixture_open(&f, false);
    struct runner runners[THREADS];
    int failed = 0, before = f.troubles;

    for (int i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){.store = i % 2 ? tool : s, .number = i};
        pthread_create(&runners[i].thread, NULL, add_and_remove, &runners[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(runners[i].thread, NULL);
        failed += runners[i].failed;
    }
    is_int(failed, 0, "race: all members are added and removed again and again");
    is_str(members("busy"), "m0 m1 m2 m3", "race: all are members at the end");
    f.troubles = before; /* that the lock was busy */
    store_close(tool);
}

int main(void)
{
    random_begin();
    fixture_begin_in(&f, "/dev/shm");
    s = fixture_open(&f, true);
    s->limits.trash_s = 86400;
    is_int(account_register(s, "ann", "hash"), ST_OK, "ann registers");
    is_int(account_register(s, "bob", "hash"), ST_OK, "bob registers");
    is_int(account_register(s, "carl", "hash"), ST_OK, "carl registers");
    test_first();
    test_refused();
    test_limit();
    test_names();
    test_deleted();
    test_damage();
    test_meanwhile();
    test_locked();
    test_shortage();
    test_syncs();
    test_race();
    is_int(f.troubles, 0, "no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    store_close(s);
    fixture_end(&f);
    return done_testing();
}
