#include "common/events/change_decoder.hpp"

namespace weir::events {

std::optional<runtime::Dead> missing_column(const RowImage& image, std::span<const Column> columns,
                                            std::initializer_list<std::size_t> required) {
  for (const std::size_t column : required) {
    if (!std::holds_alternative<std::monostate>(image[column]) && !std::holds_alternative<Unavailable>(image[column])) continue;
    const std::string& name = columns[column].name;
    return runtime::Dead{"missing_field", "/after/" + name, name + " is null or absent"};
  }
  return std::nullopt;
}

runtime::Decoded known_of(const Change& change) {
  runtime::Decoded known;
  known.recorded_at = change.position.recorded_at;
  known.change = change.position;
  for (const auto* image : {&change.after, &change.before}) {
    if (known.organization || !*image) continue;
    if (const auto id = value_at<Uuid>(**image, kOrganizationColumn)) known.organization = OrganizationId{*id};
  }
  return known;
}

runtime::DecodeResult ends(runtime::Ending how, const Change& change) { return {std::move(how), known_of(change)}; }

runtime::DecodeResult decoded(std::unique_ptr<runtime::Payload> fact, const Change& change, std::optional<Instant> event_time) {
  runtime::Decoded out = known_of(change);
  out.payload = std::move(fact);
  out.event_time = event_time;
  return out;
}

runtime::DecodeResult ChangeDecoder::decode(const runtime::Record& record) {
  auto read = reader_.read_sides(record);
  if (auto* change = std::get_if<Change>(&read)) return take(*change, record);
  NoChange& none = std::get<NoChange>(read);
  runtime::Decoded known;
  known.change = std::move(none.position);
  return {std::move(none.why), std::move(known)};
}

}  // namespace weir::events
