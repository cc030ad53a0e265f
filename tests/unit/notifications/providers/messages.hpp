// Jobs as providers get them, and what became of them.
#pragma once

#include "consumers/notifications/providers/judging.hpp"

#include <doctest/doctest.h>

#include <list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::testing {

using namespace notifications;

/// One id a number: 00000000-0000-4000-8000-000000000001.
inline Uuid numbered(int number) {
  std::string text = std::to_string(number);
  return *Uuid::parse("00000000-0000-4000-8000-" + std::string(12 - text.size(), '0') + text);
}

/// Jobs whose messages differ in number alone; `change` may change more.
class JobList {
 public:
  explicit JobList(std::shared_ptr<const ProviderAccount> account) : account_(std::move(account)) {}

  Outgoing& add(std::string address = "private-user-1", std::string body = R"({"taskId":"t1"})") {
    auto message = std::make_unique<Outgoing>();
    message->organization = OrganizationId{numbered(99)};
    message->template_key = "task.completed";
    message->subject = "Done";
    message->body = std::move(body);
    message->address = std::move(address);
    message->created_at = from_unix_ms(1'353'088'170'250);
    message->account = account_;
    Outgoing& its = *message;
    delivery::Job& job = jobs_.emplace_back();
    job.id = numbered(static_cast<int>(jobs_.size()));
    job.message = std::move(message);
    pointers_.push_back(&job);
    return its;
  }
  [[nodiscard]] Jobs span() const { return pointers_; }

 private:
  std::shared_ptr<const ProviderAccount> account_;
  std::list<delivery::Job> jobs_;
  std::vector<const delivery::Job*> pointers_;
};

inline http::Call call_of(const std::variant<http::Call, delivery::Refused>& made) {
  if (const auto* refused = std::get_if<delivery::Refused>(&made)) FAIL("refused: " << refused->reason);
  return std::get<http::Call>(made);
}

inline std::string refusal_of(const std::variant<http::Call, delivery::Refused>& made) {
  const auto* refused = std::get_if<delivery::Refused>(&made);
  return refused == nullptr ? "" : refused->reason;
}

inline std::string header_of(const http::Call& call, std::string_view name) {
  for (const auto& [each, value] : call.headers) {
    if (each == name) return value;
  }
  return {};
}

inline http::Answer answer_with(int status, std::vector<std::pair<std::string, std::string>> headers = {}, std::string body = {}) {
  return {status, std::move(headers), std::move(body), false};
}

/// A verdict as a line: "accepted", "postponed 7s", "paused, an operator is needed", "refused, the receiver is gone".
inline std::string text_of(const delivery::Verdict& verdict) {
  std::string text(delivery::verdict_name(verdict));
  if (const auto* postponed = std::get_if<delivery::Postponed>(&verdict); postponed != nullptr && postponed->retry_after)
    text += " " + format_duration(*postponed->retry_after);
  if (const auto* paused = std::get_if<delivery::Paused>(&verdict)) {
    if (paused->retry_after) text += " " + format_duration(*paused->retry_after);
    if (paused->needs_operator) text += ", an operator is needed";
  }
  if (const auto* refused = std::get_if<delivery::Refused>(&verdict); refused != nullptr && refused->is_receiver_gone)
    text += ", the receiver is gone";
  return text;
}

/// What a provider makes of an ending, for each job the same; the common text of all verdicts.
inline std::string judged(const delivery::Provider& provider, Jobs jobs, const http::Ending& ending,
                          Instant now = from_unix_ms(1'353'088'179'000)) {
  const auto verdicts = provider.judge(jobs, ending, now);
  REQUIRE(verdicts.size() == jobs.size());
  for (const auto& verdict : verdicts) CHECK(text_of(verdict) == text_of(verdicts.front()));
  return text_of(verdicts.front());
}

inline http::NoAnswer unanswered(http::NoAnswer::Receiver receiver) { return {receiver, http::NoAnswer::Cause::kTimeout, "host: slow"}; }

}  // namespace weir::testing
