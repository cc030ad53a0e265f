#include "producers/gateway/stream_cursor.hpp"

#include <algorithm>
#include <charconv>

namespace weir::gateway {

namespace {

/// A sweep begins kOverlap before `newest`, in front of every row of that moment.
FeedPlace before(Instant newest) { return {newest - kOverlap, Uuid{}}; }

}  // namespace

std::string event_id(const FeedPlace& place) { return std::to_string(unix_us(place.updated_at)) + "-" + place.id.text(); }

std::optional<FeedPlace> parse_event_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == 0 || dash == std::string_view::npos || dash > 18) return std::nullopt;
  std::int64_t microseconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + dash, microseconds);
  const auto id = Uuid::parse(text.substr(dash + 1));
  if (read.ec != std::errc{} || read.ptr != text.data() + dash || !id) return std::nullopt;
  return FeedPlace{Instant{Microseconds{microseconds}}, *id};
}

StreamCursor::StreamCursor(const FeedPlace& newest, std::size_t max_remembered)
    : newest_(newest.updated_at), place_(before(newest_)), max_remembered_(max_remembered) {}

bool StreamCursor::take(const FeedPlace& row, Instant now) {
  place_ = row;
  const auto known = sent_.find(row.id);
  if (known != sent_.end() && known->second == row.updated_at) return false;
  remember(row);
  newest_ = std::max(newest_, std::min(row.updated_at, now));
  return true;
}

void StreamCursor::remember(const FeedPlace& row) {
  sent_[row.id] = row.updated_at;
  order_.push_back(row);
  while (sent_.size() > max_remembered_) {
    const FeedPlace oldest = order_.front();
    order_.pop_front();
    const auto known = sent_.find(oldest.id);
    if (known != sent_.end() && known->second == oldest.updated_at) sent_.erase(known);
  }
}

void StreamCursor::finish_sweep() {
  place_ = before(newest_);
  // No later sweep reads a row from before this place, so such rows need not be remembered.
  std::erase_if(sent_, [this](const auto& entry) { return entry.second < place_.updated_at; });
  std::erase_if(order_, [this](const FeedPlace& row) { return row.updated_at < place_.updated_at; });
}

}  // namespace weir::gateway
