#include "tests/bench/gateway/running_gateway.hpp"

#include "common/migrations/migrator.hpp"
#include "producers/gateway/key_store.hpp"
#include "tests/bench/gateway/http_load.hpp"
#include "tests/bench/support/bench.hpp"

namespace weir::bench {

namespace {

constexpr const char* kOrganization = "11111111-2222-4333-8444-555555555555";

}  // namespace

RunningGateway::RunningGateway(const std::string& executable)
    : services_(must(local::Services::start())), admin_(must(kafka::Admin::open(kafka()))), port_(must(local::free_port())) {
  prepare_database();
  make_topic(kActionTopic);
  serve(executable);
}

kafka::Settings RunningGateway::kafka() const {
  return {.brokers = services_->kafka().bootstrap(), .client_id = "bench", .properties = {}};
}

void RunningGateway::prepare_database() {
  auto connection = must(postgres::Connection::open({.dsn = services_->postgres().dsn(), .application_name = "bench"}));
  must(migrations::up(connection));
  must(connection.script(std::string("INSERT INTO organizations (id, name) VALUES ('") + kOrganization + "', 'one')"));
  gateway::NewKey wanted;
  wanted.organization = OrganizationId{*Uuid::parse(kOrganization)};
  key_ = must(gateway::create_key(connection, wanted)).key;
}

void RunningGateway::make_topic(const std::string& name) {
  must(admin_->create_topics({{.name = name,
                               .partitions = kActionPartitions,
                               .replication = 1,
                               .configuration = {{"message.timestamp.type", "LogAppendTime"}, {"max.message.bytes", "1048576"}}}}));
}

std::int64_t RunningGateway::records(const std::string& topic) {
  std::int64_t sum = 0;
  for (std::int32_t partition = 0; partition < kActionPartitions; ++partition) sum += must(admin_->range(topic, partition)).end;
  return sum;
}

void RunningGateway::serve(const std::string& executable) {
  const std::string ops = "127.0.0.1:" + std::to_string(must(local::free_port()));
  supervise::Command command;
  command.arguments = {executable,     "gateway",
                       "--listen",     "127.0.0.1:" + std::to_string(port_),
                       "--ops-listen", ops,
                       "--brokers",    services_->kafka().bootstrap(),
                       "--dsn",        services_->postgres().dsn()};
  command.output = services_->scratch().path() / "gateway.log";
  process_ = must(supervise::Process::spawn(services_->guardian(), command));
  await_port(port_);
}

}  // namespace weir::bench
