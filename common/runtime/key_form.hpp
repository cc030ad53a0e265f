// How a producer of changes writes its keys. The same key in another form is another key to Kafka's partitioner: when a producer changes
// the form at a restart, the changes that it sends again go to other partitions, which do not know that these changes were taken. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::runtime {

enum class KeyForm : std::uint8_t {
  kBare,     // {"id":1}
  kWrapped,  // {"schema":…,"payload":{"id":1}}, as Debezium writes it with key.converter.schemas.enable
  kOther,    // no JSON object: another converter
};

/// None for a record without a key.
[[nodiscard]] std::optional<KeyForm> form_of(std::optional<std::string_view> key);
/// The stored name: bare, wrapped or other.
[[nodiscard]] std::string_view name_of(KeyForm form);
[[nodiscard]] std::optional<KeyForm> key_form_named(std::string_view name);

/// Whether the first member of a JSON object is "schema" or "payload", the two members of a wrapped key or value.
[[nodiscard]] bool looks_wrapped(std::string_view json);

}  // namespace weir::runtime
