#include "producers/cdc/lsn.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::cdc {

namespace {

std::optional<std::uint64_t> half(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string Lsn::text() const { return fmt::format("{:X}/{:X}", value >> 32U, value & 0xFFFFFFFFU); }

std::optional<Lsn> Lsn::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto high = half(text.substr(0, slash));
  const auto low = half(text.substr(slash + 1));
  if (!high || !low) return std::nullopt;
  return Lsn{(*high << 32U) | *low};
}

}  // namespace weir::cdc
