/* SPDX-License-Identifier: ISC */
/*
 * Drafts in a state directory of the test's own. The editors are commands for the shell, which get
 * the path of the text as their last word.
 */
#include "client/draft_edit.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* An editor that runs these commands, with the file as $1. */
#define EDITOR(commands) "exec sh -c '" commands "' sh"

static char root[] = "/tmp/pochta-draft-edit.XXXXXX";
static struct state_dir dir;
static struct buf why;

static void begin(struct draft *d, const char *text)
{
    draft_begin(d, &dir, "127.0.0.1:5555", "ann");
    draft_add_to(d, "bob");
    buf_add_str(&d->text, text);
    if (!draft_keep(d))
        exit(1);
}

static bool has_text(const struct draft *d, const char *text)
{
    return span_eq(buf_span(&d->text), span_str(text));
}

/* Whether the file of a draft that is open has this text. */
static bool has_kept(const struct draft *d, const char *text)
{
    struct draft seen;
    enum draft_opened opened = draft_peek(&seen, &dir, d->number);
    bool same = opened == DRAFT_BUSY && has_text(&seen, text);
    draft_close(&seen);
    return same;
}

static bool edit(struct draft *d, const char *command)
{
    draft_edit_set(command);
    buf_clear(&why);
    return draft_edit(d, &why);
}

static bool has_why(const char *part)
{
    buf_add_char(&why, '\0');
    bool has = strstr(why.p, part) != NULL;
    if (!has)
        diag("why: %s", why.p);
    return has;
}

/* Whether there is a directory beside the draft. */
static bool is_left(const struct draft *d)
{
    char name[DRAFT_EDIT_BYTES];
    draft_edit_name(d, name);
    return os_file_exists(dir.fd, name);
}

static void set_limit(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void test_edit(void)
{
    struct draft d;
    begin(&d, "one\ntwo\n");
    ok(edit(&d, "echo three >>"), "an editor adds a line");
    ok(has_text(&d, "one\ntwo\nthree\n") && why.n == 0, "... which is in the text then");
    ok(has_kept(&d, "one\ntwo\nthree\n"), "... and in the file");
    ok(!is_left(&d), "nothing else is left");
    ok(edit(&d, EDITOR("echo new > \"$1.new\"; mv \"$1.new\" \"$1\"; echo x > \"$1~\"")),
       "an editor may write another file, and leave copies");
    ok(has_text(&d, "new\n") && has_kept(&d, "new\n") && !is_left(&d), "... which are removed");
    ok(edit(&d, NULL) && has_text(&d, "new\n"), "NULL: the editor stays as it was");
    ok(edit(&d, "true") && has_text(&d, "new\n"), "one that changes nothing");
    ok(edit(&d, EDITOR(": > \"$1\"")) && d.text.n == 0, "one that empties the text");
    ok(has_kept(&d, ""), "... in the file, too");
    ok(edit(&d, EDITOR("test ! -s \"$1\" && echo more > \"$1\"")) && has_text(&d, "more"),
       "an empty text is an empty file");
    draft_discard(&d);
}

static void test_last_line(void)
{
    struct draft d;
    begin(&d, "one\ntwo");
    ok(edit(&d, EDITOR("test \"$(tail -c 4 \"$1\")\" = two && test \"$(wc -l < \"$1\")\" -eq 2")),
       "the editor gets a last line that ends");
    ok(has_text(&d, "one\ntwo"), "... but the text has none afterwards");
    ok(edit(&d, "echo three >>") && has_text(&d, "one\ntwo\nthree"), "... even if it was changed");
    ok(edit(&d, EDITOR("printf four > \"$1\"")) && has_text(&d, "four"),
       "an editor that ends no line");
    ok(edit(&d, EDITOR("printf \"five\\n\\n\" > \"$1\"")) && has_text(&d, "five\n"),
       "of two line ends one stays");
    ok(edit(&d, EDITOR("printf six > \"$1\"")) && has_text(&d, "six"),
       "a text that ends its line may lose that in the editor");
    draft_discard(&d);
}

static void test_private(void)
{
    struct draft d;
    begin(&d, "secret\n");
    ok(edit(&d, EDITOR("stat -c %a \"$1\" \"${1%/*}\" > \"$1.modes\"; cat \"$1.modes\" > \"$1\"")),
       "an editor that looks at its files");
    is_str((buf_add_char(&d.text, '\0'), d.text.p), "600\n700\n", "nobody else can read them");
    draft_discard(&d);
}

static void test_failure(void)
{
    struct draft d;
    begin(&d, "old\n");
    ok(!edit(&d, EDITOR("echo saved > \"$1\"; exit 3")) && has_why("exit code 3"),
       "an editor that fails is named with its exit code");
    ok(has_why("VISUAL"), "... and what names another one");
    ok(has_text(&d, "saved\n") && has_kept(&d, "saved\n") && !is_left(&d),
       "... but what it has saved is taken");
    ok(!edit(&d, EDITOR(": > \"$1\"; exit 1")) && has_text(&d, "saved\n"),
       "an empty text of one that fails is not");
    ok(!edit(&d, "/nowhere/editor 2>/dev/null") && has_text(&d, "saved\n") && !is_left(&d),
       "an editor that is not there");
    ok(!edit(&d, EDITOR("kill -9 $$")) && has_why("signal 9"), "one that is killed");
    ok(!edit(&d, EDITOR("rm \"$1\"")) && has_why(".edit: "),
       "one that removes the text: its directory is named");
    ok(has_text(&d, "saved\n") && is_left(&d), "... and the text is as before");
    ok(edit(&d, "echo more >>") && has_text(&d, "saved\nmore\n") && !is_left(&d),
       "what was left is not in the way of the next one");
    draft_discard(&d);
}

/* The limit for the size of files stands for a full disk. */
static void test_full_disk(void)
{
    struct draft d;
    begin(&d, "line\n");
    set_limit(2);
    ok(!edit(&d, "true") && has_why("File too large"), "no room for the text");
    ok(has_text(&d, "line\n") && !is_left(&d), "... leaves it as it was, and no directory");
    set_limit(20);
    ok(edit(&d, "echo more >>") && has_text(&d, "line\nmore\n"), "no room for the draft");
    ok(is_left(&d), "... leaves what the editor has saved");
    set_limit(RLIM_INFINITY);
    unsigned number = d.number;
    draft_close(&d);
    is_int(draft_edit_open(&d, &dir, number), DRAFT_OPENED, "the draft is opened");
    ok(has_text(&d, "line\nmore\n") && has_kept(&d, "line\nmore\n") && !is_left(&d),
       "... and has it");
    draft_discard(&d);
}

static void test_no_file(void)
{
    struct draft d;
    draft_begin(&d, &dir, "h:1", "ann");
    draft_add_to(&d, "bob");
    ok(edit(&d, "echo first >>") && has_text(&d, "first") && has_kept(&d, "first"),
       "a letter that has no file yet gets one");
    draft_discard(&d);
    struct state_dir none = {.fd = -1, .path = "/nowhere", .why = "no such directory"};
    draft_begin(&d, &none, "h:1", "ann");
    draft_add_to(&d, "bob");
    buf_add_str(&d.text, "text");
    ok(!edit(&d, "echo first >>") && has_why("/nowhere: no such directory") && has_text(&d, "text"),
       "without a directory the editor is not run");
    draft_close(&d);
}

/* An editor that this process did not outlive. Returns the number of the draft. */
static unsigned leave(const char *text, const char *command)
{
    struct draft d;
    int status;
    unsigned number = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        begin(&d, text);
        edit(&d, command);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    draft_numbers(&dir, &number, 1);
    return number;
}

static void is_taken(const char *before, const char *command, const char *after, const char *name)
{
    struct draft d;
    unsigned number = leave(before, command);
    is_int(draft_open(&d, &dir, number), DRAFT_OPENED, "a client is killed while an editor runs");
    ok(is_left(&d) && has_text(&d, before), "... and the editor has its text");
    draft_close(&d);
    is_int(draft_edit_open(&d, &dir, number), DRAFT_OPENED, "%s: the draft is opened", name);
    ok(has_text(&d, after) && has_kept(&d, after) && !is_left(&d), "... and has the right text");
    draft_discard(&d);
}

#define KILL "kill -9 $PPID"

static void test_killed(void)
{
    struct draft d;
    is_taken("old\n", EDITOR("echo new > \"$1\"; " KILL), "new\n", "saved");
    is_taken("old", EDITOR("echo new > \"$1\"; " KILL), "new", "saved, with a line end added");
    is_taken("old", EDITOR(KILL), "old", "not saved");
    is_taken("old\n", EDITOR(": > \"$1\"; " KILL), "old\n", "half saved: the file is empty");
    unsigned number = leave("old\n", EDITOR("rm \"$1\"; " KILL));
    is_int(draft_edit_open(&d, &dir, number), DRAFT_OPENED, "the editor's file is gone");
    ok(has_text(&d, "old\n") && is_left(&d), "... and the text is as before");
    struct draft other;
    is_int(draft_edit_open(&other, &dir, number), DRAFT_BUSY, "it is open here only");
    draft_discard(&d);
    ok(!is_left(&d), "with the draft its directory is gone");
    is_int(draft_edit_open(&d, &dir, number), DRAFT_NONE, "no draft, nothing to take");
    begin(&d, "text");
    number = d.number;
    draft_close(&d);
    ok(draft_edit_open(&d, &dir, number) == DRAFT_OPENED && has_text(&d, "text"),
       "a draft that was not in an editor is opened as it is");
    draft_discard(&d);
}

int main(void)
{
    if (!mkdtemp(root))
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    setenv("XDG_STATE_HOME", root, 1);
    buf_init(&why, 10000);
    if (!state_dir_open(&dir, DRAFT_DIR))
        return 1;
    test_edit();
    test_last_line();
    test_private();
    test_failure();
    test_full_disk();
    test_no_file();
    test_killed();
    is_int(draft_numbers(&dir, NULL, 0), 0, "no draft is left");
    buf_free(&why);
    state_dir_close(&dir);
    os_file_remove_tree(OS_FILE_CWD, root);
    return done_testing();
}
