/* invite: each is good for one account; half an account gives its own back. */
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
    ok(invite_each(s, add_one, last), "the invites are listed");
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

    is_int(invite_add(s, 60, &made), ST_OK, "an invite is made");
    ok(name_invite_ok(span_str(made.code)), "its code is one");
    is_int(made.expires - made.created, 60, "it is good for so long");
    is_int(count_all(s, &listed), 1, "it is the only one");
    ok(strcmp(listed.code, made.code) == 0 && listed.created == made.created &&
           listed.expires == made.expires,
       "and as it was made");
    is_int(invite_check(s, span_str(made.code), code), ST_OK, "it is good");
    is_str(code, made.code, "by its code");
    is_int(account_register_invited(s, "ann", "hash", code), ST_OK, "and lets one register");
    is_int(account_find(s, "ann", &who, &a), ST_OK, "who has an account");
    is_int(count_all(s, &listed), 0, "then it is gone");
    is_int(check(s, made.code), ST_NO_INVITE, "and unknown");
    is_int(account_register_invited(s, "bob", "hash", code), ST_NO_INVITE, "it lets in no other");
    is_int(account_find(s, "bob", &who, &a), ST_NO_USER, "who has no account");
}

/* What it is for does not happen: it stays good. */
static void test_not_used(struct store *s)
{
    const struct store_limits no_disk = {.reserve_bytes = UINT64_MAX / 2}, none = {.trash_s = 0};
    struct invite made, other;

    is_int(invite_add(s, 0, &made), ST_OK, "an invite for ever");
    is_int(made.expires, 0, "says so");
    is_int(account_register_invited(s, "ann", "hash", made.code), ST_USER_EXISTS,
           "a name is taken");
    is_int(check(s, made.code), ST_OK, "the invite is good");
    store_set_limits(s, &no_disk);
    is_int(account_register_invited(s, "bob", "hash", made.code), ST_DISK_FULL, "the disk is full");
    is_int(invite_add(s, 0, &other), ST_DISK_FULL, "for another invite, too");
    store_set_limits(s, &none);
    is_int(check(s, made.code), ST_OK, "the invite is good");
    is_int(invite_delete(s, span_str(made.code)), ST_OK, "it is taken back");
    is_int(invite_delete(s, span_str(made.code)), ST_NO_INVITE, "once");
    is_int(account_register_invited(s, "bob", "hash", made.code), ST_NO_INVITE,
           "by one who had it checked before");
    is_int(count_all(s, &other), 0, "none is left");
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
        is_int(check(s, wrong[i]), ST_NO_INVITE, "\"%s\" is no invite", wrong[i]);
        is_int(invite_delete(s, span_str(wrong[i])), ST_NO_INVITE, "to delete either");
    }
    is_int(invite_check(s,
                        span_of("0000000000000000\0"
                                "000000000000000",
                                32),
                        (char[INVITE_DIGITS + 1]){""}),
           ST_NO_INVITE, "nor is one with NUL");
}

static void test_expiry(struct fixture *f, struct store *s)
{
    int dir = directory(f, "invites");
    struct invite made, listed;

    is_int(invite_add(s, 60, &made), ST_OK, "an invite");
    ok(put(dir, made.code, SPAN("pochta-invite 1\ncreated 1\nexpires 61\n")), "of long ago");
    is_int(check(s, made.code), ST_NO_INVITE, "has expired");
    is_int(count_all(s, &listed), 0, "and is not listed");
    is_int(invite_add(s, 60, &listed), ST_OK, "another");
    invite_purge(s);
    ok(!os_file_exists(dir, made.code), "the first is purged");
    is_int(check(s, listed.code), ST_OK, "the other is not");
    is_int(invite_delete(s, span_str(listed.code)), ST_OK, "but deleted");
    os_file_close(dir);
}

/* Any contents of a file are an invite or none. */
static void test_contents(struct fixture *f, struct store *s)
{
    static const char sound[] = "pochta-invite 1\ncreated 5\nexpires 0\n";
    int dir = directory(f, "invites"), wrong = 0;
    char text[sizeof sound];

    ok(put(dir, UNKNOWN, span_str(sound)) && check(s, UNKNOWN) == ST_OK, "sound contents");
    for (int i = 0; i < 300; i++) {
        memcpy(text, sound, sizeof sound);
        if (i % 2)
            text[random_below(15)] ^= (char)(1 + random_below(255)); /* in the first line */
        struct span s2 = span_of(text, i % 2 ? sizeof sound - 1 : random_below(sizeof sound - 1));
        wrong += !put(dir, UNKNOWN, s2) || check(s, UNKNOWN) != ST_NO_INVITE;
    }
    is_int(wrong, 0, "cut short or changed it is none");
    ok(put(dir, UNKNOWN, SPAN("pochta-invite 1\ncreated 5\nexpires 18446744073709551615\n")) &&
           check(s, UNKNOWN) == ST_NO_INVITE,
       "nor with a time beyond all");
    ok(f->troubles > 0 && !strstr(f->last, UNKNOWN), "the log is told, but not the code");
    f->troubles = 0;
    os_file_remove(dir, UNKNOWN);
    os_file_close(dir);
}

/* What a crash leaves between taking the invite and the rename that makes the account. */
static void test_crash(struct fixture *f, struct store **s)
{
    struct invite made;
    char taken[100];
    int new = directory(f, "new"), half;
    struct who who;
    struct account a;

    is_int(invite_add(*s, 0, &made), ST_OK, "an invite");
    ok(os_file_make_dir(new, "carl-0123456789abcdef"), "half an account");
    half = os_file_open_subdir(new, "carl-0123456789abcdef");
    int invites = directory(f, "invites");
    snprintf(taken, sizeof taken, "invite-%s", made.code);
    ok(os_file_rename_over(invites, made.code, half, taken), "which has the invite");
    ok(put(half, "account", SPAN("x")), "and a file");
    ok(put(invites, UNKNOWN ".new", SPAN("x")), "half an invite"); /* .new.new, then .new */
    ok(put(new, "stray", SPAN("x")), "and a stray file");
    is_int(check(*s, made.code), ST_NO_INVITE, "nobody can use it");
    store_close(*s);
    *s = fixture_open(f, true);
    is_int(check(*s, made.code), ST_OK, "after a start it is good again");
    ok(!os_file_exists(new, "carl-0123456789abcdef") && !os_file_exists(new, "stray"),
       "and what was half-done is gone");
    ok(!os_file_exists(invites, UNKNOWN ".new"), "half an invite, too");
    is_int(account_register_invited(*s, "carl", "hash", made.code), ST_OK, "it is used");
    store_close(*s);
    *s = fixture_open(f, true);
    is_int(check(*s, made.code), ST_NO_INVITE, "after a start it still is");
    is_int(account_find(*s, "carl", &who, &a), ST_OK, "for the account");
    is_int(account_delete(*s, &who), ST_OK, "which is deleted");
    store_close(*s);
    *s = fixture_open(f, true);
    is_int(check(*s, made.code), ST_NO_INVITE, "it stays used");
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

        is_int(invite_add(s, 0, &made), ST_OK, "an invite");
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
        ok(good == 1 && late == THREADS - 1, "one of %d has it (%d, %d)", THREADS, good, late);
    }
    ok(!fixture_file(new, "r", (char[MESSAGE_FILE_NAME_BYTES]){""}), "no half account is left");
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

    is_int(invite_add(s, 0, &made), ST_OK, "an invite");
    ok(fsck_all(&fsck) && fsck.findings == 0, "fsck finds nothing");
    ok(put(dir, made.code, SPAN("x")) && put(dir, "stray", SPAN("")), "damage, and a stray file");
    ok(fsck_all(&fsck) && fsck.findings == 2, "it finds both");
    os_file_remove(dir, "stray");
    is_int(invite_delete(s, span_str(made.code)), ST_OK, "one that is damaged can be deleted");
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
    is_int(f.troubles, 0, "there was no trouble%s%s", f.troubles ? ": " : "", f.last);
    fixture_end(&f);
    return done_testing();
}
