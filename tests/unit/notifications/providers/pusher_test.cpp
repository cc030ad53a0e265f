// The forms are those of Pusher's documentation, "Channels HTTP API reference" (pusher.com/docs/channels/library_auth_reference/rest-api):
// the worked example of a signature, POST event, and POST batch events.
#include "consumers/notifications/providers/pusher.hpp"

#include "tests/unit/notifications/providers/messages.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Instant kNow = from_unix_ms(1'353'088'179'999);

std::shared_ptr<const ProviderAccount> account() {
  ProviderAccount made{.name = "pusher:default", .provider = "pusher", .reach = http::Reach::kConfigured};
  made.settings = {{"url", "https://api-eu.pusher.com"}, {"app_id", "3"}, {"key", "278d425bdf160c739803"}};
  made.secrets = {{"secret", "7ad3773142a6692b25b8"}};
  return std::make_shared<const ProviderAccount>(std::move(made));
}

const delivery::Provider& pusher() {
  static const auto made = make_provider(pusher_row(), pusher_row().terms);
  return *made;
}

}  // namespace

TEST_CASE("Pusher's worked example of a signature") {
  const std::string body = R"({"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"})";
  CHECK(pusher_query({"POST", "/apps/3/events", body}, "278d425bdf160c739803", "7ad3773142a6692b25b8", kNow) ==
        "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f"
        "&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c");
}

TEST_CASE("a message alone is an event, whose data has the message's id") {
  JobList jobs(account());
  jobs.add();
  const http::Call call = call_of(pusher().call(jobs.span(), kNow));
  CHECK(call.method == "POST");
  CHECK(
      call.body ==
      R"({"name":"task.completed","channel":"private-user-1","data":"{\"id\":\"00000000-0000-4000-8000-000000000001\",\"taskId\":\"t1\"}"})");
  CHECK(call.url == "https://api-eu.pusher.com/apps/3/events?" +
                        pusher_query({"POST", "/apps/3/events", call.body}, "278d425bdf160c739803", "7ad3773142a6692b25b8", kNow));
  CHECK(header_of(call, "Content-Type") == "application/json");
  CHECK(call.reach == http::Reach::kConfigured);
}

TEST_CASE("several messages are a batch of up to ten") {
  CHECK(pusher().terms().jobs_in_a_call == 10);
  JobList jobs(account());
  jobs.add();
  jobs.add("private-organization-2-alerts", "plain");
  const http::Call call = call_of(pusher().call(jobs.span(), kNow));
  CHECK(
      call.body ==
      R"({"batch":[{"name":"task.completed","channel":"private-user-1","data":"{\"id\":\"00000000-0000-4000-8000-000000000001\",\"taskId\":\"t1\"}"},)"
      R"({"name":"task.completed","channel":"private-organization-2-alerts","data":"{\"id\":\"00000000-0000-4000-8000-000000000002\",\"subject\":\"Done\",\"body\":\"plain\"}"}]})");
  CHECK(call.url.starts_with("https://api-eu.pusher.com/apps/3/batch_events?auth_key="));
}

TEST_CASE("data over 10 KiB makes no call, for whichever message of a batch") {
  const std::string frame = R"({"id":"00000000-0000-4000-8000-000000000001","a":""})";
  JobList fits(account());
  fits.add("c", R"({"a":")" + std::string(10'240 - frame.size(), 'x') + "\"}");
  CHECK(refusal_of(pusher().call(fits.span(), kNow)).empty());
  fits.add("c", R"({"a":")" + std::string(10'241 - frame.size(), 'x') + "\"}");
  CHECK(refusal_of(pusher().call(fits.span(), kNow)).find("10 KiB") != std::string::npos);
}

TEST_CASE("a batch that is refused is divided, and a message alone is not") {
  JobList one(account());
  one.add();
  JobList two(account());
  two.add();
  two.add();
  CHECK(judged(pusher(), one.span(), answer_with(413)) == "refused");
  CHECK(judged(pusher(), two.span(), answer_with(413)) == "divided");
  CHECK(judged(pusher(), two.span(), answer_with(200, {}, "{}")) == "accepted");
  CHECK(judged(pusher(), two.span(), answer_with(401)) == "paused, an operator is needed");
  CHECK(judged(pusher(), two.span(), answer_with(429, {{"retry-after", "2"}})) == "paused 2s");
}

TEST_CASE("an account whose values would break the signature or its path has a fault") {
  const auto fault = [](const std::string& name, const std::string& value) {
    ProviderAccount made = *account();
    made.settings[name] = value;
    return pusher_row().fault_of(made);
  };
  CHECK(fault("app_id", "3").empty());
  CHECK_FALSE(fault("app_id", "3/../4").empty());
  CHECK_FALSE(fault("key", "a&b").empty());
  CHECK_FALSE(fault("url", "ftp://api.pusher.com").empty());
  CHECK_FALSE(fault("url", "https://api.pusher.com/prefix").empty());
}
