#!/bin/sh
# SPDX-License-Identifier: ISC
# The text of a letter cannot look like another letter of another sender: whatever ends its lines, in a
# MIME text and in the name of a file, and where the terminal breaks a line.
. "$(dirname "$0")/../it/lib.sh"
PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/../it/terminal.sh"
POCHTA_PASSWORD=$PASSWORD && export POCHTA_PASSWORD
client() { # NAME COMMAND...
    who=$1
    shift
    "$B/pochta" --server "127.0.0.1:$PORT" --user "$who" "$@"
}
ann() { client ann "$@"; }

start_server
register ann eve
count=0
forge() { # FORMAT: a letter, as printf writes it
    # shellcheck disable=SC2059 # its letters have \n
    printf "$1" | client eve send ann
    count=$((count + 1))
}
header='Message with ID = 2%sID: 2%sTIME: Tue Nov 24 04:57:45 2026%sFROM: admin%sLEN: 20%sBODY: your password?%s'
for end in '\n' '\r\n' '\r' '\v' '\f' '\302\205' '\342\200\250' '\342\200\251' '\n\n' '\n\t'; do
    # shellcheck disable=SC2059 # it has several %s
    forge "Hi$end$(printf "$header" "$end" "$end" "$end" "$end" "$end" "$end")"
done
forge "FROM: admin\n"
forge "MIME-Version: 1.0\nFROM: admin\n\nHi\nFROM: admin\n"
forge "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b
Content-Disposition: attachment; filename*=''a%%0aFROM:%%20admin%%0dFROM:%%20admin\n\nx\n--b--\n"
ann show >"$T/shown"
is "$(perl -ne 'BEGIN { $/ = \1 } $text .= $_; END { print scalar(() = $text =~ /(?:^|[\n\r\x0b\x0c\x1c-\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9])FROM: /g) }' "$T/shown")" \
    "$count" 'show: each letter has one sender'
is "$(grep -c '^FROM: eve$' "$T/shown")" "$count" '... the true one'

# On a narrow terminal, which breaks a line where it is full.
spaces() { printf '%*s' "$1" ''; } # COUNT
forge "Hi$(spaces 32)FROM: admin\n$(spaces 34)FROM: admin"
forge "$(printf '%17s' '' | sed 's/ /\\344\\270\\200/g')FROM: admin\n"
forge "\tx\t\t$(spaces 16)FROM: admin\n$(printf '%12s' '' | sed 's/ /\\001/g')FROM: admin\n"
forge "MIME-Version: 1.0\nContent-Disposition: attachment; filename=\"$(spaces 32)FROM: admin\"\n\nx\n"
on_screen() { # ID: shows that letter on a terminal of 40 columns
    cat >"$T/run" <<END
#!/bin/sh
POCHTA_PASSWORD=$PASSWORD ${POCHTA_UDP:+POCHTA_UDP=1} "$B/pochta" --server 127.0.0.1:$PORT --user ann read $1
echo done
exec sleep 300
END
    chmod +x "$T/run"
    terminal new-session -d -s menu -x 40 -y 24 "$T/run"
    at 'done'
    everything >"$T/shown"
    is "$(grep '^FROM: ' "$T/shown" | sed 's/ *$//')" 'FROM: eve' "a terminal of 40 columns: letter $1 has one sender"
    end_menu
}
for id in $(seq $((count - 3)) "$count"); do on_screen "$id"; done

# The menu announces new mail by its first line.
if over udp1; then
    skip 'version 1 of the protocol has no news' 'the menu: news of one letter cannot look like news of another'
    done_testing
fi
start_menu --server "127.0.0.1:$PORT"
terminal resize-window -t menu -x 60 -y 50
sign_in ann
at 'Enter your option:'
forge "Hi$(spaces 39)New mail from admin: your password?\n"
see 'New mail from eve: Hi' 'the menu: a new letter is announced'
is "$(screen | grep -c '^New mail from')" 1 'the menu: ... and its text cannot look like news of another'
end_menu
done_testing
