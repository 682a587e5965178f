/* SPDX-License-Identifier: ISC */
#include "mime/charset.h"

#include "base/utf8.h"

#define UPPER 128 /* bytes above ASCII, which all sets here contain */

/* What the bytes from 128 on stand for. */
static const char iso_8859_2[] = "��������������������������������"
                                 "\u00a0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00adŽŻ°ą˛ł´ľśˇ¸šşťź˝žż"
                                 "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
                                 "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
static const char iso_8859_5[] = "��������������������������������"
                                 "\u00a0ЁЂЃЄЅІЇЈЉЊЋЌ\u00adЎЏАБВГДЕЖЗИЙКЛМНОП"
                                 "РСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп"
                                 "рстуфхцчшщъыьэюя№ёђѓєѕіїјљњћќ§ўџ";
static const char iso_8859_15[] = "��������������������������������"
                                  "\u00a0¡¢£€¥Š§š©ª«¬\u00ad®¯°±²³Žµ¶·ž¹º»ŒœŸ¿"
                                  "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
                                  "àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
static const char windows_1250[] = "€�‚�„…†‡�‰Š‹ŚŤŽŹ�‘’“”•–—�™š›śťžź"
                                   "\u00a0ˇ˘Ł¤Ą¦§¨©Ş«¬\u00ad®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż"
                                   "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
                                   "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
static const char windows_1251[] = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—�™љ›њќћџ"
                                   "\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬\u00ad®Ї°±Ііґµ¶·ё№є»јЅѕї"
                                   "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
                                   "абвгдежзийклмнопрстуфхцчшщъыьэюя";
static const char windows_1252[] = "€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ"
                                   "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿"
                                   "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
                                   "àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
static const char koi8_r[] = "─│┌┐└┘├┤┬┴┼▀▄█▌▐░▒▓⌠■∙√≈≤≥\u00a0⌡°²·÷"
                             "═║╒ё╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡Ё╢╣╤╥╦╧╨╩╪╫╬©"
                             "юабцдефгхийклмнопярстужвьызшэщчъ"
                             "ЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";
static const char koi8_u[] = "─│┌┐└┘├┤┬┴┼▀▄█▌▐░▒▓⌠■∙√≈≤≥\u00a0⌡°²·÷"
                             "═║╒ёє╔ії╗╘╙╚╛ґ╝╞╟╠╡ЁЄ╣ІЇ╦╧╨╩╪Ґ╬©"
                             "юабцдефгхийклмнопярстужвьызшэщчъ"
                             "ЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";

static const struct {
    const char *name, *upper; /* NULL: the bytes stay as they are */
} sets[] = {
    {"", NULL},
    {"us-ascii", NULL},
    {"ascii", NULL},
    {"utf-8", NULL},
    {"koi8-r", koi8_r},
    {"koi8-u", koi8_u},
    {"windows-1250", windows_1250},
    {"cp1250", windows_1250},
    {"windows-1251", windows_1251},
    {"cp1251", windows_1251},
    {"windows-1252", windows_1252},
    {"cp1252", windows_1252},
    {"iso-8859-1", windows_1252},
    {"latin1", windows_1252},
    {"iso-8859-2", iso_8859_2},
    {"iso-8859-5", iso_8859_5},
    {"iso-8859-15", iso_8859_15},
};

/* The next character of a name that matters, or 0 at its end. */
static char name_next(struct span *name)
{
    while (name->n > 0) {
        char c = name->p[0];
        *name = span_skip(*name, 1);
        if (c != '-' && c != '_')
            return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return '\0';
}

static bool is_name(struct span name, const char *of_set)
{
    struct span wanted = span_str(of_set);
    char c;
    do {
        c = name_next(&wanted);
        if (name_next(&name) != c)
            return false;
    } while (c);
    return true;
}

/* How many bytes at the beginning of s are ASCII. */
static size_t ascii_bytes(struct span s)
{
    size_t n = 0;
    while (n < s.n && (unsigned char)s.p[n] < 128)
        n++;
    return n;
}

static void convert(struct buf *out, const char *upper, struct span s)
{
    struct span characters[UPPER], rest = span_str(upper);
    uint32_t c;
    for (size_t i = 0; i < UPPER; i++) {
        characters[i] = span_first(rest, utf8_decode(rest, &c));
        rest = span_skip(rest, characters[i].n);
    }
    while (s.n > 0) {
        size_t n = ascii_bytes(s);
        if (n == 0)
            buf_add(out, characters[(unsigned char)s.p[0] - 128]);
        else
            buf_add(out, span_first(s, n));
        s = span_skip(s, n > 0 ? n : 1);
    }
}

bool charset_add(struct buf *out, struct span name, struct span s)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (!is_name(name, sets[i].name))
            continue;
        if (sets[i].upper)
            convert(out, sets[i].upper, s);
        else
            buf_add(out, s);
        return true;
    }
    buf_add(out, s);
    return false;
}
