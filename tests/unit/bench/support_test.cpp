// What benches say and measure by: a wrong rule here would be a wrong figure everywhere.
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/percentiles.hpp"
#include "tests/bench/support/usage.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <limits>
#include <vector>

using namespace weir::bench;

namespace {

Report filled(Report::Form form) {
  Report report("what is measured", form);
  report.floor("floor: read only", 1'234'567.0, "events/s");
  report.figure("ratio", 0.5, "");
  report.own("rollups", 300'000.25, "events/s");
  report.note("A sentence.");
  return report;
}

/// Computes until this process has used `seconds` more.
void burn(double seconds) {
  const double until = own_cpu_seconds() + seconds;
  volatile std::uint64_t sum = 0;
  while (own_cpu_seconds() < until) {
    for (int i = 0; i < 100'000; ++i) sum = sum + 1;
  }
}

}  // namespace

TEST_CASE("JSON is one object a line, the bench's own figure first") {
  CHECK(filled(Report::Form::kJson).text() ==
        "{\"name\":\"rollups\",\"value\":300000.25,\"unit\":\"events/s\"}\n"
        "{\"name\":\"floor: read only\",\"value\":1234567,\"unit\":\"events/s\"}\n"
        "{\"name\":\"ratio\",\"value\":0.5,\"unit\":\"\"}\n");
}

TEST_CASE("a figure that could not be measured is null") {
  Report report("", Report::Form::kJson);
  report.own("rate", std::numeric_limits<double>::infinity(), "rows/s");
  CHECK(report.text() == "{\"name\":\"rate\",\"value\":null,\"unit\":\"rows/s\"}\n");
}

TEST_CASE("a table is for a person: aligned, large numbers grouped, notes below") {
  CHECK(filled(Report::Form::kTable).text() ==
        "what is measured\n"
        "  rollups             300,000 events/s\n"
        "  floor: read only  1,234,567 events/s\n"
        "  ratio                   0.5 \n"
        "A sentence.\n");
}

TEST_CASE("a percentile is the sample of the nearest rank") {
  Percentiles percentiles;
  for (int sample = 200; sample > 0; --sample) percentiles.add(sample);
  CHECK(percentiles.at(0.5) == 100);
  CHECK(percentiles.at(0.99) == 198);
  CHECK(percentiles.at(0.001) == 1);
  CHECK(percentiles.at(1) == 200);
  percentiles.add(0);
  CHECK(percentiles.at(0.001) == 0);
}

TEST_CASE("processor time of a tree counts children that live and children that were reaped") {
  const double before = tree_cpu_seconds(::getpid());
  const double alone = cpu_seconds(::getpid());
  const pid_t reaped = ::fork();
  if (reaped == 0) {
    burn(0.1);
    ::_exit(0);
  }
  ::waitpid(reaped, nullptr, 0);
  CHECK(tree_cpu_seconds(::getpid()) - before >= 0.09);

  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t living = ::fork();
  char word = 0;
  if (living == 0) {
    burn(0.1);
    [[maybe_unused]] const auto told = ::write(ends[1], "x", 1);
    ::pause();
  }
  REQUIRE(::read(ends[0], &word, 1) == 1);
  CHECK(tree_cpu_seconds(::getpid()) - before >= 0.18);
  CHECK(cpu_seconds(::getpid()) - alone < 0.09);
  ::kill(living, SIGKILL);
  ::waitpid(living, nullptr, 0);
}

TEST_CASE("peak memory stays after the memory is given back") {
  const std::uint64_t before = peak_memory_bytes(::getpid());
  constexpr std::size_t kBytes = 64UL << 20U;
  // Straight from the kernel and back to it: an allocator, a sanitizer's above all, may keep what it was given.
  const std::size_t bytes = kBytes + (before - memory_bytes(::getpid()));
  void* const block = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  REQUIRE(block != MAP_FAILED);
  REQUIRE(::munmap(block, bytes) == 0);
  CHECK(peak_memory_bytes(::getpid()) > before);
  CHECK(memory_bytes(::getpid()) < peak_memory_bytes(::getpid()));
  CHECK(peak_memory_bytes(1 << 30) == 0);
}
