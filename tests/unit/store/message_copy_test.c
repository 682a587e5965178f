/* SPDX-License-Identifier: ISC */
/*
 * The copy of one message's file: a whole one, one that is damaged in each way, and one whose calls
 * fail.
 */
#include "store_faults.h"

#include "store/message_copy.h"
#include "store_fixture.h"

#define PIECE 61440 /* bytes that are read at once */
#define MUCH  (4 * PIECE)

static struct fixture f;
static int dir;
static struct mail m;
static char bytes[2 * MUCH]; /* of the file */
static size_t n_bytes, n_header;

/* --- the message --- */

/* Its first line, and the rest, have bytes that need an escape. */
static void make_message(size_t body_bytes)
{
    static char body[MUCH];

    for (size_t i = 0; i < body_bytes; i++)
        body[i] = "|\\ a text\nwith | lines"[i % 22];
    m = (struct mail){.id = 7, .state = MAIL_UNREAD, .time = 1512316293, .from = "bob"};
    message_file_measure(&m, span_of(body, body_bytes));
    n_header = message_file_header(&m, span_of(body, body_bytes), bytes);
    memcpy(bytes + n_header, body, body_bytes);
    n_bytes = n_header + body_bytes;
}

static void name_of_other_line(void)
{
    m.line--;
}

static void name_of_other_escapes_in_line(void)
{
    m.line_esc++;
}

static void name_of_other_escapes(void)
{
    m.escapes++;
}

static void name_of_other_sender(void)
{
    strcpy(m.from, "eve");
}

static void empty(void)
{
    n_bytes = 0;
}

static void cut_header(void)
{
    n_bytes = n_header - 1;
}

static void cut_body(void)
{
    n_bytes--;
}

static void another_last_byte(void)
{
    bytes[n_bytes - 1] ^= 1;
}

static void longer(void)
{
    bytes[n_bytes++] = 'x';
}

static void much_longer(void)
{
    memset(bytes + n_bytes, 'x', MUCH);
    n_bytes += MUCH;
}

/* --- the copy --- */

static bool sync; /* the copy */
static uint64_t copied_bytes;
static const char *why;

static enum message_copied copy(void)
{
    return message_copy(dir, &m, dir, "copy", sync, &copied_bytes, &why);
}

/* Whether the copy has the first n bytes of the file, and no more. */
static bool has_first(size_t n)
{
    struct buf text;

    buf_init(&text, sizeof bytes);
    bool same = os_file_load(dir, "copy", &text) && span_eq(buf_span(&text), span_of(bytes, n));
    buf_free(&text);
    return same;
}

static void put_file(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    message_file_name(&m, name);
    if (!os_file_make(dir, name, span_of(bytes, n_bytes)))
        exit(1);
}

static void remove_files(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    message_file_name(&m, name);
    os_file_remove(dir, name);
    os_file_remove(dir, "copy");
}

/* The longest body whose file is read at once. */
static size_t body_of_a_piece(void)
{
    make_message(PIECE - 200);
    return PIECE - n_header;
}

#define NO_HEADER "it has no valid header"
#define LENGTH    "the file's length is wrong"

static void test_files(void)
{
    static const struct {
        const char *what;
        int body;             /* its bytes; -1 and 0: body_of_a_piece() + this */
        void (*change)(void); /* of the file or of its name; may be NULL */
        const char *why;      /* NULL: the copy is whole */
        size_t copied;        /* bytes; 0: all of the file */
    } rows[] = {
        {"a short one", 22, NULL, NULL, 0},
        {"one of two pieces, the second one empty", 0, NULL, NULL, 0},
        {"one a byte shorter than a piece", -1, NULL, NULL, 0},
        {"one of three pieces", 2 * PIECE + 1000, NULL, NULL, 0},
        {"a name of another sender", 22, name_of_other_sender, NO_HEADER, 0},
        {"a name with another length of the first line", 22, name_of_other_line,
         "its name does not match its first line", 0},
        {"a name with other escapes in the first line", 22, name_of_other_escapes_in_line,
         "its name does not match its first line", 0},
        {"a name with other escapes in the body", 22, name_of_other_escapes,
         "its name does not match its body", 0},
        {"a long body with other escapes in the name", 2 * PIECE + 1000, name_of_other_escapes,
         "its name does not match its body", 0},
        {"an empty file", 22, empty, NO_HEADER, 0},
        {"a part of the header", 22, cut_header, NO_HEADER, 0},
        {"a file without its last byte", 22, cut_body, LENGTH, 0},
        {"a long file without its last byte", 2 * PIECE + 1000, cut_body, LENGTH, 0},
        {"a file with another last byte", 22, another_last_byte, "the checksum is wrong", 0},
        {"a long file with another last byte", 2 * PIECE + 1000, another_last_byte,
         "the checksum is wrong", 0},
        {"a file that is a byte longer", 22, longer, LENGTH, 0},
        {"a short file that is much longer", 22, much_longer, LENGTH, PIECE},
        {"a long file that is much longer", PIECE + 1000, much_longer, LENGTH, (size_t)2 * PIECE},
    };
    size_t whole_piece = body_of_a_piece();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t body = rows[i].body > 0 ? (size_t)rows[i].body : whole_piece - (rows[i].body < 0);
        make_message(body);
        if (rows[i].change)
            rows[i].change();
        put_file();
        is_int(copy(), rows[i].why ? MESSAGE_COPY_DAMAGED : MESSAGE_COPY_WHOLE, "%s is %s",
               rows[i].what, rows[i].why ? "damaged" : "whole");
        is_str(why ? why : "", rows[i].why ? rows[i].why : "", "... the reason");
        size_t want = rows[i].copied ? rows[i].copied : n_bytes;
        ok(copied_bytes == want && has_first(want), "... %zu bytes are copied", want);
        remove_files();
    }
}

static void test_failures(void)
{
    static const struct {
        const char *call;
        int error;
        enum message_copied copied;
        bool left; /* an empty copy; otherwise none */
    } rows[] = {
        {"os_file_open", ENOENT, MESSAGE_COPY_GONE, false},
        {"os_file_open", EMFILE, MESSAGE_COPY_SHORTAGE, false},
        {"os_file_open", EIO, MESSAGE_COPY_UNREADABLE, true},
        {"malloc", ENOMEM, MESSAGE_COPY_SHORTAGE, false},
        {"os_file_create", EMFILE, MESSAGE_COPY_SHORTAGE, false},
        {"os_file_create", ENOSPC, MESSAGE_COPY_FAILED, false},
        {"os_file_read_at", ENOMEM, MESSAGE_COPY_SHORTAGE, false},
        {"os_file_read_at", EIO, MESSAGE_COPY_UNREADABLE, true},
        {"os_file_write", ENOSPC, MESSAGE_COPY_FAILED, false},
        {"os_file_sync", EIO, MESSAGE_COPY_FAILED, false},
    };

    make_message(2 * PIECE);
    put_file();
    sync = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        faults_meanwhile(rows[i].call, NULL, 1, NULL, rows[i].error);
        is_int(copy(), rows[i].copied, "%s fails with %d", rows[i].call, rows[i].error);
        int error = errno;
        ok(faults_happened() && error == rows[i].error, "... errno says so");
        ok(!why, "... no damage is reported");
        ok(rows[i].left ? has_first(0) : !os_file_exists(dir, "copy"), "... there is %s",
           rows[i].left ? "an empty copy" : "no copy");
        os_file_remove(dir, "copy");
    }

    faults_meanwhile("os_file_read_at", NULL, 2, NULL, EIO);
    is_int(copy(), MESSAGE_COPY_UNREADABLE, "the second piece cannot be read");
    ok(faults_happened() && copied_bytes == PIECE && has_first(PIECE),
       "... the copy has the first piece");
    is_int(copy(), MESSAGE_COPY_FAILED, "there is already a file with the name of the copy");
    is_int(errno, EEXIST, "... errno is EEXIST");
    ok(has_first(PIECE), "... which is left as it is");
    remove_files();
    if (!os_file_make_dir(dir, "copy"))
        exit(1);
    faults_meanwhile("os_file_open", NULL, 1, NULL, EIO);
    is_int(copy(), MESSAGE_COPY_FAILED,
           "the message cannot be opened, and the name of the copy is taken");
    is_int(errno, EEXIST, "... errno is EEXIST");
}

int main(void)
{
    fixture_begin_in(&f, "/dev/shm");
    dir = os_file_open_dir(f.path);
    test_files();
    test_failures();
    os_file_close(dir);
    fixture_end(&f);
    return done_testing();
}
