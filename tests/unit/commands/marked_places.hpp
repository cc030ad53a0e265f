// Marks of a place that are given out in pages of two, as the tests of ranges need them.
#pragma once

#include "operations/commands/marked_ranges.hpp"

#include <algorithm>

namespace weir::operations {

inline const Uuid kTopic = *Uuid::parse("00000000-0000-4000-8000-000000000001");
inline const MarkedPlace kPlace{"g", "t", 0};

inline Instant at(int hour) { return *parse_instant("2026-11-28T00:00:00Z") + std::chrono::hours{hour}; }
inline Mark mark(int hour, std::int64_t next_offset, std::int64_t counted) { return {at(hour), kTopic, next_offset, counted}; }

/// Says how many marks were in the largest page too.
struct GivenMarks {
  std::vector<Mark> marks;
  std::size_t most = 0;
  std::vector<Moved> moved{};

  [[nodiscard]] RangeReader reader(std::optional<Mark> present = std::nullopt) {
    const AskedMarks asked{kPlace, marks.front().at, marks.back().at, present, std::nullopt};
    return {asked, moved, [this](const AskedMarks& of, Instant after) -> Result<std::vector<Mark>> {
              std::vector<Mark> page;
              for (const Mark& one : marks) {
                if (one.at > after && one.at <= of.last && page.size() < 2) page.push_back(one);
              }
              most = std::max(most, page.size());
              return page;
            }};
  }
};

}  // namespace weir::operations
