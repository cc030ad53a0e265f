# Lines of "share|thread|symbol", the largest first, to a table: each thread with its share of all but the idle loop, and its first symbols.
BEGIN { FS = "|" }
{
  share = $1 + 0
  name = $2
  sub(/ +$/, "", name)
  if (share == 0 || name == "swapper" || name == "perf") next
  if (!(name in of)) order[++names] = name
  of[name] += share
  all += share
  if (shown[name]++ >= 8) next
  symbol = substr($3, 5)
  sub(/ +$/, "", symbol)
  shares[name, shown[name]] = share
  symbols[name, shown[name]] = substr(symbol, 1, 90)
}
END {
  while (1) {
    best = ""
    for (i = 1; i <= names; ++i) if (!(order[i] in done) && (best == "" || of[order[i]] > of[best])) best = order[i]
    if (best == "" || of[best] < all / 50) break
    done[best] = 1
    printf "%5.1f %%  %s\n", 100 * of[best] / all, best
    for (i = 1; i <= 8 && i <= shown[best]; ++i) printf "    %5.1f %%  %s\n", 100 * shares[best, i] / all, symbols[best, i]
  }
}
