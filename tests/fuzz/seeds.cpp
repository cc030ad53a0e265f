// Writes what the fuzzers begin with: FOLDER/NAME/NUMBER, from the goldens and examples of the unit tests.
#include "common/core/base64.hpp"
#include "tests/fuzz/encrypted_value_key.hpp"
#include "tests/fuzz/token_example.hpp"
#include "tests/unit/cdc/pgoutput_bytes.hpp"
#include "tests/unit/events/action_cases.hpp"
#include "tests/unit/events/change_cases.hpp"

#include <filesystem>

using namespace weir;

namespace {

void write(const std::filesystem::path& folder, const std::vector<std::string>& seeds) {
  std::filesystem::create_directories(folder);
  for (std::size_t number = 0; number < seeds.size(); ++number) {
    std::ofstream(folder / std::to_string(number), std::ios::binary) << seeds[number];
  }
}

std::vector<std::string> actions() {
  std::vector<std::string> seeds;
  for (const events::testing::Example& example : events::testing::kExamples) {
    seeds.push_back(events::testing::event_of(example.type, example.data));
  }
  seeds.push_back("[" + seeds[0] + "," + seeds[1] + "]");
  return seeds;
}

std::vector<std::string> messages() {
  using namespace cdc::testing;
  const Cells row{"7", std::nullopt, kUnchangedMark, "text"};
  std::string commit = "C";
  put(commit, 0, 1);
  for (const std::uint64_t number : {16U, 24U, 1'000'000U}) put(commit, number, 8);
  return {begin(24),
          commit,
          insert(16384, row),
          update(16384, 'K', {"7"}, row),
          erase(16384, 'O', row),
          update(16384, 'N', {}, row),
          truncate({1, 2}),
          logical(true, 24, "weir", R"({"a":1})")};
}

std::vector<std::string> encrypted_values() {
  using namespace encryption;
  std::vector<std::string> seeds;
  for (const std::string plaintext : {"", "a", "sk-live-0123456789abcdef"}) {
    seeds.push_back(encrypt(testing::fuzz_key(), Uuid{}, testing::fuzz_place(), plaintext));
    seeds.push_back(to_json(seeds.back()));
    seeds.push_back(base64(plaintext));
  }
  return seeds;
}

std::vector<std::string> tokens() {
  const std::string header(gateway::testing::kTokenHeader);
  const std::string claims(gateway::testing::kTokenClaims);
  return {header + "\n" + claims, base64url(header) + "." + base64url(claims) + "." + base64url(std::string(32, 'x')),
          R"({"keys":[{"kty":"oct","kid":"k","k":")" + base64url(std::string(32, 'x')) +
              R"("},)"
              R"({"kty":"OKP","crv":"Ed25519","kid":"e","x":")" +
              base64url(std::string(32, 'y')) +
              R"("},)"
              R"({"kty":"EC","crv":"P-256","kid":"p","x":"AQ","y":"AQ"},{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"}]})"};
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 64;
  const std::filesystem::path folder = words[1];
  write(folder / "action", actions());
  write(folder / "answers",
        {R"({"instrument_version": 1, "answers": {"a": 9, "b": 1}})", R"({"instrument_version": 2, "answers": {"a": 1.0}})",
         R"({"key": "k", "instrument_version": 1, "title": "K", "scoring": {"dimensions": {}}, "items": [], "norms": {}})"});
  write(folder / "change", events::testing::golden_values());
  write(folder / "decimal", {"0", "-1.5", "12345678901234567890.123456789", "1E+9", "Bdw=", std::string("\x09") + "J+QbMka+ybFuOYEV"});
  write(folder / "pgoutput", messages());
  write(folder / "encrypted", encrypted_values());
  write(folder / "reply", {R"({"title":"Next","body":"Try it with [[P1:beefcafe]].","evidence":["E1"]})",
                           "Zyta (a@b.example, +49 30 1234567) in Lange Gasse 5"});
  write(
      folder / "model_answer",
      {R"({"id":"m","model":"m","content":[{"type":"text","text":"{}"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}})",
       R"({"id":"c","model":"m","choices":[{"message":{"content":"{}","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})"});
  write(folder / "token", tokens());
  return 0;
}
