// The events of the chaos runs: keyed and numbered, so that what became of each can be told. Those meant to be refused bear a poison.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::chaos {

struct NumberedEvent {
  std::int64_t key = 0;
  std::int64_t number = 0;  // from 0 on, one after the other within its key
  std::string poison;       // name of a row of poisons(); empty: none
  /// "7-12".
  [[nodiscard]] std::string id() const { return std::to_string(key) + "-" + std::to_string(number); }
  /// What sums are made of: the same for the same event.
  [[nodiscard]] std::int64_t amount() const { return (key * 31 + number * 7) % 1000; }
};

/// A way to be refused, and what the dead letter must say.
struct Poison {
  std::string_view name;
  std::string_view kind;    // weir.dead_letters.kind
  std::string_view reason;  // weir.dead_letters.reason
};

inline constexpr std::array<Poison, 12> kPoisons{{
    {"not_json", "decode", "malformed_json"},
    {"cut_short", "decode", "malformed_json"},
    {"no_number", "decode", "missing_field"},
    {"number_is_text", "decode", "wrong_type"},
    {"number_below_zero", "decode", "out_of_domain"},
    {"tombstone", "decode", "no_value"},
    {"forbidden", "rule", "forbidden"},
    {"check", "database", "pg_constraint"},
    {"unique", "database", "pg_constraint"},
    {"too_long", "database", "pg_value"},
    {"raise", "database", "pg_raised"},
    {"crash", "crash", "killed_the_process"},  // the handler, by SIGSEGV
}};

/// The value of its record; none: a tombstone.
[[nodiscard]] std::optional<std::string> record_value(const NumberedEvent& event);
/// "k7".
[[nodiscard]] inline std::string record_key(const NumberedEvent& event) { return "k" + std::to_string(event.key); }
/// "7-12" → key 7, number 12.
[[nodiscard]] std::optional<NumberedEvent> event_of_id(std::string_view id);

}  // namespace weir::chaos
