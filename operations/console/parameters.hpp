// The parameters of a request, from its query or from its body, read strictly. Pure.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::console {

class Parameters {
 public:
  Parameters() = default;
  /// Fault kUsage: broken percent-encoding, or a name twice.
  [[nodiscard]] static Result<Parameters> of_query(std::string_view query);
  /// Members of an object whose values are texts, whole numbers, truth values or null (as if absent); those of an object within as
  /// "filter.group". Fault kUsage: is no such JSON.
  [[nodiscard]] static Result<Parameters> of_json(std::string_view body);

  /// None where it is absent or empty.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  /// Fault kUsage: is no whole number of the range.
  [[nodiscard]] Result<std::optional<std::int64_t>> number(std::string_view name, std::int64_t lowest, std::int64_t highest) const;
  /// Fault kUsage: is no time (RFC 3339).
  [[nodiscard]] Result<std::optional<Instant>> time(std::string_view name) const;
  /// Fault kUsage: is no uuid.
  [[nodiscard]] Result<std::optional<Uuid>> uuid(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace weir::console
