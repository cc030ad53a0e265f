// The beginning that all decoders of changes share: it tells changes from other records, keeps the place, time and owner of a change even
// where the change is refused, and names the column that a row lacks. A consumer's decoder says which columns it reads, and makes its facts
// of a change.
#pragma once

#include "common/events/change.hpp"

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir::events {

/// Each decoder of a consumer has organization_id as its first column.
inline constexpr std::size_t kOrganizationColumn = 0;

/// None where the column is null, or holds another type. A std::string_view is good for as long as the change is, a std::string for ever.
template <class T>
[[nodiscard]] std::optional<T> value_at(const RowImage& image, std::size_t column) {
  using Held = std::conditional_t<std::is_same_v<T, std::string>, std::string_view, T>;
  const auto* value = std::get_if<Held>(&image[column]);
  return value == nullptr ? std::nullopt : std::optional<T>(*value);
}

/// Whether the change is a snapshot's row or a truncation, neither of which tells which rows were there before.
[[nodiscard]] inline bool is_snapshot(const Change& change) { return change.position.op == 'r' || change.position.op == 't'; }

/// The first of the `required` columns that the image leaves out, as a reason for a dead letter.
[[nodiscard]] std::optional<runtime::Dead> missing_column(const RowImage& image, std::span<const Column> columns,
                                                          std::initializer_list<std::size_t> required);

/// What is known of a change even where its consumer refuses it: its place, its time, and whose row it is.
[[nodiscard]] runtime::Decoded known_of(const Change& change);
/// How a change ends without the consumer.
[[nodiscard]] runtime::DecodeResult ends(runtime::Ending how, const Change& change);
/// An event for the consumer.
[[nodiscard]] runtime::DecodeResult decoded(std::unique_ptr<runtime::Payload> fact, const Change& change,
                                            std::optional<Instant> event_time);

class ChangeDecoder : public runtime::Decoder {
 public:
  explicit ChangeDecoder(std::vector<Column> columns) : columns_(columns), reader_(std::move(columns)) {}
  runtime::DecodeResult decode(const runtime::Record& record) final;

 protected:
  /// Makes a consumer's event of a change. A fault in one image leaves the other readable (ChangeReader::read_sides).
  [[nodiscard]] virtual runtime::DecodeResult take(Change& change, const runtime::Record& record) = 0;
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }

 private:
  std::vector<Column> columns_;
  ChangeReader reader_;
};

}  // namespace weir::events
