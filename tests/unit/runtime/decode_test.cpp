// The decoders of one working thread.
#include "common/runtime/decode.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::runtime;

namespace {

/// Ends a record under the name of its decoder; "taken" is an event, "refused" is dead.
class Named final : public Decoder {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  DecodeResult decode(const Record& record) override {
    ++decoded;
    if (record.value == "taken") {
      Decoded out;
      out.payload = std::make_unique<Payload>();
      return out;
    }
    if (record.value == "refused") return Dead{"wrong_type", "/x", name_, true};
    return Skipped{"test"};
  }
  int decoded = 0;

 private:
  std::string name_;
};

Incoming incoming(std::string_view topic, std::string_view value) {
  Incoming made;
  made.event.record.topic = topic;
  made.event.record.value = value;
  return made;
}

}  // namespace

TEST_CASE("a record is decoded by its topic's decoder, also where topics take turns") {
  const auto a = std::make_shared<Named>("a");
  const auto b = std::make_shared<Named>("b");
  DecoderTable table({TopicBinding{"a", [&] { return a; }}, TopicBinding{"b", [&] { return b; }}});
  // Each batch of records has a text of its own for its topic.
  for (const std::string& topic : std::vector<std::string>{"a", "b", "b", "a"}) {
    Incoming record = incoming(topic, "refused");
    table.decode(record);
    CHECK(record.decoded);
    REQUIRE(record.ended);
    CHECK(std::get<Dead>(record.ended->how).message == topic);
    CHECK(record.ended->dead_kind == "decode");
  }
  CHECK(a->decoded == 2);
  CHECK(b->decoded == 2);
}

TEST_CASE("a decoded record is an event, or has ended") {
  DecoderTable table({TopicBinding{"a", [] { return std::make_shared<Named>("a"); }}});
  Incoming taken = incoming("a", "taken");
  table.decode(taken);
  CHECK_FALSE(taken.ended);
  CHECK(taken.event.decoded.payload != nullptr);
  Incoming skipped = incoming("a", "other");
  table.decode(skipped);
  REQUIRE(skipped.ended);
  CHECK(counted(skipped.ended->how) == std::pair<std::string_view, std::string_view>{"skipped", "test"});
}

TEST_CASE("each end has a name, and a reason where it has one") {
  using Names = std::pair<std::string_view, std::string_view>;
  const End dead = Dead{"out_of_domain", "", ""};
  const End parked = Parked{"missing_row", "a user"};
  CHECK(counted(Done{}) == Names{"done", ""});
  CHECK(counted(dead) == Names{"dead", "out_of_domain"});
  CHECK(counted(ReSent{}) == Names{"re_sent", ""});
  CHECK(counted(parked) == Names{"parked", "missing_row"});
}
