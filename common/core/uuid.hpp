// UUIDs and the strong ids made of them.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// By bytes, as Postgres orders them. Two numbers are compared where the library would call memcmp, because every lookup by id does it.
  friend constexpr bool operator==(const Uuid& a, const Uuid& b) {
    return std::bit_cast<std::array<std::uint64_t, 2>>(a.bytes) == std::bit_cast<std::array<std::uint64_t, 2>>(b.bytes);
  }
  friend constexpr std::strong_ordering operator<=>(const Uuid& a, const Uuid& b) {
    const auto first = std::bit_cast<std::array<std::uint64_t, 2>>(a.bytes);
    const auto second = std::bit_cast<std::array<std::uint64_t, 2>>(b.bytes);
    const std::size_t half = first[0] == second[0] ? 1 : 0;
    return ordered(first[half]) <=> ordered(second[half]);
  }

  /// Reads the canonical 36-character form (any case); nothing else.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
  /// Name-based, RFC 9562 version 5 (SHA-1).
  [[nodiscard]] static Uuid v5(const Uuid& name_space, std::string_view name);
  /// Random, RFC 9562 version 4, from the system's generator.
  [[nodiscard]] static Uuid random();
  /// Lower-case canonical form.
  [[nodiscard]] std::string text() const;

 private:
  /// Half of the bytes as a number whose order is that of the bytes.
  static constexpr std::uint64_t ordered(std::uint64_t half) {
    return std::endian::native == std::endian::little ? __builtin_bswap64(half) : half;
  }
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
