/* SPDX-License-Identifier: ISC */
/*
 * doctor and fsck run while a call, or an allocation, fails: in one run only this call, in another
 * run also all later ones. Neither says that all is well unless it has seen that; each other end
 * has its words; and nothing leaks. With STRIDE=1 the test does all runs, otherwise a part of
 * fsck's.
 */
#include "each_call.h"

#include "ctl/connect.h"
#include "ctl/doctor.h"
#include "ctl/fsck.h"
#include "os/process.h"
#include "said.h"
#include "store_fixture.h"

#include <fcntl.h>
#include <sysexits.h>

static struct fixture f;
static char conf[300], ann_name[] = "ann", *only_ann[] = {ann_name};

/* What is run, and what it says of a store where bob has a damaged message and ann has none. */
static const struct run {
    const char *name;
    int (*verb)(const struct ctl_options *o);
    char **args;    /* one, or NULL */
    bool json, all; /* all: each call fails once, whatever STRIDE is */
    int code;
    const char *says;
} runs[] = {
    {"doctor", ctl_doctor, NULL, false, true, CTL_FINDINGS, "damaged messages set aside: 1"},
    {"doctor --json", ctl_doctor, NULL, true, false, CTL_FINDINGS, "damaged messages set aside: 1"},
    {"fsck ann", ctl_fsck, only_ann, false, false, EX_OK, "1 mailboxes, 2 messages, 0 findings\n"},
};

/* --- the store --- */

static void write_config(void)
{
    char text[400], user[OS_PROCESS_NAME_BYTES] = "";

    os_process_user_name(os_process_uid(), user);
    snprintf(conf, sizeof conf, "%s.conf", f.path);
    snprintf(text, sizeof text, "store = %s\nlisten = 127.0.0.1:0\nudp = 127.0.0.1:0\nuser = %s\n",
             f.path, user);
    if (!os_file_make(OS_FILE_CWD, conf, span_str(text)))
        exit(1);
}

/* Changes the name of bob's only message, as if it had been set aside. */
static void set_aside(void)
{
    char name[MESSAGE_FILE_NAME_BYTES], broken[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(&f, "bob");

    if (!fixture_file(dir, "0", name))
        exit(1);
    strcpy(broken, name);
    char *state = strstr(broken, "-u,");
    state[1] = 'b';
    if (!os_file_rename_new(dir, name, dir, broken))
        exit(1);
    os_file_close(dir);
}

static void make_store(void)
{
    fixture_begin_in(&f, "/dev/shm");
    struct store *s = fixture_open(&f, true);
    struct mailbox *ann = fixture_account(s, "ann"), *bob = fixture_account(s, "bob");
    fixture_deliver(ann, "bob", "one");
    fixture_deliver(ann, "bob", "two");
    fixture_deliver(bob, "ann", "three");
    mailbox_close(ann);
    mailbox_close(bob);
    store_close(s);
    set_aside();
    write_config();
}

/* --- a run --- */

static int run_verb(const struct run *r)
{
    const struct ctl_options o = {.store = f.path,
                                  .config = conf,
                                  .json = r->json,
                                  .verb = verb_get(r->verb == ctl_doctor ? VERB_doctor : VERB_fsck),
                                  .args = r->args,
                                  .nargs = r->args != NULL};

    said_begin();
    int code = r->verb(&o);
    said_end();
    return code;
}

/* Each row has a level, a subject, a finding and an advice. */
static void check_rows(void)
{
    for (const char *row = said.out; *row; row = strchr(row, '\n') + 1) {
        size_t length = strcspn(row, "\n");
        int tabs = 0;

        for (size_t i = 0; i < length; i++)
            tabs += row[i] == '\t';
        if (row[length] != '\n') {
            is_wrong("the last row is not whole");
            return;
        }
        if (tabs != 3 || (strncmp(row, "error\t", 6) != 0 && strncmp(row, "warning\t", 8) != 0))
            is_wrong("not a row: %.*s", (int)length, row);
    }
}

/* After a failure there may be more findings, or another error, but not fewer words. */
static void check_end(const struct run *r, int code)
{
    bool is_error = code >= EX__BASE && code <= EX__MAX;

    if (code != EX_OK && code != CTL_FINDINGS && !is_error)
        is_wrong("exit code %d", code);
    if (is_error && !*said.err)
        is_wrong("exit code %d without a word", code);
    if (code == EX_OK && (r->code != EX_OK || !strstr(said.out, r->says)))
        is_wrong("all is well: %s", said.out);
    if (code == CTL_FINDINGS && !*said.out)
        is_wrong("findings, which are not printed");
    if (code != CTL_FINDINGS || r->verb != ctl_doctor)
        return;
    if (!strstr(said.out, r->says) && !strstr(said.out, "cannot check") &&
        !strstr(said.out, "cannot open the store"))
        is_wrong("nothing about bob's message: %s", said.out);
    if (!r->json)
        check_rows();
}

/* Returns whether the call was made, and so failed. */
static bool fail(const void *ctx, int nth, int error, bool ever)
{
    const struct run *r = ctx;
    struct each_held held = each_hold();

    faults_arm(nth, error, ever);
    int code = run_verb(r);
    bool failed = faults_disarm();
    check_end(r, code);
    ctl_connect_close_store(NULL); /* frees what the store has reported */
    each_check_held(&held);
    return failed;
}

static void test_without_faults(const struct run *r)
{
    int code = run_verb(r);

    is_int(code, r->code, "%s: the exit code", r->name);
    ok(strstr(said.out, r->says), "... it says: %s", r->says);
}

int main(void)
{
    make_store();
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        test_without_faults(&runs[i]);
        struct each_call each = {runs[i].name, fail, &runs[i], 20,
                                 runs[i].all ? 1 : faults_stride()};
        each_call_fails(&each, 1, EIO, false);
        each.stride = faults_stride();
        each_call_fails(&each, 2, EIO, true);
        each_call_fails(&each, 3, EMFILE, false);
    }
    os_file_remove(OS_FILE_CWD, conf);
    fixture_end(&f);
    return done_testing();
}
