/* SPDX-License-Identifier: ISC */
/* The findings of doctor for given facts; tests/it/doctor.t tests how it gets the facts. */
#include "ctl/doctor.h"

#include "tap.h"

static struct buf rows;

static void finds(const char *want, const char *name)
{
    buf_add_char(&rows, '\0');
    if (*want)
        ok(strstr(rows.p, want), "%s", name);
    else
        is_str(rows.p, "", "%s", name);
    buf_clear(&rows);
}

static void test_limit(void)
{
    struct span text =
        SPAN("Limit  Soft  Hard\nMax processes  10  unlimited  p\nMax open files  256  "
             "4096  files\n");

    is_int(doctor_limit(text, SPAN("Max open files"), 0), 256, "doctor_limit: the first number");
    is_int(doctor_limit(text, SPAN("Max open files"), 1), 4096, "doctor_limit: the second number");
    ok(doctor_limit(text, SPAN("Max processes"), 1) == UINT64_MAX, "doctor_limit: unlimited");
    ok(doctor_limit(text, SPAN("Max stack"), 1) == UINT64_MAX,
       "doctor_limit: no line with this key");
    ok(doctor_limit(text, SPAN("Max open files"), 9) == UINT64_MAX, "doctor_limit: too few words");
    is_int(doctor_limit(SPAN("12345"), SPAN(""), 0), 12345, "doctor_limit: a number without a key");
    is_int(doctor_limit(SPAN("a:\t 7\n"), SPAN("a:"), 0), 7, "doctor_limit: after a tab");
    ok(doctor_limit(SPAN("max\n"), SPAN(""), 0) == UINT64_MAX, "doctor_limit: max is unlimited");
    ok(doctor_limit(SPAN(""), SPAN("x"), 0) == UINT64_MAX, "doctor_limit: an empty text");
}

static void test_zone(void)
{
    char path[PATH_MAX];

    ok(doctor_zone_file(NULL, path) && strcmp(path, "/etc/localtime") == 0,
       "doctor_zone_file: TZ is not set");
    ok(doctor_zone_file("Europe/Moscow", path) &&
           strcmp(path, "/usr/share/zoneinfo/Europe/Moscow") == 0,
       "doctor_zone_file: a name");
    ok(doctor_zone_file(":/etc/x", path) && strcmp(path, "/etc/x") == 0,
       "doctor_zone_file: a path");
    ok(!doctor_zone_file("", path) && !doctor_zone_file("MSK-3", path),
       "doctor_zone_file: UTC and rules are in no file");
    ok(doctor_zone_file("UTC", path) && strcmp(path, "/usr/share/zoneinfo/UTC") == 0,
       "doctor_zone_file: a name of letters");
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    char longest[PATH_MAX];
    strcpy(longest, path);
    ok(!doctor_zone_file(longest, path), "doctor_zone_file: a path that is too long");
}

static void test_clock(void)
{
    struct doctor_clock c = {.now = 1764000000, .kept_right = true};

    doctor_judge_clock(&rows, &c);
    finds("", "clock: nothing is wrong");
    c.now = 86400;
    doctor_judge_clock(&rows, &c);
    finds("error\tclock\tthe year is wrong\tdate -s", "clock: 1970");
    c.now = INT64_C(9999999999);
    doctor_judge_clock(&rows, &c);
    finds("the year is wrong", "clock: 2286");
}

static void upgrade(const char *now, const char *before, const char *file, const char *want,
                    const char *name)
{
    static struct doctor_store s;
    static struct config c;
    s = (struct doctor_store){.why = NULL};
    snprintf(s.programs.now, sizeof s.programs.now, "%s", now);
    snprintf(s.programs.before, sizeof s.programs.before, "%s", before);
    doctor_judge_upgrade(&rows, &s, &c, span_str(file));
    finds(want, name);
}

#define NEW "warning\tquota-warning\tnew since the previous version: quota-warning = 90: "

static void test_upgrade(void)
{
    upgrade(POCHTA_VERSION, "", "", "", "upgrade: a store that no other version has used");
    upgrade(POCHTA_VERSION, PROGRAMS_EARLIER, "", NEW, "upgrade: from an earlier version");
    upgrade(PROGRAMS_EARLIER, "", "", NEW, "... before the new one has run");
    upgrade(POCHTA_VERSION, POCHTA_VERSION, "", "", "... from one that had all keys");
    upgrade(POCHTA_VERSION, "0", "idle = 1m\n  #  quota-warning\t= 90\n", "",
            "... the file has the key as a comment");
    upgrade(POCHTA_VERSION, "0", "quota-warning=50", "", "... or sets it");
    upgrade(POCHTA_VERSION, "0", "# quota-warnings = 1\n#quota-warning is new\nquota-warning", NEW,
            "... text that does not name the key with a value");
}

static void test_limits(void)
{
    struct doctor_limits l = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                              UINT64_MAX, UINT64_MAX, UINT64_MAX};

    doctor_judge_limits(&rows, &l, 1000000);
    finds("", "limits: none");
    l.tasks = 1063;
    doctor_judge_limits(&rows, &l, 1000);
    finds("tasks of the control group: the limit is 1063, 1000 clients need 1064\tset "
          "TasksMax=1064 in the unit, or lower clients\n",
          "limits: too few tasks");
    l.tasks = 1064;
    doctor_judge_limits(&rows, &l, 1000);
    finds("", "limits: just enough tasks");
    l.threads = l.maps = l.processes = 1;
    doctor_judge_limits(&rows, &l, 1000);
    finds("sysctl vm.max_map_count=2128", "limits: too few memory mappings");
}

/* Above the largest id that a process can have. */
static void test_limits_of_nobody(void)
{
    struct doctor_limits l;

    doctor_look_limits(&l, 1 << 30);
    ok(l.descriptors == UINT64_MAX && l.processes == UINT64_MAX && l.tasks == UINT64_MAX,
       "limits: those of a process that does not exist are unknown");
    ok(l.threads != UINT64_MAX, "limits: ... those of the machine are not");
}

static void test_locks(void)
{
    static struct doctor_store s;

    s = (struct doctor_store){.path = "s", .info.mode = 0700, .shm_there = true};
    s.lock_there = s.lock_sound = s.lock.used = true;
    strcpy(s.lock.key, "abc");
    s.semaphores = 64;
    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("", "store: one in use is fine");
    s.semaphores_foreign = true;
    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("error\t/dev/shm\tsemaphores of the store belong to another user: 64\trm -f "
          "/dev/shm/sem.pochta-abc-*\n",
          "store: semaphores of another user");
    s.semaphores_foreign = s.lock.used = false;
    doctor_judge_store(&rows, &s, SERVER_NONE);
    finds("warning\t/dev/shm\tsemaphores of the store were left by a killed process: 64\t",
          "store: semaphores that were left");
    s.lock.used = true;
    doctor_judge_store(&rows, &s, SERVER_NONE);
    finds("", "store: ... another process has it open");
    s.semaphores = 0;
    s.shm_there = false;
    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("error\t/dev/shm\tmissing, or closed", "store: no /dev/shm");
    s.shm_there = true;
    s.socket_mode = 0666;
    doctor_judge_store(&rows, &s, SERVER_NONE);
    finds("chmod 0660 s/control.sock", "store: a control socket open to all");
    s.socket_mode = 0;
    s.doors_damaged = true;
    doctor_judge_store(&rows, &s, SERVER_NONE);
    finds("error\ts\tthe file doors is damaged: ", "store: a damaged key of doors");
}

static void test_unmounted(void)
{
    static struct doctor_store s;

    s = (struct doctor_store){.path = "/srv/mail/s", .why = "No such file or directory"};
    strcpy(s.unmounted, "/srv/mail");
    doctor_judge_store(&rows, &s, SERVER_NONE);
    finds(
        "error\t/srv/mail\tthe store /srv/mail/s lies on this file system, which is in /etc/fstab "
        "but not mounted; a server would make a new store in its place\tmount /srv/mail\n",
        "store: its file system is not mounted");
    strcpy(s.unmounted, "/srv/mail");
    doctor_judge_store(&rows, &s, SERVER_NONE);
    ok(!memchr(rows.p, '\n', rows.n - 1), "store: ... which is the only finding");
    buf_clear(&rows);
}

static void test_space(void)
{
    static struct doctor_store s;
    static struct config c;

    s = (struct doctor_store){.path = "s", .free_bytes = 150, .free_inodes = UINT64_MAX};
    c.reserve_bytes = 100;
    c.reserve_inodes = 1000;
    doctor_judge_space(&rows, &s, &c);
    finds("warning\ts\t150 bytes free, reserve-bytes is 100\tfree space",
          "space: less than twice the reserve");
    s.free_bytes = 200;
    doctor_judge_space(&rows, &s, &c);
    finds("", "space: twice the reserve");
    s.free_inodes = 999;
    doctor_judge_space(&rows, &s, &c);
    finds("error\ts\t999 inodes free, reserve-inodes is 1000: the server accepts no new mail",
          "space: too few inodes");
}

static void test_port(void)
{
    struct doctor_port p = {.key = "listen", .place = {"::1", "5555"}, .answer = DOCTOR_FULL};

    doctor_judge_port(&rows, &p, SERVER_RUNS);
    finds("warning\t[::1]:5555\tthe server there turns clients away", "port: a full server");
    p.answer = DOCTOR_POCHTA;
    doctor_judge_port(&rows, &p, SERVER_SECRET);
    finds("", "port: a server that may be this one");
    p.answer = DOCTOR_NOBODY;
    doctor_judge_port(&rows, &p, SERVER_NONE);
    finds("", "port: a free one");
}

static void test_doors(void)
{
    struct doctor_port p = {.key = "lmtp", .place = {"/run/lmtp", ""}, .answer = DOCTOR_STRANGER};
    static struct config c;

    doctor_judge_port(&rows, &p, SERVER_NONE);
    finds("error\tlmtp /run/lmtp\tanother program answers there\tstop it, or set lmtp to",
          "doors: another program at a Unix socket");
    doctor_judge_plain_text(&rows, &p);
    finds("", "doors: a Unix socket is for this machine");
    p = (struct doctor_port){.key = "pop3", .place = {"::", "110"}, .reach = OS_NET_NETWORK};
    doctor_judge_plain_text(&rows, &p);
    finds("warning\tpop3 [::]:110\tother machines can reach it: passwords and mail",
          "doors: a port for other machines");

    c.domains = (struct config_domains){{"localhost"}, 1};
    doctor_judge_values(&rows, &c);
    finds("", "domains: only localhost, and no way for mail to come in");
    c.submission.n = 1;
    doctor_judge_values(&rows, &c);
    finds("warning\tdomains\t", "domains: only localhost, with submission");
    c.submission.n = 0;
    c.lmtp.n = 1;
    doctor_judge_values(&rows, &c);
    finds("warning\tdomains\t", "domains: only localhost, with lmtp");
    strcpy(c.domains.at[c.domains.n++], "example.org");
    doctor_judge_values(&rows, &c);
    finds("", "domains: another one, too");
}

static void trusts(const char *network, bool warned)
{
    static struct config c;

    c = (struct config){.submission.n = 1, .submission_trusted.n = 1};
    strcpy(c.domains.at[c.domains.n++], "example.org");
    ok(address_parse_net(span_str(network), &c.submission_trusted.at[0]), "(%s)", network);
    doctor_judge_values(&rows, &c);
    finds(warned ? "may send without a login, and name anyone as the author" : "", network);
}

static void test_values(void)
{
    static const char *const wide[] = {"0.0.0.0/0", "::/0",      "8.0.0.0/8", "10.0.0.0/7",
                                       "2000::/3",  "2001::/16", "fc00::/6"};
    static const char *const narrow[] = {"10.0.0.0/8", "127.0.0.0/8",   "8.0.0.0/9", "fc00::/7",
                                         "fe80::/10",  "2001:db8::/32", "::1"};
    static struct config c;

    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        trusts(wide[i], true);
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        trusts(narrow[i], false);
    c.domains = (struct config_domains){{"localhost"}, 1};
    c.submission_trusted.n = 1;
    doctor_judge_values(&rows, &c);
    finds("warning\tsubmission-trusted\tit has no effect without submission\tset submission to",
          "values: submission-trusted without submission");
    c.submission_trusted.n = 0;
    c.keep_ms = 1;
    doctor_judge_values(&rows, &c);
    finds("warning\tkeep-days\tmail that was read is deleted for good at this age, since "
          "trash-days is 0\tset trash-days to the time for which it can be restored, or keep-days "
          "to 0\n",
          "values: keep-days without a trash");
    c.trash_ms = 1;
    doctor_judge_values(&rows, &c);
    finds("", "values: ... with one");
    c.keep_ms = c.trash_ms = 0;
    doctor_judge_values(&rows, &c);
    finds("", "values: no trash, and nothing moves there");
}

static void test_udp(void)
{
    struct doctor_port p = {.key = "udp", .place = {"::1", "5555"}, .answer = DOCTOR_STRANGER};
    struct doctor_limits l = {.receive_bytes = 212992};

    doctor_judge_port(&rows, &p, SERVER_NONE);
    finds("error\tudp [::1]:5555\tanother program answers there\tstop it, or set udp to",
          "udp: another program on the port");
    doctor_judge_version_1(&rows, &p);
    finds("", "udp: version 1 only for this machine");
    p.reach = OS_NET_WORLD;
    doctor_judge_version_1(&rows, &p);
    finds("warning\tudp [::1]:5555\tmachines of other networks can reach version 1 there",
          "udp: version 1 for other networks");
    doctor_judge_buffer(&rows, &l);
    finds("the limit is 212992 bytes, the server wants 4194304", "udp: a small receive buffer");
    l.receive_bytes = 4194304;
    doctor_judge_buffer(&rows, &l);
    finds("", "udp: a large receive buffer");
}

static void test_user(void)
{
    struct doctor_port p = {.key = "udp", .place = {"::1", "1023"}};
    struct doctor_limits l = {.first_port = 1024};

    doctor_judge_user(&rows, &p, &l, "pochta");
    finds("error\tudp [::1]:1023\teach session binds this port, but user pochta may not bind it\t"
          "set udp to a port from 1024 on",
          "user: a port of UDP that only root may bind");
    doctor_judge_user(&rows, &p, &l, "");
    finds("", "user: the key is not set");
    l.first_port = 1023;
    doctor_judge_user(&rows, &p, &l, "pochta");
    finds("", "user: a port that all may bind");
    strcpy(p.place.port, "smtp");
    doctor_judge_user(&rows, &p, &l, "pochta");
    finds("", "user: a port by its name");
    l.first_port = UINT64_MAX;
    doctor_judge_user(&rows, &p, &l, "pochta");
    finds("", "user: the first port for all is unknown");
}

static void test_log(void)
{
    struct doctor_store s = {.path = "/x", .logged = true};

    doctor_judge_log(&rows, &s, SERVER_RUNS, 1);
    finds("", "log: it is used");
    s.logged = false;
    doctor_judge_log(&rows, &s, SERVER_NONE, 1);
    finds("", "log: no server runs");
    doctor_judge_log(&rows, &s, SERVER_RUNS, 1);
    finds(
        "warning\t/x\tmail is received without the delivery log, which is slower: the server does "
        "not use it\tlook for delivery_log",
        "log: the server does not use it");
    doctor_judge_log(&rows, &s, SERVER_RUNS, 0);
    finds("", "log: the configuration does not want it");
    s.odd[ODD_OLD_LOG].n = 1;
    doctor_judge_log(&rows, &s, SERVER_RUNS, 1);
    finds("", "log: one that could not be recovered is another finding");
    s.no_log = "this test";
    doctor_judge_log(&rows, &s, SERVER_RUNS, 1);
    ok(!memchr(rows.p, '\n', rows.n - 1), "log: one that cannot be used is one finding");
    buf_clear(&rows);
    doctor_judge_log(&rows, &s, SERVER_NONE, 1);
    finds("which is slower: this test\thave all of the store on one file system",
          "log: it cannot be used");
    strcpy(s.hosts.mount.system, "tmpfs");
    doctor_judge_log(&rows, &s, SERVER_NONE, 1);
    finds("", "log: the file system is a finding already");
    s.hosts = (struct doctor_hosts){.shared = true};
    doctor_judge_log(&rows, &s, SERVER_NONE, 1);
    finds("", "log: no shared file system has one");
    s.why = "this test";
    doctor_judge_log(&rows, &s, SERVER_NONE, 1);
    finds("", "log: there is no store");
}

static void test_old_log(void)
{
    struct doctor_store s = {.path = "/x", .info.mode = 0700, .shm_there = true};

    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("", "old log: there is none");
    s.odd[ODD_OLD_LOG].n = 2;
    strcpy(s.odd[ODD_OLD_LOG].first, "log/old-x");
    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("warning\t/x\tparts of the delivery log that could not be recovered, with messages that "
          "may be nowhere else: 2, such as log/old-x\tremove the cause",
          "old log: two segments");
    doctor_judge_store(&rows, &s, SERVER_HANGS);
    finds("", "old log: a server that starts may be at its recovery");
}

int main(void)
{
    buf_init(&rows, 65536);
    test_limit();
    test_zone();
    test_clock();
    test_upgrade();
    test_limits();
    test_limits_of_nobody();
    test_locks();
    test_unmounted();
    test_space();
    test_log();
    test_old_log();
    test_port();
    test_doors();
    test_values();
    test_udp();
    test_user();
    buf_free(&rows);
    return done_testing();
}
