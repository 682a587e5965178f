/* What the doctor makes of what it is told; how it is found out, tests/it/doctor.t sees. */
#include "ctl/ctl_doctor.h"

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

static void test_quote(void)
{
    doctor_quote(&rows, "/var/mail_1.x");
    finds("/var/mail_1.x", "a plain path");
    doctor_quote(&rows, "a b'\\\n$(rm)\xff");
    finds("$'a b\\x27\\x5c\\x0a$(rm)\\xff'", "any other is quoted");
    doctor_quote(&rows, "-rf");
    finds("$'-rf'", "one that looks like an option");
}

static void test_limit(void)
{
    struct span text =
        SPAN("Limit  Soft  Hard\nMax processes  10  unlimited  p\nMax open files  256  "
             "4096  files\n");

    is_int(doctor_limit(text, SPAN("Max open files"), 0), 256, "the first number");
    is_int(doctor_limit(text, SPAN("Max open files"), 1), 4096, "the second");
    ok(doctor_limit(text, SPAN("Max processes"), 1) == UINT64_MAX, "unlimited");
    ok(doctor_limit(text, SPAN("Max stack"), 1) == UINT64_MAX, "no such line");
    ok(doctor_limit(text, SPAN("Max open files"), 9) == UINT64_MAX, "no such word");
    is_int(doctor_limit(SPAN("12345"), SPAN(""), 0), 12345, "a number alone");
    ok(doctor_limit(SPAN("max\n"), SPAN(""), 0) == UINT64_MAX, "max");
    ok(doctor_limit(SPAN(""), SPAN("x"), 0) == UINT64_MAX, "nothing");
}

static void test_zone(void)
{
    char path[PATH_MAX];

    ok(doctor_zone_file(NULL, path) && strcmp(path, "/etc/localtime") == 0, "without TZ");
    ok(doctor_zone_file("Europe/Moscow", path) &&
           strcmp(path, "/usr/share/zoneinfo/Europe/Moscow") == 0,
       "a name");
    ok(doctor_zone_file(":/etc/x", path) && strcmp(path, "/etc/x") == 0, "a path");
    ok(!doctor_zone_file("", path) && !doctor_zone_file("MSK-3", path), "none");
}

static void test_clock(void)
{
    struct doctor_clock c = {.now = 1764000000, .kept_right = true};

    doctor_judge_clock(&rows, &c);
    finds("", "a clock that is right");
    c.now = 86400;
    doctor_judge_clock(&rows, &c);
    finds("error\tclock\tthe year cannot be right\tdate -s", "1970");
    c.now = INT64_C(9999999999);
    doctor_judge_clock(&rows, &c);
    finds("the year cannot be right", "2286");
}

static void test_limits(void)
{
    struct doctor_limits l = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                              UINT64_MAX, UINT64_MAX, UINT64_MAX};

    doctor_judge_limits(&rows, &l, 1000000);
    finds("", "no limits");
    l.tasks = 1063;
    doctor_judge_limits(&rows, &l, 1000);
    finds("tasks of the control group: 1063 are allowed, 1000 clients need 1064\tin the unit "
          "TasksMax=1064, or lower clients\n",
          "tasks");
    l.tasks = 1064;
    doctor_judge_limits(&rows, &l, 1000);
    finds("", "as many as are needed");
    l.threads = l.maps = l.processes = 1;
    doctor_judge_limits(&rows, &l, 1000);
    finds("sysctl vm.max_map_count=2128", "maps");
}

static void test_locks(void)
{
    static struct doctor_store s;

    s = (struct doctor_store){.path = "s", .system = "", .info.mode = 0700, .shm_there = true};
    s.lock_there = s.lock_sound = s.lock.used = true;
    strcpy(s.lock.key, "abc");
    s.semaphores = 64;
    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("", "a store in use");
    s.semaphores_foreign = true;
    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("error\t/dev/shm\tsemaphores of the store belong to another user: 64\trm -f "
          "/dev/shm/sem.pochta-abc-*\n",
          "semaphores of another user");
    s.semaphores = 0;
    s.shm_there = false;
    doctor_judge_store(&rows, &s, SERVER_RUNS);
    finds("error\t/dev/shm\tit is not there", "no /dev/shm");
    s.shm_there = true;
    s.system = "nfs";
    s.socket_mode = 0666;
    doctor_judge_store(&rows, &s, SERVER_NONE);
    finds("it is on nfs, where", "a network file system");
    doctor_judge_store(&rows, &s, SERVER_NONE);
    finds("chmod 0660 s/control.sock", "a socket for all");
}

static void test_space(void)
{
    static struct doctor_store s;
    static struct config c;

    s = (struct doctor_store){.path = "s", .free_bytes = 150, .free_inodes = UINT64_MAX};
    c.reserve_bytes = 100;
    c.reserve_inodes = 1000;
    doctor_judge_space(&rows, &s, &c);
    finds("warning\ts\t150 bytes free, reserve-bytes is 100\tmake room",
          "less than twice the reserve");
    s.free_bytes = 200;
    doctor_judge_space(&rows, &s, &c);
    finds("", "twice the reserve");
    s.free_inodes = 999;
    doctor_judge_space(&rows, &s, &c);
    finds("error\ts\t999 inodes free, reserve-inodes is 1000: nothing new is accepted", "inodes");
}

static void test_port(void)
{
    struct doctor_port p = {.key = "listen", .place = {"::1", "5555"}, .answer = DOCTOR_FULL};

    doctor_judge_port(&rows, &p, SERVER_RUNS);
    finds("warning\t[::1]:5555\tthe server there turns clients away", "a full server");
    p.answer = DOCTOR_POCHTA;
    doctor_judge_port(&rows, &p, SERVER_SECRET);
    finds("", "a server that may be this one");
    p.answer = DOCTOR_NOBODY;
    doctor_judge_port(&rows, &p, SERVER_NONE);
    finds("", "a free port");
}

static void test_udp(void)
{
    struct doctor_port p = {.key = "udp", .place = {"::1", "5555"}, .answer = DOCTOR_STRANGER};
    struct doctor_limits l = {.receive_bytes = 212992};

    doctor_judge_port(&rows, &p, SERVER_NONE);
    finds("error\tudp [::1]:5555\twhat answers there is no Pochta server\tend it, or set udp to",
          "a stranger on a port of UDP");
    doctor_judge_version_1(&rows, &p);
    finds("", "version 1 for this machine alone");
    p.open = true;
    doctor_judge_version_1(&rows, &p);
    finds("warning\tudp [::1]:5555\tversion 1 is open to more than this machine", "... for others");
    doctor_judge_buffer(&rows, &l);
    finds("212992 bytes are allowed, 4194304 are asked for", "little room for what comes");
    l.receive_bytes = 4194304;
    doctor_judge_buffer(&rows, &l);
    finds("", "enough");
}

static void test_user(void)
{
    struct doctor_port p = {.key = "udp", .place = {"::1", "1023"}};
    struct doctor_limits l = {.first_port = 1024};

    doctor_judge_user(&rows, &p, &l, "pochta");
    finds("error\tudp [::1]:1023\teach session binds this port, which user pochta may not\t"
          "set udp to a port from 1024 on",
          "a port of UDP for root alone");
    doctor_judge_user(&rows, &p, &l, "");
    finds("", "... where nobody else serves");
    l.first_port = 1023;
    doctor_judge_user(&rows, &p, &l, "pochta");
    finds("", "one for all");
    l.first_port = UINT64_MAX;
    doctor_judge_user(&rows, &p, &l, "pochta");
    finds("", "one of which nothing is known");
}

int main(void)
{
    buf_init(&rows, 65536);
    test_quote();
    test_limit();
    test_zone();
    test_clock();
    test_limits();
    test_locks();
    test_space();
    test_port();
    test_udp();
    test_user();
    buf_free(&rows);
    return done_testing();
}
