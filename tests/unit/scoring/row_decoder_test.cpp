#include "consumers/scoring/row_decoder.hpp"

#include "tests/unit/scoring/changes.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

class PlainDecoder final : public RowDecoder {
 public:
  explicit PlainDecoder(Deletions deletions)
      : RowDecoder({{"organization_id", events::ColumnType::kUuid}, {"id", events::ColumnType::kUuid}}, deletions) {}

 private:
  runtime::DecodeResult take_row(const events::Change& change) override {
    return event_with(
        ProjectChanged{OrganizationId{*events::value_at<Uuid>(newest(change), 0)}, *events::value_at<Uuid>(newest(change), 1)}, change);
  }
};

const std::string kRow = fmt::format(R"({{"organization_id": "{}", "id": "{}"}})", kOrganizationText, kUserText);

std::string of(const std::string& op, const std::string& before, const std::string& after, Deletions deletions = Deletions::kTaken) {
  PlainDecoder decoder(deletions);
  runtime::Record record;
  record.topic = "weir.cdc.public.t";
  const std::string value = envelope(op, before, after);
  record.value = value;
  return ending(decoder.decode(record));
}

}  // namespace

TEST_CASE("a change is an event where there is a row to make one of") {
  CHECK(of("c", "null", kRow) == "event");
  CHECK(of("r", "null", kRow) == "event");
  CHECK(of("d", kRow, "null") == "event");
  CHECK(of("d", kRow, "null", Deletions::kSkipped) == "deleted");
  CHECK(of("t", "null", "null") == "truncate");
  CHECK(of("d", R"({"id": "a0000000-0000-4000-8000-000000000001"})", "null") == "dead missing_organization");
  CHECK(of("u", "null", R"({"id": "a0000000-0000-4000-8000-000000000001"})") == "dead missing_organization");
}
