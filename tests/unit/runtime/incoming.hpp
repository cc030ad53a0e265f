// Records and partitions for tests of the runtime's parts.
#pragma once

#include "common/runtime/holdings.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace weir::testing {

/// A record that is decoded; its views must outlive it.
inline runtime::Incoming incoming(const runtime::Partition& partition, std::int64_t offset,
                                  std::optional<std::string_view> key = std::nullopt) {
  runtime::Incoming made;
  made.event.record.topic = partition.key.topic;
  made.event.record.partition = partition.key.partition;
  made.event.record.offset = offset;
  made.event.record.key = key;
  made.decoded = true;
  made.slot = partition.slot;
  return made;
}

template <class How>
void end(runtime::Incoming& incoming, How how) {
  incoming.ended = std::make_unique<runtime::Ended>(runtime::Ended{std::move(how), "rule"});
}

/// Holds partitions 0 and 1 of "t", claimed from `next` on after so many deaths.
struct Held : runtime::Holdings {
  explicit Held(std::int64_t next = 0, int deaths = 0) {
    for (const std::int32_t number : {0, 1}) {
      runtime::Claim claim;
      claim.partition = {"t", number};
      claim.epoch = 7;
      claim.known = true;
      claim.deaths = deaths;
      claim.position.next_offset = next;
      assign(claim.partition).begin(claim, 1'000, {});
    }
  }
  runtime::Partition& p0() { return *find({"t", 0}); }
  runtime::Partition& p1() { return *find({"t", 1}); }
};

}  // namespace weir::testing
