#include "consumers/notifications/providers/slack.hpp"

#include "common/core/json.hpp"
#include "consumers/notifications/providers/judging.hpp"
#include "consumers/notifications/pure/texts.hpp"

namespace weir::notifications {

using namespace delivery;

namespace {

constexpr std::size_t kMostTextBytes = 3'000;  // of a section

std::variant<http::Call, Refused> make_call(Jobs jobs, Instant) {
  const Job& job = *jobs.front();
  const Outgoing& message = outgoing(job);
  http::Call call;
  call.url = message.address;
  call.headers = {{"Content-Type", "application/json"}};
  JsonWriter(call.body)
      .begin_object()
      .member("text", cut(message.subject.empty() ? message.body : message.subject, kMostTextBytes))
      .name("blocks")
      .begin_array()
      .begin_object()
      .member("type", "section")
      .member("block_id", job.id.text())
      .name("text")
      .begin_object()
      .member("type", "mrkdwn")
      .member("text", cut(message.body, kMostTextBytes))
      .end_object()
      .end_object()
      .end_array()
      .end_object();
  return call;
}

std::vector<Verdict> judge(Jobs jobs, const http::Ending& ending, Instant now) {
  return verdicts_of(jobs, ending, [&](const http::Answer& answer) -> Verdict {
    if (answer.status == 404 || answer.status == 410) return Refused{"Slack answered that the URL or its channel is gone", true};
    return verdict_of("Slack", answer, now);
  });
}

}  // namespace

ProviderRow slack_row() {
  ProviderRow row;
  row.name = "slack";
  row.channel = "slack";
  row.is_destination_its_account = true;
  row.call = make_call;
  row.judge = judge;
  return row;
}

}  // namespace weir::notifications
