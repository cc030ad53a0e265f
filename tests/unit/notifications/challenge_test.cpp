#include "consumers/notifications/pure/challenge.hpp"

#include "consumers/notifications/pure/plan.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::notifications;

namespace {

const Uuid kDestination = *Uuid::parse("00000000-0000-4000-8000-000000000007");
constexpr Instant kNow = from_unix_ms(1'353'088'179'000);

Occurrence change(Operation operation = Operation::kInsert) {
  Occurrence event;
  event.organization = OrganizationId{*Uuid::parse("00000000-0000-4000-8000-000000000001")};
  event.source = "public.notification_destinations";
  event.id = *Uuid::parse("00000000-0000-4000-8000-000000000002");
  event.row.operation = operation;
  Fields row{{"id", kDestination.text()},
             {"user_id", std::nullopt},
             {"channel", "webhook"},
             {"verified_at", std::nullopt},
             {"disabled_at", std::nullopt}};
  (operation == Operation::kDelete ? event.row.before : event.row.after) = std::move(row);
  return event;
}

bool is_asked(const std::string& column, const std::string& value) {
  Occurrence event = change();
  (*event.row.after)[column] = value;
  return plan_challenge(event, kNow).has_value();
}

}  // namespace

TEST_CASE("a new endpoint is asked, once a change") {
  const auto message = plan_challenge(change(), kNow);
  REQUIRE(message.has_value());
  CHECK(message->template_key == "destination.challenge");
  CHECK(message->channel == Channel::kWebhook);
  CHECK(message->status == "queued");
  CHECK(message->address == kDestination);
  CHECK(message->account == "webhook:" + kDestination.text());
  CHECK(message->due_at == kNow);
  CHECK(message->expires_at == kNow + std::chrono::hours{24});
  CHECK_FALSE(message->user.has_value());
  CHECK(plan_challenge(change(), kNow)->id == message->id);
  Occurrence later = change(Operation::kUpdate);
  later.id = kDestination;
  CHECK(plan_challenge(later, kNow)->id != message->id);
}

TEST_CASE("an endpoint that is verified, disabled or deleted is not asked, nor is any other address") {
  CHECK_FALSE(is_asked("verified_at", "2026-11-28T12:00:00Z"));
  CHECK_FALSE(is_asked("disabled_at", "2026-11-28T12:00:00Z"));
  CHECK_FALSE(is_asked("channel", "email"));
  CHECK_FALSE(is_asked("id", "no uuid"));
  CHECK(is_asked("user_id", kDestination.text()));
  CHECK_FALSE(plan_challenge(change(Operation::kDelete), kNow).has_value());
  Occurrence other = change();
  other.source = "public.alerts";
  CHECK_FALSE(plan_challenge(other, kNow).has_value());
}

TEST_CASE("the body holds the word") { CHECK(challenge_body(kDestination) == R"({"challenge":"00000000-0000-4000-8000-000000000007"})"); }
