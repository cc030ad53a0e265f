// Log lines as a program and a person read them.
#include "common/telemetry/log.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

namespace telemetry = weir::telemetry;
using telemetry::LogFormat;
using telemetry::LogLevel;

namespace {

class KeptLog : public telemetry::Log {
 public:
  explicit KeptLog(LogFormat format, LogLevel minimum = LogLevel::kDebug) : Log("gateway", format, minimum) {}
  std::vector<std::string> lines;

 protected:
  void emit(std::string_view line) override { lines.emplace_back(line); }
};

/// The line without its time.
std::string timeless(const std::string& line, std::string_view before) { return line.substr(line.find(before)); }

}  // namespace

TEST_CASE("a JSON line holds time, level, component, event and typed fields") {
  KeptLog log(LogFormat::kJson);
  log.info("key_revoked", {{"key", "ab\"c"}, {"n", 3}, {"rate", 0.5}, {"ok", true}, {"nan", std::numeric_limits<double>::quiet_NaN()}});
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].starts_with("{\"time\":\"20"));
  CHECK(timeless(log.lines[0], "\"level\"") ==
        R"("level":"info","component":"gateway","event":"key_revoked","key":"ab\"c","n":3,"rate":0.5,"ok":true,"nan":null})");
}

TEST_CASE("a text line quotes what could be taken for another field") {
  KeptLog log(LogFormat::kText);
  log.warning("slow", {{"what", "a b=c"}, {"bare", "word"}, {"empty", ""}});
  CHECK(timeless(log.lines.at(0), "warning") == R"(warning gateway slow what="a b=c" bare=word empty="")");
}

TEST_CASE("a line break in a value cannot begin a line of its own") {
  KeptLog log(LogFormat::kText);
  log.error("x", {{"message", "one\ntwo"}});
  CHECK(log.lines.at(0).find('\n') == std::string::npos);
}

TEST_CASE("levels below the minimum are not written") {
  KeptLog log(LogFormat::kText, LogLevel::kWarning);
  log.debug("a");
  log.info("b");
  log.warning("c");
  CHECK(log.lines.size() == 1);
}

TEST_CASE("a fault is a warning where it is tried again and an error where it ends something") {
  KeptLog log(LogFormat::kJson);
  weir::Fault fault;
  fault.kind = weir::FaultKind::kPgConnection;
  fault.message = "connection refused";
  log.fault("connect_failed", fault);
  fault.kind = weir::FaultKind::kPgRefused;
  fault.hint = "grant it";
  log.fault("connect_failed", fault);
  CHECK(
      timeless(log.lines.at(0), "\"level\"") ==
      R"("level":"warning","component":"gateway","event":"connect_failed","fault":"pg_connection","message":"connection refused","hint":"check the connection string and that the server is up"})");
  CHECK(log.lines.at(1).find(R"("level":"error")") != std::string::npos);
  CHECK(log.lines.at(1).find(R"("hint":"grant it")") != std::string::npos);
}
