#!/bin/sh
# A short run of what `make lossy` does: no message is lost or doubled, whatever the network loses and
# though the server is killed.
exec sh "$(dirname "$0")/../udp/once" "${B:-$(dirname "$0")/../../build}" 240 1
