// A small schema with one row of every kind, and a directory for files, shared by the tests of configuration.
#pragma once

#include "common/config/config.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace weir::config::sample {

inline Schema schema() {
  Schema schema;
  schema.add(Field{.key = "kafka.brokers", .help = "Where Kafka is.", .fallback = "localhost:9092", .flag = "--brokers"});
  schema.add(Field{.key = "kafka.properties", .type = Type::kTextMap, .help = "Properties."});
  schema.add(Field{.key = "postgres.dsn", .help = "Where Postgres is.", .secret = true, .flag = "--dsn"});
  schema.add(Field{
      .key = "postgres.pool_size", .type = Type::kInteger, .help = "Connections.", .fallback = "10", .minimum = "1", .maximum = "100"});
  schema.add(Field{.key = "log.format", .type = Type::kChoice, .help = "Form.", .fallback = "json", .choices = {"json", "text"}});
  schema.add(Field{.key = "log.sample", .type = Type::kReal, .help = "Share.", .fallback = "1.5", .minimum = "0.5"});
  schema.add(Field{.key = "startup_timeout", .type = Type::kDuration, .help = "Patience.", .fallback = "60s", .maximum = "1h"});
  schema.add(Field{.key = "cdc.dsn", .help = "Where the source is.", .secret = true, .instead = "postgres.dsn"});
  schema.add(Field{.key = "cdc.limit", .type = Type::kBytes, .help = "Limit.", .fallback = "8MiB"});
  schema.add(Field{.key = "cdc.snapshot", .type = Type::kBoolean, .help = "Snapshot.", .fallback = "true"});
  schema.add(Field{.key = "cdc.tables.*.key", .type = Type::kTextList, .help = "Key columns."});
  schema.add(Field{.key = "consumers.*.start", .type = Type::kChoice, .help = "First start.", .choices = {"earliest", "latest"}});
  return schema;
}

/// A directory that is gone with the object.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-config-XXXXXX").string();
    WEIR_ASSERT(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace weir::config::sample
