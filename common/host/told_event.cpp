#include "common/host/told_event.hpp"

#include <utility>

namespace weir::host {

runtime::Record record_of(const process::RecordToExplain& told) {
  runtime::Record record;
  record.topic = told.topic;
  record.partition = told.partition;
  record.offset = told.offset;
  record.timestamp = told.timestamp;
  if (told.key) record.key = *told.key;
  if (told.value) record.value = *told.value;
  record.headers.assign(told.headers.begin(), told.headers.end());
  return record;
}

std::optional<runtime::Event> event_of(runtime::Decoder& decoder, const process::RecordToExplain& told) {
  runtime::Event event{.record = record_of(told), .decoded = {}};
  runtime::DecodeResult judged = decoder.decode(event.record);
  if (judged.ending || judged.decoded.payload == nullptr) return std::nullopt;
  event.decoded = std::move(judged.decoded);
  return event;
}

}  // namespace weir::host
