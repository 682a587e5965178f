#!/bin/sh
# SPDX-License-Identifier: ISC
# list.t: pochta list: columns on a terminal, tabs and JSON elsewhere, the pager, colours.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server
register ann bob
POCHTA_SERVER=127.0.0.1:$PORT POCHTA_USER=bob POCHTA_PASSWORD=$PASSWORD TZ=UTC
export POCHTA_SERVER POCHTA_USER POCHTA_PASSWORD TZ
post() { printf '%s\n' "$1" | POCHTA_USER=ann "$B/pochta" send bob; }
post 'Subject: lunch'
post "$(printf 'a "quoted" \033[31mline')"
post 'a line that is longer than the screen is wide, which is cut so that each message has one row only'
dated() { sed 's/20..-..-..T..:..:..Z/DATE/; s/20..-..-.. ..:../DATE/; s/20..-..-../DATE/; s/... ... [ 0-9]. ..:..:.. 20../DATE/'; }

# --- for scripts ---

tab=$(printf '\t')
is "$("$B/pochta" list | dated | head -n 1)" "1${tab}Unread${tab}15${tab}DATE${tab}ann${tab}Subject: lunch" \
    'elsewhere than on a terminal: columns separated by tabs'
is "$("$B/pochta" list --json | dated | head -n 2)" \
    '{"id":1,"state":"Unread","date":"DATE","from":"ann","bytes":15,"subject":"lunch"}
{"id":2,"state":"Unread","date":"DATE","from":"ann","bytes":21,"subject":"a \"quoted\" \u001b[31mline"}' '--json'
is "$(code "$B/pochta" status --json)" 64 '--json is only for lists'
like "$(cat "$T/err")" '*--json is only for list, trash and search*' '... and that is said'

# --- on a terminal ---

run_list() { # COLUMNS ROWS [OPTION...]: and waits until it has ended
    size="-x $1 -y $2"
    shift 2
    cat >"$T/run" <<END
#!/bin/sh
"$B/pochta" list $*
echo "exit code \$?"
exec sleep 300
END
    chmod +x "$T/run"
    # shellcheck disable=SC2086 # several words
    terminal new-session -d -s menu $size "$T/run"
}
run_list 80 24
see 'exit code 0' 'a list on a terminal'
is "$(screen | dated | sed '/./!d')" '   ID STATE   DATE             FROM          SIZE SUBJECT
    1 Unread  DATE ann             15 lunch
    2 Unread  DATE ann             21 a "quoted" \x1b[31mline
    3 Unread  DATE ann             98 a line that is longer than th…
exit code 0' 'in 80 columns'
ok 'unread messages are bold' sh -c "tmux -S '$T/tmux' capture-pane -p -e -t menu | grep -q '\[1m *1 Unread'"
end_menu
run_list 40 12
see 'exit code 0' 'a list on a small terminal'
is "$(screen | dated | sed '/./!d')" '  ID S DATE       FROM     SUBJECT
   1 U DATE ann      lunch
   2 U DATE ann      a "quoted" \…
   3 U DATE ann      a line that …
exit code 0' 'in 40 columns'
end_menu
NO_COLOR=1 && export NO_COLOR
run_list 80 24
see 'exit code 0' 'NO_COLOR'
ok '... nothing is bold' sh -c "! tmux -S '$T/tmux' capture-pane -p -e -t menu | grep -q '\[1m'"
end_menu

# --- the pager ---

for n in 4 5 6 7 8 9 10 11 12 13 14; do post "message $n"; done
# shellcheck disable=SC2089,SC2090 # a shell reads it
PAGER="tee '$T/paged' | tail -n 2" && export PAGER
run_list 80 12
see 'exit code 0' 'what is longer than the screen goes to PAGER'
is "$(wc -l <"$T/paged")" 15 '... all of it'
ok '... which shows it' shows 'message 14'
end_menu
rm "$T/paged"
run_list 80 24
see 'exit code 0' 'what fits does not'
ok '... it is shown' shows 'message 14'
ok '... without the pager' test ! -e "$T/paged"
end_menu
PAGER="cat; while ! test -e '$T/go'; do sleep 0.1; done; echo left"
run_list 80 12
see 'message 14' 'a pager that the user does not leave yet'
: >"$T/go"
see 'exit code 0' '... is waited for'
is "$(screen | grep -e left -e exit)" 'left
exit code 0' '... and the shell goes on after it'
end_menu
PAGER='head -n 1'
run_list 80 12
see 'exit code 0' 'a pager that is left early is no error'
end_menu
for n in 15 16 17 18 19 20 21 22 23 24 25 26; do post "message $n"; done
is "$(PAGER=false "$B/pochta" list | wc -l)" 26 'elsewhere than on a terminal there is no pager'

# --- messages with files ---

"$B/pochta" delete all
echo data >"$T/file"
attach() { # TEXT, as printf writes it
    # shellcheck disable=SC2059 # its letters have \n
    printf "$1" | POCHTA_USER=ann "$B/pochta" send bob --attach "$T/file"
}
attach 'Subject: the plan\n\nHi\n'
attach 'Dear Bob,\nhere it is\n'
attach "$(printf '%0999d' 0) as base64\\n"
printf 'MIME-Version: 1.0\nsubject: =?utf-8?Q?from_far?=\nContent-Type: text/html\n\n<b>\n' |
    POCHTA_USER=ann "$B/pochta" send bob
subjects() { "$B/pochta" "$@" --json | sed -n 's/.*"subject":"\(.*\)"}/\1/p'; }
want="the plan
here it is
$(printf '%080d' 0)
from far"
is "$(subjects list)" "$want" 'list --json: the subjects of messages with files'
is "$("$B/pochta" list | cut -f 6)" "Subject: the plan
Dear Bob,
$(printf '%080d' 0)
Subject: from far" 'elsewhere than on a terminal: the first line of their text'
is "$(subjects search ann)" "$want" 'search --json: the same'
is "$("$B/pochta" search --json 'as base64' | dated)" "$("$B/pochta" list --json | dated | sed -n 3p)" '... an object as that of list'
is "$(code "$B/pochta" search --json 'no such text') $(cat "$T/out" "$T/err")" '1 ' '... and none if nothing is found'
is "$("$B/pochta" trash --json | dated | sed -n 3p)" \
    '{"id":3,"state":"Deleted","date":"DATE","from":"ann","bytes":98,"subject":"a line that is longer than the screen is wide, which is cut so that each message"}' 'trash --json'
is "$("$B/pochta" list | cut -f 2 | sort -u)" Unread '... and they stay unread'
run_list 80 24
see 'exit code 0' 'messages with files on a terminal'
is "$(screen | sed -n 's/.*Unread.* //p' | tr '\n' ' ')" 'plan is 00000000000000000000000000000… far ' '... by their subjects'
end_menu
done_testing
