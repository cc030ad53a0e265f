// Traceparents that the gateway makes: valid, and no two alike, whichever thread asks and whichever process made them.
#include "producers/gateway/trace_ids.hpp"

#include "producers/gateway/judge.hpp"

#include <doctest/doctest.h>

#include <set>
#include <thread>
#include <vector>

using namespace weir;

TEST_CASE("each traceparent is a valid one") {
  gateway::TraceIds ids;
  for (int i = 0; i < 1'000; ++i) {
    const std::string text = ids.next();
    CHECK_MESSAGE(gateway::is_traceparent(text), text);
  }
}

TEST_CASE("no two trace ids, and no two of their spans, are alike, over threads and generators") {
  constexpr std::size_t kGenerators = 2;
  constexpr std::size_t kThreads = 2;
  constexpr std::size_t kEach = 5'000;
  std::array<gateway::TraceIds, kGenerators> generators;
  std::array<std::vector<std::string>, kGenerators * kThreads> made;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < made.size(); ++i) {
      threads.emplace_back([&, i] {
        for (std::size_t n = 0; n < kEach; ++n) made[i].push_back(generators[i % kGenerators].next());
      });
    }
  }
  std::set<std::string> traces;
  std::set<std::string> spans;
  for (const auto& list : made) {
    for (const std::string& text : list) {
      traces.insert(text.substr(3, 32));
      spans.insert(text.substr(36, 16));
    }
  }
  CHECK(traces.size() == made.size() * kEach);
  CHECK(spans.size() == made.size() * kEach);
}
