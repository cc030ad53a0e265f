#include "common/events/change_decoder.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::events;

namespace {

struct Name final : runtime::Payload {
  explicit Name(std::string what) : text(std::move(what)) {}
  std::string text;
};

/// Makes an event of the row's name.
class NameDecoder final : public ChangeDecoder {
 public:
  NameDecoder() : ChangeDecoder({{"organization_id", ColumnType::kUuid}, {"name", ColumnType::kText, true}}) {}

 private:
  runtime::DecodeResult take(Change& change, const runtime::Record&) override {
    if (is_snapshot(change)) return ends(runtime::Skipped{"snapshot"}, change);
    if (auto missing = missing_column(*change.after, columns(), {kOrganizationColumn, 1})) return ends(std::move(*missing), change);
    return decoded(std::make_unique<Name>(*value_at<std::string>(*change.after, 1)), change, change.position.recorded_at);
  }
};

runtime::DecodeResult decode(const std::string& op, const std::string& name) {
  const std::string value =
      R"({"before":null,"after":{"organization_id":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f","name":)" + name +
      R"(},"source":{"name":"weir","db":"app","schema":"public","table":"people","ts_ms":1794964200000,"txId":1,"sequence":"[null,\"7\"]"},"op":")" +
      op + R"("})";
  runtime::Record record;
  record.topic = "weir.cdc.public.people";
  record.value = value;
  return NameDecoder().decode(record);
}

std::string how(const runtime::DecodeResult& result) {
  if (!result.ending) return static_cast<const Name&>(*result.decoded.payload).text;
  if (const auto* skipped = std::get_if<runtime::Skipped>(&*result.ending)) return std::string(skipped->reason);
  const auto& dead = std::get<runtime::Dead>(*result.ending);
  return dead.reason + " " + dead.path;
}

}  // namespace

TEST_CASE("a change becomes an event for its consumer, with its place, its time and its organization") {
  const auto result = decode("c", R"("Ada")");
  CHECK(how(result) == "Ada");
  CHECK(result.decoded.change->lsn == 7);
  CHECK(result.decoded.recorded_at == from_unix_ms(1794964200000));
  CHECK(result.decoded.event_time == result.decoded.recorded_at);
  CHECK(result.decoded.organization == OrganizationId{*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f")});
}

TEST_CASE("a change that ends without the consumer keeps its place, its time and its organization") {
  for (const auto& [result, wanted] :
       {std::pair{decode("r", R"("Ada")"), "snapshot"}, std::pair{decode("c", "null"), "missing_field /after/name"}}) {
    CHECK(how(result) == wanted);
    CHECK(result.decoded.change->lsn == 7);
    CHECK(result.decoded.organization);
  }
  runtime::Record broken;
  broken.topic = "weir.cdc.public.people";
  broken.value = "{";
  CHECK(how(NameDecoder().decode(broken)).starts_with("malformed_json"));
  broken.value = std::nullopt;
  CHECK(how(NameDecoder().decode(broken)) == "tombstone");
}
