/* SPDX-License-Identifier: ISC */
/* Other programs, and small subjects of the room: each system call fails in its turn. */
#include "os_each.h"

#include <signal.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "os/command.h"
#include "os/crypt.h"
#include "os/editor.h"
#include "os/error.h"
#include "os/line.h"
#include "os/pager.h"
#include "os/random.h"

static bool is_content(const char *bytes, int64_t n)
{
    return n == 7 && memcmp(bytes, "content", 7) == 0;
}

static bool hashes(void)
{
    char hash[OS_CRYPT_HASH_BYTES];

    return os_crypt_hash("secret", hash);
}

static bool ended_well(struct os_end end, bool good)
{
    if (!good)
        errno = end.kind == OS_END_NOT_RUN ? end.number : 0;
    return good;
}

static bool talks(void)
{
    struct os_command c;
    struct os_end end = {OS_END_HANG_UP, 0};
    const char *why = NULL;

    if (!os_command_start(&c, SPAN("true"), &why)) {
        errno = why == os_error_text(faults.set) ? faults.set : 0;
        return false;
    }
    os_command_end(&c, &end);
    return end.kind == OS_END_EXIT && end.number == 0;
}

/* A read of a pipe does not fail; whatever comes of it then is right here. */
static bool reads_output(void)
{
    char bytes[10];
    struct os_end end = {OS_END_HANG_UP, 0};
    int64_t n = os_command_first_line("printf content", bytes, sizeof bytes, &end);
    bool cut = faults.error == EIO && faults.failed && strcmp(faults.failed, "read") == 0;

    return ended_well(end, cut || is_content(bytes, n));
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static bool runs(void)
{
    char *const none[] = {NULL};
    const struct os_command_meanwhile meanwhile = {1, do_nothing, NULL};
    struct os_end end = {OS_END_HANG_UP, 0};

    bool good = os_command_run("true", none, &meanwhile, &end);
    return ended_well(end, good);
}

static bool edits(void)
{
    struct os_end end;
    bool good = os_editor_run("true", "file", &end);

    return ended_well(end, good);
}

static bool shows_pages(void)
{
    fflush(stdout);
    if (!os_pager_start("cat >/dev/null"))
        return false;
    os_pager_end();
    return true;
}

static bool writes_line(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        exit(1);
    int own = os_line_open(ends[1]);
    size_t n = os_line_write(own, "content", 7);
    if (own != ends[1])
        os_file_close(own);
    os_file_close(ends[0]);
    os_file_close(ends[1]);
    return n == 7 || (faults.error == SHORT && n == 1);
}

ACT(line_write, writes_line())
ACT(hash, hashes())
ACT(command_start, talks())
ACT(first_line, reads_output())
ACT(command_run, runs())
ACT(pager, shows_pages())
ACT(editor, edits())

static const struct row rows[] = {
    {"os_line_write", "fstat64 open64", BEFORE, do_line_write},
    {"os_crypt_hash", "", BEFORE, do_hash},
    {"os_command_start", "", BEFORE, do_command_start},
    {"os_command_first_line", "read", BEFORE, do_first_line},
    {"os_command_run", "pidfd_open", BEFORE, do_command_run},
    {"os_pager_start", "", BEFORE, do_pager},
    {"os_editor_run", "", BEFORE, do_editor},
};

/* --- in the child --- */

#define CANNOT 127

/* What keeps a command from being run shows as the exit code of a shell that cannot run it. */
static void test_child(void)
{
    static const char *const failing[] = {"input", "output", "parent"};
    char *const none[] = {NULL};
    const struct os_command_meanwhile meanwhile = {1, do_nothing, NULL};
    char bytes[10];

    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        struct os_end end = {OS_END_HANG_UP, 0};
        faults_in_child = failing[i];
        ok(os_command_first_line("echo x", bytes, sizeof bytes, &end) < 0 && errno == EIO,
           "os_command_first_line: the child has no %s", failing[i]);
        ok(end.kind == OS_END_EXIT && end.number == CANNOT, "... and cannot run the command");
        ok(!os_command_run("true", none, &meanwhile, &end) && end.number == CANNOT,
           "os_command_run: the same");
    }
    faults_in_child = "input";
    ok(shows_pages(), "os_pager_start: a pager without its input ends");
    faults_in_child = NULL;
}

static void test_gone_child(void)
{
    char *const none[] = {NULL};
    const struct os_command_meanwhile meanwhile = {1, do_nothing, NULL};
    struct os_end end = {OS_END_HANG_UP, 0};
    char bytes[10];

    faults_arm(1, ECHILD);
    ok(!os_command_run("true", none, &meanwhile, &end) && end.kind == OS_END_NOT_RUN &&
           end.number == ECHILD,
       "os_command_run: ECHILD if nobody knows how the command ended");
    faults_arm(1, ECHILD);
    is_int(os_command_first_line("printf content", bytes, sizeof bytes, &end), 7,
           "os_command_first_line: what it printed counts then");
    faults_disarm();
}

static void count_act(void *ctx)
{
    int *n = ctx;

    ++*n;
}

static void test_meanwhile(void)
{
    char *const none[] = {NULL};
    int acted = 0;
    const struct os_command_meanwhile always = {0, count_act, &acted};
    struct os_end end;
    int process = pidfd_open(getpid(), 0); /* which valgrind does not know */

    ok(os_command_run("sleep 0.05", none, &always, &end) && (acted > 2 || process < 0),
       "os_command_run: something is done meanwhile, again and again");
    os_file_close(process);
}

static void test_standard_pager(void)
{
    int saved = dup(1), nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

    fflush(stdout);
    dup2(nothing, 1);
    bool started = os_pager_start(NULL);
    if (started) {
        (void)!write(1, "a page\n", 7);
        os_pager_end();
    }
    dup2(saved, 1);
    os_file_close(saved);
    os_file_close(nothing);
    ok(started, "os_pager_start: the standard pager");
}

/* --- random bytes --- */

static bool fills_randomly(void)
{
    char bytes[64] = {0};
    int zeros = 0;

    os_random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        zeros += bytes[i] == 0;
    return zeros < 20;
}

/* Runs in a child, because a failure ends the process. */
static bool ends_by_abort(void)
{
    const struct rlimit none = {.rlim_cur = 0};
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();

    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &none); /* nobody needs this core */
        faults_arm(1, EIO);
        fills_randomly();
        _exit(1);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_random(void)
{
    faults_arm(1, EINTR);
    ok(fills_randomly() && faults.failed, "os_random_bytes: goes on after an interruption");
    faults_arm(1, SHORT);
    ok(fills_randomly() && faults.failed, "os_random_bytes: ... and after a part");
    faults_disarm();
    ok(ends_by_abort(), "os_random_bytes: a system without randomness ends the process");
}

int main(void)
{
    test_random();
    test_child();
    test_gone_child();
    test_meanwhile();
    test_standard_pager();
    each_test(rows, sizeof rows / sizeof *rows);
    return done_testing();
}
