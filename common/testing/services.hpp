// Real services for component and e2e tests: one Postgres and one Kafka a test program, started when first asked for; a fresh database
// and a topic prefix of its own for each test. Everything is gone when the program ends, also when it crashes.
#pragma once

#include "common/local/services.hpp"

#include <string>

namespace weir::testing {

/// The services of this test program. doctest has no fixture that spans a program, hence the one object behind a function. A service
/// that does not start ends the program with what is missing.
[[nodiscard]] local::Postgres& postgres();
[[nodiscard]] local::Kafka& kafka();
[[nodiscard]] const std::shared_ptr<supervise::Guardian>& guardian();
/// A directory that goes with the test program.
[[nodiscard]] std::filesystem::path scratch();

/// All of a file's bytes; none where it is not there.
[[nodiscard]] std::string content(const std::filesystem::path& path);

/// A new, empty database: its connection string.
[[nodiscard]] std::string fresh_database();
/// "t3f2a.1.": no two tests write to the same topics.
[[nodiscard]] std::string topic_prefix();

/// What weir_test gives its programs.
[[nodiscard]] std::string weir_executable();
[[nodiscard]] std::filesystem::path source_directory();

}  // namespace weir::testing
