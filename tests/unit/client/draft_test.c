/* SPDX-License-Identifier: ISC */
/*
 * Drafts in a state directory of the test's own. A limit for the size of files stands in for a full
 * disk. A child that is killed stands in for a client that is.
 */
#include "client/draft.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "tap.h"

static char root[] = "/tmp/pochta-draft.XXXXXX";
static struct state_dir dir;

static unsigned mode_of(const char *below)
{
    struct stat st;
    char path[OS_FILE_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", root, below);
    return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void begin(struct draft *d, const char *text)
{
    draft_begin(d, &dir, "127.0.0.1:5555", "ann");
    draft_add_to(d, "bob");
    buf_add_str(&d->text, text);
}

static bool has_text(const struct draft *d, const char *text)
{
    return span_eq(buf_span(&d->text), span_str(text));
}

static void set_limit(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void test_directory(void)
{
    struct state_dir d;
    struct draft draft;
    ok(!state_dir_find(&d, DRAFT_DIR) && !d.why, "there is no directory yet, which is no error");
    is_int(draft_open(&draft, &d, 1), DRAFT_NONE, "... and so no draft");
    ok(state_dir_open(&dir, DRAFT_DIR), "the directory is made");
    is_int(mode_of("state"), 0700, "the state directory has mode 0700");
    is_int(mode_of("state/pochta"), 0700, "... as has the one of pochta");
    is_int(mode_of("state/pochta/drafts"), 0700, "... and the one of drafts");
    ok(state_dir_find(&d, DRAFT_DIR), "it is found");
    state_dir_close(&d);
}

static void test_unusable(void)
{
    struct state_dir d;
    struct draft draft;
    char saved[OS_FILE_PATH_BYTES], path[OS_FILE_PATH_BYTES - 5] = "";
    snprintf(saved, sizeof saved, "%s", getenv("XDG_STATE_HOME"));
    unsetenv("HOME");
    setenv("XDG_STATE_HOME", "relative", 1);
    ok(!state_dir_open(&d, DRAFT_DIR) && d.why && strcmp(d.path, "HOME") == 0,
       "without HOME, and with a relative XDG_STATE_HOME, the reason is HOME");
    unsetenv("XDG_DATA_HOME");
    ok(!state_data_open(&d, "sent") && d.why, "... and so it is for data");
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    setenv("XDG_STATE_HOME", path, 1);
    ok(!state_dir_open(&d, DRAFT_DIR) && d.why, "a path that is too long has a reason");
    setenv("XDG_STATE_HOME", "/dev/null/state", 1);
    ok(!state_dir_open(&d, DRAFT_DIR) && d.why, "a path that cannot be made has a reason");
    draft_begin(&draft, &d, "h:1", "ann");
    draft_add_to(&draft, "bob");
    buf_add_str(&draft.text, "hello");
    ok(!draft_keep(&draft) && errno == ENOENT, "a letter cannot be kept there");
    ok(has_text(&draft, "hello"), "... but is in memory");
    ok(draft_mark(&draft, 0, DRAFT_TRIED), "... and can be marked");
    draft_close(&draft);
    is_int(draft_numbers(&d, NULL, 0), 0, "there are no drafts in a directory that is not there");
    setenv("XDG_STATE_HOME", saved, 1);
}

static void test_keep(void)
{
    struct draft d, again;
    char token[LINK_TOKEN_BYTES + 1];
    begin(&d, "one");
    ok(draft_keep(&d), "a letter is kept");
    unsigned number = d.number;
    snprintf(token, sizeof token, "%s", d.to[0].token);
    is_int(mode_of("state/pochta/drafts/1"), 0600, "its file has mode 0600");
    buf_add_str(&d.text, "\ntwo");
    ok(draft_keep(&d), "a line is added");
    is_int(draft_open(&again, &dir, number), DRAFT_BUSY, "another cannot open it meanwhile");
    is_int(draft_peek(&again, &dir, number), DRAFT_BUSY, "... but can look at it");
    ok(has_text(&again, "one\ntwo"), "... and sees what was written");
    draft_close(&again);
    draft_close(&d);
    is_int(draft_open(&d, &dir, number), DRAFT_OPENED, "it is opened when it is free");
    ok(has_text(&d, "one\ntwo") && !d.ready, "it has its text, and is not ready");
    is_str(d.to[0].token, token, "the token is the same");
    ok(strcmp(d.user, "ann") == 0 && strcmp(d.to[0].name, "bob") == 0 &&
           span_eq(buf_span(&d.server), SPAN("127.0.0.1:5555")),
       "sender, recipient and server are as they were");
    ok(draft_finish(&d), "it is finished");
    draft_close(&d);
    draft_open(&d, &dir, number);
    ok(d.ready, "... and is ready when it is opened again");
    ok(draft_discard(&d), "it is discarded");
    is_int(draft_open(&d, &dir, number), DRAFT_NONE, "... and is gone");
    is_int(draft_numbers(&dir, NULL, 0), 0, "there is no draft left");
}

static void test_marks(void)
{
    struct draft d;
    int64_t now = os_clock_now();
    begin(&d, "text");
    draft_add_to(&d, "a-longer-name");
    draft_add_to(&d, "c");
    draft_keep(&d);
    ok(strcmp(d.to[0].token, d.to[1].token) != 0, "each recipient has a token of its own");
    ok(draft_mark(&d, 1, DRAFT_TRIED) && draft_mark(&d, 2, DRAFT_SENT), "marks are set");
    unsigned number = d.number;
    draft_close(&d);
    draft_open(&d, &dir, number);
    ok(d.to[0].mark == DRAFT_NEW && d.to[1].mark == DRAFT_TRIED && d.to[2].mark == DRAFT_SENT,
       "each mark is at its recipient");
    ok(d.to[1].tried >= now && d.to[0].tried == 0, "the time of the attempt is kept");
    ok(!draft_is_too_old(&d, 1), "its token is remembered now");
    d.to[1].tried -= DRAFT_TOKEN_S;
    ok(draft_is_too_old(&d, 1) && !draft_is_too_old(&d, 0), "... and a day later not any more");
    int64_t first = d.to[1].tried;
    draft_mark(&d, 1, DRAFT_TRIED);
    is_int(d.to[1].tried, first, "a second attempt does not change the time of the first");
    ok(has_text(&d, "text"), "the text is whole");
    draft_discard(&d);
}

static void test_files(void)
{
    static const char paths[] = "/home/ann/chart\0/a|b\\c\nd";
    struct draft d;
    begin(&d, "text");
    draft_add_file(&d, "/home/ann/chart");
    draft_add_file(&d, "/a|b\\c\nd");
    ok(draft_finish(&d) && draft_mark(&d, 0, DRAFT_TRIED), "a letter with two files is kept");
    unsigned number = d.number;
    draft_close(&d);
    is_int(draft_open(&d, &dir, number), DRAFT_OPENED, "... and opened");
    ok(span_eq(buf_span(&d.files), span_of(paths, sizeof paths)), "it has its files");
    ok(has_text(&d, "text") && d.to[0].mark == DRAFT_TRIED, "... its text, and its mark");
    buf_clear(&d.files);
    draft_text_changed(&d);
    ok(draft_keep(&d), "it is kept without them");
    draft_close(&d);
    draft_open(&d, &dir, number);
    is_int(d.files.n, 0, "... and has none then");
    draft_discard(&d);
}

static void test_rename(void)
{
    struct draft d, other;
    char token[LINK_TOKEN_BYTES + 1];
    begin(&d, "text");
    draft_keep(&d);
    unsigned number = d.number;
    snprintf(token, sizeof token, "%s", d.to[0].token);
    draft_rename_to(&d, 0, "somebody-else");
    ok(draft_keep(&d), "another recipient is kept");
    is_int(d.number, number, "... in the same draft");
    is_int(draft_open(&other, &dir, number), DRAFT_BUSY, "the new file is locked, too");
    buf_add_str(&d.text, " and more");
    ok(draft_keep(&d), "text is added after that");
    draft_close(&d);
    draft_open(&d, &dir, number);
    ok(has_text(&d, "text and more") && strcmp(d.to[0].name, "somebody-else") == 0,
       "recipient and text are the new ones");
    ok(strcmp(d.to[0].token, token) != 0, "another recipient has another token");
    buf_clear(&d.text);
    buf_add_str(&d.text, "short");
    draft_text_changed(&d);
    draft_keep(&d);
    draft_close(&d);
    draft_open(&d, &dir, number);
    ok(has_text(&d, "short"), "a text that became shorter is replaced");
    draft_discard(&d);
}

/* The limit lies within the text: what was written of it is garbage until the next attempt. */
static void test_full_disk(void)
{
    struct draft d;
    begin(&d, "");
    buf_add_str(&d.text, "first");
    draft_keep(&d);
    unsigned number = d.number;
    set_limit((rlim_t)(d.head_size + 8));
    buf_add_str(&d.text, " line and another one");
    ok(!draft_keep(&d) && errno == EFBIG, "a full disk is noticed while typing");
    ok(has_text(&d, "first line and another one"), "... and the letter is whole in memory");
    buf_add_str(&d.text, "\nlast");
    set_limit(RLIM_INFINITY);
    ok(draft_keep(&d), "what is missing is written when there is room again");
    draft_close(&d);
    draft_open(&d, &dir, number);
    ok(has_text(&d, "first line and another one\nlast"), "... and the file has all of it");
    draft_rename_to(&d, 0, "carol");
    set_limit(10);
    ok(!draft_keep(&d), "a file that cannot be replaced");
    set_limit(RLIM_INFINITY);
    draft_close(&d);
    draft_open(&d, &dir, number);
    ok(has_text(&d, "first line and another one\nlast") && strcmp(d.to[0].name, "bob") == 0,
       "... stays as it was");
    draft_discard(&d);
    set_limit(10);
    begin(&d, "text");
    ok(!draft_keep(&d) && d.fd < 0, "a new letter that cannot be kept has no file");
    set_limit(RLIM_INFINITY);
    is_int(draft_numbers(&dir, NULL, 0), 0, "... and leaves none");
    ok(draft_keep(&d), "... until there is room");
    draft_discard(&d);
}

static void test_killed(void)
{
    struct draft d;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        begin(&d, "line 1");
        draft_keep(&d);
        buf_add_str(&d.text, "\nline 2");
        draft_keep(&d);
        buf_add_str(&d.text, "\nnot finished");
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, &status, 0);
    unsigned number = 0;
    is_int(draft_numbers(&dir, &number, 1), 1, "a client that is killed leaves its draft");
    is_int(draft_open(&d, &dir, number), DRAFT_OPENED, "... and it is not locked");
    ok(has_text(&d, "line 1\nline 2"), "... and has all lines that were handed over");
    draft_discard(&d);
}

static void write_file(const char *name, const char *content)
{
    os_file_make(dir.fd, name, span_str(content));
}

#define BEGIN   "pochta draft 1\nready: 1\nserver: s\nuser: ann\n"
#define TOKEN   "0123456789abcdef0123456789abcdef"
#define TO(who) "to: - 000000000000 " TOKEN " " who "\n"

/* One more recipient than a letter has, and a path that is longer than one can be. */
static void test_too_much(void)
{
    static char path[OS_FILE_PATH_BYTES];
    struct draft d;
    struct buf all;
    for (int n = DRAFT_TO_MAX; n <= DRAFT_TO_MAX + 1; n++) {
        buf_init(&all, SIZE_MAX / 2);
        buf_add_str(&all, BEGIN);
        for (int i = 0; i < n; i++)
            buf_add_str(&all, TO("bob"));
        buf_add_str(&all, "\ntext");
        os_file_make(dir.fd, "7", buf_span(&all));
        is_int(draft_open(&d, &dir, 7), n > DRAFT_TO_MAX ? DRAFT_DAMAGED : DRAFT_OPENED,
               "a file with %d recipients", n);
        if (n <= DRAFT_TO_MAX)
            draft_close(&d);
        buf_free(&all);
        os_file_remove(dir.fd, "7");
    }
    memset(path, 'x', sizeof path - 1);
    buf_printf(&all, BEGIN "file: /%s\n" TO("bob") "\ntext", path);
    os_file_make(dir.fd, "7", buf_span(&all));
    is_int(draft_open(&d, &dir, 7), DRAFT_DAMAGED, "... and one with too long a path");
    os_file_remove(dir.fd, "7");
    buf_free(&all);
}

/* Each file lacks something, or has what it cannot have. */
static void test_damaged(void)
{
    static const char *const bad[] = {
        "",
        "pochta draft 2\n",
        "pochta draft 1\n",
        "pochta draft 1\nready: 1",
        "pochta draft 1\nready 11\nserver: s\nuser: ann\n" TO("bob") "\ntext",
        "pochta draft 1\nready: 11\nserver: s\nuser: ann\n" TO("bob") "\ntext",
        "pochta draft 1\nready: 1\nserver: s",
        "pochta draft 1\nready: 1\nhost: s\nuser: ann\n" TO("bob") "\ntext",
        "pochta draft 1\nready: 1\nserver: s\nuser: ann",
        "pochta draft 1\nready: 1\nserver: s\nname: ann\n" TO("bob") "\ntext",
        "pochta draft 1\nready: 1\nserver: s\nuser: ../x\n" TO("bob") "\ntext",
        BEGIN "\ntext",
        BEGIN "cc: - 000000000000 " TOKEN " bob\n\ntext",
        BEGIN "to: -\n\ntext",
        BEGIN "to: - 000000000000\n\ntext",
        BEGIN "to: - 000000000000 " TOKEN "\n\ntext",
        BEGIN "to: x 000000000000 " TOKEN " bob\n\ntext",
        BEGIN "to: -- 000000000000 " TOKEN " bob\n\ntext",
        BEGIN "to: - 00000000000 " TOKEN " bob\n\ntext",
        BEGIN "to: - 00000000000x " TOKEN " bob\n\ntext",
        BEGIN "to: - 000000000000 0123456789abcdef bob\n\ntext",
        BEGIN "to: - 000000000000 0123456789abcdef0123456789abcdeg bob\n\ntext",
        BEGIN TO("../x") "\ntext",
        BEGIN TO("bob"),
        BEGIN "file: relative\n" TO("bob") "\ntext",
        BEGIN "file: /\\x\n" TO("bob") "\ntext",
        BEGIN TO("bob") "file: /after\n\ntext"};
    struct draft d;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_file("7", bad[i]);
        is_int(draft_open(&d, &dir, 7), DRAFT_DAMAGED, "file %zu is no draft", i);
        os_file_remove(dir.fd, "7");
    }
    os_file_make(dir.fd, "7",
                 SPAN("pochta draft 1\nready: 1\nserver: a\0b\nuser: ann\n" TO("bob") "\ntext"));
    is_int(draft_open(&d, &dir, 7), DRAFT_DAMAGED, "... nor is one with a NUL in the server");
    os_file_remove(dir.fd, "7");
    os_file_make(dir.fd, "7", SPAN(BEGIN "file: /a\0b\n" TO("bob") "\ntext"));
    is_int(draft_open(&d, &dir, 7), DRAFT_DAMAGED, "... or in a path");
    os_file_remove(dir.fd, "7");
    test_too_much();
    write_file("007", "x");
    write_file("0", "x");
    write_file(".8", "x");
    write_file("note", "x");
    is_int(draft_numbers(&dir, NULL, 0), 0, "other names are no drafts");
    write_file("7", "x");
    begin(&d, "text");
    ok(draft_keep(&d), "a number whose temporary name is taken is left out");
    is_int(d.number, 9, "... and the next one is used");
    draft_discard(&d);
    os_file_remove_tree(dir.fd, "7");
    os_file_remove_tree(dir.fd, "007");
    os_file_remove_tree(dir.fd, "0");
    os_file_remove_tree(dir.fd, ".8");
    os_file_remove_tree(dir.fd, "note");
}

static void test_empty(void)
{
    struct draft d;
    begin(&d, "");
    draft_keep(&d);
    draft_close(&d);
    is_int(draft_numbers(&dir, NULL, 0), 0, "an empty letter leaves no draft");
    draft_begin(&d, &dir, "h:1", "ann");
    for (int i = 0; i < DRAFT_TO_MAX; i++)
        draft_add_to(&d, "bob");
    ok(!draft_add_to(&d, "bob"), "there is a limit for recipients");
    draft_close(&d);
}

int main(void)
{
    char state[sizeof root + 16];
    if (!mkdtemp(root))
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    snprintf(state, sizeof state, "%s/state", root);
    setenv("XDG_STATE_HOME", state, 1);
    test_directory();
    test_unusable();
    test_keep();
    test_marks();
    test_files();
    test_rename();
    test_full_disk();
    test_killed();
    test_damaged();
    test_empty();
    is_int(draft_peek(&(struct draft){.fd = -1}, &dir, 7), DRAFT_NONE, "there is no draft 7");
    state_dir_close(&dir);
    os_file_remove_tree(OS_FILE_CWD, root);
    return done_testing();
}
