/* SPDX-License-Identifier: ISC */
/*
 * Files of messages in a directory of the test's own. A limit for the size of files stands in for a
 * full disk, and what a crash leaves is written by the test.
 */
#include "client/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/file.h"
#include "random.h"
#include "tap.h"

#define DATE "Sun Dec  3 12:51:33 2017"
#define LINE "From ann " DATE "\n"
#define MARK "X-Pochta-Export: "

static char root[] = "/tmp/pochta-mbox.XXXXXX";
static char path[sizeof root + 16];
static const struct tm utc = {
    .tm_year = 117, .tm_mon = 11, .tm_mday = 3, .tm_hour = 12, .tm_min = 51, .tm_sec = 33};

/* The linker gives us all calls of os_file_sync. */
bool real_sync(int fd) __asm__("__real_os_file_sync");
bool watched_sync(int fd) __asm__("__wrap_os_file_sync");

static struct {
    uint64_t at;      /* where the message begins that is added */
    unsigned fails;   /* the sync with this number fails; 0: none */
    unsigned n;       /* syncs so far */
    char first[2][6]; /* what stood there at each of them */
    int64_t size[2];  /* how large the file was */
} syncs;

bool watched_sync(int fd)
{
    if (syncs.n < 2) {
        memset(syncs.first[syncs.n], '?', 5);
        os_file_read_at(fd, syncs.first[syncs.n], 5, syncs.at);
        syncs.size[syncs.n] = os_file_size(fd);
    }
    errno = EIO;
    return ++syncs.n != syncs.fails && real_sync(fd);
}

static void put(struct span content)
{
    os_file_remove(OS_FILE_CWD, path);
    os_file_make(OS_FILE_CWD, path, content);
}

static void append(const char *content)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0 || !os_file_write(fd, content, strlen(content)))
        exit(1);
    close(fd);
}

static void load(struct buf *all)
{
    buf_init(all, 1 << 24);
    os_file_load_path(path, all);
}

static bool file_is(struct span want)
{
    struct buf all;
    load(&all);
    bool same = span_eq(buf_span(&all), want);
    buf_free(&all);
    return same;
}

static void set_limit(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Appends all messages that follow, each as "<text>". Returns what came after the last. */
static enum mbox_result read_all(struct mbox *b, struct buf *got, size_t limit)
{
    struct mbox_mail m;
    enum mbox_result result;
    buf_init(&m.line, 100);
    buf_init(&m.mail, limit);
    while ((result = mbox_next(b, &m)) == MBOX_ONE) {
        buf_add_char(got, '<');
        buf_add(got, buf_span(&m.mail));
        buf_add_str(got, buf_ok(&m.mail) ? ">" : ">...");
    }
    buf_free(&m.line);
    buf_free(&m.mail);
    return result;
}

static void holds(struct span content, enum mbox_result last, const char *want, const char *name)
{
    struct mbox b;
    struct buf got;
    put(content);
    buf_init(&got, 1 << 20);
    bool opened = mbox_open(&b, path);
    is_int(opened ? read_all(&b, &got, 1 << 20) : MBOX_FAILED, last, "%s: how it ends", name);
    buf_add_char(&got, '\0');
    is_str(got.p, want, "%s", name);
    buf_free(&got);
    mbox_close(&b);
}

static void test_read(void)
{
    holds(SPAN(""), MBOX_END, "", "an empty file");
    holds(SPAN("hello\n"), MBOX_NONE, "", "a text");
    holds(SPAN("\n" LINE "\nx\n"), MBOX_NONE, "", "an empty line before the first separator");
    holds(SPAN("From the beginning\n\nx\n"), MBOX_NONE, "", "a first line without a time");
    holds(SPAN(LINE "A: b\n\none\n\n" LINE "A: c\n\ntwo\n\n"), MBOX_END,
          "<A: b\n\none\n><A: c\n\ntwo\n>", "two messages");
    holds(SPAN(LINE "\none"), MBOX_END, "<\none>", "no line end at the end");
    holds(SPAN(LINE "\none\n"), MBOX_END, "<\none\n>", "no empty line at the end");
    holds(SPAN(LINE), MBOX_END, "<>", "nothing after the separator");
    holds(SPAN("From ann " DATE), MBOX_END, "<>", "a separator without its line end");
    holds(SPAN(LINE LINE "\nx\n\n"), MBOX_END, "<" LINE "\nx\n>",
          "without an empty line before it, no line is a separator");
    holds(SPAN(LINE "\n\nFrom here\n\nFrom 1:2\n\nFrom me 1:\n\nFrom a :12:x3 long\n\n"), MBOX_END,
          "<\n\nFrom here\n\nFrom 1:2\n\nFrom me 1:\n\nFrom a :12:x3 long\n>",
          "without a time of day, no line is a separator");
    holds(SPAN(LINE "\n\n\n\n" LINE "\n\n\n"), MBOX_END, "<\n\n\n><\n\n>",
          "of several empty lines the last is not of the message");
    holds(SPAN("From ann " DATE "\r\nA: b\r\n\r\none\r\n\r\nFrom bob " DATE "\r\n\r\n\r\n"),
          MBOX_END, "<A: b\r\n\r\none\r\n><\r\n>", "lines that end with CR LF");
    holds(SPAN(LINE "\n>From a\n>>From b\n> From c\n>from d\nx >From e\n>Fromf\n"), MBOX_END,
          "<\nFrom a\n>From b\n> From c\n>from d\nx >From e\n>Fromf\n>",
          "one > before From is taken away");
}

static void test_places(void)
{
    struct mbox b;
    struct mbox_mail m;
    put(SPAN(LINE "\none\n\nFrom bob@host Mon Jan  1 00:00:00 2018 +0300\r\n\ntwo\n"));
    buf_init(&m.line, 100);
    buf_init(&m.mail, 100);
    mbox_open(&b, path);
    ok(mbox_next(&b, &m) == MBOX_ONE && m.offset == 0 &&
           span_eq(buf_span(&m.line), SPAN("From ann " DATE)),
       "mbox_next: the first separator is at the beginning");
    ok(mbox_next(&b, &m) == MBOX_ONE && m.offset == sizeof LINE - 1 + 6 &&
           span_eq(buf_span(&m.line), SPAN("From bob@host Mon Jan  1 00:00:00 2018 +0300")),
       "... the second one where it is, and without its line end");
    ok(mbox_next(&b, &m) == MBOX_END && mbox_next(&b, &m) == MBOX_END, "... and the end stays");
    mbox_close(&b);
    buf_free(&m.line);
    buf_free(&m.mail);
}

/* Lines and messages around the sizes of what is read at once, 65536 bytes. */
static void test_large(void)
{
    int wrong = 0;
    for (size_t n = 65536 - 2100; n < 65536 + 100; n++) {
        struct buf all, got;
        struct mbox b;
        buf_init(&all, 1 << 20);
        buf_init(&got, 1 << 20);
        buf_add_str(&all, LINE "\n");
        memset(buf_space(&all, n), 'x', n);
        buf_added(&all, n);
        buf_add_str(&all, "\n>From y\n\n" LINE "\nsecond\n");
        put(buf_span(&all));
        mbox_open(&b, path);
        wrong += read_all(&b, &got, 1 << 20) != MBOX_END || got.n != n + 21 ||
                 !span_ends(buf_span(&got), SPAN("xx\nFrom y\n><\nsecond\n>"));
        mbox_close(&b);
        buf_free(&all);
        buf_free(&got);
        n += n % 64 == 0 ? 1 : 36;
    }
    is_int(wrong, 0, "mbox_next: lines of about 64 KiB are whole");
}

static void test_limits(void)
{
    struct mbox b;
    struct buf got;
    put(SPAN(LINE "\n1234567\n\n" LINE "\n12345678\n\n" LINE "\n1\n\n"));
    buf_init(&got, 1000);
    mbox_open(&b, path);
    is_int(read_all(&b, &got, 9), MBOX_END, "a message above the limit does not end the file");
    buf_add_char(&got, '\0');
    is_str(got.p, "<\n1234567\n><\n>...<\n1\n>", "... and is known by its buffer, which failed");
    buf_free(&got);
    mbox_close(&b);
}

static void test_open(void)
{
    struct mbox b;
    struct stat st;
    os_file_remove(OS_FILE_CWD, path);
    ok(!mbox_open(&b, path) && errno == ENOENT, "mbox_open: there must be a file");
    mbox_close(&b);
    ok(!mbox_open(&b, root) && errno == EISDIR, "... and no directory");
    mbox_close(&b);
    ok(!mbox_open_to_add(&b, root) && errno == EISDIR, "mbox_open_to_add: nor to add");
    mbox_close(&b);
    ok(mbox_open_to_add(&b, path), "... a new file is made");
    ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "... with mode 0600");
    mbox_close(&b);
    mbox_close(&b);
}

/* Whether another program can lock the file as mail programs do. */
static bool can_lock(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int status = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(path, O_RDWR | O_CLOEXEC);
        _exit(fcntl(fd, F_SETLK, &lock) == 0 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    return status == 0;
}

static void test_lock(void)
{
    struct mbox b, other;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    put(SPAN(LINE "\nx\n\n"));
    mbox_open_to_add(&b, path);
    ok(!can_lock(), "while it is open to add, no mail program gets the lock");
    ok(!mbox_open_to_add(&other, path) && errno == EAGAIN, "... nor another pochta");
    mbox_close(&other);
    ok(!can_lock(), "... and the attempt does not end the lock");
    mbox_close(&b);
    ok(can_lock(), "when it is closed the lock is free");
    mbox_open(&b, path);
    ok(can_lock(), "reading takes no lock");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    fcntl(fd, F_OFD_SETLK, &lock);
    ok(!mbox_open_to_add(&other, path) && errno == EAGAIN, "a file another program has locked");
    mbox_close(&other);
    close(fd);
    mbox_close(&b);
}

/* Opens the file and reads it to its end. */
static void begin(struct mbox *b)
{
    struct buf got;
    buf_init(&got, 1 << 24);
    if (!mbox_open_to_add(b, path) || read_all(b, &got, 1 << 24) != MBOX_END)
        exit(1);
    buf_free(&got);
    syncs.n = syncs.fails = 0;
    syncs.at = b->end + b->lacks;
}

static void test_add(void)
{
    struct mbox b;
    put(SPAN(""));
    begin(&b);
    ok(mbox_add(&b, "m1", SPAN("ann"), &utc, true,
                SPAN("Subject: s\nstatus: N\nContent-Length: 3\n" MARK "forged\n\nhi\nFrom x\n")),
       "mbox_add: a message that has been read");
    ok(file_is(SPAN(LINE MARK "m1\nSubject: s\nStatus: RO\n\nhi\n>From x\n\n")),
       "... with its mark first, and no field of another mailbox");
    ok(mbox_add(&b, "m2", SPAN("bob"), NULL, false, SPAN("no header\n>From\n>From y")),
       "an unread one, of which the date is not known");
    mbox_close(&b);
    ok(file_is(SPAN(LINE MARK "m1\nSubject: s\nStatus: RO\n\nhi\n>From x\n\n"
                              "From bob Thu Jan  1 00:00:00 1970\n" MARK
                              "m2\n\nno header\n>From\n>>From y\n\n")),
       "... has no Status, and its last line ends");
    begin(&b);
    mbox_add(&b, "m3", SPAN("ann"), &utc, false, SPAN(""));
    mbox_close(&b);
    struct buf got;
    buf_init(&got, 1000);
    mbox_open(&b, path);
    is_int(read_all(&b, &got, 1000), MBOX_END, "all are read again");
    buf_add_char(&got, '\0');
    is_str(got.p,
           "<" MARK "m1\nSubject: s\nStatus: RO\n\nhi\nFrom x\n>"
           "<" MARK "m2\n\nno header\n>From\n>From y\n><" MARK "m3\n\n>",
           "... as they were");
    buf_free(&got);
    mbox_close(&b);
}

/* Files of other programs may lack line ends at their end. */
static void test_line_ends(void)
{
    static const struct span before[] = {SPAN(LINE "\nx"),       SPAN(LINE "\nx\n"),
                                         SPAN(LINE "\nx\n\n"),   SPAN(LINE "\nx\r\n\r\n"),
                                         SPAN("From ann " DATE), SPAN(LINE)};
    static const char *const between[] = {"\n\n", "\n", "", "", "\n\n", "\n"};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        struct mbox b;
        struct buf want;
        put(before[i]);
        begin(&b);
        bool added = mbox_add(&b, "m", SPAN("ann"), &utc, false, SPAN("y\n")) &&
                     mbox_add(&b, "n", SPAN("ann"), &utc, false, SPAN("z\n"));
        mbox_close(&b);
        buf_init(&want, 1000);
        buf_printf(&want, "%.*s%s" LINE MARK "m\n\ny\n\n" LINE MARK "n\n\nz\n\n",
                   SPAN_PRINTF(before[i]), between[i]);
        ok(added && file_is(buf_span(&want)), "mbox_add: file %zu gets what it lacks, once", i);
        buf_free(&want);
    }
}

/* The message counts only when it is on stable storage. */
static void test_order(void)
{
    static const struct span old = SPAN(LINE "\nx\n");
    struct mbox b;
    put(old);
    begin(&b);
    ok(mbox_add(&b, "m", SPAN("ann"), &utc, false, SPAN("y\n")), "mbox_add: two syncs");
    int64_t whole = (int64_t)(sizeof LINE "\nx\n\n" LINE MARK "m\n\ny\n\n" - 1);
    is_int(syncs.n, 2, "... which are made");
    ok(memcmp(syncs.first[0], "\0\0\0\0\0", 5) == 0 && syncs.size[0] == whole,
       "at the first one all is written but five bytes");
    ok(memcmp(syncs.first[1], "From ", 5) == 0 && syncs.size[1] == whole,
       "... which are there at the second");
    for (unsigned i = 1; i <= 2; i++) {
        mbox_close(&b);
        put(old);
        begin(&b);
        syncs.fails = i;
        ok(!mbox_add(&b, "m", SPAN("ann"), &utc, false, SPAN("y\n")) && errno == EIO,
           "sync %u fails: so does mbox_add", i);
        ok(file_is(old), "... and the file is as before");
    }
    syncs.fails = 0;
    ok(mbox_add(&b, "m", SPAN("ann"), &utc, false, SPAN("y\n")) &&
           file_is(SPAN(LINE "\nx\n\n" LINE MARK "m\n\ny\n\n")),
       "the next message is added all the same");
    mbox_close(&b);
}

static void test_full_disk(void)
{
    static const struct span old = SPAN(LINE "\nx");
    struct mbox b;
    int wrong = 0;
    size_t whole = sizeof LINE "\nx\n\n" LINE MARK "m\n\ny\n\n" - 1;
    put(old);
    begin(&b);
    for (size_t room = old.n; room < whole; room++) {
        set_limit((rlim_t)room);
        wrong += mbox_add(&b, "m", SPAN("ann"), &utc, false, SPAN("y\n")) || errno != EFBIG;
        set_limit(RLIM_INFINITY);
        wrong += !file_is(old);
    }
    is_int(wrong, 0, "mbox_add: a full disk, at whatever byte, leaves the file as it was");
    set_limit((rlim_t)whole);
    ok(mbox_add(&b, "m", SPAN("ann"), &utc, false, SPAN("y\n")), "... until there is room");
    set_limit(RLIM_INFINITY);
    mbox_close(&b);
}

static void test_strangers(void)
{
    struct mbox b;
    put(SPAN(LINE "\nx\n\n"));
    begin(&b);
    append("From bob " DATE "\n\nnews\n\n");
    ok(!mbox_add(&b, "m", SPAN("ann"), &utc, false, SPAN("y\n")) && errno == EAGAIN,
       "mbox_add: not if another program has appended meanwhile");
    ok(file_is(SPAN(LINE "\nx\n\nFrom bob " DATE "\n\nnews\n\n")), "... which it leaves alone");
    mbox_close(&b);
    put(SPAN(LINE "\nx\n\n"));
    begin(&b);
    ok(truncate(path, 10) == 0 && !mbox_add(&b, "m", SPAN("a"), &utc, false, SPAN("y\n")) &&
           errno == EAGAIN,
       "... nor if it has removed something");
    mbox_close(&b);
}

/* A file whose last message has this many bytes on the disk; then zeros, or nothing. */
static void put_torn(struct span old, struct span added, size_t there, bool zeros)
{
    struct buf all;
    buf_init(&all, 1 << 20);
    buf_add(&all, old);
    for (size_t i = 0; i < added.n && (i < there || zeros); i++)
        buf_add_char(&all, i < 5 || i >= there ? '\0' : added.p[i]);
    put(buf_span(&all));
    buf_free(&all);
}

/* Crashes after each of the first bytes of a message. Returns how often the outcome is wrong. */
static int crash(struct span added, size_t bytes)
{
    static const struct span old = SPAN(LINE "\nx\n\n");
    int wrong = 0;
    for (size_t i = 0; i < 2 * bytes; i++) {
        struct mbox b;
        struct buf got;
        put_torn(old, added, 1 + i / 2, i % 2 == 1);
        buf_init(&got, 10000);
        mbox_open_to_add(&b, path);
        wrong += read_all(&b, &got, 10000) != MBOX_END ||
                 !span_eq(buf_span(&got), SPAN("<\nx\n>")) ||
                 !mbox_add(&b, "n", SPAN("ann"), &utc, false, SPAN("z\n")) ||
                 !file_is(SPAN(LINE "\nx\n\n" LINE MARK "n\n\nz\n\n"));
        mbox_close(&b);
        buf_free(&got);
    }
    return wrong;
}

static void test_crash(void)
{
    static const struct span one = SPAN(LINE MARK "m\nA: b\n\ny\n\nlonger\n\n");
    struct buf large;
    is_int(crash(one, one.n), 0, "what a crash left of a message is none, and is cut off");
    buf_init(&large, 10000);
    buf_add(&large, one);
    for (int i = 0; i < 1000; i++)
        buf_add_str(&large, "line\n");
    is_int(crash(buf_span(&large), 200), 0, "... also of a large one");
    buf_free(&large);
}

static void test_torn(void)
{
    struct buf want;
    struct mbox b;
    put(SPAN(LINE "\nx\n\n\0\0\0\0\0ann " DATE "\n" MARK "m\n\ny\n\n"));
    append("From bob " DATE "\n\nnews\n\n");
    begin(&b);
    mbox_add(&b, "n", SPAN("ann"), &utc, false, SPAN("z\n"));
    mbox_close(&b);
    buf_init(&want, 1000);
    mbox_open(&b, path);
    is_int(read_all(&b, &want, 1000), MBOX_END, "what another program appended after it");
    buf_add_char(&want, '\0');
    is_str(want.p, "<\nx\n><\nnews\n><" MARK "n\n\nz\n>", "... is a message, and stays");
    buf_free(&want);
    mbox_close(&b);
    holds(SPAN("\0\0\0\0\0ann " DATE "\n" MARK "m\n\ny\n"), MBOX_END, "",
          "a file that has nothing else is an empty mbox");
    holds(SPAN("\0\0\0\0\0\0\0\0"), MBOX_END, "", "... as is one of zeros");
    holds(SPAN(LINE "\nx\n\n\0\0\0\0\0\0\0\n\ny\n"), MBOX_END, "<\nx\n\n",
          "zeros in a message do not end it");
    holds(SPAN("\0\0\0\0\0ann\nA: b\n"), MBOX_NONE, "", "... but not any file with zeros first");
}

/* A sender can write a text that looks as if a crash had left it. */
static void test_torn_text(void)
{
    static const struct span mail = SPAN("A: b\n\n\0\0\0\0\0\n" MARK "z\n\n>\0\0\0\0\0\n");
    static const struct span want =
        SPAN("<" MARK "n\nA: b\n\n\0\0\0\0\0\n" MARK "z\n\n>\0\0\0\0\0\n>");
    struct buf got;
    struct mbox b;
    put(SPAN(""));
    begin(&b);
    ok(mbox_add(&b, "n", SPAN("ann"), &utc, false, mail), "a text with zeros and a mark is added");
    mbox_close(&b);
    buf_init(&got, 1000);
    mbox_open(&b, path);
    is_int(read_all(&b, &got, 1000), MBOX_END, "... and read");
    ok(span_eq(buf_span(&got), want), "... as one message, as it was");
    buf_free(&got);
    mbox_close(&b);
}

/* A large one, of which the bytes look for a while as if a crash had left them. */
static void test_zeros(void)
{
    struct buf all, want;
    buf_init(&all, 10000);
    buf_init(&want, 10000);
    buf_add(&want, SPAN("\nx\n\n\0\0\0\0\0ab\0c"));
    while (want.n < 5000)
        buf_add_char(&want, '\0');
    buf_add_str(&want, "\ny\n");
    buf_add_str(&all, LINE);
    buf_add(&all, buf_span(&want));
    put(buf_span(&all));
    buf_insert(&want, 0, SPAN("<"));
    buf_add_char(&want, '>');
    struct mbox b;
    buf_clear(&all);
    mbox_open(&b, path);
    ok(read_all(&b, &all, 10000) == MBOX_END && span_eq(buf_span(&all), buf_span(&want)),
       "... nor do many");
    mbox_close(&b);
    buf_free(&all);
    buf_free(&want);
}

/* A text that has much of what means something in an mbox. */
static void random_text(struct buf *out)
{
    static const char separator[] = LINE;
    static const char *const parts[] = {"\n",      "\n\n", "\r\n", "From ",    separator, ">",
                                        ">From ",  "x",    "A: b", "12:51",    " ",       "\r",
                                        ">>From ", "From", "y\n",  "\xc3\xa9", MARK};
    for (size_t n = random_below(20); n > 0; n--)
        buf_add_str(out, parts[random_below(sizeof parts / sizeof parts[0])]);
}

static void test_random(void)
{
    int wrong = 0;
    for (int round = 0; round < 300 && wrong == 0; round++) {
        struct buf want, got, text;
        struct mbox b;
        buf_init(&want, 1 << 20);
        buf_init(&got, 1 << 20);
        put(SPAN(""));
        begin(&b);
        for (size_t n = random_below(4); n > 0; n--) {
            buf_init(&text, 1 << 20);
            random_text(&text);
            buf_printf(&want, "<" MARK "m\nA: b\n\n%.*s%s>", SPAN_PRINTF(buf_span(&text)),
                       text.n == 0 || span_ends(buf_span(&text), SPAN("\n")) ? "" : "\n");
            buf_insert(&text, 0, SPAN("A: b\n\n"));
            wrong += !mbox_add(&b, "m", SPAN("ann"), &utc, false, buf_span(&text));
            buf_free(&text);
        }
        mbox_close(&b);
        mbox_open(&b, path);
        wrong +=
            read_all(&b, &got, 1 << 20) != MBOX_END || !span_eq(buf_span(&got), buf_span(&want));
        mbox_close(&b);
        buf_free(&want);
        buf_free(&got);
    }
    is_int(wrong, 0, "what is added is read again, whatever is in it");
    if (wrong)
        random_diag();
}

int main(void)
{
    if (!mkdtemp(root))
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    random_begin();
    snprintf(path, sizeof path, "%s/mbox", root);
    test_read();
    test_places();
    test_large();
    test_limits();
    test_open();
    test_lock();
    test_add();
    test_line_ends();
    test_order();
    test_full_disk();
    test_strangers();
    test_crash();
    test_torn();
    test_torn_text();
    test_zeros();
    test_random();
    os_file_remove_tree(OS_FILE_CWD, root);
    return done_testing();
}
