// UUIDs and the strong ids made of them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Uuid&, const Uuid&) = default;

  /// Reads the canonical 36-character form (any case); nothing else.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
  /// Name-based, RFC 9562 version 5 (SHA-1).
  [[nodiscard]] static Uuid v5(const Uuid& name_space, std::string_view name);
  /// Random, RFC 9562 version 4, from the system's generator.
  [[nodiscard]] static Uuid random();
  /// Lower-case canonical form.
  [[nodiscard]] std::string text() const;
};

/// An id that cannot be mistaken for another: `using AgentId = Id<struct AgentTag>;`
template <class Tag>
struct Id {
  Uuid value;
  friend auto operator<=>(const Id&, const Id&) = default;
  [[nodiscard]] std::string text() const { return value.text(); }
};

using OrganizationId = Id<struct OrganizationTag>;
using AgentId = Id<struct AgentTag>;
using UserId = Id<struct UserTag>;
using ExecutionId = Id<struct ExecutionTag>;

struct UuidHash {
  [[nodiscard]] std::size_t operator()(const Uuid& id) const noexcept;
  template <class Tag>
  [[nodiscard]] std::size_t operator()(const Id<Tag>& id) const noexcept {
    return (*this)(id.value);
  }
};

}  // namespace weir

template <>
struct std::hash<weir::Uuid> : weir::UuidHash {};
template <class Tag>
struct std::hash<weir::Id<Tag>> : weir::UuidHash {};
