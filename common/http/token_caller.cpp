#include "common/http/token_caller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace weir::http {

namespace {

/// A token is not used in its last minute, or in the last tenth of a short life: it must still be good when its call arrives.
Seconds use_of(Seconds good_for) { return good_for - std::min(Seconds{60}, good_for / 10); }

bool is_refusal(int status) { return status >= 400 && status < 500 && status != 408 && status != 429; }

class TokenCaller final : public Caller {
 public:
  TokenCaller(std::unique_ptr<Caller> inner, const Clock& clock) : inner_(std::move(inner)), clock_(clock) {}

  void begin(CallId id, Call call) override {
    if (call.token == nullptr) return inner_->begin(id, std::move(call));
    const std::string name = call.token->name();
    const SteadyInstant now = clock_.steady();
    Held& held = held_[name];
    if (now < held.until) return send(id, std::move(call), name, held.token);
    held.waiting.push_back({id, std::move(call), now});
    if (held.waiting.size() == 1) fetch(name, held.waiting.front());
  }

  std::vector<Ended> wait(Milliseconds patience) override {
    const SteadyInstant until = clock_.steady() + patience;
    std::vector<Ended> ended;
    while (ended.empty()) {
      const auto left = std::chrono::ceil<Milliseconds>(until - clock_.steady());
      std::vector<Ended> some = inner_->wait(std::max(left, Milliseconds{0}));
      if (some.empty()) break;  // somebody rang, or the patience is over
      for (Ended& each : some) take(std::move(each), ended);
    }
    return ended;
  }

  void ring() override { inner_->ring(); }

 private:
  struct Waiting {
    CallId id = 0;
    Call call;
    SteadyInstant since{};
  };
  struct Held {
    std::string token;
    SteadyInstant until{};
    std::vector<Waiting> waiting;  // where not empty, the token is being fetched
  };

  /// Within the timeout of the first call that waits, so that none waits longer than its own.
  void fetch(const std::string& name, const Waiting& first) {
    Call request = first.call.token->request(clock_.now());
    request.timeout = first.call.timeout;
    const CallId id = next_fetch_--;
    fetches_.emplace(id, name);
    inner_->begin(id, std::move(request));
  }

  void send(CallId id, Call call, const std::string& name, const std::string& token) {
    call.headers.emplace_back("Authorization", "Bearer " + token);
    call.token = nullptr;
    sent_.emplace(id, Sent{name, token});
    inner_->begin(id, std::move(call));
  }

  void take(Ended each, std::vector<Ended>& ended) {
    if (const auto fetch = fetches_.extract(each.id); !fetch.empty()) return take_token(fetch.mapped(), each.ending, ended);
    if (const auto sent = sent_.extract(each.id); !sent.empty()) {
      const auto* answer = std::get_if<Answer>(&each.ending);
      Held& held = held_[sent.mapped().name];
      if (answer != nullptr && answer->status == 401 && held.token == sent.mapped().token) held.until = {};
    }
    ended.push_back(std::move(each));
  }

  void take_token(const std::string& name, const Ending& ending, std::vector<Ended>& ended) {
    Held& held = held_[name];
    std::vector<Waiting> waiting = std::exchange(held.waiting, {});
    const auto* answer = std::get_if<Answer>(&ending);
    std::optional<Token> token;
    if (answer != nullptr && answer->status == 200) token = waiting.front().call.token->read(*answer);
    if (token) {
      held.token = std::move(token->text);
      held.until = clock_.steady() + use_of(token->good_for);
    }
    for (Waiting& each : waiting) {
      Call call = std::move(each.call);
      call.timeout -= std::chrono::ceil<Milliseconds>(clock_.steady() - each.since);
      if (!token) {
        ended.push_back({each.id, without_token(ending)});
      } else if (call.timeout <= Milliseconds{0}) {
        ended.push_back({each.id, NoAnswer{NoAnswer::Receiver::kUntouched, NoAnswer::Cause::kTimeout, "its token took too long"}});
      } else {
        send(each.id, std::move(call), name, held.token);
      }
    }
  }

  static NoAnswer without_token(const Ending& ending) {
    constexpr auto kUntouched = NoAnswer::Receiver::kUntouched;
    if (const auto* none = std::get_if<NoAnswer>(&ending)) return {kUntouched, none->cause, "its token cannot be had: " + none->reason};
    const Answer& answer = std::get<Answer>(ending);
    const auto cause = is_refusal(answer.status) ? NoAnswer::Cause::kToken : NoAnswer::Cause::kConnect;
    return {kUntouched, cause, fmt::format("its token cannot be had: {} was the answer", answer.status)};
  }

  struct Sent {
    std::string name;
    std::string token;
  };
  std::unique_ptr<Caller> inner_;
  const Clock& clock_;
  std::map<std::string, Held> held_;
  std::map<CallId, std::string> fetches_;                   // by whose token they fetch
  std::map<CallId, Sent> sent_;                             // calls under way that bear a token
  CallId next_fetch_ = std::numeric_limits<CallId>::max();  // downwards: whoever begins calls counts upwards
};

}  // namespace

std::unique_ptr<Caller> make_token_caller(std::unique_ptr<Caller> inner, const Clock& clock) {
  return std::make_unique<TokenCaller>(std::move(inner), clock);
}

}  // namespace weir::http
