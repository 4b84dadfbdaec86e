# Splits a list with a URL a line into n parts, so that all URLs of a host are in
# one part, and the limits for a host hold over all machines:
#
#     awk -v n=5 -f split-by-host.awk urls.txt
#
# writes part-0.csv to part-4.csv: the number of the target in the whole list,
# and the URL. An international name and its xn-- form count as two hosts.

BEGIN {
    if (n < 1) {
        print "give the number of parts: awk -v n=5 -f split-by-host.awk urls.txt" > "/dev/stderr"
        failed = 1
        exit 2
    }
    for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
    for (i = 0; i < n; i++) print "target,url" > ("part-" i ".csv")
}

{
    # As urlcheck reads a list.
    sub(/^[ \t\r]+/, "")
    sub(/[ \t\r]+$/, "")
}

/^$/ || /^#/ { next }

{
    host = tolower($0)
    sub(/^[a-z][a-z0-9+.-]*:\/\//, "", host)
    sub(/[\/?#\\].*/, "", host)
    sub(/.*@/, "", host)
    sub(/:[0-9]*$/, "", host)
    sub(/\.$/, "", host)
    sum = 0
    for (i = 1; i <= length(host); i++) sum = (sum * 31 + code[substr(host, i, 1)]) % 65521
    gsub(/"/, "\"\"")
    print ++target ",\"" $0 "\"" > ("part-" (sum % n) ".csv")
}
