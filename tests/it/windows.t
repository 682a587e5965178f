#!/bin/sh
# SPDX-License-Identifier: ISC
# windows.t: the file pochta.exe: it needs no DLL that is not part of Windows, and lets Windows protect it.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

exe=$B/windows/pochta.exe
[ -e "$exe" ] || { skip 'make windows has not been run' 'pochta.exe'; done_testing; }
command -v x86_64-w64-mingw32-objdump >/dev/null || { skip 'no mingw-w64 here' 'pochta.exe'; done_testing; }

x86_64-w64-mingw32-objdump -p "$exe" >"$T/headers"
dlls() { sed -n 's/.*DLL Name: //p' "$1" | sort -f | tr '\n' ' '; }
is "$(dlls "$T/headers")" 'ADVAPI32.dll bcrypt.dll KERNEL32.dll msvcrt.dll WS2_32.dll ' 'it needs no DLL beside those of Windows'
for protection in HIGH_ENTROPY_VA DYNAMIC_BASE NX_COMPAT; do
    ok "Windows may protect it: $protection" grep -q "^[[:space:]]*$protection\$" "$T/headers"
done

done_testing
