// A mail from its event to its receiver, and what its receiver says back: real Kafka and Postgres, `weir notifications` and `weir gateway`
// as processes, and a receiver that speaks SendGrid's protocol.
#include "common/core/await.hpp"
#include "common/events/action.hpp"
#include "tests/component/notification_providers/receivers.hpp"
#include "tests/component/notifications/process_site.hpp"
#include "tests/unit/http/client.hpp"

using namespace weir;
using namespace weir::notifications;

namespace {

constexpr Milliseconds kPatience{60'000};
const std::string kKey(32, 'k');
constexpr const char* kAddress = "confirmed@example.org";

class Processes : public ProcessSite {
 public:
  Processes() : port_(must(local::free_port())) {
    for (const char* part : {"notifications", "gateway"}) processes_.push_back(start(part));
    REQUIRE_MESSAGE(await(kPatience, [this] { return testing::RawClient(port_).connected(); }), testing::content(folder / "gateway.log"));
    site.run("UPDATE public.notification_channels SET providers = '{sendgrid}' WHERE channel = 'email'");
    site.run(R"(
INSERT INTO public.notification_rules (name, source_topic, condition, template_key, audience, channels)
VALUES ('by mail', 'public.agent_executions', '{"operation": "insert"}', 'task.created', 'user', '{email}'))");
  }
  ~Processes() {
    for (supervise::Process& process : processes_) CHECK(process.stop(kPatience).ok());
  }

  /// An application adds the address of user 2, encrypted.
  void add_address() {
    tell("notification_destinations",
         site.change("notification_destinations", id(900),
                     fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted)
VALUES ('{}', '{}', '{}', 'email', '{}'))",
                                 id(900).text(), kOrganization.text(), user(2).text(), encrypted("address_encrypted", kAddress))));
    flush();
  }
  /// SendGrid's report as the gateway writes it.
  void report(const std::string& message, const std::string& event) {
    events::Action action;
    action.id = event;
    action.source = "sendgrid";
    action.type = "sendgrid.event";
    action.subject = message;
    action.time = site.now;
    action.data = fmt::format(R"({{"event":"{}","message_id":"{}","email":"{}"}})", event, message, kAddress);
    const events::RecordView record(action);
    kafka::Message callback;
    callback.topic = callbacks;
    callback.key = record.key();
    callback.value = action.data;
    callback.headers = record.headers();
    send(callback);
    flush();
  }
  /// The mail of a template, of several the one of this number, once it has arrived.
  nlohmann::json arrival(const std::string& template_key, int number = 0) {
    std::string message;
    REQUIRE(await(kPatience, [&] {
      message =
          site.value(fmt::format("SELECT id FROM public.notifications WHERE template_key = '{}' AND channel = 'email' AND status = "
                                 "'sent' ORDER BY created_at OFFSET {} LIMIT 1",
                                 template_key, number));
      return !message.empty();
    }));
    const auto lines = testing::Receivers::running().of(*Uuid::parse(message));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["fault"] == "");
    return lines[0];
  }
  /// Follows a link, which leads to the gateway's port, and gives the status of the answer.
  int ask(const std::string& method, const std::string& link) {
    const std::string base = fmt::format("http://127.0.0.1:{}", port_);
    REQUIRE(link.starts_with(base + "/v1/"));
    testing::RawClient client(port_);
    client.send(
        fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", method, link.substr(base.size())));
    return std::stoi(client.response().substr(9, 3));
  }
  [[nodiscard]] bool comes_true(const std::string& sql) {
    return await(kPatience, [&] { return site.value(sql) == "t"; });
  }

 private:
  supervise::Process start(const std::string& part) const {
    return ProcessSite::start({part}, part + ".log",
                              {{"WEIR_CONSUMERS_NOTIFICATIONS_SENDGRID_URL", testing::Receivers::running().url()},
                               {"WEIR_CONSUMERS_NOTIFICATIONS_SENDGRID_KEY", "SG.test"},
                               {"WEIR_CONSUMERS_NOTIFICATIONS_SENDGRID_FROM", "weir@example.org"},
                               {"WEIR_HTTP_LISTEN", fmt::format("127.0.0.1:{}", port_)},
                               {"WEIR_GATEWAY_TOPIC", actions},
                               {"WEIR_GATEWAY_CALLBACKS_TOPIC", callbacks},
                               {"WEIR_GATEWAY_UNSUBSCRIBE_KEY", kKey},
                               {"WEIR_GATEWAY_PUBLIC_URL", fmt::format("http://127.0.0.1:{}/", port_)}});
  }

  int port_;
  std::vector<supervise::Process> processes_;
};

/// The address in brackets: "Confirm the address (http://…)".
std::string link_in(const std::string& text) {
  const std::size_t begin = text.find("(http");
  REQUIRE(begin != std::string::npos);
  return text.substr(begin + 1, text.find(')', begin) - begin - 1);
}

}  // namespace

TEST_CASE("an address is used once the link that was mailed to it is followed by a click") {
  if (!testing::has_receivers()) return;
  Processes here;
  here.tell_task(0);
  CHECK(here.arrival("task.created")["to"] == nlohmann::json::array({"2@a.example"}));
  here.add_address();
  const auto asked = here.arrival("destination.confirmation");
  CHECK(asked["to"] == nlohmann::json::array({kAddress}));
  CHECK(asked["headers"].empty());
  const std::string link = link_in(asked["parts"]["text/plain"]);
  CHECK(here.ask("GET", link) == 200);
  CHECK(here.site.value("SELECT verified_at IS NULL FROM public.notification_destinations") == "t");
  CHECK(here.ask("POST", link) == 200);
  REQUIRE(here.comes_true("SELECT verified_at IS NOT NULL FROM public.notification_destinations"));
  here.tell_task(1);
  CHECK(here.arrival("task.created", 1)["to"] == nlohmann::json::array({kAddress}));
}

TEST_CASE(
    "one click in a mail writes the wish, and the next mail of that group is suppressed; the report of the mail before still counts") {
  if (!testing::has_receivers()) return;
  Processes here;
  here.tell_task(0);
  const auto mail = here.arrival("task.created");
  const std::string header = mail["headers"]["List-Unsubscribe"];
  CHECK(mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click");
  const std::string link = header.substr(1, header.size() - 2);
  CHECK(link == link_in(mail["parts"]["text/plain"]));
  CHECK(mail["parts"]["text/html"].get<std::string>().find("href=\"" + link + "\"") != std::string::npos);
  CHECK(here.ask("GET", link) == 200);
  CHECK(here.site.value("SELECT count(*) FROM public.notification_preferences") == "0");
  CHECK(here.ask("POST", link) == 200);
  REQUIRE(here.comes_true("SELECT NOT is_enabled FROM public.notification_preferences"));
  here.tell_task(1);
  REQUIRE(
      here.comes_true("SELECT count(*) = 1 FROM public.notifications WHERE channel = 'email' AND status = 'suppressed' AND reason = "
                      "'preference'"));
  here.report(mail["id"], "delivered");
  REQUIRE(here.comes_true("SELECT status = 'delivered' FROM public.notifications WHERE id = '" + mail["id"].get<std::string>() + "'"));
  here.report(mail["id"], "delivered");
  REQUIRE(here.comes_true("SELECT sum(n) = 1 FROM weir.outcome_counts WHERE topic LIKE '%.callbacks' AND reason = 'duplicate'"));
}
