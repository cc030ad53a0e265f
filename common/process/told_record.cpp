#include "common/process/told_record.hpp"

#include <utility>

namespace weir::process {

RecordToExplain told(std::string topic, kafka::StoredRecord record) {
  return {std::move(topic),        record.partition,         record.offset, from_unix_ms(record.timestamp_ms), std::move(record.key),
          std::move(record.value), std::move(record.headers)};
}

}  // namespace weir::process
