// weir's processes over real Kafka and Postgres: a database, topics and a master key of their own, and a producer that writes to the topics
// as change capture and the gateway would.
#pragma once

#include "common/core/digest.hpp"
#include "common/encryption/key_ring.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"
#include "tests/component/notifications/intake_site.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::notifications {

class ProcessSite {
 public:
  /// The topics of changes and of actions have so many partitions.
  explicit ProcessSite(std::int32_t partitions = 1)
      : folder(testing::scratch() / site.dsn.substr(site.dsn.rfind('=') + 1)),
        actions(testing::topic_prefix() + "actions"),
        callbacks(actions + ".callbacks"),
        prefix_(testing::topic_prefix() + "cdc") {
    site.now = SystemClock{}.now();
    std::filesystem::create_directories(folder);
    must(encryption::make_master_key(folder / "master.key"));
    masters_.current = must(encryption::master_key_of_file(folder / "master.key"));
    std::vector<kafka::TopicSpec> topics{{actions, partitions, 1, {}}, {callbacks, 1, 1, {}}};
    const Options read = testing::by_default(notifications_component(), options_from, {{"consumers.notifications.topic_prefix", prefix_}});
    for (const std::string& topic : read.changes) topics.push_back({topic, partitions, 1, {}});
    kafka::Settings broker;
    broker.brokers = testing::kafka().bootstrap();
    must(must(kafka::Admin::open(broker))->create_topics(topics));
    producer_ = must(kafka::Producer::open(broker, kafka::ProducerOptions{}));
  }

  /// Starts `weir` with these arguments, by the role of their first. `more` is its configuration beside what every process here has.
  [[nodiscard]] supervise::Process start(const std::vector<std::string>& arguments, const std::string& log,
                                         const std::map<std::string, std::string>& more) const {
    supervise::Command command;
    command.arguments = {testing::weir_executable()};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.output = folder / log;
    command.environment = {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_" + arguments.front()},
                           {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                           {"WEIR_ENCRYPTION_MASTER_KEY_FILE", folder / "master.key"},
                           {"WEIR_CONSUMERS_NOTIFICATIONS_TOPIC_PREFIX", prefix_},
                           {"WEIR_CONSUMERS_NOTIFICATIONS_ACTIONS_TOPIC", actions},
                           {"WEIR_CONSUMERS_NOTIFICATIONS_CALLBACKS_TOPIC", callbacks},
                           {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                           {"WEIR_CONSUMERS_NOTIFICATIONS_FLUSH_INTERVAL", "20ms"},
                           {"WEIR_HTTP_OPS_LISTEN", "127.0.0.1:" + std::to_string(must(local::free_port()))}};
    command.environment.insert(more.begin(), more.end());
    return must(supervise::Process::spawn(testing::guardian(), command));
  }

  void send(const kafka::Message& message) {
    while (!producer_->send(message)) producer_->wait_for_room(Milliseconds{100});
  }
  void send(const std::string& topic, const std::string& key, const std::string& value) {
    kafka::Message message;
    message.topic = topic;
    message.key = key;
    message.value = value;
    message.timestamp_ms = unix_ms(site.now);
    send(message);
  }
  /// Writes a change of a table. Changes of one key stay in order.
  void tell(const std::string& table, const std::string& record, const std::string& key = "k") {
    send(prefix_ + ".public." + table, key, record);
  }
  /// Waits until Kafka has all that was sent.
  void flush() { must(producer_->flush(Milliseconds{60'000})); }

  /// A new task of user 2.
  void tell_task(int n) {
    tell("agent_executions", site.change("agent_executions", id(1'000 + n),
                                         fmt::format(R"(
INSERT INTO public.agent_executions (id, organization_id, agent_id, user_id, task_type) VALUES ('{}', '{}', '{}', '{}', 'essay'))",
                                                     id(1'000 + n).text(), kOrganization.text(), id(50).text(), user(2).text())));
    flush();
  }
  /// A value of destination 900, which is user 2's, encrypted as an application does it; as SQL writes bytes.
  std::string encrypted(const std::string& column, const std::string& text) {
    encryption::KeyRing keys(site.owner, masters_);
    return "\\x" + hex(must(keys.encrypt({kOrganization.value, user(2).value}, {"public.notification_destinations", column, id(900).text()},
                                         text)));
  }

  Site site;
  const std::filesystem::path folder;
  const std::string actions;
  const std::string callbacks;

 private:
  const std::string prefix_;
  encryption::MasterKeys masters_;
  std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace weir::notifications
