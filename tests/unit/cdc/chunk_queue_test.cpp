#include "producers/cdc/chunk_queue.hpp"

#include "producers/cdc/snapshot.hpp"
#include "producers/cdc/supervise.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace weir;
using namespace weir::cdc;

namespace {

Chunk chunk(std::size_t bytes) {
  Chunk made;
  made.bytes = bytes;
  return made;
}

constexpr Milliseconds kAtOnce{0};
constexpr Milliseconds kLong{60'000};

}  // namespace

TEST_CASE("a full queue takes nothing until something is taken out") {
  ChunkQueue queue(100);
  Chunk first = chunk(60);
  Chunk second = chunk(60);
  CHECK(queue.push(first, kAtOnce));
  CHECK_FALSE(queue.push(second, kAtOnce));
  CHECK(second.bytes == 60);
  CHECK(queue.pop(kAtOnce)->bytes == 60);
  CHECK(queue.push(second, kAtOnce));
}

TEST_CASE("a chunk larger than the queue goes in alone") {
  ChunkQueue queue(100);
  Chunk large = chunk(1'000);
  CHECK(queue.push(large, kAtOnce));
  CHECK_FALSE(queue.empty());
  CHECK(queue.pop(kAtOnce)->bytes == 1'000);
  CHECK(queue.empty());
}

TEST_CASE("chunks that wait in a closed queue are still taken, and the first fault is kept") {
  ChunkQueue queue(100);
  Chunk one = chunk(1);
  CHECK(queue.push(one, kAtOnce));
  Fault fault;
  fault.message = "first";
  queue.close(fault);
  fault.message = "second";
  queue.close(fault);
  CHECK(queue.pop(kAtOnce).has_value());
  CHECK_FALSE(queue.pop(kLong).has_value());
  CHECK(queue.closed());
  CHECK(queue.fault()->message == "first");
}

TEST_CASE("closing the queue wakes the threads that wait") {
  ChunkQueue queue(100);
  std::thread producer([&] {
    for (int i = 0; i < 100; ++i) {
      Chunk one = chunk(60);
      CHECK(queue.push(one, kLong));
    }
    queue.close(std::nullopt);
  });
  int taken = 0;
  while (queue.pop(kLong)) ++taken;
  producer.join();
  CHECK(taken == 100);
}

TEST_CASE("rows of a snapshot are marked by their place") {
  CHECK(snapshot_mark(true, true, false, false) == "first");
  CHECK(snapshot_mark(true, true, true, false) == "first");
  CHECK(snapshot_mark(true, true, true, true) == "last");
  CHECK(snapshot_mark(false, true, false, false) == "first_in_data_collection");
  CHECK(snapshot_mark(false, true, true, false) == "last_in_data_collection");
  CHECK(snapshot_mark(false, false, false, false) == "true");
}
