/* SPDX-License-Identifier: ISC */
/* Which store pochtactl works on. */
#include "ctl/store_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static struct ctl_store_place find(struct ctl_store_names names)
{
    names.here = "here";
    names.packaged = "packaged";
    return ctl_store_find(&names);
}

static void test_given(void)
{
    struct ctl_store_place p = find((struct ctl_store_names){"a", "b", "c", NULL, NULL});
    ok(strcmp(p.path, "a") == 0 && !p.from, "ctl_store_find: the option comes first");
    p = find((struct ctl_store_names){NULL, "b", "c", NULL, NULL});
    ok(strcmp(p.path, "b") == 0 && !p.from, "then the configuration");
    p = find((struct ctl_store_names){NULL, NULL, "c", NULL, NULL});
    is_str(p.path, "c", "then the variable");
    is_str(p.from, "from POCHTA_STORE", "... and from says so");
    p = find((struct ctl_store_names){NULL, NULL, "", NULL, NULL});
    is_str(p.path, "here", "a variable that is empty is not set");
}

static void test_found(void)
{
    const struct ctl_store_names none = {.option = NULL};
    is_str(find(none).from, "the default", "nothing is there: the default");
    mkdir("here", 0700);
    is_str(find(none).path, "here", "an empty directory, no package: the default");
    mkdir("packaged", 0700);
    is_str(find(none).path, "packaged",
           "an empty directory is not a store: the package's comes first");
    is_str(find(none).from, "of the installed server", "... and from says so");
    mkdir("here/users", 0700);
    is_str(find(none).path, "here", "a store here comes before that of the package");
    is_str(find(none).from, "in the current directory", "... and from says so");
    if (geteuid() != 0) {
        chmod("here", 0);
        is_str(find(none).path, "here", "what may be a store counts as one");
        chmod("here", 0700);
    }
    rmdir("here/users");
    rmdir("here");
    is_str(find(none).path, "packaged", "nothing here: the package's");
    rmdir("packaged");
}

int main(void)
{
    char dir[] = "/tmp/store_place.XXXXXX";
    if (!mkdtemp(dir) || chdir(dir) != 0)
        return 1;
    test_given();
    test_found();
    ok(rmdir(dir) == 0, "nothing is left");
    return done_testing();
}
