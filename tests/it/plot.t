#!/bin/sh
# SPDX-License-Identifier: ISC
# The plots of the benchmark: which are drawn, of what, and that nothing in them hides something else.
. "$(dirname "$0")/lib.sh"

plot=$here/../bench/plot
mkdir "$T/out"

lines() { # PART CANDIDATE X VALUE...: a round for each value
    part=$1 candidate=$2 x=$3 round=0
    shift 3
    for value; do
        printf '%s\text4\t%s\t%s\t%s\t%s\tunit\n' "$part" "$candidate" "$x" "$round" "$value"
        round=$((round + 1))
    done
}

# Six candidates of which three end at nearly the same place, as do their labels.
results() {
    for x in 1 4 16 64 256; do
        lines connections pochta "$x" $((x * 100)) $((x * 120)) $((x * 90))
        lines connections classic "$x" $((x * 60)) $((x * 62))
        lines connections limit "$x" $((x * 61))
        lines connections '<b>&"x"' "$x" $((x * 62))
        lines connections dovecot "$x" 117
        lines connections postfix "$x" 118
    done
    for x in 50 99 99.9; do
        lines latency pochta "$x" "$x" 4
        lines latency limit "$x" "1$x"
    done
    for x in 100 1000000; do
        lines sizes send "$x" 400
        lines sizes exact "$x" 40
        lines sizes status "$x" 39
        lines sizes unread "$x" 38
    done
    lines sizes send_ends - 1.5
    lines memory pochta 0 3
    lines memory pochta 10000 146 150 151
    lines another other - 5
    lines fact machine - '2 cores, some GiB'
}
results >"$T/results"

is "$("$plot" "$T/results" "$T/out" 2>&1 | tr '\n' ' ')" \
    "$T/out/connections-ext4.svg $T/out/latency-ext4.svg $T/out/sizes-ext4.svg $T/out/memory-ext4.svg " \
    'a plot for each part that is drawn'

# What an SVG shows, as lines: its texts with the places they take, estimated a little too large.
cat >"$T/look.py" <<'END'
import re, sys, xml.etree.ElementTree as tree

root = tree.parse(sys.argv[1]).getroot()
boxes = []
for t in root.iter("{http://www.w3.org/2000/svg}text"):
    high = 16 if t.get("class") == "h" else 13
    wide = (0.68 if high == 16 else 0.6) * high * len(t.text)
    x = float(t.get("x")) - wide * {"start": 0, "middle": 0.5, "end": 1}[t.get("text-anchor")]
    y = float(t.get("y"))
    boxes.append((x, y - 0.8 * high, x + wide, y + 0.25 * high, t.text))
for i, a in enumerate(boxes):
    if a[0] < 0 or a[1] < 0 or a[2] > float(root.get("width")) or a[3] > float(root.get("height")):
        print("outside:", a)
    for b in boxes[:i]:
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            print("one over the other:", a, b)
marks = [e for e in root.iter() if e.tag.split("}")[1] in ("circle", "polygon")]
for e in marks:
    for x in re.findall(r"[-\d.]+", e.get("points") or e.get("cx") + " " + e.get("cy")):
        if float(x) < 0 or float(x) > 640:
            print("outside:", e.attrib)
if any(e.tag.split("}")[1] == "script" for e in root.iter()):
    print("a script")
END
for name in connections latency sizes memory; do
    is "$(python3 "$T/look.py" "$T/out/$name-ext4.svg" 2>&1)" '' "$name: well-formed, and no text over another or outside"
done

# The same look at plots that are drawn wrongly.
wrongly() { # SUBSTITUTION PATTERN NAME
    mkdir -p "$T/wrongly"
    perl -pe "$1" "$plot" >"$T/planted"
    perl "$T/planted" "$T/results" "$T/wrongly" >/dev/null
    like "$(python3 "$T/look.py" "$T/wrongly/connections-ext4.svg" 2>&1)" "$2" "seen: $3"
}
wrongly 's/next if \$short <= 0.01/next/' 'one over the other:*' 'labels that are not pushed apart'
wrongly 's/\(72, 184, 68, 56\)/(72, 90, 68, 56)/' 'outside:*' 'labels without room'
wrongly 's/sub xml \{/sub xml { return shift;/' '*not well-formed*' 'names that are not escaped'

svg=$(cat "$T/out/connections-ext4.svg")
like "$svg" '*<desc id="d">*pochta: 100 at 1 connections, 400 at 4 connections, 1,600 at 16*' \
    'the description tells the medians of the rounds'
like "$svg" '*@media (prefers-color-scheme:dark)*' 'there are colours for a dark page'
like "$svg" '*>sends a second (logarithmic)<*>&lt;b&gt;&amp;&quot;x&quot;<*' 'the axis has its unit, names are escaped'
like "$(cat "$T/out/memory-ext4.svg")" '*>MiB<*' 'memory is drawn from zero on'

# The bar of 146 to 151 around 150, in a field of 276 that ends at the first tick from 151 on.
is "$(sed -n 's/<line class="s0 m" x1="\([^"]*\)" y1="\([^"]*\)" x2="\1" y2="\([^"]*\)".*/\2 \3/p' "$T/out/memory-ext4.svg")" \
    "$(awk 'BEGIN { printf "%.1f %.1f", 344 - 276 * 146 / 200, 344 - 276 * 151 / 200 }')" 'a thin bar from the least to the greatest'

for line in 'connections	ext4	pochta	1	0	12' 'connections	ext4	pochta	1	0	much	/s' 'connections	ext4	pochta	one	0	1	/s'; do
    echo "$line" >"$T/wrong"
    why=$("$plot" "$T/wrong" "$T/out" 2>&1)
    is $? 1 "a line that cannot be read is an error: $line"
    like "$why" "plot: $T/wrong:1: *" '  whose place is told'
done

done_testing
