#!/bin/sh
# SPDX-License-Identifier: ISC
# At a terminal the password is asked for there, also when standard input is the message and standard
# error a file.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/../it/lib.sh"
here=$here/../it
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server
register ann bob
echo 'a letter' >"$T/letter"
cat >"$T/send" <<END
#!/bin/sh
"$B/pochta" --server 127.0.0.1:$PORT --user ann send bob <"$T/letter" 2>"$T/err"
echo "exit code \$?"
exec sleep 300
END
chmod +x "$T/send"
terminal new-session -d -s menu -x 80 -y 24 "$T/send"
at 'Password of ann:'
enter secret
see 'exit code 0' 'the password is asked for on the terminal'
is "$(cat "$T/err")" '' '... and not on standard error'
is "$(terminal capture-pane -p -t menu | grep -c secret)" 0 '... and does not show'
is "$(as bob 'Show exact|1|1|' | cut -d ^ -f 6)" 'a letter\x0A' '... and the message is what standard input had'
done_testing
