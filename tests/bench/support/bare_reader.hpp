// A topic read by a bare loop of rd_kafka_consume_batch_queue: what reading costs whoever does nothing else.
#pragma once

#include "common/kafka/client.hpp"
#include "common/runtime/record.hpp"

#include <functional>
#include <span>
#include <string>

namespace weir::bench {

/// Reads the first `records` records of the topic, read_committed, all partitions at once, and gives them batch by batch; they are gone
/// when `each` returns.
void read_bare(const kafka::Settings& settings, const std::string& topic, std::int32_t partitions, std::size_t records,
               const std::function<void(std::span<const runtime::Record>)>& each);

}  // namespace weir::bench
