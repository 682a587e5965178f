/* SPDX-License-Identifier: ISC */
/* What a store keeps for its doors: the key and its tokens, and under which domains it was known.
 */
#include "changes_fixture.h"
#include "store/door_file.h"
#include "store/door_key.h"

#define YEAR_S (365 * 24 * INT64_C(3600))

static struct door_key *open_key(const char *domain)
{
    struct door_key *k;
    is_int(door_key_open(s, domain, &k), ST_OK, "open with the domain %s", domain);
    if (!k)
        exit(1);
    return k;
}

/* The text of the file. */
static char *load_file(void)
{
    static char text[2000];
    struct buf file;
    buf_init(&file, sizeof text - 1);
    text[0] = '\0';
    if (os_file_load(s->dir, LAYOUT_DOORS, &file))
        snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(buf_span(&file)));
    buf_free(&file);
    return text;
}

static void take_token(const struct door_key *k, const char *text,
                       char token[DOOR_TOKEN_DIGITS + 1])
{
    door_key_token(k, SPAN("ann"), SPAN("bob"), span_str(text), token);
}

/* --- the file --- */

static void test_key_stays(void)
{
    char first[DOOR_TOKEN_DIGITS + 1], again[DOOR_TOKEN_DIGITS + 1];
    struct os_file_info info;
    notes_begin();
    struct door_key *k = open_key("ship.example");
    take_token(k, "text", first);
    door_key_free(k);
    ok(os_file_look(s->dir, LAYOUT_DOORS, &info) && info.mode == 0600,
       "only the owner can read the file");
    ok(!os_file_exists(s->dir, LAYOUT_DOORS LAYOUT_UNFINISHED), "nothing else is left");
    is_int(f.troubles, 0, "a first start reports nothing");
    store_close(s);
    notes_open(true);
    k = open_key("ship.example");
    take_token(k, "text", again);
    door_key_free(k);
    is_str(again, first, "another start finds the same key");
    k = open_key("port.example");
    take_token(k, "text", again);
    door_key_free(k);
    is_str(again, first, "... also with another domain");
    os_file_remove(s->dir, LAYOUT_DOORS);
    k = open_key("ship.example");
    take_token(k, "text", again);
    door_key_free(k);
    ok(strcmp(again, first) != 0, "another store has another key");
    notes_end();
}

static void test_damaged(void)
{
    static char large[DOOR_FILE_BYTES + 1];
    struct door_key *k;
    char text[2000];
    notes_begin();
    door_key_free(open_key("ship.example"));
    snprintf(text, sizeof text, "%s", load_file());
    char digit = text[30];
    text[30] = digit == '0' ? '1' : '0';
    os_file_replace(s->dir, LAYOUT_DOORS, span_str(text));
    is_int(door_key_open(s, "port.example", &k), ST_DAMAGED, "a damaged file");
    ok(!k && strstr(f.last, "damaged: stop the server, and copy"), "... is reported with advice");
    is_str(load_file(), text, "... and is left as it is");
    text[30] = digit;
    os_file_replace(s->dir, LAYOUT_DOORS, span_str(text));
    door_key_free(open_key("ship.example"));
    is_int(door_key_open(s, "", &k), ST_DAMAGED, "a domain must not be empty");
    is_int(door_key_open(s, "ship example", &k), ST_DAMAGED, "... nor have a blank");
    ok(strstr(f.last, "\"ship example\""), "... which is reported");
    is_str(load_file(), text, "... and the file is left as it is");
    os_file_remove(s->dir, LAYOUT_DOORS);
    os_file_make_dir(s->dir, LAYOUT_DOORS);
    is_int(door_key_open(s, "ship.example", &k), ST_IO, "a directory in place of the file");
    os_file_remove_dir(s->dir, LAYOUT_DOORS);
    os_file_replace(s->dir, LAYOUT_DOORS, span_of(large, sizeof large));
    is_int(door_key_open(s, "ship.example", &k), ST_DAMAGED, "a file that is too large");
    notes_end();
}

/* Users can still read their mail, with what is there. */
static void test_read_only(void)
{
    char text[2000];
    notes_begin();
    door_key_free(open_key("ship.example"));
    snprintf(text, sizeof text, "%s", load_file());
    s->failed = true;
    struct door_key *k = open_key("ship.example");
    is_int(f.troubles, 0, "a store that can only be read: nothing is to be written");
    door_key_free(k);
    k = open_key("port.example");
    is_str(load_file(), text, "... a new domain is not written");
    is_str(door_key_domain(k, INT64_MAX), "ship.example", "... nor used");
    ok(f.troubles == 1 && strstr(f.last, "port.example is not added"), "... which is reported");
    door_key_free(k);
    os_file_remove(s->dir, LAYOUT_DOORS);
    k = open_key("port.example");
    ok(!os_file_exists(s->dir, LAYOUT_DOORS), "... a new key is not written");
    is_str(door_key_domain(k, 0), "port.example", "... but there is a domain");
    is_int(f.troubles, 2, "... which is reported, too");
    door_key_free(k);
    notes_end();
}

/* --- domains --- */

static void test_domains(void)
{
    notes_begin();
    struct door_key *k = open_key("ship.example");
    is_str(door_key_domain(k, 0), "ship.example", "all earlier messages are under the first one");
    is_str(door_key_domain(k, INT64_MAX), "ship.example", "... and all later ones");
    door_key_free(k);
    now_s += 100;
    k = open_key("port.example");
    is_str(door_key_domain(k, NOON + 100), "ship.example", "a message of this second keeps its");
    is_str(door_key_domain(k, NOON + 101), "port.example", "... one of the next has the new one");
    is_str(door_key_domain(k, 0), "ship.example", "... and earlier ones keep theirs");
    ok(door_key_is_ours(k, SPAN("Ship.Example")) && door_key_is_ours(k, SPAN("port.example")),
       "mail to all of them is ours");
    ok(!door_key_is_ours(k, SPAN("example")) && !door_key_is_ours(k, SPAN("")),
       "... and to others is not");
    door_key_free(k);
    k = open_key("ship.example");
    is_str(door_key_domain(k, NOON + 101), "port.example", "twice in one second: each has a time");
    is_str(door_key_domain(k, NOON + 102), "ship.example", "... of its own");
    door_key_free(k);
    is_int(f.troubles, 1, "... which is reported, since it is not the next second");
    char text[2000];
    snprintf(text, sizeof text, "%s", load_file());
    door_key_free(open_key("ship.example"));
    is_str(load_file(), text, "the last domain again: nothing is written");
    notes_end();
}

/* The clock of a small machine may begin somewhere in the past, or may have been years ahead. */
static void test_clock(void)
{
    notes_begin();
    door_key_free(open_key("ship.example"));
    now_s = NOON - YEAR_S;
    change_ann(); /* noted in the hour of NOON, which is not over */
    struct door_key *k = open_key("port.example");
    is_str(door_key_domain(k, NOON + HOUR_S - 1), "ship.example",
           "the clock is behind: messages that may be there keep their domain");
    is_str(door_key_domain(k, NOON + HOUR_S), "port.example", "... and later ones have the new");
    ok(strstr(f.last, "domain port.example only from 2025-11-30T13:00:00Z on"),
       "... which is reported");
    door_key_free(k);
    k = open_key("third.example");
    is_str(door_key_domain(k, NOON + HOUR_S), "port.example", "... once more: in order");
    is_str(door_key_domain(k, NOON + HOUR_S + 1), "third.example", "... and a second later");
    door_key_free(k);
    now_s = NOON + 2 * HOUR_S;
    k = open_key("fourth.example");
    is_str(door_key_domain(k, now_s + 1), "fourth.example", "the clock is right again");
    door_key_free(k);
    is_int(f.troubles, 2, "... and nothing is reported");
    notes_end();
}

/* --- tokens --- */

/* Each row has another token than all the others. */
static const struct sent {
    const char *sender, *recipient, *text;
} messages[] = {
    {"ann", "bob", "Message-ID: <1@x>\r\n\r\nHello\r\n"},
    {"ann", "eve", "Message-ID: <1@x>\r\n\r\nHello\r\n"},
    {"eve", "bob", "Message-ID: <1@x>\r\n\r\nHello\r\n"},
    {"bob", "ann", "Message-ID: <1@x>\r\n\r\nHello\r\n"},
    {"annb", "ob", "Message-ID: <1@x>\r\n\r\nHello\r\n"},
    {"ann", "bob", "Message-ID: <2@x>\r\n\r\nHello\r\n"},
    {"ann", "bob", "<1@x>"},
    {"ann", "bob", ""},
    {"", "", ""},
    {"ann", "bob", "Message-ID:\r\n\r\nHello\r\n"},
    {"ann", "bob", "Message-ID:  \r\n\r\nHello, too\r\n"},
    {"ann", "bob", "Message-ID: <>\r\n\r\nHello\r\n"},
    {"ann", "bob", "Message-ID: <>\r\n\r\nHello, too\r\n"},
    {"ann", "bob", "Message-ID: < @ >\r\n\t\r\n\r\nHello\r\n"},
    {"ann", "bob", "Message-ID: < @ >\r\n\t\r\n\r\nHello, too\r\n"},
    {"ann", "bob", "Message-ID: <a>\r\n\r\nHello\r\n"},
    {"ann", "bob", "Subject: a\r\n\r\nMessage-ID: <1@x>\r\n"},
    {"ann", "bob", "Message-ID: <1@x> \r\n x\r\n\r\nHello\r\n"},
};

/* All of these have the token of the first of the messages. */
static const char *const same[] = {
    "Message-ID: <1@x>\r\n\r\nHello\r\n",
    "Subject: another\r\nmessage-id:<1@x>\r\n\r\n",
    "MIME-Version: 1.0\r\nMessage-ID:\r\n <1@x>\r\n\r\nanother text",
    "Message-ID: <1@x>\t\r\nMessage-ID: <2@x>\r\n\r\n",
    "Message-ID: <1@x>",
};

static void test_tokens(void)
{
    enum { N = sizeof messages / sizeof *messages };
    char tokens[N][DOOR_TOKEN_DIGITS + 1], token[DOOR_TOKEN_DIGITS + 1];
    int bad = 0;
    notes_begin();
    struct door_key *k = open_key("ship.example");
    for (size_t i = 0; i < N; i++) {
        const struct sent *m = &messages[i];
        door_key_token(k, span_str(m->sender), span_str(m->recipient), span_str(m->text),
                       tokens[i]);
        bad += !token_ok(span_str(tokens[i])) || strlen(tokens[i]) != DOOR_TOKEN_DIGITS;
        for (size_t j = 0; j < i; j++) {
            bool differ = strncmp(tokens[i], tokens[j], 16) != 0 &&
                          strcmp(tokens[i] + 16, tokens[j] + 16) != 0;
            bad += !differ;
            if (!differ)
                diag("%zu and %zu: %s %s", j, i, tokens[j], tokens[i]);
        }
    }
    is_int(bad, 0, "tokens: other messages have other tokens, in both halves");
    ok(strncmp(tokens[0], tokens[0] + 16, 16) != 0, "tokens: the halves have keys of their own");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        take_token(k, same[i], token);
        is_str(token, tokens[0], "tokens: the same Message-ID %zu", i);
    }
    door_key_free(k);
    notes_end();
}

/* A Message-ID far down is not looked for: each byte of the text counts. */
static void test_long_header(void)
{
    enum { FAR = 70000 };
    char first[DOOR_TOKEN_DIGITS + 1], second[DOOR_TOKEN_DIGITS + 1];
    struct buf text;
    notes_begin();
    struct door_key *k = open_key("ship.example");
    buf_init(&text, 2 * FAR);
    while (text.n < FAR)
        buf_add_str(&text, "X-Trace: 0123456789\r\n");
    buf_add_str(&text, "Message-ID: <1@x>\r\n\r\n1");
    door_key_token(k, SPAN("ann"), SPAN("bob"), buf_span(&text), first);
    text.p[text.n - 1] = '2';
    door_key_token(k, SPAN("ann"), SPAN("bob"), buf_span(&text), second);
    ok(strcmp(first, second) != 0, "a Message-ID after 64 KiB of header is not looked for");
    buf_free(&text);
    door_key_free(k);
    notes_end();
}

static void test_proof(void)
{
    static const char *const texts[] = {
        "From: ann@ship.example\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n",
        "From: ann@ship.example\r\n\r\nHello\r\n",
        "MIME-Version: 1.0\r\nFrom: ann@ship.example\r\n\r\nHello\r\n",
    };
    char token[DOOR_TOKEN_DIGITS + 1], other[DOOR_TOKEN_DIGITS + 1], body[200];
    notes_begin();
    struct door_key *k = open_key("ship.example");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf(body, sizeof body, "%s%s", i < 2 ? "MIME-Version: 1.0\n" : "", texts[i]);
        struct span stored = span_str(body);
        take_token(k, texts[i], token);
        ok(door_key_proves(k, SPAN("ann"), SPAN("bob"), stored, token), "proof: text %zu", i);
        ok(!door_key_proves(k, SPAN("eve"), SPAN("bob"), stored, token), "... of another sender");
        ok(!door_key_proves(k, SPAN("ann"), SPAN("eve"), stored, token), "... to another");
        ok(!door_key_proves(k, SPAN("ann"), SPAN("bob"), stored, ""), "... without a token");
        int bad = 0;
        for (size_t d = 0; d < DOOR_TOKEN_DIGITS; d++) {
            memcpy(other, token, sizeof other);
            other[d] = other[d] == 'a' ? 'b' : 'a';
            bad += door_key_proves(k, SPAN("ann"), SPAN("bob"), stored, other);
        }
        is_int(bad, 0, "... with another digit");
    }
    ok(!door_key_proves(k, SPAN("ann"), SPAN("bob"), SPAN("MIME-Version: 1.0\nHello"), token),
       "... of another text");
    door_key_free(k);
    notes_end();
}

/* --- backups --- */

static void adopt(struct span text, bool replace, enum status st, bool replaces, const char *name)
{
    bool replaced;
    is_int(door_key_adopt(s, text, replace, &replaced), st, "adopt: %s", name);
    is_int(replaced, replaces, "adopt: %s: another key is replaced: %d", name, replaces);
}

static void test_adopt(void)
{
    struct buf text, other;
    notes_begin();
    buf_init(&text, DOOR_FILE_BYTES);
    buf_init(&other, DOOR_FILE_BYTES);
    is_int(door_key_load(s, &text), ST_NO_MESSAGE, "load: a store without the file");
    door_key_free(open_key("ship.example"));
    is_int(door_key_load(s, &text), ST_OK, "load: a store with the file");
    ok(span_eq(buf_span(&text), span_str(load_file())), "... whose text is returned");
    os_file_remove(s->dir, LAYOUT_DOORS);
    adopt(SPAN("pochta-doors 1\n"), true, ST_DAMAGED, false, "a damaged text");
    ok(!os_file_exists(s->dir, LAYOUT_DOORS), "... is not taken");
    adopt(buf_span(&text), false, ST_OK, false, "a store without the file");
    ok(span_eq(buf_span(&text), span_str(load_file())), "... has that of the backup");
    adopt(buf_span(&text), true, ST_OK, false, "the file that it has");
    now_s += 10;
    door_key_free(open_key("port.example"));
    door_key_load(s, &other);
    adopt(buf_span(&text), true, ST_OK, false, "a file with the same key");
    ok(span_eq(buf_span(&other), span_str(load_file())), "... does not replace a later one");
    os_file_remove(s->dir, LAYOUT_DOORS);
    door_key_free(open_key("port.example"));
    adopt(buf_span(&text), false, ST_USER_EXISTS, false, "a file with another key");
    adopt(buf_span(&text), true, ST_OK, true, "... if there is nothing to lose");
    ok(span_eq(buf_span(&text), span_str(load_file())), "... the store has that of the backup");
    is_int(f.troubles, 0, "nothing of that is reported");
    os_file_replace(s->dir, LAYOUT_DOORS, SPAN("pochta-doors 1\n"));
    adopt(buf_span(&text), false, ST_USER_EXISTS, false, "a store whose file is damaged");
    other.n = 0;
    is_int(door_key_load(s, &other), ST_DAMAGED, "load: a damaged file");
    is_int((int)other.n, 0, "... has no text");
    faults_meanwhile("os_file_load", LAYOUT_DOORS, 1, NULL, EMFILE);
    adopt(buf_span(&text), true, ST_NO_FILES, false, "too many files are open");
    ok(faults_happened() && strcmp(load_file(), "pochta-doors 1\n") == 0, "... the file stays");
    buf_free(&text);
    buf_free(&other);
    notes_end();
}

/* A tool brings the file back while a server is about to make it: one of them counts for both. */
static struct buf theirs;

static void adopt_meanwhile(void)
{
    int fd = os_file_create(s->dir, LAYOUT_DOORS);
    os_file_write(fd, theirs.p, theirs.n);
    os_file_close(fd);
}

static void test_race(void)
{
    char first[DOOR_TOKEN_DIGITS + 1], again[DOOR_TOKEN_DIGITS + 1];
    notes_begin();
    buf_init(&theirs, DOOR_FILE_BYTES);
    struct door_key *k = open_key("ship.example");
    take_token(k, "text", first);
    door_key_free(k);
    door_key_load(s, &theirs);
    os_file_remove(s->dir, LAYOUT_DOORS);
    faults_meanwhile("os_file_rename_new", LAYOUT_DOORS, 1, adopt_meanwhile, 0);
    k = open_key("port.example");
    ok(faults_happened(), "a tool brings the file back while the server makes one");
    take_token(k, "text", again);
    is_str(again, first, "... and the server uses that of the tool");
    is_str(door_key_domain(k, NOON + 1), "port.example", "... with its own domain added");
    door_key_free(k);
    ok(!os_file_exists(s->dir, LAYOUT_DOORS LAYOUT_UNFINISHED), "... and leaves nothing else");
    buf_free(&theirs);
    notes_end();
}

/* --- failures --- */

static char at_sync[2000];

static void look_at_sync(void)
{
    snprintf(at_sync, sizeof at_sync, "%s", load_file());
}

/* What is answered for is on the disk: the file has its name before the directory is synced. */
static void test_synced(void)
{
    static const char *const domains[] = {"ship.example", "port.example"};
    struct door_key *k;
    notes_begin();
    for (size_t i = 0; i < 2; i++) {
        at_sync[0] = '\0';
        faults_meanwhile("os_file_sync_dir", NULL, 1, look_at_sync, EIO);
        is_int(door_key_open(s, domains[i], &k), ST_IO, "the directory cannot be synced");
        ok(faults_happened() && strstr(at_sync, domains[i]),
           "... which comes after the file with %s has its name", domains[i]);
    }
    notes_end();
}

/* The file is as before, or whole with the new domain; and works once nothing fails any more. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    const bool *is_new = ctx;
    char token[DOOR_TOKEN_DIGITS + 1] = "", again[DOOR_TOKEN_DIGITS + 1];
    struct each_held held = each_hold();
    struct door_key *k = NULL;
    notes_begin();
    if (!*is_new && door_key_open(s, "ship.example", &k) == ST_OK)
        take_token(k, "text", token);
    door_key_free(k);
    faults_arm(nth, error, ever);
    enum status st = door_key_open(s, "port.example", &k);
    bool failed = faults_disarm();
    if ((st == ST_OK) != (k != NULL))
        is_wrong("status %d, and a key: %d", (int)st, k != NULL);
    if (st != ST_OK && f.troubles == 0)
        is_wrong("status %d is not logged", (int)st);
    if (k && *is_new)
        take_token(k, "text", token);
    door_key_free(k);
    if (door_key_open(s, "port.example", &k) == ST_OK) {
        take_token(k, "text", again);
        if (*token && strcmp(token, again) != 0)
            is_wrong("the key is another");
        if (strcmp(door_key_domain(k, NOON + 1), "port.example") != 0)
            is_wrong("the domain is missing");
        if (os_file_exists(s->dir, LAYOUT_DOORS LAYOUT_UNFINISHED))
            is_wrong("a part of a file is left");
    } else {
        is_wrong("it cannot be opened afterwards: %s", f.last);
    }
    door_key_free(k);
    notes_end();
    each_check_held(&held);
    return failed;
}

static void test_each_failure(void)
{
    static const bool is_new[] = {true, false};
    setenv("TMPDIR", "/dev/shm", 1);
    for (size_t i = 0; i < sizeof is_new / sizeof *is_new; i++) {
        const char *what = is_new[i] ? "a new file" : "a new domain";
        const struct each_call e = {what, run, &is_new[i], 4, 1};
        each_call_fails(&e, 1, EIO, false);
        each_call_fails(&e, 1, ENOSPC, true);
        each_call_fails(&e, 1, ENOMEM, false);
    }
}

int main(void)
{
    test_key_stays();
    test_damaged();
    test_read_only();
    test_domains();
    test_clock();
    test_tokens();
    test_long_header();
    test_proof();
    test_adopt();
    test_race();
    test_synced();
    test_each_failure();
    return done_testing();
}
