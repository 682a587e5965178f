/* SPDX-License-Identifier: ISC */
/* An invite is good for one account, and good again if that account is not made. */
#include "store/invite.h"

#include "random.h"
#include "store/fsck.h"
#include "store_fixture.h"

#define THREADS 8
#define UNKNOWN "00000000000000000000000000000000"

static int count;

static void add_one(void *ctx, const struct invite *invite)
{
    struct invite *last = ctx;

    count++;
    *last = *invite;
}

static int count_all(struct store *s, struct invite *last)
{
    count = 0;
    ok(invite_each(s, add_one, last), "invite_each");
    return count;
}

static int directory(const struct fixture *f, const char *name)
{
    char path[400];

    snprintf(path, sizeof path, "%s/%s", f->path, name);
    return os_file_open_dir(path);
}

static bool put(int dir, const char *name, struct span text)
{
    return os_file_replace(dir, name, text);
}

static enum status check(struct store *s, const char *text)
{
    char code[INVITE_DIGITS + 1];

    return invite_check(s, span_str(text), code);
}

static void test_one(struct store *s)
{
    struct invite made, listed;
    struct who who;
    struct account a;
    char code[INVITE_DIGITS + 1] = "";

    is_int(invite_add(s, 60, &made), ST_OK, "one invite: it is made");
    ok(name_invite_ok(span_str(made.code)), "one invite: its code is valid");
    is_int(made.expires - made.created, 60,
           "one invite: it expires after the time that was asked for");
    is_int(count_all(s, &listed), 1, "one invite: invite_each lists it alone");
    ok(strcmp(listed.code, made.code) == 0 && listed.created == made.created &&
           listed.expires == made.expires,
       "one invite: invite_each gives its code and times");
    is_int(invite_check(s, span_str(made.code), code), ST_OK,
           "one invite: invite_check accepts it");
    is_str(code, made.code, "one invite: invite_check copies the code");
    is_int(account_register_invited(s, "ann", "hash", code), ST_OK,
           "one invite: an account is registered with it");
    is_int(account_find(s, "ann", &who, &a), ST_OK, "one invite: the account is there");
    is_int(count_all(s, &listed), 0, "one invite: it is not listed any more");
    is_int(check(s, made.code), ST_NO_INVITE,
           "one invite: invite_check refuses it once it was used");
    is_int(account_register_invited(s, "bob", "hash", code), ST_NO_INVITE,
           "one invite: no second account can be registered with it");
    is_int(account_find(s, "bob", &who, &a), ST_NO_USER, "one invite: there is no second account");
}

/* An invite stays good if no account is made with it. */
static void test_not_used(struct store *s)
{
    const struct store_limits no_disk = {.reserve_bytes = UINT64_MAX / 2}, none = {.trash_s = 0};
    struct invite made, other;

    is_int(invite_add(s, 0, &made), ST_OK, "unused: an invite that never expires is made");
    is_int(made.expires, 0, "unused: its time of expiry is 0");
    is_int(account_register_invited(s, "ann", "hash", made.code), ST_USER_EXISTS,
           "unused: registering a name that is taken fails");
    is_int(check(s, made.code), ST_OK, "unused: the invite is still good then");
    store_set_limits(s, &no_disk);
    is_int(account_register_invited(s, "bob", "hash", made.code), ST_DISK_FULL,
           "unused: registering fails if the disk is full");
    is_int(invite_add(s, 0, &other), ST_DISK_FULL, "unused: no invite is made if the disk is full");
    store_set_limits(s, &none);
    is_int(check(s, made.code), ST_OK, "unused: the first invite is still good then");
    is_int(invite_delete(s, span_str(made.code)), ST_OK, "unused: the invite is deleted");
    is_int(invite_delete(s, span_str(made.code)), ST_NO_INVITE,
           "unused: it cannot be deleted twice");
    is_int(account_register_invited(s, "bob", "hash", made.code), ST_NO_INVITE,
           "unused: it cannot be used even if it was checked before");
    is_int(count_all(s, &other), 0, "unused: no invite is left");
}

static void test_codes(struct store *s)
{
    static const char *const wrong[] = {"",
                                        "0",
                                        "account",
                                        "../users/ann",
                                        UNKNOWN,
                                        "000000000000000000000000000000000",
                                        "0000000000000000000000000000000A",
                                        "0000000000000000000000000000000/",
                                        "0000000000000000000000000000000."};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        is_int(check(s, wrong[i]), ST_NO_INVITE, "invite_check: \"%s\" is not an invite", wrong[i]);
        is_int(invite_delete(s, span_str(wrong[i])), ST_NO_INVITE,
               "invite_delete: \"%s\" is not an invite", wrong[i]);
    }
    is_int(invite_check(s,
                        span_of("0000000000000000\0"
                                "000000000000000",
                                32),
                        (char[INVITE_DIGITS + 1]){""}),
           ST_NO_INVITE, "invite_check: a code with a NUL is not an invite");
}

static void test_expiry(struct fixture *f, struct store *s)
{
    int dir = directory(f, "invites");
    struct invite made, listed;

    is_int(invite_add(s, 60, &made), ST_OK, "expiry: an invite");
    ok(put(dir, made.code, SPAN("pochta-invite 1\ncreated 1\nexpires 61\n")),
       "expiry: its file says that it expired long ago");
    is_int(check(s, made.code), ST_NO_INVITE, "expiry: invite_check refuses it");
    is_int(count_all(s, &listed), 0, "expiry: invite_each does not list it");
    is_int(invite_add(s, 60, &listed), ST_OK, "expiry: another invite");
    invite_purge(s);
    ok(os_file_exists(dir, made.code), "expiry: invite_purge leaves it while the clock is new");
    fixture_steady(s);
    invite_purge(s);
    ok(!os_file_exists(dir, made.code), "expiry: invite_purge removes the first one");
    is_int(check(s, listed.code), ST_OK, "expiry: invite_purge leaves the other one");
    is_int(invite_delete(s, span_str(listed.code)), ST_OK, "expiry: the other one is deleted");
    os_file_close(dir);
}

/* Only valid contents of a file are an invite. */
static void test_contents(struct fixture *f, struct store *s)
{
    static const char sound[] = "pochta-invite 1\ncreated 5\nexpires 0\n";
    int dir = directory(f, "invites"), wrong = 0;
    char text[sizeof sound];

    ok(put(dir, UNKNOWN, span_str(sound)) && check(s, UNKNOWN) == ST_OK,
       "contents: an invite with valid contents is good");
    for (int i = 0; i < 300; i++) {
        memcpy(text, sound, sizeof sound);
        if (i % 2)
            text[random_below(15)] ^= (char)(1 + random_below(255)); /* in the first line */
        struct span s2 = span_of(text, i % 2 ? sizeof sound - 1 : random_below(sizeof sound - 1));
        wrong += !put(dir, UNKNOWN, s2) || check(s, UNKNOWN) != ST_NO_INVITE;
    }
    is_int(wrong, 0, "contents: no invite with truncated or changed contents is good");
    ok(put(dir, UNKNOWN, SPAN("pochta-invite 1\ncreated 5\nexpires 18446744073709551615\n")) &&
           check(s, UNKNOWN) == ST_NO_INVITE,
       "contents: a time that is too large is not valid");
    ok(f->troubles > 0 && !strstr(f->last, UNKNOWN),
       "contents: the log reports the damage, but not the code");
    f->troubles = 0;
    os_file_remove(dir, UNKNOWN);
    os_file_close(dir);
}

/* A crash between taking the invite and the rename that makes the account. */
static void test_crash(struct fixture *f, struct store **s)
{
    struct invite made;
    char taken[100];
    int new = directory(f, "new"), half;
    struct who who;
    struct account a;

    is_int(invite_add(*s, 0, &made), ST_OK, "crash: an invite");
    ok(os_file_make_dir(new, "carl-0123456789abcdef"), "crash: an unfinished account");
    half = os_file_open_subdir(new, "carl-0123456789abcdef");
    int invites = directory(f, "invites");
    snprintf(taken, sizeof taken, "invite-%s", made.code);
    ok(os_file_rename_over(invites, made.code, half, taken), "crash: it has the invite");
    ok(put(half, "account", SPAN("x")), "crash: it has another file");
    ok(put(invites, UNKNOWN ".new", SPAN("x")),
       "crash: an unfinished invite"); /* .new.new, then .new */
    ok(put(new, "stray", SPAN("x")), "crash: a stray file in new/");
    is_int(check(*s, made.code), ST_NO_INVITE, "crash: the invite cannot be used");
    store_close(*s);
    *s = fixture_open(f, true);
    is_int(check(*s, made.code), ST_OK, "crash: a start makes the invite good again");
    ok(!os_file_exists(new, "carl-0123456789abcdef") && !os_file_exists(new, "stray"),
       "crash: a start removes the account and the stray file");
    ok(!os_file_exists(invites, UNKNOWN ".new"), "crash: a start removes the unfinished invite");
    is_int(account_register_invited(*s, "carl", "hash", made.code), ST_OK,
           "crash: the invite is used");
    store_close(*s);
    *s = fixture_open(f, true);
    is_int(check(*s, made.code), ST_NO_INVITE, "crash: it is still used after a restart");
    is_int(account_find(*s, "carl", &who, &a), ST_OK,
           "crash: its account is there after a restart");
    is_int(account_delete(*s, &who), ST_OK, "crash: the account is deleted");
    store_close(*s);
    *s = fixture_open(f, true);
    is_int(check(*s, made.code), ST_NO_INVITE, "crash: the invite is still used after that");
    os_file_close(half);
    os_file_close(invites);
    os_file_close(new);
}

struct runner {
    struct store *store;
    const char *code;
    char name[32];
    enum status st;
    pthread_t thread;
};

static void *run(void *arg)
{
    struct runner *r = arg;

    r->st = account_register_invited(r->store, r->name, "hash", r->code);
    return NULL;
}

/* Threads of two processes, all with one invite. */
static void test_race(struct fixture *f, struct store *s)
{
    struct store *other = fixture_open(f, false);
    struct runner runners[THREADS];
    struct invite made;
    int new = directory(f, "new");

    for (int round = 0; round < 10; round++) {
        int good = 0, late = 0;

        is_int(invite_add(s, 0, &made), ST_OK, "race: an invite");
        for (int i = 0; i < THREADS; i++) {
            runners[i] = (struct runner){.store = i % 2 ? other : s, .code = made.code};
            snprintf(runners[i].name, sizeof runners[i].name, "r%d.%d", round, i);
            pthread_create(&runners[i].thread, NULL, run, &runners[i]);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(runners[i].thread, NULL);
            good += runners[i].st == ST_OK;
            late += runners[i].st == ST_NO_INVITE;
        }
        ok(good == 1 && late == THREADS - 1, "race: one of %d gets it (%d), the others do not (%d)",
           THREADS, good, late);
    }
    ok(!fixture_file(new, "r", (char[MESSAGE_FILE_NAME_BYTES]){""}),
       "race: no unfinished account is left");
    os_file_close(new);
    store_close(other);
}

static void print_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                          bool set_aside)
{
    (void)ctx;
    diag("%s/%s: %s%s", mailbox, file ? file : "", what, set_aside ? ": set aside" : "");
}

static void test_fsck(struct fixture *f, struct store *s)
{
    struct fsck fsck = {.store = s, .finding = print_finding};
    struct invite made;
    int dir = directory(f, "invites");

    is_int(invite_add(s, 0, &made), ST_OK, "fsck: an invite");
    ok(fsck_all(&fsck) && fsck.findings == 0, "fsck: there are no findings");
    ok(put(dir, made.code, SPAN("x")) && put(dir, "stray", SPAN("")),
       "fsck: the invite is damaged, and a stray file is there");
    ok(fsck_all(&fsck) && fsck.findings == 2, "fsck: both are found");
    os_file_remove(dir, "stray");
    is_int(invite_delete(s, span_str(made.code)), ST_OK, "fsck: a damaged invite can be deleted");
    os_file_close(dir);
}

int main(void)
{
    struct fixture f;

    random_begin();
    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    test_one(s);
    test_not_used(s);
    test_codes(s);
    test_expiry(&f, s);
    test_contents(&f, s);
    test_crash(&f, &s);
    test_race(&f, s);
    test_fsck(&f, s);
    store_close(s);
    is_int(f.troubles, 0, "no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    fixture_end(&f);
    return done_testing();
}
