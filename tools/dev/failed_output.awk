# From the log of `ctest --verbose`: what the programs that failed wrote, under their names.
/^[0-9]+: / {
  number = $1 + 0
  text = $0
  sub(/^[0-9]+: /, "", text)
  output[number] = output[number] text "\n"
}

/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / && !/ Passed +[0-9.]+ sec/ {
  match($0, /#[0-9]+/)
  number = substr($0, RSTART + 1, RLENGTH - 1) + 0
  printf "\n---- %s\n%s", $0, output[number]
}
