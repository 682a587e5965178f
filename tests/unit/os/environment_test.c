/* SPDX-License-Identifier: ISC */
#include "os/environment.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "os/end.h"
#include "os/error.h"
#include "os/path.h"
#include "tap.h"

static void set(const char *variable, const char *value)
{
    if (value)
        setenv(variable, value, 1);
    else
        unsetenv(variable);
}

static void test_dir(void)
{
    static const struct {
        const char *set, *home, *path; /* path: "HOME" if the directory is not known */
    } rows[] = {
        {"/set", "/home/ann", "/set"},
        {NULL, "/home/ann", "/home/ann/.config"},
        {"relative", "/home/ann", "/home/ann/.config"},
        {"", "/home/ann", "/home/ann/.config"},
        {NULL, NULL, "HOME"},
        {NULL, "relative", "HOME"},
        {NULL, "", "HOME"},
    };
    char path[OS_FILE_PATH_BYTES];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set("XDG_CONFIG_HOME", rows[i].set);
        set("HOME", rows[i].home);
        bool known = os_environment_dir(OS_ENVIRONMENT_CONFIG, path);
        is_str(path, rows[i].path, "os_environment_dir: XDG_CONFIG_HOME %s, HOME %s",
               rows[i].set ? rows[i].set : "not set", rows[i].home ? rows[i].home : "not set");
        is_int(known, *rows[i].path == '/', "... which is known or not");
    }
    set("HOME", "/home/ann");
    set("XDG_STATE_HOME", NULL);
    set("XDG_DATA_HOME", NULL);
    ok(os_environment_dir(OS_ENVIRONMENT_STATE, path) &&
           strcmp(path, "/home/ann/.local/state") == 0 &&
           os_environment_dir(OS_ENVIRONMENT_DATA, path) &&
           strcmp(path, "/home/ann/.local/share") == 0,
       "os_environment_dir: the directories for state and data");
    is_str(os_environment_home(), "/home/ann", "os_environment_home: the home directory");
}

static void test_words(void)
{
    is_str(os_error_text(99999), "unknown error", "os_error_text: an unknown error");
    is_str(os_end_signal_text(SIGKILL), "Killed", "os_end_signal_text: a signal");
    is_str(os_end_signal_text(SIGRTMIN), "real-time signal",
           "os_end_signal_text: one without words");
    is_str(os_path_name("a/b"), "b", "os_path_name: the last part");
    is_str(os_path_name("b"), "b", "os_path_name: the only part");
}

int main(void)
{
    test_dir();
    test_words();
    return done_testing();
}
