# shellcheck shell=sh disable=SC2154 # lib.sh and the tests set them
# SPDX-License-Identifier: ISC
# terminal.sh: a terminal for the menu of pochta, and a person in front of it. After lib.sh:
#
#     PASSWORD=...
#     . "$here/terminal.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PASSWORD POCHTA_PROXY_COMMAND TMUX

terminal() { tmux -S "$T/tmux" -f /dev/null "$@"; }

# The program on a terminal of its own; how it ends, by Ctrl-C too, is shown there, and the state of
# the terminal.
start_menu() { # OPTION...
    cat >"$T/run" <<END
#!/bin/sh
trap : INT
TERM=${MENU_TERM:-\$TERM}
"$B/pochta" "\$@"
echo "exit code \$?"
case \$(stty -a) in *' echo '*) echo 'echo is on' ;; *) echo 'echo is off' ;; esac
exec sleep 300
END
    chmod +x "$T/run"
    terminal new-session -d -s menu -x 100 -y 90 "$T/run" "$@"
}

# The next one must not meet a tmux that is still ending.
end_menu() {
    tmux_pid=$(terminal display-message -p "#{pid}") && terminal kill-server &&
        wait_for 20 gone "$tmux_pid"
}

end_all() {
    code=$?
    end_menu 2>/dev/null
    (exit "$code")
    clean_up
}

screen() { terminal capture-pane -p -t menu | sed 's/ *$//'; }

everything() { terminal capture-pane -p -S - -t menu; } # with what has scrolled away

last_line() { terminal capture-pane -p -t menu | sed -n '/./h; ${ x; s/ *$//p; }'; }

shows() { terminal capture-pane -p -t menu | grep -qF -e "$1"; }

stands_at() { [ "$(last_line)" = "$1" ]; }

at() { # PROMPT: waits until it is the last thing on the screen
    wait_for 20 stands_at "$1" && return
    ok "waiting at: $1" false
    screen | sed 's/^/# /'
    exit 1
}

see() { ok "$2" wait_for 20 shows "$1" || screen | sed 's/^/# /'; } # TEXT NAME

keys() { terminal send-keys -t menu "$@"; }

line() { ok "$2" wait_for 20 stands_at "$1" || screen | sed 's/^/# /'; } # LINE NAME: the last one shown

sent() { # NAME: the menu says that a letter was sent
    at 'Message sent successfully. Press any key.'
    ok "$1" true
    key
}

# Types a line, and waits until the program has read Enter: keys that come together with Enter would count as pasted, and
# a test could take the old prompt for the next one. It was read once the cursor has left its row, or the rows above have
# moved up.
enter() { # TEXT
    place=$(row)
    terminal send-keys -t menu -l "$1" && terminal send-keys -t menu Enter
    wait_for 20 has_left "$place"
}

row() { terminal display-message -p -t menu '#{history_size} #{cursor_y}'; }

has_left() { [ "$(row)" != "$1" ]; }

# Lines of a message, each of which must be on the screen before the next comes.
compose() { # LINE...
    for text; do
        enter "$text"
        [ -z "$text" ] || wait_for 20 written "$text" || note "not on the screen: $text"
    done
}

written() { terminal capture-pane -p -t menu | sed -n '/./h; ${ x; s/ *$//p; }' | grep -qxF -e "$1" && at_margin; }

at_margin() { [ "$(terminal display-message -p -t menu '#{cursor_x}')" = 0 ]; }

# As a terminal does that marks what is pasted, or without -p as one that does not.
paste() { # [-p] TEXT
    for pasted; do :; done
    printf %s "$pasted" | terminal load-buffer -b pasted - && terminal paste-buffer -r ${2:+-p} -b pasted -t menu
}

# What comes within 25 ms after a paste without marks is a part of it, however fast this machine is.
after_paste() {
    paste_ends=$(($(date +%s%N) + 50000000))
    wait_for 20 is_after_paste
}
is_after_paste() { [ "$(date +%s%N)" -ge "$paste_ends" ]; }

key() { terminal send-keys -t menu Space; }

option() { # NUMBER: chooses an item after signing in
    at 'Enter your option:'
    enter "$1"
}

no_subject() {
    at 'Subject (empty: none):'
    enter ''
    wait_for 20 at_margin
}

begin_letter() { # NAME: up to the text of a letter without a subject
    option 1
    at 'You are about to send a message. Enter the <username>:'
    enter "$1"
    no_subject
}

what='s - send it, e - edit it, a - add a line, d - discard it, k - keep it:'

end_letter() { # by a dot, and sends it
    enter .
    at "$what"
    enter s
}

sign_in() { # NAME
    at 'Enter your option:'
    enter 4
    at 'You are about to sign in. Enter the <username>:'
    enter "$1"
    at 'Enter the <password>:'
    enter "$PASSWORD"
    at 'User signed in successfully. Press any key.'
    key
}

command -v tmux >/dev/null || { skip 'no tmux' 'the menu'; done_testing; }
trap end_all EXIT
