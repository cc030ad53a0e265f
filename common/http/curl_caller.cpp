#include "common/http/curl_caller.hpp"

#include "common/http/lookups.hpp"
#include "common/http/socket_watch.hpp"
#include "common/http/transfer.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace weir::http {

namespace {

constexpr Seconds kKeepNames{5};           // so that a service that is called all the time is not asked for at each call
constexpr std::size_t kMostNames = 4'096;  // that are kept

/// libcurl says which sockets it waits for, and this caller tells it which of them are ready. Otherwise libcurl would poll the socket of
/// every call each time.
class CurlCaller final : public Caller {
 public:
  CurlCaller(CURLM* multi, std::unique_ptr<SocketWatch> sockets, CallerSettings settings, std::shared_ptr<Resolver> resolver,
             const Clock& clock)
      : multi_(multi),
        sockets_(std::move(sockets)),
        settings_(std::move(settings)),
        clock_(clock),
        lookups_(std::make_unique<Lookups>(std::move(resolver), [watch = sockets_.get()] { watch->ring(); })) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.max_connections_kept));
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlCaller::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlCaller::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  }
  CurlCaller(const CurlCaller&) = delete;
  CurlCaller& operator=(const CurlCaller&) = delete;

  ~CurlCaller() override {
    lookups_.reset();  // first, since a look-up that ends rings the bell of the sockets
    for (auto& [id, transfer] : under_way_) remove(*transfer);
    under_way_.clear();
    curl_multi_cleanup(multi_);
  }

  void begin(CallId id, Call call) override {
    auto url = call.envelope ? parse_smtp_url(call.url) : parse_url(call.url);
    if (!url) return refuse(id, NoAnswer::Cause::kRefused, "the URL is refused: " + url.error());
    const SteadyInstant now = clock_.steady();
    Begun begun{id, std::move(call), *std::move(url), now};
    begun.deadline = now + begun.call.timeout;
    if (begun.url.address) return go(std::move(begun), {*begun.url.address});
    const auto name = names_.find(begun.url.host);
    if (name != names_.end() && now < name->second.until) return go(std::move(begun), name->second.addresses);
    const std::string host = begun.url.host;
    resolving_[host].push_back(std::move(begun));
    if (asked_.insert(host).second) lookups_->ask(host);
  }

  std::vector<Ended> wait(Milliseconds patience) override {
    const SteadyInstant until = clock_.steady() + patience;
    while (true) {
      // Looking quiets the bell, so names are taken after it: one that is found later rings anew, and the wait below ends at once.
      look(Milliseconds{0});
      take_names();
      take_ended();
      const SteadyInstant now = clock_.steady();
      expire_names(now);
      if (!ended_.empty() || rung_.exchange(false) || now >= until) break;
      look(std::chrono::ceil<Milliseconds>(next_deadline(until) - now));
    }
    return std::exchange(ended_, {});
  }

  void ring() override {
    rung_ = true;
    sockets_->ring();
  }

 private:
  struct Begun {
    CallId id = 0;
    Call call;
    Url url;
    SteadyInstant deadline{};
  };
  struct Name {
    std::vector<Address> addresses;
    SteadyInstant until{};
  };

  static int on_socket(CURL*, curl_socket_t socket, int what, void* its, void*) {
    SocketWatch& sockets = *static_cast<CurlCaller*>(its)->sockets_;
    if (what == CURL_POLL_REMOVE) {
      sockets.forget(socket);
    } else {
      sockets.watch(socket, what != CURL_POLL_OUT, what != CURL_POLL_IN);
    }
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* its) {
    auto& caller = *static_cast<CurlCaller*>(its);
    caller.timer_.reset();
    if (milliseconds >= 0) caller.timer_ = caller.clock_.steady() + Milliseconds{milliseconds};
    return 0;
  }

  void act(curl_socket_t socket, int what) {
    int running = 0;
    curl_multi_socket_action(multi_, socket, what, &running);
  }

  /// Waits until sockets are ready or libcurl's timer is over, at most for `patience`, and lets the calls go on.
  void look(Milliseconds patience) {
    if (timer_)
      patience = std::min(patience, std::chrono::ceil<Milliseconds>(std::max(*timer_ - clock_.steady(), SteadyInstant::duration{0})));
    for (const ReadySocket& each : sockets_->wait(patience)) {
      act(each.socket,
          (each.may_read ? CURL_CSELECT_IN : 0) | (each.may_write ? CURL_CSELECT_OUT : 0) | (each.is_broken ? CURL_CSELECT_ERR : 0));
    }
    if (timer_ && *timer_ <= clock_.steady()) {
      timer_.reset();
      act(CURL_SOCKET_TIMEOUT, 0);
    }
  }

  void refuse(CallId id, NoAnswer::Cause cause, std::string reason) {
    ended_.push_back({id, NoAnswer{NoAnswer::Receiver::kUntouched, cause, std::move(reason)}});
  }

  /// The addresses are known: every one of them is checked.
  void go(Begun begun, std::vector<Address> addresses) {
    if (std::string why = settings_.guard.refusal(begun.url, addresses, begun.call.reach); !why.empty())
      return refuse(begun.id, NoAnswer::Cause::kRefused, begun.url.host + ": " + why);
    const auto left = std::chrono::ceil<Milliseconds>(begun.deadline - clock_.steady());
    if (left <= Milliseconds{0}) return refuse(begun.id, NoAnswer::Cause::kTimeout, begun.url.host + ": its name took too long");
    const CallId id = begun.id;
    auto transfer = std::make_unique<Transfer>(id, std::move(begun.call), std::move(begun.url), std::move(addresses), settings_.guard,
                                               settings_.ca_file);
    if (const CURLcode code = transfer->prepare(left); code != CURLE_OK) {
      ended_.push_back({id, std::move(*transfer).ending(code)});
      return;
    }
    if (curl_multi_add_handle(multi_, transfer->handle()) != CURLM_OK) {
      ended_.push_back({id, std::move(*transfer).ending(CURLE_FAILED_INIT)});
      return;
    }
    under_way_.emplace(id, std::move(transfer));
  }

  void take_names() {
    for (Lookup& each : lookups_->take()) {
      asked_.erase(each.host);
      const auto waiting = resolving_.extract(each.host);
      if (each.addresses) keep(each.host, *each.addresses);
      if (waiting.empty()) continue;  // all of them have waited too long
      for (Begun& begun : waiting.mapped()) {
        if (each.addresses) {
          go(std::move(begun), *each.addresses);
        } else {
          refuse(begun.id, NoAnswer::Cause::kName, each.host + ": " + each.addresses.error());
        }
      }
    }
  }

  void keep(const std::string& host, const std::vector<Address>& addresses) {
    const SteadyInstant now = clock_.steady();
    if (names_.size() >= kMostNames) std::erase_if(names_, [&](const auto& name) { return now >= name.second.until; });
    if (names_.size() < kMostNames || names_.contains(host)) names_[host] = {addresses, now + kKeepNames};
  }

  /// Calls whose name has no addresses yet at their deadline.
  void expire_names(SteadyInstant now) {
    for (auto host = resolving_.begin(); host != resolving_.end();) {
      std::erase_if(host->second, [&](const Begun& begun) {
        if (now < begun.deadline) return false;
        refuse(begun.id, NoAnswer::Cause::kTimeout, host->first + ": its name took too long");
        return true;
      });
      host = host->second.empty() ? resolving_.erase(host) : std::next(host);
    }
  }

  [[nodiscard]] SteadyInstant next_deadline(SteadyInstant until) const {
    for (const auto& [host, waiting] : resolving_) {
      for (const Begun& begun : waiting) until = std::min(until, begun.deadline);
    }
    return until;
  }

  void remove(const Transfer& transfer) {
    transfer.stop_listening();
    curl_multi_remove_handle(multi_, transfer.handle());
  }

  void take_ended() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      void* its = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &its);
      const auto& ended = *static_cast<const Transfer*>(its);
      const CallId id = ended.id();
      remove(ended);
      auto transfer = under_way_.extract(id);
      ended_.push_back({id, std::move(*transfer.mapped()).ending(code)});
    }
  }

  CURLM* multi_;
  std::unique_ptr<SocketWatch> sockets_;
  std::optional<SteadyInstant> timer_;  // when libcurl wants to go on although no socket is ready
  CallerSettings settings_;
  const Clock& clock_;
  std::map<CallId, std::unique_ptr<Transfer>> under_way_;
  std::map<std::string, std::vector<Begun>> resolving_;  // by host
  std::set<std::string> asked_;                          // hosts whose lookup is under way
  std::map<std::string, Name> names_;
  std::vector<Ended> ended_;
  std::atomic<bool> rung_{false};
  std::unique_ptr<Lookups> lookups_;
};

}  // namespace

Result<std::unique_ptr<Caller>> make_curl_caller(CallerSettings settings, std::shared_ptr<Resolver> resolver, const Clock& clock) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* multi = global == CURLE_OK ? curl_multi_init() : nullptr;
  if (multi == nullptr) return fail(FaultKind::kIo, "libcurl could not be started");
  auto sockets = SocketWatch::make();
  if (!sockets) {
    curl_multi_cleanup(multi);
    return fail(sockets.error());
  }
  return std::make_unique<CurlCaller>(multi, *std::move(sockets), std::move(settings), std::move(resolver), clock);
}

}  // namespace weir::http
