#!/bin/sh
# SPDX-License-Identifier: ISC
# The client against a server that knows only the report (report_server.pl), over TCP and UDP: all verbs, and
# all items of the menu.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=hush-hush
over='' DOUBLE='' # the transport, and the server's process

double_is_up() { [ -s "$T/$over/port" ]; }
start_double() { # sets DOUBLE and PORT
    mkdir "$T/$over"
    perl "$here/report_server.pl" "$over" "$T/$over" &
    DOUBLE=$!
    children="$children $DOUBLE"
    wait_for 20 double_is_up
    PORT=$(cat "$T/$over/port")
}

came() { cat "$T/$over/log"; } # what the server was sent, as lines
has_come() { came | grep -qxF "$1"; } # PAYLOAD
forget() { : >"$T/$over/log"; }
client() { # NAME COMMAND...
    who=$1
    shift
    POCHTA_PASSWORD=$PASSWORD timeout 30 "$B/pochta" --server "127.0.0.3:$PORT" --user "$who" "$@"
}
ann() { client ann "$@"; }
bob() { client bob "$@"; }

# Verbs that need no more than the report has. All others, whatever they are, must be refused.
known='send drafts show unread read take save delete forward register delete-account help'
verbs() { # of the client, each with as many words as it has arguments
    "$B/pochta" help | awk '/^Commands:/ { on = 1; next } !NF { on = 0 }
        on && /^  [a-z]/ { line = $1; for (i = 2; $i ~ /^[A-Z]+$/; i++) line = line " 1"; print line }'
}

all_verbs() {
    echo wrong >"$T/wrong"
    is "$(code ann register)$(code bob register)" 00 "$over: register"
    is "$(code ann register)" 65 '... a name that is taken'
    is "$(code "$B/pochta" --server "127.0.0.3:$PORT" --user ann --password-file "$T/wrong" show)" 77 '... and a wrong password are refused, without a reason'
    printf 'moo!' | ann send bob
    is "$?" 0 "$over: send"
    is "$(code ann send carl)" 65 '... to nobody is refused'

    refused=''
    forget
    verbs >"$T/verbs"
    while read -r verb words; do
        case " $known " in *" $verb "*) continue ;; esac
        refused="$refused $verb"
        # shellcheck disable=SC2086 # several words
        is "$(code bob "$verb" $words)" 65 "$over: $verb: refused at once"
        like "$(cat "$T/err")" 'pochta: * this server does not know *' '... the server does not know it'
    done <"$T/verbs"
    ok "$over: there are such verbs:$refused" [ -n "$refused" ]
    is "$(came | grep -cv -e '^Start|' -e '^Login|' -e '^Exit|')" 0 '... nothing is sent in place of them'

    bob unread >"$T/out"
    is "$(grep -e ^LEN -e ^STATE -e ^BODY "$T/out")" 'LEN: 4
STATE: Unread
BODY: moo!' "$over: unread"
    is "$(bob unread)" '' '... only once'
    is "$(bob show | grep -e ^STATE -e ^BODY)" 'STATE: Normal
BODY: moo!' "$over: show"
    is "$(bob read --raw 1 | od -An -c)" "$(printf 'moo!' | od -An -c)" "$over: read: no line feed too many"
    is "$(code bob read 7)" 65 '... of no message is refused'
    is "$(code bob save 1)" 65 "$over: save: it has no files"
    is "$(code bob forward 1 ann)" 0 "$over: forward"
    ok '... names the id first' has_come 'Resend|2|1|ann|'
    is "$(ann read --raw 1)" 'moo!' '... and the message arrives'
    is "$(code bob delete 1)" 0 "$over: delete"
    is "$(code bob delete 1)" 65 '... once'
    is "$(code client carl register)$(code client carl delete-account --yes)$(code client carl show)" 0077 \
        "$over: delete-account"

    perl -e 'print map({ chr } 0 .. 255), "line\n" x 100' >"$T/bytes"
    ann send bob <"$T/bytes"
    is "$?" 0 "$over: send: every byte there is"
    if [ "$over" = udp ]; then spaces='\000\002\r|^'; else spaces='|^'; fi
    tr "$spaces" '[ *]' <"$T/bytes" >"$T/told"
    bob take --raw 1 >"$T/back"
    is "$?" 0 "$over: take"
    ok '... gets them back, those that a field cannot hold as spaces' cmp "$T/told" "$T/back"
    is "$(code bob read 1)" 65 '... and the message is gone'
}

# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

not_known() { # ITEM COMPLAINT REQUEST [QUESTION ANSWER]
    option "$1"
    [ -z "${4-}" ] || { at "$4" && enter "$5"; }
    at "$2: this server does not know $3. Press any key."
    ok "$over: menu: item $1: $2" true
    key
}

all_items() { # of the menu
    forget
    if [ "$over" = udp ]; then start_menu --udp; else start_menu; fi
    at 'Enter <host>:<port> of Mail Server:'
    enter "127.0.0.3:$PORT"
    at 'Enter your option:'
    enter 3
    at 'You are about to register. Enter the <username>:'
    enter carl
    at 'Enter the <password>:'
    enter "$PASSWORD"
    at 'Enter the <password> again:'
    enter "$PASSWORD"
    see 'User registered successfully. Press any key.' "$over: menu: register"
    key
    sign_in carl
    begin_letter carl
    compose 'to myself'
    end_letter
    see 'Message sent successfully. Press any key.' "$over: menu: send"
    key
    option 6
    see 'STATE: Unread' "$over: menu: show unread"
    see 'LEN: 9' '... with its length'
    key
    option 10
    at 'You are about to resend a message. Enter the <message ID>:'
    enter 1
    at 'Enter the <username>:'
    enter ann
    see 'Message resent successfully. Press any key.' "$over: menu: resend"
    key
    ok '... names the id first' has_come 'Resend|2|1|ann|'
    option 7
    see 'Showing all messages.' "$over: menu: show all"
    see 'STATE: Normal' '... which were read'
    key
    option 8
    at 'You are about to see a message. Enter the <message ID>:'
    enter 1
    see 'Showing the exact message.' "$over: menu: show exact"
    key
    option 9
    at 'You are about to delete a message. Enter the <message ID>:'
    enter 1
    see 'Message deleted successfully. Press any key.' "$over: menu: delete"
    key
    came >"$T/before"
    not_known 11 'Messages were not listed' 'Show list'
    not_known 12 'No reply can be sent' 'Peek mes' 'You are about to reply to a message. Enter the <message ID>:' 1
    not_known 13 'Message was not restored' 'Restore mes' 'You are about to restore a message. Enter the <message ID>:' 1
    not_known 14 'Messages were not listed' 'Show deleted'
    not_known 16 'The status was not shown' 'Status'
    not_known 17 'Messages were not searched' 'Show list' 'You are about to search all messages. Enter the <text>:' moo
    is "$(came | diff - "$T/before")" '' '... nothing is sent in place of them'
    option 4
    see 'User signed out successfully. Press any key.' "$over: menu: logout"
    key
    sign_in carl
    option 5
    at 'Enter the <username> to delete it:'
    enter carl
    see 'User deleted successfully. Press any key.' "$over: menu: delete user"
    key
    at 'Enter your option:'
    kill_child USR1 "$DOUBLE"
    see 'Disconnected from server: Closing connection.' "$over: menu: shows why the server disconnects"
}

leave() {
    at 'Connect again? (y/n):'
    enter y
    at 'Enter your option:'
    began=$(date +%s)
    enter 2
    see 'exit code 0' "$over: menu: exit"
    ok '... does not wait long for an answer' [ $(($(date +%s) - began)) -le 20 ]
    ok '... says that it goes' has_come 'Exit|0|'
    end_menu
}

for over in tcp udp; do
    if [ "$over" = udp ]; then POCHTA_UDP=1 && export POCHTA_UDP; else unset POCHTA_UDP; fi
    start_double
    all_verbs
    grep '^!' "$T/$over/log" >"$T/unknown"
    all_items
    leave
    grep '^!' "$T/$over/log" >>"$T/unknown"
    is "$(cat "$T/unknown")" '' "$over: the server was sent nothing that it does not know"
done
done_testing
