#!/bin/sh
# SPDX-License-Identifier: ISC
# tests/lint leaves out no file, and each of its tools finds a fault that is planted for it. Each check
# that is off has its reason.
. "$(dirname "$0")/lib.sh"
cd "$here/../.." || exit 1

# --- each file is read ---

tests/lint --jobs >"$T/jobs"
read_by() { # TOOL...: the files, sorted
    for tool; do sed -n "s/^$tool //p" "$T/jobs"; done | tr ' ' '\n' | sort
}

find src tests -name '*.c' | sort >"$T/sources"
is "$(read_by tidy tidy_windows)" "$(cat "$T/sources")" 'clang-tidy reads each source once'
is "$(read_by analyzer analyzer_windows)" "$(cat "$T/sources")" "gcc's analyzer reads each source once"
is "$(read_by format)" "$(find include src tests -name '*.[ch]' | sort)" 'clang-format reads each source and header once'
is "$(read_by shell perl | uniq -d)" '' 'no script is read twice'
read_by shell perl >"$T/scripts"
is "$(find .ci contrib tests -type f \( -perm /1 -o -name '*.sh' -o -name '*.bash' -o -name '*.p[lm]' -o -name '*.t' \) |
    sort | comm -23 - "$T/scripts")" '' 'each script is read'

# --- each tool finds something ---

faulty() { # TOOL FILE EXPECTED: FILE, from standard input, has a fault that the tool reports so
    cat >"$T/$2"
    chmod +x "$T/$2"
    said=$(tests/lint "$1" "$T/$2" 2>&1)
    found=$?
    [ $found != 0 ] || said="exit code 0: $said"
    like "$said" "*$3*" "control: $1 finds $3"
}

lacks() { # TOOL COMMAND
    command -v "$2" >/dev/null && return 1
    skip "$2 is missing" "control: $1 finds a fault"
}

lacks format clang-format || faulty format form.c '-Wclang-format-violations' <<'C'
int  form(void);
C
lacks tidy clang-tidy || faulty tidy compared.c bugprone-suspicious-string-compare <<'C'
#include <string.h>
int compared(const char *a);
int compared(const char *a)
{
    return strcmp(a, "a") == -1;
}
C
lacks tidy clang-tidy || faulty tidy used.c clang-analyzer-unix.Malloc <<'C'
#include <stdlib.h>
int used(void);
int used(void)
{
    int *p = calloc(1, sizeof *p);
    if (!p)
        return 0;
    free(p);
    return *p;
}
C
lacks tidy clang-tidy ||
    like "$(tests/lint tidy "tests/unit/$(realpath --relative-to=tests/unit "$T")/used.c" 2>&1)" \
        '*clang-analyzer-unix.Malloc*' 'control: ... also in unit tests, where it looks less far'
lacks tidy clang-tidy || faulty tidy onto_itself.c clang-analyzer-alpha.unix.cstring.BufferOverlap <<'C'
#include <string.h>
void onto_itself(char *p);
void onto_itself(char *p)
{
    memcpy(p, p + 1, 4);
}
C
lacks tidy_windows clang-tidy || faulty tidy_windows of_windows.c clang-analyzer-core.NullDereference <<'C'
int of_windows(void);
int of_windows(void)
{
    int *p = 0;
    return *p;
}
C
lacks analyzer gcc || faulty analyzer freed.c analyzer-double-free <<'C'
#include <stdlib.h>
void freed(char *p);
void freed(char *p)
{
    free(p);
    free(p);
}
C
lacks analyzer_windows x86_64-w64-mingw32-gcc || faulty analyzer_windows freed_there.c analyzer-double-free <<'C'
#include <stdlib.h>
#include <windows.h>
void freed_there(LPSTR p);
void freed_there(LPSTR p)
{
    free(p);
    free(p);
}
C
lacks cppcheck cppcheck || faulty cppcheck odd.c '*uninitvar*unusedFunction' <<'C'
int odd(void)
{
    int x;
    return x;
}
C
lacks shell shellcheck || faulty shell words SC2068 <<'SH'
#!/bin/sh
ls $@
SH
lacks zsh zsh || faulty zsh _open 'parse error' <<'ZSH'
#compdef open
if true; then
ZSH
faulty perl open.pl 'syntax error' <<'PERL'
sub open {
PERL
lacks manual mandoc || faulty manual open.7 'unknown macro' <<'MDOC'
.Dd July 1, 2024
.Dt OPEN 7
.Os
.Sh NAME
.Nm open
.Nd a page
.Xx
MDOC
lacks spelling codespell || faulty spelling words.md 'recieve ==> receive' <<'MD'
You will recieve a letter.
MD
faulty house rules.t 'not ok 1' <<'T'
#!/bin/sh
echo 'not ok 1'
exit 1
T

# --- each check that is off has its reason ---

# The checks of .clang-tidy that are off and that its head does not name.
unnamed() {
    sed -n 's/^  -\([a-z][^,*]*\),*$/\1/p' "$1" | while read -r check; do
        grep -q "^#.*[ .]$(echo "$check" | sed 's/.*[.]//')\(,\|$\)" "$1" || echo "$check"
    done
}
# Paragraphs without a comment.
unreasoned() { awk -v RS= '!/^#/' "$1"; }
# Exceptions of a line that do not end with a reason.
silent() { # reads names of files
    xargs grep -HInE '(NOLINT(NEXTLINE|BEGIN)?|cppcheck-suppress|shellcheck( shell=[a-z]*)? disable=)' |
        grep -vE 'NOLINT(NEXTLINE|BEGIN)?\([^)]+\): |cppcheck-suppress [A-Za-z]+ ; |disable=[A-Z0-9,]+ # |NOLINTEND'
}
is "$(unnamed .clang-tidy)" '' '.clang-tidy says why a check is off'
is "$(unreasoned .cppcheck)" '' '.cppcheck says why something is not looked for'
is "$(grep -B1 '^disable=' .shellcheckrc | grep -v '^#\|^disable=\|^--')" '' '.shellcheckrc says why a check is off'
is "$(find .ci contrib include src tests -type f ! -path 'tests/fuzz/corpus/*' ! -name lint.t | silent)" '' \
    'each exception of a line has its reason'

cat >"$T/excepted" <<'X'
/* NOLINTNEXTLINE(misc-x): so it is. */
# shellcheck disable=SC2086 # words
/* cppcheck-suppress nullPointer ; it takes NULL */
x(); /* NOLINT */
/* NOLINTNEXTLINE(misc-x) */
# shellcheck disable=SC2086
/* cppcheck-suppress nullPointer */
X
is "$(echo "$T/excepted" | silent | cut -d : -f 2 | tr '\n' ' ')" '4 5 6 7 ' 'control: exceptions without a reason are found'
{ cat .clang-tidy; echo '  -misc-unheard-of,'; } >"$T/tidy"
is "$(unnamed "$T/tidy")" misc-unheard-of 'control: a check that is off without a word is found'
done_testing
