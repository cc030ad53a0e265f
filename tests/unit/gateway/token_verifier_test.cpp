// Keys that change under a running gateway.
#include "tests/unit/gateway/token_files.hpp"

#include "common/testing/manual_clock.hpp"
#include "producers/gateway/token_verifier.hpp"
#include "tests/unit/gateway/bench.hpp"

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using gateway::TokenAlgorithm;
using weir::testing::claims_of;
using weir::testing::key_set;
using weir::testing::KeyFile;
using weir::testing::SigningKey;

namespace {

struct Bench {
  weir::testing::ManualClock clock;
  weir::testing::QuietLog log;
  KeyFile file;
  SigningKey old_key{"old", TokenAlgorithm::kEs256};
  SigningKey new_key{"new", TokenAlgorithm::kEdDsa};
  std::unique_ptr<gateway::TokenVerifier> verifier;

  Bench() {
    file.write(key_set({old_key.jwk()}));
    auto opened = gateway::TokenVerifier::open(file.options(), clock, log);
    REQUIRE(opened.has_value());
    verifier = std::move(*opened);
  }
  bool takes(const SigningKey& key) {
    return verifier
        ->verify(key.token(claims_of(weir::testing::kTestUser, weir::testing::kTestOrganization, clock.now() + std::chrono::hours{1})))
        .has_value();
  }
};

}  // namespace

TEST_CASE("an unknown key makes the file be read again, at most once a second") {
  Bench bench;
  CHECK(bench.takes(bench.old_key));
  CHECK_FALSE(bench.takes(bench.new_key));
  bench.file.write(key_set({bench.old_key.jwk(), bench.new_key.jwk()}));
  CHECK_FALSE(bench.takes(bench.new_key));
  bench.clock.advance(1s);
  CHECK(bench.takes(bench.new_key));
  CHECK(bench.takes(bench.old_key));
}

TEST_CASE("a key that has left the file is no longer taken once the file was looked at") {
  Bench bench;
  bench.file.write(key_set({bench.new_key.jwk()}));
  bench.verifier->refresh();
  CHECK_FALSE(bench.takes(bench.old_key));
  CHECK(bench.takes(bench.new_key));
}

TEST_CASE("a file that is broken or gone leaves the keys as they were") {
  Bench bench;
  bench.file.write("{");
  bench.verifier->refresh();
  CHECK(bench.takes(bench.old_key));
  bench.file.remove();
  bench.verifier->refresh();
  CHECK(bench.takes(bench.old_key));
  bench.file.write(key_set({bench.new_key.jwk()}));
  bench.verifier->refresh();
  CHECK(bench.takes(bench.new_key));
}

TEST_CASE("without a readable key set nothing starts") {
  Bench bench;
  bench.file.remove();
  const auto missing = gateway::TokenVerifier::open(bench.file.options(), bench.clock, bench.log);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == weir::FaultKind::kIo);
  bench.file.write(R"({"keys":[]})");
  const auto empty = gateway::TokenVerifier::open(bench.file.options(), bench.clock, bench.log);
  REQUIRE_FALSE(empty.has_value());
  CHECK(empty.error().kind == weir::FaultKind::kConfiguration);
}
