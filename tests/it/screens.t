#!/bin/sh
# SPDX-License-Identifier: ISC
# screens.t: what the menu and the verbs show on a terminal of 80x24 and of 40x12, in English (in the locales
# C and C.UTF-8) and in Russian, is what tests/screens has, and the README shows some of it. `make screens`
# writes all of it again: git diff shows what has changed.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

stored=$here/../screens
TZ=UTC PAGER=cat NO_COLOR=1
export TZ PAGER NO_COLOR

# Dates and the port become constants of the same length, so that columns stay where they are.
constant() {
    perl -0pe 's/[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d(\n?):\d\d 20\d\d/Thu Jan  1 12:00$1:00 2026/g;
        s/20..-..-..T..:..:..Z/2026-01-01T12:00:00Z/g; s/20..-..-.. ..:../2026-01-01 12:00/g;
        s/20..-..-../2026-01-01/g; s/127\.0\.0\.1:'"$PORT"'/127.0.0.1:55555/g'
}

keep() { # NAME: the screen, less empty lines at its end
    { echo "=== $1"; screen | constant | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; } >>"$T/screens"
}

# The patterns that the scenes below wait for, in the language of the locale.
in_language() { # PATTERN
    case $locale in ru*) ;; *) echo "$1" && return ;; esac
    echo "$1" | sed -e 's/Enter your option:/Выберите пункт:/' -e 's/Press any key/Нажмите любую клавишу/' \
        -e 's/Enter the <username>/<имя по*>/' -e 's/Enter the <password>/Введите <пароль>/' \
        -e 's/Enter the <message ID>/Введите <номер письма>/' -e 's/Enter the <text>/Введите <текст>/' \
        -e 's/to go back:/чтобы вернуться:/' -e 's/to delete it:/чтобы удалить его:/' \
        -e 's/\[t)\]:/[о)]:/' -e 's/keep it:/сохранить:/' \
        -e 's/(empty: none):/(пусто: без темы):/'
}

stands() { # PATTERN: whether the last lines, joined, end so
    joined=$(terminal capture-pane -p -J -t menu | sed 's/ *$//; /./!d' | tail -n 2 | tr '\n' ' ')
    # shellcheck disable=SC2254
    case $joined in *$1' ') return 0 ;; esac
    return 1
}

wait_at() { # PATTERN
    wait_for 20 stands "$1" && return
    ok "waiting at: $1" false
    screen | sed 's/^/# /'
    exit 1
}

# Waits until a prompt is the last thing on the screen, keeps that as NAME, and answers. The screen is
# emptied before the answer, so that this prompt cannot pass for the next one.
step() { # NAME PATTERN ANSWER|KEY|CTRL-C
    wait_at "$(in_language "$2")"
    [ "$1" = - ] || keep "$1"
    terminal send-keys -R -t menu
    case $3 in
    KEY) key ;;
    CTRL-C) terminal send-keys -t menu C-c ;;
    *) enter "$3" ;;
    esac
}

on_terminal() { # SIZE LOCALE ARGUMENT...: pochta there; then its exit code
    columns=${1%x*} rows=${1#*x} locale=$2
    shift 2
    cat >"$T/run" <<END
#!/bin/sh
LC_ALL=$locale "$B/pochta" "\$@"
echo "exit code \$?"
exec sleep 300
END
    chmod +x "$T/run"
    terminal new-session -d -s menu -x "$columns" -y "$rows" "$T/run" "$@"
}

verb() { # SIZE LOCALE ARGUMENT...: keeps what a verb shows
    size=$1 locale=$2
    shift 2
    on_terminal "$size" "$locale" --server "127.0.0.1:$PORT" --user bob "$@"
    wait_at 'exit code [0-9]*'
    keep "pochta $*"
    end_menu
}

letter() { # TEXT [OPTION...]: from ann to bob
    text=$1
    shift
    printf %s "$text" | "$B/pochta" --server "127.0.0.1:$PORT" --user ann send "$@" bob
}

fill() { # the mailbox of bob
    register ann bob
    POCHTA_PASSWORD=$PASSWORD
    export POCHTA_PASSWORD
    letter "$(printf 'Subject: lunch\n\nAt noon, as usual?')"
    letter "$(printf '\320\237\321\200\320\270\320\262\320\265\321\202, \344\270\255\346\226\207: a line that is longer than any of these screens is wide, so that it is broken or cut')"
    letter "$(printf 'hostile \033[31mtext\r\nID: 7\nFROM: root\n\342\200\256evil')"
    echo data >"$T/data.txt"
    letter "$(printf 'Subject: a file\n\nHere it is.')" --attach "$T/data.txt"
}

show_verbs() { # SIZE LOCALE
    verb "$@" list
    verb "$@" read 1
    verb "$@" read 2
    verb "$@" read 3
    verb "$@" read 9
    verb "$@" search NOON
    verb "$@" search nothing
    verb "$@" delete 1
    verb "$@" trash
    verb "$@" undelete 1
    verb "$@" unread
    verb "$@" status
    verb "$@" drafts
    verb "$@" nonsense
}

show_menu() { # SIZE LOCALE
    unset POCHTA_PASSWORD
    on_terminal "$1" "$2" --server "127.0.0.1:$PORT"
    option='Enter your option:' again='Press any key.'
    step start "$option" 3
    step 'register' 'Enter the <username>:' carl
    step 'register: password' 'Enter the <password>:' CTRL-C
    step - "$option" 4
    step 'login' 'Enter the <username>:' bob
    step 'login: password' 'Enter the <password>:' wrong
    step 'login: refused' "$again" KEY
    step - "$option" 4
    step - 'Enter the <username>*:' bob
    step - 'Enter the <password>:' $PASSWORD
    step 'login: done' "$again" KEY
    step 'signed in' "$option" 99
    step 'no such item' "$option" 1
    step 'send' 'Enter the <username>:' nobody
    step 'send: nobody' 'to go back:' ann
    step 'send: subject' '(empty: none):' dinner
    step - 'dinner' 'At eight?'
    step - 'At eight[?]' .
    step 'send: done?' 'keep it:' k
    step 'send: kept' "$again" KEY
    step - "$option" 7
    step 'all messages' "$again" KEY
    step - "$option" 6
    step 'unread messages' "$again" KEY
    step - "$option" 8
    step 'exact' 'Enter the <message ID>:' 1
    step 'exact: message' "$again" KEY
    step - "$option" 11
    step 'list' "$again" KEY
    step - "$option" 9
    step 'delete' 'Enter the <message ID>:' 1
    step 'delete: done' "$again" KEY
    step - "$option" 14
    step 'trash' "$again" KEY
    step - "$option" 13
    step 'restore' 'Enter the <message ID>:' 1
    step 'restore: done' "$again" KEY
    step - "$option" 10
    step 'resend' 'Enter the <message ID>:' 1
    step 'resend: to' 'Enter the <username>:' ann
    step 'resend: done' "$again" KEY
    step - "$option" 16
    step 'status' "$again" KEY
    step - "$option" 17
    step 'search' 'Enter the <text>:' NOON
    step 'search: found' "$again" KEY
    step - "$option" 18
    step 'drafts' 'to go back:' 1
    step 'drafts: one' 'keep it:' d
    step 'drafts: discarded' "$again" KEY
    step - "$option" 12
    step 'reply' 'Enter the <message ID>:' 1
    step 'reply: text' '> At noon, as usual[?]*' Yes.
    step - 'Yes.' .
    step 'reply: done?' 'keep it:' s
    step 'reply: sent' "$again" KEY
    step - "$option" 15
    step 'password' 'Enter the <password>:' CTRL-C
    step - "$option" 19
    step 'settings' "$again" KEY
    step - "$option" 8
    step - 'Enter the <message ID>:' 4
    step 'a file' "$again" KEY
    step - "$option" 5
    step 'delete account' 'to delete it:' no
    step 'delete account: no' "$again" KEY
    step - "$option" 20
    step 'help' "$again" KEY
    step - "$option" 4
    step 'logout' "$again" KEY
    step 'signed out' "$option" 2
    step 'exit' 'exit code 0' KEY
    end_menu
}

for size in 80x24 40x12; do
    for locale in C.UTF-8 C ru_RU.UTF-8; do
        case $locale in ru*) file=$stored/$size.ru ;; *) file=$stored/$size ;; esac
        : >"$T/screens"
        start_server
        fill
        show_verbs $size $locale
        show_menu $size $locale
        stop_server
        rm -rf "$T/store" "$T/state"
        [ -z "${SCREENS-}" ] || cp "$T/screens" "$file"
        ok "the screens of $size in the locale $locale" diff -u "$file" "$T/screens"
    done
done

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
