// What every private Kafka broker of weir has in common: its jars, its JVM and the settings of one node that starts and restarts fast.
#pragma once

#include "common/core/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weir::local {

inline constexpr std::string_view kKafkaClusterId = "weirLocalClusterAAAAAA";  // 16 bytes in base64url, as Kafka wants it

[[nodiscard]] std::filesystem::path kafka_libraries();
/// What is missing on this machine to run it: Java, or the jars. Ok: nothing.
[[nodiscard]] Result<void> kafka_available();
/// The words that start its JVM, without the class to run. `folder` has its temporary files and the settings of its logging.
[[nodiscard]] std::vector<std::string> kafka_java(const std::filesystem::path& folder, int heap_mib);
/// Lines of server.properties, without those that name ports and folders.
[[nodiscard]] std::string kafka_settings();
/// Writes log4j2.xml: warnings alone.
void write_kafka_logging(const std::filesystem::path& folder);

}  // namespace weir::local
