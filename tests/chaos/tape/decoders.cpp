#include "tests/chaos/tape/decoders.hpp"

#include "common/events/action.hpp"
#include "common/events/change.hpp"

#include <simdjson.h>

namespace weir::chaos {
namespace {

using runtime::Dead;
using runtime::Decoded;
using runtime::DecodeResult;
using runtime::Record;

Decoded decoded_as(NumberedEvent event, Instant recorded_at) {
  Decoded decoded;
  decoded.payload = std::make_unique<TapePayload>(std::move(event));
  decoded.recorded_at = recorded_at;
  decoded.event_time = recorded_at;
  return decoded;
}

class OwnDecoder final : public runtime::Decoder {
 public:
  DecodeResult decode(const Record& record) override {
    if (!record.value) return Dead{"no_value", "", "a tombstone", true};
    simdjson::dom::object object;
    if (const auto error = parser_.parse(record.value->data(), record.value->size()).get(object)) {
      return Dead{"malformed_json", "", simdjson::error_message(error), true};
    }
    NumberedEvent event;
    for (const auto& [name, into] : {std::pair("key", &event.key), std::pair("number", &event.number)}) {
      const auto error = object[name].get(*into);
      if (error == simdjson::NO_SUCH_FIELD) return Dead{"missing_field", std::string("/") + name, "it is not there", true};
      if (error != simdjson::SUCCESS) return Dead{"wrong_type", std::string("/") + name, "no number", true};
      if (*into < 0) return Dead{"out_of_domain", std::string("/") + name, "below zero"};
    }
    std::string_view poison;
    if (object["poison"].get(poison) == simdjson::SUCCESS) event.poison = poison;
    return decoded_as(std::move(event), record.timestamp);
  }

 private:
  simdjson::dom::parser parser_;
};

class ActionDecoder final : public runtime::Decoder {
 public:
  DecodeResult decode(const Record& record) override {
    auto read = reader_.read_record(record);
    if (auto* none = std::get_if<events::NoAction>(&read)) return std::move(none->why);
    auto event = event_of_id(std::get<events::Action>(read).id);
    if (!event) return Dead{"out_of_domain", "/id", "no numbered event"};
    return decoded_as(std::move(*event), record.timestamp);
  }

 private:
  events::ActionReader reader_;
};

class ChangeDecoder final : public runtime::Decoder {
 public:
  DecodeResult decode(const Record& record) override {
    auto read = reader_.read(record);
    Decoded known;
    if (auto* none = std::get_if<events::NoChange>(&read)) {
      known.change = std::move(none->position);
      return {std::move(none->why), std::move(known)};
    }
    const auto& change = std::get<events::Change>(read);
    known.change = change.position;
    if (!change.after) return {runtime::Skipped{"no_row"}, std::move(known)};
    NumberedEvent event;
    event.key = std::get<std::int64_t>((*change.after)[0]);
    event.number = std::get<std::int64_t>((*change.after)[1]);
    Decoded decoded = decoded_as(std::move(event), change.position.recorded_at);
    decoded.change = change.position;
    return decoded;
  }

 private:
  events::ChangeReader reader_{{{"key", events::ColumnType::kInteger}, {"number", events::ColumnType::kInteger}}};
};

}  // namespace

std::shared_ptr<runtime::Decoder> tape_decoder(const std::string& topic) {
  if (topic.starts_with("weir.actions")) return std::make_shared<ActionDecoder>();
  if (topic.starts_with("weir.cdc")) return std::make_shared<ChangeDecoder>();
  return std::make_shared<OwnDecoder>();
}

}  // namespace weir::chaos
