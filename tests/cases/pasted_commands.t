#!/bin/sh
# SPDX-License-Identifier: ISC
# A letter that is pasted may have any lines: no line of it ends the letter, and none is a command.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/../it/lib.sh"
here=$here/../it
PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server --idle 600
register ann bob
ends_in() { last_line | grep -q "$1\$"; } # WORD
is_pasted() { [ "$(last_line)" = thanks ]; }
there() { is "$(talk 'Login|2|ann|secret|')" 'Answer|1|Yes|' "$1"; } # NAME

# The end of a letter, then what deletes the account: item 5, and whatever it may ask for.
letter='Shopping:
.
5 apples
5
y
ann
.

5
ann
thanks'
draft=0
for how in marked unmarked; do
    start_menu --server "127.0.0.1:$PORT"
    sign_in ann
    begin_letter bob
    if [ $how = marked ]; then paste -p "$letter"; else paste "$letter"; fi
    ok "a $how paste into a letter" wait_for 20 is_pasted
    draft=$((draft + 1))
    terminal send-keys -t menu C-c
    see "The letter is kept as draft $draft." '... ends no letter'
    is "$("$B/pochta" drafts show --raw $draft)" "$letter" '... has all its lines'
    there '... and runs no command'

    at 'Enter your option:'
    if [ $how = marked ]; then paste -p "$letter"; else paste "$letter"; fi
    ok "a $how paste where an item is chosen" wait_for 20 ends_in thanks
    terminal send-keys -t menu C-c
    at 'Enter your option:'
    there '... runs no command'
    enter 5
    at 'Enter the <username> to delete it:'
    if [ $how = marked ]; then paste -p "$letter"; else paste "$letter"; fi
    ok "a $how paste where the account would be deleted" wait_for 20 ends_in thanks
    terminal send-keys -t menu C-c
    at 'Enter your option:'
    there '... deletes nothing'
    end_menu
done
done_testing
