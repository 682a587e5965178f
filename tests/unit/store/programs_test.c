/* SPDX-License-Identifier: ISC */
/* Which versions of the server have run on a store. */
#include "store/programs.h"

#include "store_fixture.h"

static void test_compare(void)
{
    ok(programs_compare("1.0", "1.0") == 0 && programs_compare("1", "1.0") == 0,
       "programs_compare: the same version");
    ok(programs_compare("1.9", "1.10") < 0 && programs_compare("2.0", "1.10") > 0,
       "programs_compare: numbers, not text");
    ok(programs_compare("1.0", "1.0.1") < 0, "programs_compare: a third number");
    ok(programs_compare(PROGRAMS_EARLIER, "0.1") < 0,
       "programs_compare: PROGRAMS_EARLIER is lower than any version");
}

static void test_parse(void)
{
    static const char *const bad[] = {"",
                                      "now 1.0",
                                      "now \n",
                                      "now 1.x\n",
                                      "before 1.0\n",
                                      "now 1.0\nmore\n",
                                      "now 1.0\nbefore 0.1\nbefore 0.2\n",
                                      "now 12345678901234567890123456789012\n"};
    struct programs p;
    ok(programs_parse(SPAN("now 1.0\n"), &p) && strcmp(p.now, "1.0") == 0 && !*p.before,
       "programs_parse: one version");
    ok(programs_parse(SPAN("now 1.0\nbefore 0.1\n"), &p) && strcmp(p.before, "0.1") == 0,
       "programs_parse: two versions");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!programs_parse(span_str(bad[i]), &p), "programs_parse: damaged text %zu", i);
}

static void test_note(void)
{
    struct fixture f;
    struct programs p;
    fixture_begin(&f);
    int dir = os_file_open_dir(f.path);
    programs_load(dir, &p);
    is_str(p.now, PROGRAMS_EARLIER, "no file: an earlier version");
    ok(programs_note(dir, true, "1.0"), "a new store");
    programs_load(dir, &p);
    ok(strcmp(p.now, "1.0") == 0 && !*p.before, "... was used by no other version");
    ok(programs_note(dir, false, "1.0") && programs_note(dir, false, "1.1"), "an upgrade");
    programs_load(dir, &p);
    ok(strcmp(p.now, "1.1") == 0 && strcmp(p.before, "1.0") == 0,
       "... which records the version before");
    ok(programs_note(dir, false, "1.1"), "the same version again");
    programs_load(dir, &p);
    is_str(p.before, "1.0", "... changes nothing");
    os_file_replace(dir, "programs", SPAN("damaged"));
    ok(programs_note(dir, false, "1.1"), "a damaged file");
    programs_load(dir, &p);
    is_str(p.before, PROGRAMS_EARLIER, "... is one of an earlier version");
    os_file_remove(dir, "programs");
    os_file_make_dir(dir, "programs");
    ok(!programs_note(dir, false, "1.1"), "a file that cannot be written is reported");
    os_file_close(dir);
    fixture_end(&f);
}

int main(void)
{
    test_compare();
    test_parse();
    test_note();
    return done_testing();
}
