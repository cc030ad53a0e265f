// Broken bytes for every decoder: each golden and example with single bits flipped, cut short, or spliced, by fixed seeds. Nothing may
// crash, and every refusal has a reason. The records lie in memory of exactly their size, so that AddressSanitizer finds a read outside of
// the text.
#include "tests/unit/events/action_cases.hpp"

#include "common/core/base64.hpp"
#include "common/events/action.hpp"
#include "common/events/decimal.hpp"
#include "tests/unit/events/change_cases.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <set>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

namespace {

const std::set<std::string> kChangeReasons{"malformed_json", "not_an_envelope", "unknown_op",          "missing_field",
                                           "wrong_type",     "out_of_domain",   "missing_organization"};
const std::set<std::string> kActionReasons{"malformed_json", "bad_utf8",      "duplicate_key", "too_deep",      "missing_field",
                                           "wrong_type",     "out_of_domain", "unknown_type",  "unknown_field", "missing_organization"};

/// A copy whose memory ends where the text ends.
class Exact {
 public:
  explicit Exact(std::string_view text) : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::copy(text.begin(), text.end(), bytes_.get());
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

/// Breaks `text` in many ways, and calls `each` with every broken text.
template <class Each>
void break_text(const std::string& text, std::mt19937& random, std::size_t times, Each each) {
  constexpr std::string_view kTokens = "{}[]:,\"\\0-e.ntf \n\x01\xff";
  for (std::size_t i = 0; i < times; ++i) {
    std::string broken = text;
    const std::size_t at = random() % text.size();
    switch (random() % 5) {
      case 0:
        broken[at] = static_cast<char>(broken[at] ^ (1 << (random() % 8)));
        break;
      case 1:
        broken.resize(at);
        break;
      case 2:
        broken[at] = kTokens[random() % kTokens.size()];
        break;
      case 3:
        broken.erase(at, 1 + random() % 8);
        break;
      default:
        broken.insert(at, broken.substr(random() % broken.size(), 1 + random() % 16));
        break;
    }
    each(broken);
  }
}

void check_change(ChangeReader& reader, std::string_view value) {
  const Exact exact(value);
  const auto answer = reader.read(record_of(exact.view()));
  if (const auto* dead = dead_of(answer)) {
    CHECK_MESSAGE(kChangeReasons.contains(dead->reason), dead->reason);
    CHECK_FALSE(dead->message.empty());
    CHECK((dead->path.empty() || dead->path.front() == '/'));
  }
}

void check_action(ActionReader& reader, std::string_view json) {
  const Exact exact(json);
  const auto action = reader.read_json(exact.view());
  if (!action) {
    CHECK_MESSAGE(kActionReasons.contains(action.error().reason), action.error().reason);
    CHECK_FALSE(action.error().message.empty());
  }
}

}  // namespace

TEST_CASE("a broken change ends as a change, a skip or a dead letter with a reason, never otherwise") {
  std::mt19937 random(20261118);
  ChangeReader executions(execution_columns());
  ChangeReader others({{"id", ColumnType::kInteger},
                       {"n", ColumnType::kNanos, true},
                       {"t", ColumnType::kText, true},
                       {"tstz", ColumnType::kInstant, true}});
  ChangeReader value({{"v", ColumnType::kNanos}});
  const std::vector<std::string> goldens = golden_values();
  REQUIRE(goldens.size() > 40);
  for (const std::string& golden : goldens) {
    break_text(golden, random, 150, [&](const std::string& broken) {
      check_change(executions, broken);
      check_change(others, broken);
      check_change(value, broken);
    });
  }
}

TEST_CASE("a change cut short at any byte is malformed") {
  ChangeReader reader({{"v", ColumnType::kInteger}});
  const std::string whole = envelope_of(R"({"v":1,"x":[{"y":"z"}]})");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Exact cut(std::string_view(whole).substr(0, length));
    CHECK(death_of(reader.read(record_of(cut.view()))).starts_with("malformed_json"));
  }
  CHECK(death_of(reader.read(record_of(whole))) == "a change");
}

TEST_CASE("a broken action is an action or a fault with a reason, never otherwise") {
  std::mt19937 random(20261119);
  ActionReader reader;
  for (const Example& example : kExamples) {
    break_text(event_of(example.type, example.data), random, 2'000, [&](const std::string& broken) { check_action(reader, broken); });
  }
}

TEST_CASE("an action cut short at any byte is malformed") {
  ActionReader reader;
  const std::string whole = valid_event();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Exact cut(std::string_view(whole).substr(0, length));
    const auto action = reader.read_json(cut.view());
    REQUIRE_FALSE(action);
    CHECK(action.error().malformed);
  }
}

TEST_CASE("broken records of actions are actions or dead letters with a reason, never otherwise") {
  std::mt19937 random(20261120);
  ActionReader reader;
  const auto action = reader.read_json(valid_event()).value();
  auto headers = to_headers(action);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto good = headers[i];
    break_text(good.second, random, 200, [&](const std::string& broken) {
      headers[i].second = broken;
      runtime::Record record;
      for (const auto& [name, text] : headers) record.headers.emplace_back(name, text);
      record.value = action.data;
      const auto read = reader.read_record(record);
      if (const auto* none = std::get_if<NoAction>(&read)) CHECK_MESSAGE(kActionReasons.contains(none->why.reason), none->why.reason);
    });
    headers[i] = good;
  }
  break_text(action.data, random, 2'000, [&](const std::string& broken) {
    const Exact exact(broken);
    runtime::Record record;
    for (const auto& [name, text] : headers) record.headers.emplace_back(name, text);
    record.value = exact.view();
    const auto read = reader.read_record(record);
    if (const auto* none = std::get_if<NoAction>(&read)) CHECK_MESSAGE(kActionReasons.contains(none->why.reason), none->why.reason);
  });
}

TEST_CASE("a broken batch is split into texts of its own bytes or refused") {
  std::mt19937 random(20261121);
  ActionReader reader;
  const std::string batch = "[" + valid_event() + ",{\"a\":[1,2,{}]} , null,\"x\" ]";
  break_text(batch, random, 5'000, [&](const std::string& broken) {
    const Exact exact(broken);
    const auto texts = reader.split_array(exact.view());
    if (!texts) return;
    for (const std::string_view text : *texts) {
      CHECK(text.data() >= exact.view().data());
      CHECK(text.data() + text.size() <= exact.view().data() + exact.view().size());
      check_action(reader, text);
    }
  });
}

TEST_CASE("broken decimals and base64 are read or refused") {
  std::mt19937 random(20261122);
  for (const char* text :
       {"-9223372036.854775808", "1.5e-7", "0.00000000050000000000000000000000000000000000000000001", "J+QbMka+ybFuOYEV"}) {
    break_text(text, random, 2'000, [](const std::string& broken) {
      static_cast<void>(nanos_of_decimal(broken));
      if (const auto bytes = base64_decoded(broken)) static_cast<void>(nanos_of_unscaled(*bytes, 3));
    });
  }
}
