# Counts from the log of `ctest --verbose`: doctest's cases of each program, or one for a program that is no doctest's. A program that
# ctest calls failed and that names no failed case (it died, took too long, could not start) is one failed. Prints `N passed, N failed`
# and exits 0 only if something passed and nothing failed.

# "12: [doctest] test cases:  3 |  3 passed | 0 failed | 0 skipped": a line of program 12.
/^[0-9]+: \[doctest\] test cases: / {
  number = $1 + 0
  split($0, parts, "|")
  counted[number] = 1
  passed[number] += first_number(parts[2])
  failed[number] += first_number(parts[3])
}

# " 3/12 Test #12: name .....   Passed    0.10 sec": ctest's word on program 12.
/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
  match($0, /#[0-9]+/)
  number = substr($0, RSTART + 1, RLENGTH - 1) + 0
  seen[number] = 1
  good[number] = ($0 ~ / Passed +[0-9.]+ sec/)
}

function first_number(text) {
  match(text, /[0-9]+/)
  return substr(text, RSTART, RLENGTH) + 0
}

END {
  total_passed = 0
  total_failed = 0
  for (number in seen) {
    total_passed += passed[number]
    total_failed += failed[number]
    if (good[number] && !counted[number]) total_passed += 1
    if (!good[number] && !failed[number]) total_failed += 1
  }
  # Nothing ran: that is no success.
  if (total_passed == 0 && total_failed == 0) total_failed = 1
  printf "%d passed, %d failed\n", total_passed, total_failed
  exit !(total_passed > 0 && total_failed == 0)
}
