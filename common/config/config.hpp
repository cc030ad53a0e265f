// Configuration: fields are rows of data, stated once; the file, the environment and flags are read against them, and every fault is
// reported at once with its place. Precedence: flag, then WEIR_SECTION_KEY, then file, then default.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

enum class Type : std::uint8_t { kText, kInteger, kReal, kBoolean, kDuration, kBytes, kChoice, kTextList, kTextMap };

/// One setting. `key` is dotted: "kafka.brokers" (environment WEIR_KAFKA_BROKERS). In a pattern key one "*" stands for one name that the
/// user chooses; the name may hold dots ("cdc.tables.*.key" is matched by cdc.tables."public.agents".key).
struct Field {
  std::string key;
  Type type = Type::kText;
  std::string help{};                     // one sentence, ends with a full stop
  std::optional<std::string> fallback{};  // default in the file's notation; none: has no default
  std::string minimum{};                  // same notation; "" for none
  std::string maximum{};
  std::vector<std::string> choices{};   // kChoice
  bool secret = false;                  // shown as ***; also readable from `<key>_file`
  bool required = false;                // must have a value when a component asks for its section
  std::string flag{};                   // "--brokers": its flag on the command line; empty: only by --set KEY=VALUE
  std::string instead{};                // another key, whose value stands where this one has none ("postgres.dsn"); empty: none
  std::vector<std::string> harmless{};  // kTextMap: the names whose values may be shown, others are ***; empty: all may
};

/// kafka.brokers → WEIR_KAFKA_BROKERS.
[[nodiscard]] std::string variable_of(std::string_view key);

class Schema {
 public:
  /// A key may be stated twice only if both rows are of one type (two components that share a row): the first one stands.
  Schema& add(Field field);
  Schema& add(std::span<const Field> fields);
  [[nodiscard]] std::span<const Field> fields() const { return fields_; }
  /// The row of a concrete key, by its own row or by a pattern.
  [[nodiscard]] const Field* find(std::string_view key) const;

 private:
  std::vector<Field> fields_;
};

/// Where a value came from, for faults and `weir config`: "weir.yaml:12:5", "WEIR_KAFKA_BROKERS", "--brokers", "default".
struct Setting {
  std::string value;                       // scalar in text form
  std::vector<std::string> list;           // kTextList
  std::map<std::string, std::string> map;  // kTextMap
  std::string origin;
};

/// Checked settings: asking for a key that the schema lacks, or by another type, is a broken invariant.
class Configuration {
 public:
  [[nodiscard]] bool has(std::string_view key) const;
  /// A text without value is "", a list or map without value is empty; a number or duration without value is a broken invariant.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  [[nodiscard]] double real(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] Microseconds duration(std::string_view key) const;
  [[nodiscard]] std::uint64_t bytes(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
  [[nodiscard]] std::map<std::string, std::string> map(std::string_view key) const;
  /// The names that stand for "*" in a pattern key: names("cdc.tables.*.key").
  [[nodiscard]] std::vector<std::string> names(std::string_view pattern) const;
  [[nodiscard]] std::string origin(std::string_view key) const;
  /// Fault kConfiguration naming every one of `keys` without a value, and how to give each.
  [[nodiscard]] Result<void> require(std::span<const std::string_view> keys) const;
  [[nodiscard]] const Schema& schema() const { return *schema_; }
  /// The effective configuration as YAML with origins as comments, secrets as ***.
  [[nodiscard]] std::string show() const;

 private:
  friend struct Loader;
  const Schema* schema_ = nullptr;
  std::map<std::string, Setting, std::less<>> settings_;
};

struct Inputs {
  std::optional<std::string> path;                 // --config; a named file must be there
  std::string default_path = "weir.yaml";          // read where it is there
  std::map<std::string, std::string> environment;  // WEIR_… of the process
  std::map<std::string, std::string> flags;        // key → value; lists as a,b and maps as a=b,c=d, as in the environment
};

/// Reads and checks everything; one Fault kConfiguration carries all that is wrong, a line each: "weir.yaml:3:7: kafka.brokrs: unknown key
/// (did you mean brokers?)".
[[nodiscard]] Result<Configuration> load(const Schema& schema, const Inputs& inputs);
/// The WEIR_… variables of this process.
[[nodiscard]] std::map<std::string, std::string> environment();
/// A commented weir.yaml with every field, its default and range: `weir config --reference`.
[[nodiscard]] std::string reference(const Schema& schema);

/// A line of a weir.yaml that is written by a program.
struct Line {
  std::string key;
  std::string value;     // in the environment's notation
  std::string remark{};  // stands above it; empty: nothing does
};
/// The lines as YAML, a section's lines together, in the order of the schema; lists and maps with an item a line. A key that the schema
/// lacks is a broken invariant.
[[nodiscard]] std::string yaml_of(const Schema& schema, std::span<const Line> lines);

/// The fields that every component shares: kafka.*, postgres.*, http.ops_listen, log.*, startup_timeout, drain_timeout.
[[nodiscard]] std::span<const Field> common_fields();

}  // namespace weir::config
