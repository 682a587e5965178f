#!/bin/sh
# SPDX-License-Identifier: ISC
# The settings of pochta: the command line before variables, variables before the file, the file
# before the default; what is wrong, and where; and where the password comes from.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

unset PAGER VISUAL EDITOR POCHTA_SERVER POCHTA_USER POCHTA_PASSWORD POCHTA_PROXY_COMMAND
HOME=$T/home
export HOME
file=$XDG_CONFIG_HOME/pochta/config
mkdir -p "$XDG_CONFIG_HOME/pochta" "$HOME/.config/pochta"

settings() { env -u POCHTA_UDP "$@" 2>&1; } # [VARIABLE=VALUE]... COMMAND...
holds() { # KEY [VARIABLE=VALUE]... OPTION...: "where it comes from: value"
    key=$1
    shift
    settings "$@" --print-config | sed -n "/^#/{s/^# //; h;}; /^$key =/{s/^[^=]*= *//; H; x; s/\n/: /p;}"
}
pochta=$B/pochta

# --- where a value comes from ---

printf 'user = carl\nidle = 90\n' >"$HOME/.config/pochta/config"
is "$(holds user env -u XDG_CONFIG_HOME "$pochta")" "$HOME/.config/pochta/config:1: carl" 'without XDG_CONFIG_HOME: ~/.config'
is "$(holds user XDG_CONFIG_HOME=relative "$pochta")" "$HOME/.config/pochta/config:1: carl" '... also if it is a relative path'
is "$(holds user "$pochta")" 'default: ' 'no file: the default'
is "$(holds user XDG_CONFIG_HOME=/dev/null "$pochta")" 'default: ' 'no directory: the default'
is "$(holds user env -u HOME -u XDG_CONFIG_HOME "$pochta")" 'default: ' 'no HOME: the default'
# The default, and one value each for the file, a variable and the command line.
while read -r key standard value variable option; do
    name=POCHTA_$(echo "$key" | tr 'a-z-' 'A-Z_')
    [ "$standard" != - ] || standard=''
    printf '# a comment\n\n%s = %s\n' "$key" "$value" >"$file"
    is "$(rm "$file" && holds "$key" "$pochta")" "default: $standard" "$key: the default"
    printf '# a comment\n\n  %s=%s \r\n' "$(echo "$key" | tr - _)" "$value" >"$file"
    is "$(holds "$key" "$pochta")" "$file:3: $value" "$key: the file"
    is "$(holds "$key" "$name=$variable" "$pochta")" "the variable $name: $variable" '... before it the variable'
    is "$(holds "$key" "$name=" "$pochta")" "$file:3: $value" '... unless that is empty'
    is "$(holds "$key" "$name=$variable" "$pochta" "--$key=$option")" "option: $option" '... before it the option'
done <<END
server 127.0.0.1:5555 mail.example [::1]:7 127.0.0.1
user - ann bob carl
password-file - /etc/pw pw -
password-command - pass pass2 pass3
proxy-command - nc nc2 nc3
udp no yes no yes
udp-datagram 1K 32 100 200
message-limit 10M 1M 5K 64M
idle 1m 30s 5m 2h
pager - more less cat
editor vi nano vim emacs
END
rm "$file"
is "$(env -u POCHTA_UDP "$pochta" --print-config | sed -n 's/^\([a-z-]*\) =.*/--\1/p')" \
    "$("$pochta" --help | sed -n '/^Options/,/^$/s/^  \(--[a-z-]*\).*/\1/p')" 'every setting is an option'
is "$(holds udp "$pochta" --udp)" 'option: yes' '--udp alone means yes'
printf 'udp = yes\n' >"$file"
is "$(holds udp "$pochta" --udp=no)" 'option: no' '... and --udp=no overrides the file'
is "$(holds udp POCHTA_UDP=1 "$pochta")" 'the variable POCHTA_UDP: yes' 'POCHTA_UDP=1 means yes, as it did'
is "$(holds pager PAGER=most "$pochta")" 'the variable PAGER: most' 'PAGER stands for the default'
is "$(holds pager PAGER=most POCHTA_PAGER=less "$pochta")" 'the variable POCHTA_PAGER: less' '... and not for more'
is "$(holds editor VISUAL=vim EDITOR=ed "$pochta")" 'the variable VISUAL: vim' 'VISUAL stands for the default editor'
is "$(holds editor VISUAL= EDITOR=ed "$pochta")" 'the variable EDITOR: ed' '... or else EDITOR'
printf 'pager = more\n' >"$file"
is "$(holds pager PAGER=most "$pochta")" "$file:1: more" '... than the file'
printf 'proxy-command = false\n' >"$file"
is "$(holds proxy-command "$pochta" --proxy-command '')" 'option: ' 'an empty option overrides the file'
rm "$file"
env -u POCHTA_UDP POCHTA_IDLE=30s POCHTA_PROXY_COMMAND='nc %h %p' "$pochta" --user ann --print-config >"$T/all"
cp "$T/all" "$file"
is "$(settings "$pochta" --print-config | grep -v '^#')" "$(grep -v '^#' "$T/all")" 'what is printed can be the file'

# --- what is wrong ---

wrong() { # CODE MESSAGE NAME [VARIABLE=VALUE]... COMMAND...
    code=$1 message=$2 name=$3
    shift 3
    settings "$@" >"$T/err" </dev/null
    is "$? $(cat "$T/err")" "$code pochta: $message" "$name"
}
in_file() { # LINES MESSAGE NAME
    # shellcheck disable=SC2059 # its lines have \n
    printf "$1" >"$file"
    wrong 78 "$file:$2" "the file: $3" "$pochta" --user ann list
}
in_file '\nidel = 5m\n' '2: unknown key "idel"; pochta --print-config lists all' 'an unknown key'
in_file 'user ann\n' '1: not a line "key = value", and no comment, which begins with #' 'not a line'
in_file 'user = ann\nuser = bob\n' '2: user: already set in line 1' 'a key twice'
in_file 'user = ann # me\n' '1: user: the value contains " #"; a comment needs a line of its own' 'a comment after a value'
in_file 'idle = 5x\n' '1: idle: "5x" is not a duration (30s, 5m, 2h)' 'no duration'
in_file 'idle = 0\n' '1: idle: "0" is not between 1s and 1d' 'out of range'
in_file 'udp-datagram = 31' '1: udp-datagram: "31" is not between 32 and 1472' 'out of range, in a line without its end'
in_file 'udp = maybe\n' '1: udp: "maybe" is not yes or no' 'neither yes nor no'
in_file 'server = a:b:c\n' '1: server: "a:b:c" is not <host> or <host>:<port>, as in mail.example.org, 192.168.0.200:5555 or [::1]:5555' 'no server'
in_file 'password-file = pw\n' '1: password-file: "pw" is not a path that begins with / or ~/' 'a path that depends on the directory'
in_file 'proxy-command = nc %%H\n' '1: proxy-command: "nc %H" is not a proxy command: a percent sign must be followed by h (host), p (port) or another percent sign' \
    'no proxy command'
in_file 'user = \033[2J\nx\000y\n' '2: the line contains a NUL byte; this must be a text file' 'no text'
in_file 'idle = \033[2J\n' '1: idle: "\x1b[2J" is not a duration (30s, 5m, 2h)' 'nothing that could harm the terminal'
rm "$file" && mkdir "$file"
wrong 78 "$file: cannot read the file: Is a directory" 'the file is a directory' "$pochta" --print-config
rmdir "$file"
wrong 64 'POCHTA_IDLE: "5x" is not a duration (30s, 5m, 2h)' 'a variable' POCHTA_IDLE=5x "$pochta" --user ann list
wrong 64 '--idle: "5x" is not a duration (30s, 5m, 2h)' 'an option' "$pochta" --idle 5x --user ann list
is "$(printf 'idel = 1\n' >"$file" && code "$pochta" --help)$(code "$pochta" -V)" 00 'a wrong file does not keep --help and -V from working'
rm "$file"

# --- the password ---

start_server
register ann
mkdir -p "$HOME"
echo secret >"$HOME/pw"
echo wrong >"$T/wrong"
ann() { code env -u POCHTA_UDP "$@" status; } # [VARIABLE=VALUE]... COMMAND [OPTION...]
in_use() { printf '%s\n' "server = 127.0.0.1:$TCP_PORT" 'user = ann' "$@" >"$file"; } # LINE...

in_use 'password-file = ~/pw'
is "$(ann "$pochta")" 0 'password-file in the file, in the home of the user'
in_use 'password-command = printf "secret\r\nmore\n"'
is "$(ann "$pochta")" 0 'password-command: the first line of what it prints'
is "$(ann "POCHTA_PASSWORD_FILE=$T/wrong" "$pochta")" 77 '... POCHTA_PASSWORD_FILE comes first'
is "$(ann POCHTA_PASSWORD=wrong "$pochta")" 77 '... POCHTA_PASSWORD comes first'
is "$(ann POCHTA_PASSWORD=wrong "$pochta" --password-command 'echo secret')" 0 '... and before that the option'
is "$(ann POCHTA_PASSWORD=secret POCHTA_PASSWORD_FILE="$T/wrong" "$pochta")" 0 'the variables: the password before its file'
is "$(ann POCHTA_PASSWORD_FILE="$HOME/pw" POCHTA_PASSWORD_COMMAND=false "$pochta")" 0 '... and the file before the command'
is "$(ann "$pochta" --password-command 'cat; echo secret')" 0 'password-command: has no input'
is "$(ann "$pochta" --password-command 'echo secret; yes | head -c 200000')" 0 '... may print more than fits into a pipe'
in_use
is "$(ann "$pochta" --password-command 'echo hidden; exit 3') $(cat "$T/out" "$T/err")" \
    '66 pochta: the password command failed: the command ended with exit code 3' 'a password command that fails'
is "$(ann "$pochta" --password-command 'kill -9 $$') $(cat "$T/out" "$T/err")" \
    '66 pochta: the password command failed: the command was ended by signal 9 (Killed)' '... or is killed'
for command in 'printf "hid|den"' 'head -c 100000 /dev/zero | tr "\0" h' true; do
    is "$(ann "$pochta" --password-command "$command")" 65 "a password command that prints no password: $command"
    like "$(cat "$T/out" "$T/err")" 'pochta: the first line that the password command prints is not a valid password: *' '... which is said'
    ok '... and nothing of it is shown' test "$(grep -c hid "$T/out" "$T/err" | cut -d : -f 2 | sort -u)" = 0
done
is "$(code env -u POCHTA_UDP "$pochta" --password-file - send ann)" 64 'standard input is either the message or the password'
is "$(POCHTA_PASSWORD_FILE=- code env -u POCHTA_UDP "$pochta" send ann)" 64 '... also by the variable'
is "$(POCHTA_PASSWORD_FILE=- POCHTA_PASSWORD=secret code env -u POCHTA_UDP "$pochta" send ann)" 0 '... unless the password is not read from there'
done_testing
