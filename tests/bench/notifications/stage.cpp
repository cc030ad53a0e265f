#include "tests/bench/notifications/stage.hpp"

#include "common/migrations/migrator.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

namespace weir::bench {

namespace {

constexpr Milliseconds kAnswer{20};
constexpr Milliseconds kBrief{60'000};

}  // namespace

Stage::Stage(Site site, std::int64_t calls_of_the_account)
    : site_(std::move(site)),
      calls_(calls_of_the_account),
      application_(site_),
      owner_(must(postgres::Connection::open(migrations::patient({.dsn = site_.dsn, .application_name = "weir bench"})))),
      receiver_(kAnswer) {}

Environment Stage::with(const Environment& more) const {
  Environment all{{"WEIR_KAFKA_BROKERS", site_.broker.brokers},
                  {"WEIR_POSTGRES_DSN", site_.dsn},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_TOPIC_PREFIX", site_.prefix},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_ACTIONS_TOPIC", site_.actions},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_CALLBACKS_TOPIC", site_.actions + ".callbacks"},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_URL", receiver_.url()},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_APP_ID", "1"},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_KEY", "key"},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_SECRET", "secret"},
                  {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_CALLS", std::to_string(calls_)}};
  for (const auto& [name, value] : more) all[name] = value;
  return all;
}

void Stage::request() {
  application_.request();
  ++requested_;
}

void Stage::request_for(std::int64_t user) {
  application_.request_for(user);
  ++requested_;
}

void Stage::await_claim(Component& component) {
  const auto claimed = fmt::format("SELECT count(*) FROM weir.consumer_offsets WHERE topic = '{}' AND owner IS NOT NULL", site_.actions);
  component.await(
      "the first claim", kBrief, [&] { return number(claimed) > 0; }, Milliseconds{2});
}

void Stage::finish(Component& component) {
  component.await("the last answer", kBrief, [this] { return number("SELECT count(*) FROM weir.delivery_queue") == 0; });
  component.stop();
  const std::int64_t sent = number("SELECT count(*) FROM public.notifications WHERE status = 'sent'") - site_.history;
  if (sent != static_cast<std::int64_t>(requested_) || receiver_.messages() != requested_ || receiver_.repeats() > 0) {
    give_up(fmt::format("not exact: {} requested, {} sent, {} came, {} of them twice", requested_, sent, receiver_.messages(),
                        receiver_.repeats()));
  }
}

}  // namespace weir::bench
