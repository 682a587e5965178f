#!/bin/sh
# What the commands of version 1 do over TCP they do over version 1 of UDP.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/it/over_udp.sh
. "$here/over_udp.sh"

run_over udp1 account capture delete report resend send show trash
done_testing
