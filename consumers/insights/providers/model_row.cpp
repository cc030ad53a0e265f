#include "consumers/insights/providers/model_row.hpp"

#include "common/delivery/judging.hpp"

#include <fmt/format.h>

namespace weir::insights {

using namespace delivery;

namespace {

constexpr std::size_t kMostAnswerBytes = 64UL << 10U;

const Outgoing& outgoing(const Job& job) { return static_cast<const Outgoing&>(*job.message); }

class RowProvider final : public Provider {
 public:
  RowProvider(const ModelRow& row, Terms terms) : row_(row), terms_(terms) {}
  [[nodiscard]] const Terms& terms() const override { return terms_; }

  [[nodiscard]] std::variant<http::Call, Refused> call(std::span<const Job* const> jobs, Instant) const override {
    const Outgoing& message = outgoing(*jobs.front());
    http::Call call;
    call.url = message.account->url;
    if (call.url.ends_with('/')) call.url.pop_back();
    call.url += row_.path;
    call.headers = row_.headers(*message.account);
    call.headers.emplace_back("Content-Type", "application/json");
    call.body = row_.body(message);
    call.reach = message.account->reach;
    call.max_answer_bytes = kMostAnswerBytes;
    return call;
  }

  [[nodiscard]] std::vector<Verdict> judge(std::span<const Job* const> jobs, const http::Ending& ending, Instant now) const override {
    std::vector<Verdict> verdicts;
    for (const Job* job : jobs) verdicts.push_back(verdict(*job, ending, now));
    return verdicts;
  }

 private:
  [[nodiscard]] Verdict verdict(const Job& job, const http::Ending& ending, Instant now) const {
    const auto* answer = std::get_if<http::Answer>(&ending);
    if (answer == nullptr) return verdict_of(std::get<http::NoAnswer>(ending));
    Verdict by_status = verdict_of(row_.label, *answer, now);
    if (!std::holds_alternative<Accepted>(by_status)) return by_status;
    if (answer->is_cut) return Postponed{row_.label + " answered, and the answer did not come whole"};
    ModelAnswer read = row_.read(answer->body);
    auto result = std::make_unique<Answered>();
    result->usage = read.usage;
    result->model = std::move(read.model);
    std::string fault = std::move(read.fault);
    if (fault.empty()) {
      const Outgoing& message = outgoing(job);
      auto wording = read_reply(read.text, message.prompt, message.nonce);
      if (!wording) {
        fault = std::move(wording.error());
      } else if (auto words = put_back(*wording, message.prompt); !words) {
        fault = std::move(words.error());
      } else {
        result->wording = *std::move(wording);
      }
    }
    if (!fault.empty()) return Postponed{fmt::format("{}: {}", row_.label, fault), {}, std::move(result)};
    return Accepted{std::move(read.id), std::move(result)};
  }

  const ModelRow& row_;
  Terms terms_;
};

}  // namespace

std::unique_ptr<Provider> make_provider(const ModelRow& row, Terms terms) { return std::make_unique<RowProvider>(row, terms); }

}  // namespace weir::insights
