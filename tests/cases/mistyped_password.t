#!/bin/sh
# SPDX-License-Identifier: ISC
# At a terminal pochtactl asks for a new password twice, and takes none that was mistyped.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/../it/lib.sh"
here=$here/../it
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server
register ann
tool() { # ARGUMENT...: on a terminal of its own
    cat >"$T/tool" <<END
#!/bin/sh
"$B/pochtactl" --store "$T/store" $*
echo "exit code \$?"
exec sleep 300
END
    chmod +x "$T/tool"
    terminal new-session -d -s menu -x 80 -y 24 "$T/tool"
}

tool user passwd ann
at 'Password:'
enter 'one word'
at 'Password again:'
enter 'another word'
see 'pochtactl: the passwords differ' 'two passwords that differ'
see 'exit code 65' '... are an error'
is "$(terminal capture-pane -p -t menu | grep -c -e 'one word' -e 'another word')" 0 '... and neither shows'
is "$(talk 'Login|2|ann|one word|' 'Login|2|ann|secret|' | grep -c '|Yes|')" 1 '... and the old one stays'
end_menu

tool user passwd ann
at 'Password:'
enter 'one word'
at 'Password again:'
keys C-d
see 'exit code 65' 'an end in place of the second is an error'
end_menu

tool user passwd ann
at 'Password:'
enter 'one word'
at 'Password again:'
enter 'one word'
see 'exit code 0' 'the same password twice'
is "$(talk 'Login|2|ann|one word|' | grep -c '|Yes|')" 1 '... is taken'
end_menu

tool user passwd ann
at 'Password:'
keys C-d
see 'pochtactl: no password on standard input' 'no password at all'
see 'exit code 65' '... is an error'
done_testing
