// What a walk along a chain finds, kind by kind, and that the hash is what docs/audit.md says.
#include "operations/audit/chain.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::audit;

namespace {

const Uuid kOrganization = *Uuid::parse("a0000000-0000-4000-8000-000000000000");

Hash filled(std::uint8_t byte) {
  Hash hash;
  hash.fill(byte);
  return hash;
}

/// A whole chain of `length` links; row n has id 100 + n.
std::vector<Seen> whole(int length) {
  std::vector<Seen> chain;
  Hash before{};
  for (int number = 1; number <= length; ++number) {
    Seen seen;
    seen.link = {kOrganization,
                 number,
                 100 + number,
                 Instant{Microseconds{number}},
                 filled(static_cast<std::uint8_t>(number)),
                 filled(static_cast<std::uint8_t>(200 - number))};
    seen.hash = before = link_hash(before, seen.link);
    seen.row_there = true;
    seen.row_now = seen.link.row_digest;
    seen.payload_now = seen.link.payload_digest;
    chain.push_back(seen);
  }
  return chain;
}

std::string found(const std::vector<Seen>& chain, std::vector<Anchor> anchors = {}, std::map<std::int64_t, Hash> heads = {}) {
  ChainWalk walk(kOrganization, std::move(anchors), std::move(heads));
  for (const Seen& seen : chain) walk.see(seen);
  std::string text;
  for (const Finding& finding : walk.finish()) {
    text +=
        std::string(name_of(finding.kind)) + " " + std::to_string(finding.number) + " " + std::to_string(finding.row_id.value_or(0)) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a link's hash is the one that docs/audit.md gives as its example") {
  const Instant time{Microseconds{1'795'651'200'000'000}};
  const Link link{kOrganization, 1, 101, time, filled(0x01), filled(0x02)};
  CHECK(hex(link_hash({}, link)) == "bfe0734028aff77a03709c6b4d3e269279391ede9f00cbf3ae6ac46b35b43cb9");
  CHECK(hex(link_hash(link_hash({}, link), {kOrganization, 2, 102, time + Microseconds{1}, filled(0x03), filled(0x04)})) ==
        "0ecf87ce53f359bc64983d67e08d58b8fa9d35e6f88d07d34ad778bd8620c561");
}

TEST_CASE("a whole chain has no findings") {
  CHECK(found(whole(5)).empty());
  CHECK(found({}).empty());
}

TEST_CASE("a row that is gone is found at its number") {
  auto chain = whole(5);
  chain[2].row_there = false;
  CHECK(found(chain) == "removed 3 103\n");
}

TEST_CASE("a row or a payload that says something else is found") {
  auto chain = whole(5);
  chain[1].row_now = filled(0xAA);
  chain[3].payload_now = filled(0xBB);
  CHECK(found(chain) == "altered 2 102\npayload_altered 4 104\n");
}

TEST_CASE("two rows that changed places are told from altered ones") {
  auto chain = whole(5);
  std::swap(chain[0].row_now, chain[3].row_now);
  std::swap(chain[0].payload_now, chain[3].payload_now);
  CHECK(found(chain) == "swapped 1 101\nswapped 4 104\n");
  auto payloads = whole(5);
  std::swap(payloads[0].payload_now, payloads[3].payload_now);
  CHECK(found(payloads) == "swapped 1 101\nswapped 4 104\n");
}

TEST_CASE("a link that was altered, and one that was made anew, do not follow") {
  auto chain = whole(5);
  chain[2].link.row_digest = chain[2].row_now = filled(0xCC);
  CHECK(found(chain) == "broken 3 103\n");
  chain[2].hash = link_hash(chain[1].hash, chain[2].link);
  CHECK(found(chain) == "broken 4 104\n");
}

TEST_CASE("links that are gone are found where they were") {
  auto chain = whole(6);
  chain.erase(chain.begin() + 2, chain.begin() + 4);
  CHECK(found(chain) == "missing 3 0\n");
}

TEST_CASE("a chain that begins late is cut, unless the log tells of its retention") {
  auto chain = whole(6);
  chain.erase(chain.begin(), chain.begin() + 2);
  CHECK(found(chain) == "cut_start 3 103\n");
  chain.front().row_there = false;
  CHECK(found(chain) == "cut_start 3 103\nremoved 3 103\n");
  CHECK(found(chain, {{3, chain.front().hash}}).empty());
  CHECK(found(chain, {{3, filled(1)}}) == "cut_start 3 103\nremoved 3 103\n");
  CHECK(found(chain, {{4, chain.front().hash}}) == "cut_start 3 103\nremoved 3 103\n");
}

TEST_CASE("retention excuses no row but that of the first link") {
  auto chain = whole(6);
  const std::vector<Anchor> anchors{{4, chain[3].hash}};
  chain[3].row_there = false;
  CHECK(found(chain, anchors) == "removed 4 104\n");
}

TEST_CASE("an erased payload is none where the log tells of it") {
  auto chain = whole(3);
  chain[1].erased = true;
  chain[1].payload_now = filled(0);
  CHECK(found(chain) == "erased_unlogged 2 102\n");
  chain[1].erasure_logged = true;
  CHECK(found(chain).empty());
}

TEST_CASE("a cut tail is found by a head that was kept outside, and only by it") {
  const auto chain = whole(5);
  const std::map<std::int64_t, Hash> heads{{2, chain[1].hash}, {5, chain[4].hash}};
  CHECK(found(chain, {}, heads).empty());
  const std::vector<Seen> cut(chain.begin(), chain.begin() + 3);
  CHECK(found(cut).empty());
  CHECK(found(cut, {}, heads) == "cut_tail 4 0\n");
  CHECK(found({}, {}, heads) == "cut_tail 1 0\n");
}

TEST_CASE("a tail that was made anew has another hash than the head that was kept outside") {
  const auto chain = whole(5);
  const std::map<std::int64_t, Hash> heads{{5, chain[4].hash}};
  auto forged = chain;
  for (std::size_t i = 3; i < forged.size(); ++i) {
    forged[i].link.row_digest = forged[i].row_now = filled(0xDD);
    forged[i].hash = link_hash(forged[i - 1].hash, forged[i].link);
  }
  CHECK(found(forged).empty());
  CHECK(found(forged, {}, heads) == "other_head 5 105\n");
}

TEST_CASE("findings are bounded, and those left out are counted") {
  ChainWalk walk(kOrganization, {}, {});
  Hash before{};
  for (std::int64_t number = 1; number <= 2'500; ++number) {
    Seen seen;
    seen.link = {kOrganization, number, number, {}, filled(1), filled(2)};
    seen.hash = before = link_hash(before, seen.link);
    walk.see(seen);
  }
  CHECK(walk.finish().size() == kMostFindings);
  CHECK(walk.left_out() == 1'500);
}

TEST_CASE("hashes are read as they are written") {
  CHECK(hash_of_hex(hex(filled(0xA7))) == filled(0xA7));
  CHECK_FALSE(hash_of_hex(std::string(63, 'a')).has_value());
  CHECK_FALSE(hash_of_hex(std::string(64, 'g')).has_value());
}
