#!/bin/sh
# SPDX-License-Identifier: ISC
# screens.t: what the menu and the verbs show on a terminal of 80x24 and of 40x12, in English (in the locales
# C and C.UTF-8) and in Russian, is what tests/screens has, and the README shows some of it. `make screens`
# writes all of it again: git diff shows what has changed. Each verb and each item has a screen, items that
# are there before and after signing in both times.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

stored=$here/../screens
TZ=UTC PAGER=cat NO_COLOR=1
export TZ PAGER NO_COLOR

# Dates and the port become constants of the same length, so that columns stay where they are. How many early
# letters watch needs is left to chance.
constant() {
    perl -0pe 's/[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d(\n?):\d\d 20\d\d/Thu Jan  1 12:00$1:00 2026/g;
        s/20..-..-..T..:..:..Z/2026-01-01T12:00:00Z/g; s/\d\d\.\d\d\.20\d\d \d\d:\d\d/01.01.2026 12:00/g;
        s/20..-..-.. ..:../2026-01-01 12:00/g;
        s/20..-..-../2026-01-01/g; s/127\.0\.0\.1:'"$PORT"'/127.0.0.1:55555/g; s/^ *\d.* early\n//gm;
        s/^( *)(\d+)(?= .* watched$)/" " x (length("$1$2") - 1) . 1/gme'
}

keep() { # NAME [all]: the screen, less empty lines at its end; all: and what has left it at the top
    { echo "=== $1"; if [ $# = 1 ]; then screen; else everything | sed 's/ *$//'; fi |
        constant | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; } >>"$T/screens"
}

# The patterns that the scenes below wait for, in the language of the locale.
in_language() { # PATTERN
    case $locale in ru*) ;; *) echo "$1" && return ;; esac
    echo "$1" | sed -e 's/Enter your option:/Выберите пункт:/' -e 's/Press any key/Нажмите любую клавишу/' \
        -e 's/Enter the <username>/<имя по*>/' -e 's/Enter the <password> again/<пароль> ещё раз/' \
        -e 's/Enter the <password>/Введите <пароль>/' \
        -e 's/Enter the <message ID>/Введите <номер письма>/' -e 's/Enter the <text>/Введите <текст>/' \
        -e 's/to go back:/чтобы вернуться:/' -e 's/to delete it:/чтобы удалить его:/' \
        -e 's/keep it:/сохранить:/' -e 's/draft, d - discard it:/черновиках, у - удалить:/' \
        -e 's/(empty: none):/(пусто: без темы):/' -e 's/Password of/Пароль пользователя/' \
        -e 's/New password of/Новый пароль пользователя/' -e 's/The same again/Ещё раз/' \
        -e 's/to go on:/введите её имя:/' -e 's/dot ends it:/завершает его:/'
}

stands() { # PATTERN: whether the last lines, joined, end so
    joined=$(terminal capture-pane -p -J -t menu | sed 's/ *$//; /./!d' | tail -n 2 | tr '\n' ' ')
    # shellcheck disable=SC2254 # a pattern
    case $joined in *$1' ') return 0 ;; esac
    return 1
}

is_taken() { stands "$1" && at_margin; } # PATTERN: whether the last lines end so, and Enter was heard

wait_at() { # PATTERN [CONDITION]
    wait_for 20 "${2-stands}" "$1" && return
    ok "waiting at: $1" false
    screen | sed 's/^/# /'
    exit 1
}

answer() { # ANSWER|KEY|CTRL-C: the screen is emptied before, so that what is there cannot pass for what comes
    terminal send-keys -R -t menu
    case $1 in
    KEY) key ;;
    CTRL-C) terminal send-keys -t menu C-c ;;
    *) enter "$1" ;;
    esac
}

# Waits until a prompt is the last thing on the screen, keeps that as a screen of the item or the verb, and
# answers.
step() { # NAME PATTERN ANSWER|KEY|CTRL-C
    wait_at "$(in_language "$2")"
    [ "$1" = - ] || keep "$scene$1"
    answer "$3"
}

write_line() { # LINE ANSWER: the same after a line of a letter
    wait_at "$1" is_taken
    answer "$2"
}

# --- verbs and the menu are run in one window ---

start_window() {
    terminal new-session -d -s menu -x 80 -y 24 'exec sleep 600'
}

run() { # ARGUMENT...: pochta in the window; then its exit code
    cat >"$T/run" <<END
#!/bin/sh
trap : INT
LC_ALL=$locale ${password:+POCHTA_PASSWORD=$password }"$B/pochta" --server 127.0.0.1:$PORT "\$@"
echo "exit code \$?"
exec sleep 600
END
    chmod +x "$T/run"
    terminal clear-history -t menu
    terminal respawn-pane -k -c "$T/files" -t menu "$T/run" "$@"
}

end_verb() { # NAME [all]
    wait_at 'exit code [0-9]*'
    keep "$@"
}

begin_verb() { # ARGUMENT...: one that asks; then come its steps
    scene="pochta $*: "
    run --user $user "$@"
}

verb() { # ARGUMENT...: keeps what a verb shows
    run --user $user "$@"
    end_verb "pochta $*"
}

letter() { # TEXT NAME [OPTION...]: from ann
    text=$1
    shift
    printf %s "$text" | POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "127.0.0.1:$PORT" --user ann send "$@"
}

fill() { # the mailbox of bob
    register ann bob
    letter "$(printf 'Subject: lunch\n\nAt noon, as usual?')" bob
    letter "$(printf '\320\237\321\200\320\270\320\262\320\265\321\202, \344\270\255\346\226\207: a line that is longer than any of these screens is wide, so that it is broken or cut')" bob
    letter "$(printf 'hostile \033[31mtext\r\nID: 7\nFROM: root\n\342\200\256evil')" bob
    echo data >"$T/data.txt"
    letter "$(printf 'Subject: a file\n\nHere it is.')" bob --attach "$T/data.txt"
}

limit() { # NAME: leaves no room for a second message
    letter 'the only one' "$1"
    "$B/pochtactl" --store "$T/store" user quota "$1" 1M 1
}

show_verbs() {
    user=bob password=$PASSWORD
    verb list
    verb read 1
    verb read 2
    verb read 3
    verb read 9
    verb search NOON
    verb search nothing
    verb delete 1
    verb trash
    verb undelete 1
    verb unread
    verb status
    verb drafts
    verb nonsense
}

item() { # NUMBER [NAME]: chooses it, and keeps the menu as NAME; the steps that follow are its screens
    scene=
    step "${2--}" "$option" "$1"
    scene="item $1, signed $signed: "
}

show_menu() {
    option='Enter your option:' again='Press any key.'
    signed=out password=
    run
    item 99 start
    item 3 'no such item'
    step 'name' 'Enter the <username>:' bob
    step 'taken' "$again" KEY
    item 3
    step - 'Enter the <username>:' carl
    step 'password' 'Enter the <password>:' one
    step 'again' 'Enter the <password> again:' two
    step 'not the same' 'Enter the <password>:' one
    step - 'Enter the <password> again:' one
    step 'done' "$again" KEY
    item 19
    step 'settings' "$again" KEY
    item 20
    step 'help' "$again" KEY
    item 4
    step 'name' 'Enter the <username>:' bob
    step 'password' 'Enter the <password>:' wrong
    step 'refused' "$again" KEY
    item 4
    step - 'Enter the <username>*:' bob
    step - 'Enter the <password>:' $PASSWORD
    step 'done' "$again" KEY
    signed=in
    item 1 'signed in'
    step 'name' 'Enter the <username>:' nobody
    step 'nobody' 'to go back:' ann
    step 'subject' '(empty: none):' dinner
    write_line dinner 'At eight?'
    write_line 'At eight[?]' .
    step 'done?' 'keep it:' k
    step 'kept' "$again" KEY
    item 7
    step 'all messages' "$again" KEY
    item 6
    step 'unread messages' "$again" KEY
    item 8
    step 'ID' 'Enter the <message ID>:' 1
    step 'message' "$again" KEY
    item 8
    step - 'Enter the <message ID>:' 4
    step 'a file' "$again" KEY
    item 11
    step 'list' "$again" KEY
    item 9
    step 'ID' 'Enter the <message ID>:' 1
    step 'done' "$again" KEY
    item 14
    step 'trash' "$again" KEY
    item 13
    step 'ID' 'Enter the <message ID>:' 1
    step 'done' "$again" KEY
    item 10
    step 'ID' 'Enter the <message ID>:' 1
    step 'name' 'Enter the <username>:' ann
    step 'done' "$again" KEY
    item 16
    step 'status' "$again" KEY
    item 17
    step 'text' 'Enter the <text>:' NOON
    step 'found' "$again" KEY
    item 18
    step 'list' 'to go back:' 1
    step 'one' 'keep it:' d
    step 'discarded' "$again" KEY
    item 12
    step 'ID' 'Enter the <message ID>:' 1
    step 'text' 'dot ends it:' Yes.
    write_line Yes. .
    step 'done?' 'keep it:' s
    step 'sent' "$again" KEY
    item 3
    step 'name' 'Enter the <username>:' eve
    step - 'Enter the <password>:' $PASSWORD
    step - 'Enter the <password> again:' $PASSWORD
    step 'done' "$again" KEY
    limit eve
    item 1
    step - 'Enter the <username>:' eve
    step 'a full mailbox' '(empty: none):' room
    write_line room 'Is there room?'
    write_line 'Is there room[?]' .
    step - 'keep it:' s
    step 'refused' 'draft, d - discard it:' d
    step 'discarded' "$again" KEY
    item 19
    step 'settings' "$again" KEY
    item 5
    step 'name' 'to delete it:' no
    step 'kept' "$again" KEY
    item 20
    step 'help' "$again" KEY
    item 4
    step 'logout' "$again" KEY
    signed=out
    item 2 'signed out'
    end_verb "${scene}exit"
}

show_account() { # one that came by the menu and goes by it
    password=one signed=in
    run --user carl
    item 15 'signed in at once'
    step 'old password' 'Enter the <password>:' wrong
    step 'new password' 'Enter the <password>:' two
    step 'again' 'Enter the <password> again:' three
    step 'not the same' 'Enter the <password>:' two
    step - 'Enter the <password> again:' two
    step 'refused' "$again" KEY
    item 15
    step - 'Enter the <password>:' one
    step - 'Enter the <password>:' two
    step - 'Enter the <password> again:' two
    step 'done' "$again" KEY
    item 15
    step - 'Enter the <password>:' CTRL-C
    item 5
    step - 'to delete it:' carl
    step 'done' "$again" KEY
    signed=out
    item 4
    step 'name that was given' 'Enter the <username>*:' bob
    step - 'Enter the <password>:' $PASSWORD
    step - "$again" KEY
    signed=in
    item 2
    end_verb "${scene}exit"
}

show_letters() { # how the verbs write
    user=bob password=$PASSWORD
    verb show
    verb mark-unread 1
    verb save 1
    verb save 4
    verb export mail --format maildir
    verb import mail
    verb forward 1 nobody
    verb forward 1 ann
    begin_verb reply 1
    step 'text' 'dot ends it:' Yes.
    write_line Yes. .
    step 'done?' 'keep it:' s
    end_verb "${scene}sent"
    verb send nobody
    begin_verb send ann eve
    step 'subject' '(empty: none):' dinner
    write_line dinner 'At eight?'
    write_line 'At eight[?]' .
    step 'done?' 'keep it:' s
    step 'refused' 'draft, d - discard it:' k
    end_verb "${scene}kept"
    verb drafts
    verb drafts show 1
    verb drafts send 1
    verb drafts discard 1
    verb take 4
    verb take 1
    begin_verb help
    end_verb 'pochta help' all
}

is_announced() { # a letter, however often it takes: nothing tells when watch begins
    letter early dan
    terminal capture-pane -p -t menu | grep -q early
}

show_account_verbs() {
    user=dan password=
    begin_verb register
    step 'password' 'Password of dan:' $PASSWORD
    step 'again' 'The same again:' $PASSWORD
    end_verb "${scene}done"
    password=$PASSWORD
    begin_verb watch
    wait_for 60 is_announced
    letter 'watched' dan
    step 'a letter' 'watched' CTRL-C
    end_verb "${scene}end"
    password=
    begin_verb password
    step 'old password' 'Password of dan:' $PASSWORD
    step 'new password' 'New password of dan:' other
    step 'again' 'The same again:' other
    end_verb "${scene}done"
    password=other
    begin_verb delete-account
    step 'name' 'to go on:' bob
    end_verb "${scene}another name"
    begin_verb delete-account
    step - 'to go on:' dan
    end_verb "${scene}done"
}

start_window
for size in 80x24 40x12; do
    terminal resize-window -t menu -x "${size%x*}" -y "${size#*x}"
    for locale in C.UTF-8 C ru_RU.UTF-8; do
        case $locale in ru*) file=$stored/$size.ru ;; *) file=$stored/$size ;; esac
        : >"$T/screens"
        mkdir "$T/files"
        start_server
        fill
        show_verbs
        show_menu
        show_account
        show_letters
        show_account_verbs
        stop_server
        rm -rf "$T/store" "$T/state" "$T/files"
        [ -z "${SCREENS-}" ] || cp "$T/screens" "$file"
        ok "the screens of $size in the locale $locale" diff -u "$file" "$T/screens"
    done
done
end_menu

# --- each row of both tables has a screen ---

# The rows of the menu's table and of the verbs' that have no screen in the file, as those would be named.
without_screen() { # FILE
    perl -e '
        local $/;
        my ($menu, $verbs, $screens) = map { open my $f, "<", $_ or die "$_: $!"; <$f> } @ARGV;
        my ($items) = $menu =~ /^\} items\[\] = \{\n(.*?)^\};/ms or die "no table of items";
        my ($rows) = $verbs =~ /^\} verbs\[\] = \{\n(.*?)^\};/ms or die "no table of verbs";
        my %signed = (SIGNED_IN => ["in"], SIGNED_OUT => ["out"], ALWAYS => ["out", "in"]);
        my @names;
        for (grep !m{^/\*.*\*/\n}, split /^ {4}(?! )/m, $items) {
            next if $_ eq "";
            /^\{(\d+), (SIGNED_IN|SIGNED_OUT|ALWAYS), N_\("/ or die "not an item: $_";
            push @names, map "item $1, signed $_", @{$signed{$2}};
        }
        for (split /^ {4}(?! )/m, $rows) {
            next if $_ eq "";
            /^ROW\(\w+, (\w+),/ or /^NAMED\("([\w-]+)",/ or die "not a verb: $_";
            push @names, "pochta $1";
        }
        print map "$_\n", grep $screens !~ /^=== $_(?:[ :].*)?$/m, @names' \
        "$here/../../src/client/menu.c" "$here/../../src/client/verbs.c" "$1"
}

for file in 80x24 80x24.ru 40x12 40x12.ru; do
    is "$(without_screen "$stored/$file" 2>&1)" '' "each verb and each item has a screen in $file"
done
grep -v -e '^=== item 19, signed out:' -e '^=== item 10, signed in:' -e '^=== pochta take ' \
    -e '^=== pochta mark-unread ' "$stored/40x12" >"$T/screens"
is "$(without_screen "$T/screens" 2>&1)" 'item 10, signed in
item 19, signed out
pochta take
pochta mark-unread' '... and one that has none is named'

# The blocks of the README that begin with <!-- screen: NAME --> are the screens of 80x24 with those names.
perl -e '
    local $/;
    my ($screens, $readme) = map { open my $f, "<", $_ or die "$_: $!"; <$f> } @ARGV;
    my %screen = $screens =~ /^=== (.*)\n((?:(?!=== ).*\n)*)/mg;
    s/^exit code \d+\n//m for values %screen;
    $readme =~ s{^(<!-- screen: (.*) -->\n```\n)[^`]*}{$1 . ($screen{$2} // "no such screen\n")}mge;
    print $readme' "$stored/80x24" "$here/../../README.md" >"$T/README.md"
[ -z "${SCREENS-}" ] || cp "$T/README.md" "$here/../../README.md"
ok 'the screens in the README' diff -u "$here/../../README.md" "$T/README.md"
is "$(grep -c -e '^<!-- screen: ' -e '^no such screen' "$T/README.md")" 2 '... two of them'
done_testing
