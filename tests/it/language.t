#!/bin/sh
# SPDX-License-Identifier: ISC
# The catalogue of pochta: each text marked with _() or N_() has its row, each row is used, and no
# sentence of the source is unmarked, unless english_only names it. Then the program speaks Russian.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
exceptions=$here/english_only
cd "$here/../.." || exit 1

texts() { # OPTION_OR_FILE...: the texts that xgettext finds, as in C, one a line
    xgettext --language=C --from-code=UTF-8 --omit-header --no-wrap --no-location -o - "$@" 2>"$T/xgettext" |
        perl -0ne 'while (/^msgid ((?:".*"\n)+)/mg) { (my $text = $1) =~ s/"\n"//g; print $text }' | sort -u
}
marked() { texts -k -k_ -kN_ "$@"; }
rows() { texts -k -kROW:1 "$@"; }
sentences() { texts -a "$@" | grep '[a-z][a-z] [a-z][a-z]'; }
of_the_system() { # the texts of strerror, gai_strerror and sigdescr_np
    perl -e 'for (1 .. 133) { $! = $_; print "\"$!\"\n" }'
    printf '"%s"\n' 'Name or service not known' 'Temporary failure in name resolution' \
        'No address associated with hostname' 'Non-recoverable failure in name resolution' \
        'Memory allocation failure' 'Address family for hostname not supported' \
        Hangup Interrupt Quit 'Illegal instruction' 'Trace/breakpoint trap' Aborted 'Bus error' \
        'Floating point exception' Killed 'User defined signal 1' 'Segmentation fault' 'User defined signal 2' \
        'Alarm clock' Terminated 'Stack fault' 'CPU time limit exceeded' 'File size limit exceeded' \
        'Virtual timer expired' 'Profiling timer expired' 'I/O possible' 'Power failure' 'Bad system call'
}
linked() { # the files of src/common/os that are in pochta
    # On 32 bits each object has a copy of the function __x86.get_pc_thunk.bx.
    nm "$B/pochta" | sed -n 's/.* [Tt] //p' | grep -v '^__x86' | sort -u >"$T/symbols"
    for object in "$B"/common/os/*.o; do
        nm -g --defined-only "$object" | sed 's/.* //' | grep -qxFf "$T/symbols" - &&
            echo "src/common/os/$(basename "$object" .o).c"
    done
    ls src/common/os/*_windows.c
}
untranslated() { # FILE...: where a macro that is a text marked with N_() is read without _()
    perl -0ne 'while (/^#define (\w+)(?:\s|\\)+N_\(/mg) { print "$1\n" }' "$@" | sort -u >"$T/macros"
    [ -s "$T/macros" ] && grep -Fwf "$T/macros" "$@" | grep '\.c:' | perl -ne '
        BEGIN { open M, "<", shift or die; chomp(@m = <M>); $m = join "|", @m }
        print if /(?<!\b_\()\b(?:$m)\b/ && !m{^[^:]*:\s*/?\*}' "$T/macros" -
}
none_in() { sed 's/^/# /' "$1" && [ ! -s "$1" ]; } # FILE: shows the lines that should not be there

check() { # SOURCES CATALOGUE LOWER_ROOMS OF_OS: writes the lists of what is wrong
    marked "$1"/*.[ch] >"$T/marked"
    rows "$2"/catalogue_*.c >"$T/rows"
    # shellcheck disable=SC2046,SC2086 # several folders, many files
    { texts -a $(find $3 -name "*.[ch]") && of_the_system; } | sort -u >"$T/lower"
    ls "$1"/*.[ch] | grep -v '/catalogue_' >"$T/files"
    sentences -f "$T/files" | sort -u >"$T/sentences"
    comm -23 "$T/marked" "$T/rows" >"$T/missing"
    sort -u "$T/marked" "$T/lower" | comm -13 - "$T/rows" >"$T/unused"
    sort -u "$exceptions" "$T/marked" | comm -13 - "$T/sentences" >"$T/unmarked"
    # shellcheck disable=SC2086 # many files
    sentences $4 | sort -u >"$T/sentences_of_os"
    sort -u "$exceptions" "$T/rows" | comm -13 - "$T/sentences_of_os" >"$T/untold"
    sort -u "$T/sentences" "$T/sentences_of_os" >"$T/all"
    sort -u "$exceptions" | comm -23 - "$T/all" >"$T/gone"
    untranslated "$1"/*.[ch] >"$T/untranslated"
}
found_in() { check "$1" "$1" "src/common include" "$of_os" && [ -s "$T/$2" ]; } # TREE LIST
of_os=$(linked)

check src/client src/client "src/common include" "$of_os"
ok 'xgettext finds texts, rows and sentences' \
    [ -s "$T/marked" -a -s "$T/rows" -a -s "$T/sentences" -a -s "$T/sentences_of_os" ]
ok 'each text that is marked has a row in the catalogue' none_in "$T/missing"
ok 'each row is a text of the client, of a room below or of the system' none_in "$T/unused"
ok 'each sentence is marked, or english_only names it' none_in "$T/unmarked"
ok 'each sentence of src/common/os that pochta may show has a row, or english_only names it' none_in "$T/untold"
ok 'each macro that is a marked text is read with _()' none_in "$T/untranslated"
ok 'english_only names no sentence that is not there' none_in "$T/gone"

mkdir "$T/tree"
cp src/client/*.[ch] "$T/tree"
echo 'puts(_("a text without a row"));' >>"$T/tree/menu.c"
ok 'a text without a row is found' found_in "$T/tree" missing
echo 'ROW("a row without a text", "строка")' >>"$T/tree/catalogue_menu.c"
ok 'a row without a text is found' found_in "$T/tree" unused
echo 'puts("a sentence without a mark");' >>"$T/tree/verbs.c"
ok 'a sentence without a mark is found' found_in "$T/tree" unmarked
echo 'puts(IDS_RULE);' >>"$T/tree/verbs.c"
ok 'a macro that is read without _() is found' found_in "$T/tree" untranslated
echo 'const char *why = "a sentence of the system";' >"$T/why.c"
of_os=$T/why.c
ok 'a sentence of src/common/os without a row is found' found_in src/client untold
exceptions=$T/exceptions
echo '"a sentence that is nowhere"' >"$exceptions"
ok 'an exception that is not needed is found' found_in src/client gone

# --- the program ---

in_language() { LC_ALL=$1 "$B/pochta" --help; } # LOCALE
wider() { in_language "$1" | perl -CS -ne 'chomp; print "$_\n" if length > 80' | grep .; } # LOCALE

is "$(in_language C)" "$(in_language en_US.UTF-8)" 'in other languages than Russian the help is in English'
# The options whose help has the word of the default elsewhere, too.
twice() { # LOCALE
    in_language "$1" | perl -0777 -CS -ne 's/\n {10,}/ /g; binmode STDOUT, ":utf8";
        for (/^  (--.*; \w[^:;]*: \S+)$/mg) {
            my ($help, $default) = /(.*): (\S+)$/;
            print "$help\n" if $help =~ /(?<![\w.-])\Q$default\E(?![\w.-])/;
        }'
}
for locale in C ru_RU.UTF-8; do
    is "$(wider $locale)" '' "$locale: no line of the help has more than 80 columns"
    is "$(twice $locale)" '' "$locale: the help of an option says a default once"
done

# --- with a server ---

start_server
register ann bob
POCHTA_SERVER=127.0.0.1:$PORT POCHTA_USER=ann POCHTA_PASSWORD=secret
export POCHTA_SERVER POCHTA_USER POCHTA_PASSWORD
echo 'hello' | "$B/pochta" send ann
"$B/pochta" read 1 >/dev/null # marks it
both() { # ARGUMENT...: whether it writes the same in both languages
    LC_ALL=C "$B/pochta" "$@" >"$T/english" && LC_ALL=ru_RU.UTF-8 "$B/pochta" "$@" >"$T/russian" &&
        [ -s "$T/english" ] && cmp "$T/english" "$T/russian"
}
for verb in list 'list --json' 'search hello' status 'read 1' 'read --raw 1'; do
    # shellcheck disable=SC2086 # many words
    ok "pochta $verb, for a program: the same in both languages" both $verb
done
is "$(LC_ALL=ru "$B/pochta" nonsense 2>&1; echo "exit code $?")" \
    'pochta: нет такой команды: nonsense: см. pochta help
exit code 64' 'errors are in Russian, with the same exit code'
is "$(POCHTA_SERVER=127.0.0.1:1 LC_ALL=ru "$B/pochta" list 2>&1)" \
    'pochta: 127.0.0.1:1: В соединении отказано' 'so are those of the system'
is "$(LC_ALL=ru "$B/pochta" read abc 2>&1)" \
    'pochta: «abc» — не номер письма: номера писем пишутся как 3 или 3,7-9, или словом all или unread; см. pochta list' \
    'a rule inside an error is in Russian'
like "$(LC_ALL=ru "$B/pochta" --proxy-command cat --server=-x list 2>&1)" \
    'pochta: не адрес сервера: -x: в proxy-command узел *' 'so is the rule for a host'
like "$(LC_ALL=ru "$B/pochta" --proxy-command "sh -c 'exit 3'" list 2>&1)" \
    'pochta: 127.0.0.1:*: команда завершилась с кодом 3' 'how a proxy command ended is told in Russian'
is "$(unset POCHTA_PASSWORD; LC_ALL=ru "$B/pochta" --password-command 'kill -9 $$' list 2>&1)" \
    'pochta: ошибка password-command: команда завершена сигналом 9 (Убито)' 'so is how a password command ended'
is "$(LC_ALL=ru VISUAL=false "$B/pochta" send --edit ann 2>&1 | head -n 1)" \
    'pochta: не удалось править письмо: false: команда завершилась с кодом 1; другой редактор можно указать в переменной VISUAL или EDITOR' \
    'so is how an editor ended'
like "$(LC_ALL=ru script -qec "stty cols 80; '$B/pochta' list" /dev/null </dev/null)" \
    '*   ID СТАТУС  ДАТА *1 Читано  2*' 'a list on a terminal is in Russian'
on_terminal() { # LOCALE VERB: its exit code, and what it says on standard error
    LC_ALL=$1 script -qec "'$B/pochta' $2 2>'$T/said'" /dev/null </dev/null >/dev/null
    echo "$? $(cat "$T/said")"
}
while read -r code verb english russian; do
    verb=$(echo "$verb" | tr _ ' ')
    is "$(on_terminal C "$verb")" "$code pochta: $(echo "$english" | tr _ ' ')" "$verb, on a terminal: there is nothing"
    is "$(on_terminal ru "$verb")" "$code pochta: $(echo "$russian" | tr _ ' ')" '... in Russian, too'
    # shellcheck disable=SC2086 # many words
    is "$("$B/pochta" $verb 2>&1; echo $?)" "$code" '... and for a program nothing'
done <<'END'
0 drafts there_are_no_drafts черновиков_нет
0 trash there_are_no_messages писем_нет
1 unread there_are_no_unread_messages непрочитанных_писем_нет
1 search_nothing no_message_contains_this_text такого_текста_в_письмах_нет
END
echo 'A letter' | "$B/pochta" send nobody 2>/dev/null # is refused, and kept
ok 'pochta drafts, for a program: the same in both languages' both drafts
like "$(LC_ALL=ru script -qec "stty cols 80; '$B/pochta' drafts" /dev/null </dev/null)" \
    '*   ID СТАТУС     ДАТА *1 готов * nobody * A letter*' 'drafts on a terminal are in Russian'
done_testing
