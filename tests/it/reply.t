#!/bin/sh
# SPDX-License-Identifier: ISC
# reply.t: answers that quote, and copies that say whose letter they were: the verbs reply and forward,
# and the items of the menu. None changes the state of the message that it is made of.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

client() { # NAME COMMAND...
    who=$1
    shift
    POCHTA_PASSWORD=secret "$B/pochta" --server "${WHERE:-127.0.0.1:$PORT}" --user "$who" "$@"
}
ann() { client ann "$@"; }
bob() { client bob "$@"; }
carol() { client carol "$@"; }
drafts() { "$B/pochta" drafts | cut -f "${1:-1,2,5}"; }
undated() { sed 's/[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]* [0-9]\{4\}/DATE/'; }

# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"

start_server --idle 600
register ann bob carol
printf 'Subject: lunch\n\nAt one?\r\n\n> as always\n\n' | ann send bob
printf 'At two?' | ann send bob
printf 'the text' >"$T/file"
printf 'With a file.' | ann send --attach "$T/file" bob

# --- reply ---

printf 'Yes.\nBob\n' | bob reply 1
is "$? $(bob list | cut -f 1,2 | tr '\t\n' ' ;')" '0 1 Unread;2 Unread;3 Unread;' \
    'reply: the message that is answered keeps its state'
is "$(ann list | cut -f 5,6)" 'bob	Subject: Re: lunch' 'reply: goes to the sender, with the subject'
is "$(ann read --raw 1 | undated)" 'Subject: Re: lunch

On DATE, ann wrote:
> At one?
>
> > as always

Yes.
Bob' 'reply: quotes the message, and then has standard input'
printf 'No.' | ann reply 1
is "$(bob read --raw 4 | sed -n '1p; /^No/p')" 'Subject: Re: lunch
No.' 'reply: the subject of an answer to an answer has one Re:'
printf 'Yes.' | bob reply 2
is "$(ann read --raw 2 | undated)" 'Subject: Re: At two?

On DATE, ann wrote:
> At two?

Yes.' 'reply: without a subject its first line is taken'
printf 'See it.' | bob reply --attach "$T/file" 3
is "$(ann read 3 | grep -e '^ *> ' -e '^ *See' -e '^FILE')" "      > With a file.
      See it.
FILE: 2 file (application/octet-stream, 8 bytes)" 'reply: quotes the text of a MIME text; files can be attached'
is "$(code bob reply 77)" 65 'reply: there is no such message'
is "$(cat "$T/err")" 'pochta: 77: no such message' '... says so'
is "$(code bob reply 1,2)" 64 'reply: answers one message'
is "$(echo x | bob --password-file - reply 1 2>&1)" \
    'pochta: standard input is the message: it cannot also be the password file' 'reply: standard input is the text'
talk 'Login|2|carol|secret|' 'Send mes|2|bob|farewell|' 'Delete user|0|' >/dev/null
register dan
printf 'too late' | bob reply 5 >"$T/out" 2>"$T/err"
is "$? $(head -n 1 "$T/err")" '67 pochta: carol: no such user' 'reply: the sender is no user any more'
is "$(drafts)" '1	ready	carol' '... the answer is kept as a draft'
bob drafts discard 1

# --- forward ---

is "$(code bob forward 2 dan)" 0 'forward: exit code 0'
is "$(bob list | sed -n 2p | cut -f 1,2)" '2	Unread' 'forward: the message keeps its state'
is "$(client dan read --raw 1 | undated)" 'Subject: Fwd: At two?

Forwarded message from ann, DATE:

At two?' 'forward: the copy says whose letter it was'
is "$(client dan list | cut -f 5)" bob '... it comes from its forwarder'
is "$(code client dan forward 1 ann)" 0 'forward: a copy can be forwarded'
is "$(ann read --raw 4 | grep -c -e '^Subject: Fwd: At' -e '^Forwarded message from ann,' -e '^Forwarded message from bob,')" 4 \
    '... and names both'
bob forward 3 dan
is "$(client dan read 2 | undated | grep -e '^BODY' -e '^ *With' -e '^FILE')" 'BODY: Forwarded message from ann, DATE:
      With a file.
FILE: 2 file (application/octet-stream, 8 bytes)' 'forward: a letter with files keeps them'
mkdir "$T/dir" && client dan save 2 2 "$T/dir" >/dev/null
ok '... byte for byte' cmp "$T/file" "$T/dir/file"
is "$(code bob forward 2 nobody) $(cat "$T/err")" '67 pochta: nobody: no such user' 'forward: the recipient does not exist'
is "$(code bob forward 2 -- -x)" 65 'forward: not a name'
is "$(code bob forward 77 dan)" 65 'forward: there is no such message'
is "$(code bob forward all dan)" 64 'forward: not the id of a message'
is "$(drafts)" '' 'forward: after a refusal the message is where it was, and needs no draft'

# --- no answer ---

fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' \
    'Answer|2|Yes|2^ann^2017-12-03T12:51:33Z^7^0^At two?^|' raw:
is "$(WHERE=$FAKE POCHTA_UDP='' && code bob forward 2 dan)" 75 'forward: no answer, and the server is away'
is "$(grep -o 'the message may have arrived, or not.*' "$T/err")" \
    'the message may have arrived, or not: to find out, send the draft again; nothing is sent twice' '... says so'
is "$(drafts)" '1	unsure	dan' '... the copy is a draft'
token=$(tail -n 1 "$T/fake.log" | sed 's/.*|\([0-9a-f]*\)|$/\1/')
as2 bob "Send mes|3|dan|it had arrived|$token|" >/dev/null # what the server would have done
before=$(client dan list | wc -l)
is "$(code bob drafts send 1) $(client dan list | wc -l) $(client dan read --raw "$before")" \
    "0 $before it had arrived" '... sending it finds out by its token, and sends nothing twice'
is "$(drafts)" '' '... the draft goes away'

# The server goes away while the answer is written.
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Yes|2^ann^2017-12-03T12:51:33Z^7^0^At two?^|'
away=${children##* }
{ wait_for 20 gone "$away" && printf 'Still there'; } |
    (WHERE=$FAKE POCHTA_UDP='' && bob reply 2) >"$T/out" 2>"$T/err"
is "$? $(tail -n 1 "$T/err")" '69 pochta: the letter is kept as draft 1: send it with: pochta drafts send 1' \
    'reply: the server goes away while it is written'
is "$(code bob drafts send 1) $(ann read --raw "$(ann list | tail -n 1 | cut -f 1)" | tail -n 2)" '0 
Still there' '... the answer is sent later'

# --- a reply typed on a terminal ---

reply_on_terminal() { # [-e] ID
    start_menu --server "127.0.0.1:$PORT" --user bob reply "$@"
    at 'Password of bob:'
    enter "$PASSWORD"
}
reply_on_terminal 2
at 'Enter the message, many lines if you like. A line with a single dot ends it:'
see '  > At two?' 'reply on a terminal: shows what it quotes'
compose 'Typed.'
terminal send-keys -t menu C-d
at "$what"
enter s
see 'exit code 0' '... Ctrl-D ends it'
is "$(ann read --raw "$(ann list | tail -n 1 | cut -f 1)" | tail -n 2)" '
Typed.' '... it is sent'
end_menu
for way in k C-c; do
    VISUAL='sed -i s/At/AT/' reply_on_terminal -e 2
    at "$what"
    see '> AT two?' 'reply -e: the editor has the quotation'
    if [ $way = k ]; then enter k; else terminal send-keys -t menu C-c; fi
    see 'pochta: the letter is kept as draft 1' "... which is kept when it was edited, though no longer than before: $way"
    see 'exit code 1' '... exit code 1'
    end_menu
    like "$(bob drafts show --raw 1)" '*> AT two?*' '... as it was edited'
    bob drafts discard 1
done
reply_on_terminal 5
see 'pochta: carol: no such user' 'reply on a terminal: the sender is no user any more: told before it is written'
see 'exit code 67' '... exit code 67'
end_menu

# --- the menu ---

resend() { # ID NAME
    option 10
    at 'You are about to resend a message. Enter the <message ID>:'
    enter "$1"
    at 'Enter the <username>:'
    enter "$2"
}
reply() { # ID
    option 12
    at 'You are about to reply to a message. Enter the <message ID>:'
    enter "$1"
}
writing='Enter the message, many lines if you like. A line with a single dot ends it:'
last() { client "$1" list | tail -n 1 | cut -f 1; } # NAME: the id of the last message

start_menu --server "127.0.0.1:$PORT"
sign_in bob
resend 1 ann
at 'Message resent successfully. Press any key.'
key
is "$(ann read --raw "$(last ann)" | undated | tr -d '\r')" 'Subject: Fwd: lunch

Forwarded message from ann, DATE:

Subject: lunch

At one?

> as always' 'menu: resend: the copy says whose letter it was'
is "$(bob list | head -n 1 | cut -f 1,2)" '1	Unread' 'menu: ... the message keeps its state'
resend 1 nobody
see 'Message was not sent: no such user.' 'menu: resend: the recipient does not exist'
at 's - send it again, n - another name, k - keep it as a draft, d - discard it:'
enter n
at 'Enter the <username>:'
enter dan
at 'Message resent successfully. Press any key.'
key
is "$(client dan read --raw "$(last dan)" | head -n 1)" 'Subject: Fwd: lunch' 'menu: resend: goes to another name'
resend 77 ann
at 'Message was not sent: no such message. Press any key.'
key
reply 1
at "$writing"
see '  > At one?' 'menu: reply: shows what it quotes'
compose 'At' 'half past'
end_letter
at 'Message sent successfully. Press any key.'
key
is "$(ann read --raw "$(last ann)" | undated)" 'Subject: Re: lunch

On DATE, ann wrote:
> At one?
>
> > as always

At
half past' 'menu: reply: goes to the sender'
is "$(bob list | head -n 1 | cut -f 1,2)" '1	Unread' 'menu: ... the message keeps its state'
reply 1
at "$writing"
terminal send-keys -t menu C-c
see 'Nothing was written, and nothing is kept.' 'menu: reply: Ctrl-C at its beginning keeps no draft'
is "$(drafts)" '' '... there is none'
reply 1
at "$writing"
compose 'not yet'
terminal send-keys -t menu C-c
see 'The letter is kept as draft 1.' 'menu: reply: what was written is kept as a draft'
is "$("$B/pochta" drafts show --raw 1 | tail -n 2)" '
not yet' '... after the quotation'
reply 5
see 'There is no user carol.' 'menu: reply: the sender is no user any more'
at 'No reply can be sent. Press any key.'
key
reply 77
at 'No reply can be sent: no such message. Press any key.'
key
at 'Enter your option:'
end_menu

done_testing
