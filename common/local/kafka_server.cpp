#include "common/local/kafka_server.hpp"

#include "common/supervise/process.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace weir::local {

namespace {

constexpr std::string_view kVersion = "4.3.1";

std::string environment_or(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? fallback : value;
}

std::string java_program() {
  const std::string home = environment_or("JAVA_HOME", "");
  return home.empty() ? "java" : home + "/bin/java";
}

// One node: every internal topic has one replica. Sessions are short, so that a broker that was killed may come back at once.
constexpr std::string_view kSettings =
    "process.roles=broker,controller\n"
    "controller.listener.names=CONTROLLER\n"
    "offsets.topic.replication.factor=1\n"
    "offsets.topic.num.partitions=4\n"
    "transaction.state.log.replication.factor=1\n"
    "transaction.state.log.min.isr=1\n"
    "transaction.state.log.num.partitions=4\n"
    "share.coordinator.state.topic.replication.factor=1\n"
    "share.coordinator.state.topic.min.isr=1\n"
    "group.initial.rebalance.delay.ms=0\n"
    "group.min.session.timeout.ms=1000\n"
    "group.consumer.min.session.timeout.ms=1000\n"
    "group.consumer.min.heartbeat.interval.ms=100\n"
    "auto.create.topics.enable=false\n"
    "default.replication.factor=1\n"
    "min.insync.replicas=1\n"
    "message.max.bytes=9437184\n"
    "replica.fetch.max.bytes=9437184\n"
    "broker.heartbeat.interval.ms=250\n"
    "broker.session.timeout.ms=3000\n"
    "initial.broker.registration.timeout.ms=60000\n"
    "num.network.threads=2\n"
    "num.io.threads=4\n"
    "background.threads=2\n"
    "log.cleaner.threads=1\n"
    "log.cleaner.dedupe.buffer.size=8388608\n"
    "log.segment.bytes=67108864\n";

constexpr std::string_view kQuietLogging =
    "<Configuration status=\"OFF\"><Appenders><Console name=\"out\"><PatternLayout pattern=\"%d %p %c: %m%n\"/></Console></Appenders>"
    "<Loggers><Root level=\"WARN\"><AppenderRef ref=\"out\"/></Root></Loggers></Configuration>\n";

}  // namespace

std::filesystem::path kafka_libraries() {
  const std::string cache = environment_or("XDG_CACHE_HOME", environment_or("HOME", "/root") + "/.cache");
  return environment_or("WEIR_LOCAL_KAFKA_LIBS", cache + "/weir/kafka-" + std::string(kVersion) + "/libs");
}

Result<void> kafka_available() {
  if (!supervise::find_program(java_program())) {
    return fail(FaultKind::kIo, "cannot find Java", "install Debian's package default-jre-headless (./dev deps does)");
  }
  const std::filesystem::path broker = kafka_libraries() / ("kafka_2.13-" + std::string(kVersion) + ".jar");
  if (!std::filesystem::exists(broker)) {
    return fail(FaultKind::kIo, "cannot find Apache Kafka: there is no " + broker.string(),
                "run ./dev deps, or name the folder of its jars in WEIR_LOCAL_KAFKA_LIBS");
  }
  return {};
}

std::vector<std::string> kafka_java(const std::filesystem::path& folder, int heap_mib) {
  // Short-lived and small: the serial collector and the first compiler tier start fastest on few cores.
  std::vector<std::string> arguments{java_program(),
                                     "-Xmx" + std::to_string(heap_mib) + "m",
                                     "-XX:+UseSerialGC",
                                     "-XX:TieredStopAtLevel=1",
                                     "-Xshare:auto",
                                     "-XX:-UsePerfData",  // else /tmp/hsperfdata_* would be left after a kill
                                     "-Djava.awt.headless=true",
                                     "-Djava.io.tmpdir=" + folder.string(),
                                     "-Dlog4j2.configurationFile=" + (folder / "log4j2.xml").string(),
                                     "-cp",
                                     kafka_libraries().string() + "/*"};
  // ./dev deps makes this archive for tests: with it a broker needs half the CPU time to start.
  if (const std::filesystem::path archive = kafka_libraries() / "broker.jsa"; std::filesystem::exists(archive))
    arguments.push_back("-XX:SharedArchiveFile=" + archive.string());
  // Of two settings of the same option the JVM takes the last.
  std::istringstream more(environment_or("WEIR_LOCAL_KAFKA_JAVA_OPTIONS", ""));
  for (std::string option; more >> option;) arguments.push_back(option);
  return arguments;
}

std::string kafka_settings() { return std::string(kSettings); }

void write_kafka_logging(const std::filesystem::path& folder) { std::ofstream(folder / "log4j2.xml") << kQuietLogging; }

}  // namespace weir::local
