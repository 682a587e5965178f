/* SPDX-License-Identifier: ISC */
/*
 * Where a password or an invite comes from, and what is said of one that is none. A child without
 * a terminal, and one with a terminal of the test's own, stand in for scripts and users.
 */
#include "client/secret.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define INVITE "0123456789abcdef0123456789abcdef"

static char root[] = "/dev/shm/pochta-secret.XXXXXX";
static char said[2 * OS_FILE_PATH_BYTES]; /* on standard error, by the last call */

static const char *write_file(const char *name, const char *content)
{
    static char path[OS_FILE_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", root, name);
    os_file_replace(OS_FILE_CWD, path, span_str(content));
    return path;
}

/* The settings with a file and a command; SETTINGS_DEFAULT: without it. */
static struct settings settings_with(const char *file, enum settings_source file_from,
                                     const char *command, enum settings_source command_from)
{
    struct settings set;
    settings_init(&set);
    set.password_file = file_from ? file : NULL;
    set.origin[SETTINGS_password_file].source = file_from;
    set.password_command = command_from ? command : NULL;
    set.origin[SETTINGS_password_command].source = command_from;
    return set;
}

static int begin_stderr(int *before)
{
    int file = memfd_create("stderr", MFD_CLOEXEC);
    *before = fcntl(2, F_DUPFD_CLOEXEC, 10);
    dup2(file, 2);
    return file;
}

static void end_stderr(int file, int before)
{
    ssize_t n = pread(file, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    dup2(before, 2);
    close(before);
    close(file);
}

static struct secret got;

static enum error_code get(const struct settings *set)
{
    int before, file = begin_stderr(&before);
    enum error_code code = secret_get(&got, set, "ann");
    end_stderr(file, before);
    return code;
}

static bool has_got(const char *text)
{
    return span_eq(secret_span(&got), span_str(text));
}

static void test_which(void)
{
    static const struct {
        enum settings_source file, command;
        bool variable;
        const char *from;
    } rows[] = {
        {SETTINGS_FILE, SETTINGS_DEFAULT, false, "file"},
        {SETTINGS_DEFAULT, SETTINGS_FILE, false, "command"},
        {SETTINGS_DEFAULT, SETTINGS_DEFAULT, true, "variable"},
        {SETTINGS_FILE, SETTINGS_FILE, true, "variable"},
        {SETTINGS_VARIABLE, SETTINGS_VARIABLE, true, "variable"},
        {SETTINGS_OPTION, SETTINGS_DEFAULT, true, "file"},
        {SETTINGS_DEFAULT, SETTINGS_OPTION, true, "command"},
        {SETTINGS_OPTION, SETTINGS_OPTION, true, "file"},
        {SETTINGS_FILE, SETTINGS_OPTION, false, "command"},
        {SETTINGS_OPTION, SETTINGS_VARIABLE, false, "file"},
    };
    const char *path = write_file("password", "file\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct settings set = settings_with(path, rows[i].file, "echo command", rows[i].command);
        if (rows[i].variable)
            setenv("POCHTA_PASSWORD", "variable", 1);
        ok(secret_is_given(&set), "row %zu: there is a password", i);
        is_int(get(&set), ERROR_NONE, "row %zu: it is read", i);
        ok(has_got(rows[i].from), "row %zu: from the %s", i, rows[i].from);
        is_int(secret_get_first(&got, &set, "ann"), ERROR_NONE, "row %zu: so is a first one", i);
        unsetenv("POCHTA_PASSWORD");
        settings_free(&set);
    }
}

/* A file or a command, and what comes of its first line. */
static void test_lines(void)
{
    static char most[PASSWORD_BYTES + 3], more[PASSWORD_BYTES + 2];
    const struct {
        const char *content;
        enum error_code code;
        size_t n;
        const char *name;
    } rows[] = {
        {"pw\nsecond\n", ERROR_NONE, 2, "the first line counts"},
        {"pw\r\n", ERROR_NONE, 2, "a CR before the line end is no part of it"},
        {"pw", ERROR_NONE, 2, "a line end may be missing"},
        {most, ERROR_NONE, PASSWORD_BYTES, "a password of the greatest length"},
        {more, ERROR_DATA, 0, "a longer one"},
        {"", ERROR_DATA, 0, "an empty file"},
        {"\npw\n", ERROR_DATA, 0, "an empty line"},
        {"p|w\n", ERROR_DATA, 0, "a vertical bar"},
    };
    memset(most, 'x', PASSWORD_BYTES);
    strcat(most, "\n");
    memset(more, 'x', PASSWORD_BYTES + 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *path = write_file("password", rows[i].content);
        char command[OS_FILE_PATH_BYTES + 10];
        snprintf(command, sizeof command, "cat %s", path);
        struct settings by_file = settings_with(path, SETTINGS_OPTION, NULL, SETTINGS_DEFAULT);
        struct settings by_command =
            settings_with(NULL, SETTINGS_DEFAULT, command, SETTINGS_OPTION);
        bool good = rows[i].code == ERROR_NONE;
        is_int(get(&by_file), rows[i].code, "file: %s", rows[i].name);
        ok(good ? got.n == rows[i].n : strstr(said, "is not a valid password") != NULL,
           "file: ... its length, or the error");
        is_int(get(&by_command), rows[i].code, "command: %s", rows[i].name);
        ok(good ? got.n == rows[i].n : strstr(said, "prints is not a valid password") != NULL,
           "command: ... its length, or the error");
        settings_free(&by_file);
        settings_free(&by_command);
    }
}

static void file_says(const char *file, const char *want, const char *name)
{
    struct settings set = settings_with(file, SETTINGS_OPTION, NULL, SETTINGS_DEFAULT);
    is_int(get(&set), ERROR_NO_INPUT, "%s", name);
    ok(strstr(said, want), "... and why: %s", want);
    settings_free(&set);
}

/* "~/" in a file's name. */
static void test_home(void)
{
    static char path[OS_FILE_PATH_BYTES + 2] = "~/";
    struct settings set = settings_with("~/password", SETTINGS_FILE, NULL, SETTINGS_DEFAULT);
    write_file("password", "at home\n");
    setenv("HOME", root, 1);
    is_int(get(&set), ERROR_NONE, "~/ is the user's directory");
    ok(has_got("at home"), "... where the file is");
    memset(path + 2, 'x', sizeof path - 3);
    file_says(path, "File name too long", "a name that is too long with the directory");
    unsetenv("HOME");
    file_says("~/password", "No such file or directory", "without a directory ~ is a name");
    settings_free(&set);
}

static void test_failures(void)
{
    struct settings set = settings_with(NULL, SETTINGS_DEFAULT, "echo pw; exit 3", SETTINGS_OPTION);
    is_int(get(&set), ERROR_NO_INPUT, "a command that fails has no password");
    ok(strstr(said, "the password command failed: the command ended with exit code 3"),
       "... which is said");
    settings_free(&set);
    set = settings_with(NULL, SETTINGS_DEFAULT, NULL, SETTINGS_DEFAULT);
    setenv("POCHTA_PASSWORD", "p|w", 1);
    is_int(get(&set), ERROR_DATA, "the variable may have no password");
    ok(strstr(said, "POCHTA_PASSWORD is not a password"), "... which is said");
    unsetenv("POCHTA_PASSWORD");
    file_says("/nowhere/file", "cannot read the password file /nowhere/file: No such file",
              "a file that is not there");
    settings_free(&set);
}

static void test_invites(void)
{
    static const struct {
        const char *variable;
        enum error_code code;
        size_t n;
    } rows[] = {{NULL, ERROR_NONE, 0},
                {"", ERROR_NONE, 0},
                {INVITE, ERROR_NONE, sizeof INVITE - 1},
                {"odd", ERROR_DATA, 0}};
    int before;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsetenv("POCHTA_INVITE");
        if (rows[i].variable)
            setenv("POCHTA_INVITE", rows[i].variable, 1);
        int file = begin_stderr(&before);
        is_int(secret_get_invite(&got, NULL), rows[i].code, "invite %zu", i);
        end_stderr(file, before);
        is_int(got.n, rows[i].n, "... and its length");
    }
    is_int(secret_get_invite(&got, write_file("invite", INVITE "\n")), ERROR_NONE,
           "an invite is read from a file");
    ok(has_got(INVITE), "... before the variable");
    int file = begin_stderr(&before);
    is_int(secret_get_invite(&got, write_file("invite", "pw\n")), ERROR_DATA, "... or is none");
    end_stderr(file, before);
    ok(strstr(said, "is not a valid invite: an invite has 32 of 0-9 a-f"), "... which is said");
}

/* --- questions --- */

enum terminal { NO_TERMINAL, ONLY_INPUT, OF_PROCESS };

/* Runs a question in a child that has such a terminal, on which lines are typed. Its exit code. */
static int ask(enum terminal terminal, const char *typed, enum error_code question(void))
{
    int status, file = memfd_create("stderr", MFD_CLOEXEC);
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
        ptsname_r(master, name, sizeof name) != 0)
        abort();
    fflush(stdout);
    /* The master's side types before anybody reads; the terminal keeps it. */
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (write(master, typed, strlen(typed)) < 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        setsid();
        dup2(file, 2);
        int input = terminal == NO_TERMINAL ? open("/dev/null", O_RDONLY) : slave;
        dup2(input, 0);
        if (terminal == OF_PROCESS)
            ioctl(slave, TIOCSCTTY, 0);
        _exit((int)question());
    }
    waitpid(child, &status, 0);
    ssize_t n = pread(file, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    close(file);
    close(slave);
    close(master);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum error_code password(void)
{
    struct settings set = settings_with(NULL, SETTINGS_DEFAULT, NULL, SETTINGS_DEFAULT);
    enum error_code code = secret_get(&got, &set, "ann");
    settings_free(&set);
    return code == ERROR_NONE && !has_got("pw") ? ERROR_SOFTWARE : code;
}

static enum error_code first_password(void)
{
    struct settings set = settings_with(NULL, SETTINGS_DEFAULT, NULL, SETTINGS_DEFAULT);
    enum error_code code = secret_get_first(&got, &set, "ann");
    settings_free(&set);
    return code == ERROR_NONE && !has_got("pw") ? ERROR_SOFTWARE : code;
}

static enum error_code new_password(void)
{
    enum error_code code = secret_get_new(&got, NULL, "ann");
    return code == ERROR_NONE && !has_got("pw") ? ERROR_SOFTWARE : code;
}

static void test_questions(void)
{
    static char much[600];
    const struct {
        enum terminal terminal;
        enum error_code (*question)(void);
        const char *typed;
        enum error_code code;
        const char *says, *name;
    } rows[] = {
        {NO_TERMINAL, password, "", ERROR_USAGE, "no password: give --password-file FILE",
         "nobody can be asked for a password"},
        {NO_TERMINAL, first_password, "", ERROR_USAGE, "no password: give --password-file FILE",
         "nobody can be asked for a first password"},
        {NO_TERMINAL, new_password, "", ERROR_USAGE,
         "no new password: give --new-password-file FILE", "nobody can be asked for a new one"},
        {OF_PROCESS, password, "pw\n", ERROR_NONE, "", "the user is asked"},
        {ONLY_INPUT, password, "pw\n", ERROR_NONE, "", "... if only the input is a terminal"},
        {OF_PROCESS, password, "p|w\n", ERROR_DATA, "this is not a password", "what is none"},
        {OF_PROCESS, password, "\4", ERROR_DATA, "this is not a password", "the user ends it"},
        {OF_PROCESS, password, much, ERROR_DATA, "this is not a password", "far too much"},
        {OF_PROCESS, new_password, "pw\npw\n", ERROR_NONE, "", "a new one is asked for twice"},
        {ONLY_INPUT, first_password, "pw\npw\n", ERROR_NONE, "", "... and so is a first one"},
        {OF_PROCESS, new_password, "pw\nwp\n", ERROR_DATA, "the passwords are not the same",
         "the second is another"},
        {OF_PROCESS, new_password, "p|w\n", ERROR_DATA, "this is not a password",
         "a new one that is none is asked for once"},
        {OF_PROCESS, new_password, "pw\n\n", ERROR_DATA, "this is not a password",
         "the second is empty"},
    };
    memset(much, 'x', sizeof much - 2);
    much[sizeof much - 2] = '\n';
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        is_int(ask(rows[i].terminal, rows[i].typed, rows[i].question), rows[i].code, "asked: %s",
               rows[i].name);
        ok(rows[i].code == ERROR_NONE ? !*said : strstr(said, rows[i].says) != NULL,
           "asked: ... and standard error");
    }
}

int main(void)
{
    if (!mkdtemp(root))
        return 1;
    unsetenv("POCHTA_PASSWORD");
    test_which();
    test_lines();
    test_home();
    test_failures();
    test_invites();
    test_questions();
    os_file_remove_tree(OS_FILE_CWD, root);
    return done_testing();
}
