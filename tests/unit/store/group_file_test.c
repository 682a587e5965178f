/* SPDX-License-Identifier: ISC */
/* The file of a group: what was written can be read, and nothing else is accepted. */
#include "store/group_file.h"

#include "random.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define G1    "0123456789abcdef"
#define G2    "89abcdef01234567"
#define BEGIN "pochta-group 1\n"

static struct group one, two;

static struct who member(const char *name, const char *generation)
{
    struct who who;

    snprintf(who.name, sizeof who.name, "%s", name);
    snprintf(who.generation, sizeof who.generation, "%s", generation);
    return who;
}

static void test_parse(void)
{
    static const char *const bad[] = {
        "",
        "pochta-group 1",
        "pochta-group 2\n",
        "pochta-group 12\n",
        "pochta-invite 1\n",
        BEGIN "ann " G1,
        BEGIN "ann\n",
        BEGIN "ann \n",
        BEGIN "Ann " G1 "\n",
        BEGIN ".ann " G1 "\n",
        BEGIN " " G1 "\n",
        BEGIN "ann  " G1 "\n",
        BEGIN "ann " G1 " \n",
        BEGIN "ann " G1 "0\n",
        BEGIN "ann 0123456789abcde\n",
        BEGIN "ann 0123456789ABCDEF\n",
        BEGIN "bob " G1 "\nann " G2 "\n",
        BEGIN "ann " G1 "\nann " G2 "\n",
        BEGIN "ann " G1 "\n\n",
        BEGIN "ann " G1 "\nmore",
        BEGIN "012345678901234567890123456789012 " G1 "\n",
    };

    ok(group_file_parse(SPAN(BEGIN), &one) && one.n == 0, "a group without members");
    ok(group_file_parse(SPAN(BEGIN "ann " G1 "\nbob " G2 "\n"), &one) && one.n == 2,
       "a group with two");
    ok(strcmp(one.members[0].name, "ann") == 0 && strcmp(one.members[0].generation, G1) == 0 &&
           strcmp(one.members[1].name, "bob") == 0 && strcmp(one.members[1].generation, G2) == 0,
       "... with their names and generations");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!group_file_parse(span_str(bad[i]), &one), "damaged: text %zu", i);
    ok(!group_file_parse(SPAN(BEGIN "a\0n " G1 "\n"), &one), "damaged: a NUL in a name");
}

static void test_members(void)
{
    struct who ann = member("ann", G1), bob = member("bob", G2), new_ann = member("ann", G2);
    bool there;

    one.n = 0;
    ok(group_insert(&one, &bob) && group_insert(&one, &ann) && one.n == 2, "two are added");
    is_int((long long)group_position(&one, "ann", &there), 0, "... they are sorted");
    ok(there, "... ann is there");
    is_int((long long)group_position(&one, "b", &there), 1, "... b would come before bob");
    ok(!there, "... but is not there");
    is_int((long long)group_position(&one, "carl", &there), 2, "... carl would be the last");
    two = one;
    ok(group_is_same(&one, &two), "a copy is the same");
    ok(group_insert(&one, &new_ann) && one.n == 2 && strcmp(one.members[0].generation, G2) == 0,
       "a new generation replaces the old one");
    ok(!group_is_same(&one, &two), "... which is another group");
    ok(!group_drop(&one, "carl") && one.n == 2, "one who is not a member cannot be removed");
    ok(group_drop(&one, "ann") && one.n == 1 && strcmp(one.members[0].name, "bob") == 0,
       "ann is removed, and bob stays");
    ok(!group_is_same(&one, &two), "... which is another group");
    ok(group_drop(&one, "bob") && one.n == 0, "the last one is removed");
}

static void test_largest(void)
{
    struct buf text;

    buf_init(&text, GROUP_FILE_BYTES * 2);
    one.n = 0;
    for (int i = 0; i < GROUP_MEMBERS; i++) {
        struct who who = member("", G1);
        snprintf(who.name, sizeof who.name, "a-name-of-thirty-two-bytes-x%04d", (i * 7) % 500);
        group_insert(&one, &who);
    }
    is_int((long long)one.n, GROUP_MEMBERS, "as many as a group can have");
    struct who ann = member("ann", G1), again = one.members[3];
    ok(!group_insert(&one, &ann) && one.n == GROUP_MEMBERS, "... one more is refused");
    ok(group_insert(&one, &again), "... but one that is there");
    group_file_add(&text, &one);
    ok(text.n <= GROUP_FILE_BYTES, "... the file of %zu bytes has room", text.n);
    ok(group_file_parse(buf_span(&text), &two) && group_is_same(&one, &two),
       "... and is read as it was");
    buf_add_str(&text, "z " G1 "\n");
    ok(buf_ok(&text) && !group_file_parse(buf_span(&text), &two),
       "... with a member more it is not");
    buf_free(&text);
}

/* What is read at random, the same members in the same order. */
static void test_random(void)
{
    int wrong = 0;

    for (int round = 0; round < 200; round++) {
        char text[4096];
        struct buf out;
        buf_init_room(&out, text, sizeof text);
        one.n = 0;
        for (uint64_t i = 0, n = random_below(40); i < n; i++) {
            struct who who = member("", i % 2 ? G1 : G2);
            snprintf(who.name, sizeof who.name, "u%u", (unsigned)random_below(50));
            group_insert(&one, &who);
            if (random_below(4) == 0)
                group_drop(&one, who.name);
        }
        group_file_add(&out, &one);
        wrong +=
            !buf_ok(&out) || !group_file_parse(buf_span(&out), &two) || !group_is_same(&one, &two);
    }
    is_int(wrong, 0, "groups of random members are read as they were written");
}

int main(void)
{
    random_begin();
    test_parse();
    test_members();
    test_largest();
    test_random();
    return done_testing();
}
