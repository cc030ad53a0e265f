// Lazily: a test that needs Postgres alone does not wait for Kafka.
#include "common/testing/services.hpp"

#include "common/core/file_text.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace weir::testing {
namespace {

template <class T>
T value_or_end(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "a service for this test did not start: %s\n", result.error().line().c_str());
  std::exit(static_cast<int>(ExitCode::kUnavailable));
}

struct Ground {
  std::shared_ptr<supervise::Guardian> guardian = value_or_end(supervise::Guardian::start());
  local::Scratch scratch = value_or_end(local::Scratch::create(guardian));
};

Ground& ground() {
  static Ground shared;
  return shared;
}

std::string unique_name(const char* joint) {
  static std::atomic<int> counter{0};
  char text[48];
  std::snprintf(text, sizeof text, "t%x%s%d", static_cast<unsigned>(::getpid()), joint, ++counter);
  return text;
}

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value != nullptr) return value;
  std::fprintf(stderr, "%s is not set: run this test through ctest, or set it\n", name);
  std::exit(static_cast<int>(ExitCode::kUsage));
}

}  // namespace

local::Postgres& postgres() {
  static const std::unique_ptr<local::Postgres> shared = value_or_end(local::Postgres::start(ground().guardian, ground().scratch));
  return *shared;
}

local::Kafka& kafka() {
  static const std::unique_ptr<local::Kafka> shared = value_or_end(local::Kafka::start(ground().guardian, ground().scratch));
  return *shared;
}

const std::shared_ptr<supervise::Guardian>& guardian() { return ground().guardian; }

std::filesystem::path scratch() { return ground().scratch.path(); }

std::string content(const std::filesystem::path& path) { return file_text(path).value_or(""); }

std::string fresh_database() {
  const std::string name = unique_name("_");
  const auto created = postgres().create_database(name);
  if (!created) {
    std::fprintf(stderr, "no database for this test: %s\n", created.error().line().c_str());
    std::exit(static_cast<int>(ExitCode::kUnavailable));
  }
  return postgres().dsn(name);
}

std::string topic_prefix() { return unique_name(".") + "."; }

std::string weir_executable() { return from_environment("WEIR_EXECUTABLE"); }

std::filesystem::path source_directory() { return from_environment("WEIR_SOURCE_DIR"); }

}  // namespace weir::testing
