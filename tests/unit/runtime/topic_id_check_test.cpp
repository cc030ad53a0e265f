#include "common/runtime/topic_id_check.hpp"

#include "tests/unit/runtime/incoming.hpp"
#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::FakeSource;
using weir::testing::Held;

namespace {

const Uuid kOther = *Uuid::parse("00000000-0000-4000-8000-000000000002");

/// Holds partitions of "t" whose positions belong to the id that the source has.
struct Read : Held {
  Read() {
    for (Partition& partition : all()) partition.claim.topic_id = source.id;
  }
  FakeSource source;
  TopicIdCheck check{source};
};

}  // namespace

TEST_CASE("records are right if their topic's id, asked for afterwards, is the same; otherwise their partitions are named") {
  Read read;
  read.check.ask(read);
  CHECK(read.check.answer(read).value().empty());
  CHECK(read.check.known());
  read.check.forget();
  read.source.id = kOther;
  read.check.ask(read);
  CHECK(read.check.answer(read).value() == std::vector<TopicPartition>{{"t", 0}, {"t", 1}});
}

TEST_CASE("without an answer nothing is known, and a topic that is gone is a fault") {
  Read read;
  read.source.silent = true;
  read.check.ask(read);
  CHECK_FALSE(read.check.answer(read));
  CHECK(read.check.silent());
  CHECK_FALSE(read.check.known());
  read.source.silent = false;
  read.source.there = false;
  read.check.ask(read);
  const auto gone = read.check.answer(read);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().kind == FaultKind::kKafkaUnknownTopic);
  CHECK_FALSE(read.check.silent());
  CHECK_FALSE(read.check.known());
}

TEST_CASE("a topic that was noted under another id is told once, and only for claimed partitions") {
  Read read;
  CHECK(read.check.noted(read).empty());
  read.p1().claimed = false;
  read.check.note({{"t", kOther}, {"u", kOther}});
  CHECK(read.check.noted(read) == std::vector<TopicPartition>{{"t", 0}});
  CHECK(read.check.noted(read).empty());
}

TEST_CASE("a client can read a topic only under the first id under which it read it") {
  Read read;
  CHECK(read.check.reads("t", read.source.id));
  CHECK(read.check.reads("t", read.source.id));
  CHECK_FALSE(read.check.reads("t", kOther));
  CHECK(read.check.reads("u", kOther));
}
