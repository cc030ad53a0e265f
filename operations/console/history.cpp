#include "operations/console/history.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::console {

void History::add(std::string_view json) {
  events_.push_back(fmt::format("event: snapshot\nid: {}-{}\ndata: {}\n\n", boot_, next_, json));
  ++next_;
  if (events_.size() > most_) events_.pop_front();
}

History::Place History::place_after(std::string_view last_event_id) const {
  const std::uint64_t newest = events_.empty() ? next_ : next_ - 1;
  if (last_event_id.empty()) return {newest, Missing::kNothing};
  const std::size_t dash = last_event_id.rfind('-');
  if (dash == std::string_view::npos || last_event_id.substr(0, dash) != boot_) return {newest, Missing::kOfAnotherStart};
  const std::string_view number = last_event_id.substr(dash + 1);
  std::uint64_t seen = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), seen);
  if (error != std::errc{} || end != number.data() + number.size() || seen >= next_) return {newest, Missing::kOfAnotherStart};
  if (seen + 1 < first()) return {newest, Missing::kTooOld};
  return {seen + 1, Missing::kNothing};
}

std::optional<History::Page> History::from(std::uint64_t next, std::size_t most_bytes) const {
  if (next < first()) return std::nullopt;
  Page page{{}, next};
  while (page.next < next_ && page.text.size() <= most_bytes) page.text += events_[page.next++ - first()];
  return page;
}

std::string reset_event(History::Missing missing) {
  switch (missing) {
    case History::Missing::kNothing:
      return {};
    case History::Missing::kOfAnotherStart:
      return "event: reset\ndata: {\"reason\":\"restarted\"}\n\n";
    case History::Missing::kTooOld:
      return "event: reset\ndata: {\"reason\":\"too_old\"}\n\n";
  }
  return {};
}

}  // namespace weir::console
