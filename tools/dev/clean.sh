# shellcheck shell=bash
dev_clean() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev clean [--cache]

Removes build/. With --cache also librdkafka, the broker's jars and unpacked headers, which ./dev deps then builds and fetches again.
HELP
    return 0
  fi
  case "${1:-}" in
    "") ;;
    --cache)
      rm -rf -- "$librdkafka_prefix" "$cache/kafka-$kafka_version" "$unpacked"
      say "removed $librdkafka_prefix, $cache/kafka-$kafka_version and $unpacked"
      ;;
    *) fail 64 "unknown argument '$1'; ./dev clean --help" ;;
  esac
  rm -rf -- "$root/build"
  say "removed $root/build"
}
