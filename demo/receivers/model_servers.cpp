#include "demo/receivers/model_servers.hpp"

#include <fmt/format.h>

#include <array>

namespace weir::demo {

namespace {

constexpr int kNotFound = 404;
constexpr std::uint64_t kRound = 16;

}  // namespace

Result<std::unique_ptr<ModelServers>> ModelServers::start(Script script) {
  std::unique_ptr<ModelServers> servers(new ModelServers(std::move(script)));
  ModelServers* const its = servers.get();
  servers->listener_ =
      WEIR_TRY(Listener::open([its](int socket) { serve_http(socket, [its](const Request& request) { return its->answer(request); }); }));
  return servers;
}

ModelServers::~ModelServers() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  closing_.notify_all();
}

std::string ModelServers::url() const { return fmt::format("http://127.0.0.1:{}", listener_->port()); }

std::string ModelServers::configuration() const {
  return fmt::format(
      R"(    anthropic: {{url: "{url}", key: {anthropic}, model: claude-demo, input_price: 1000000, output_price: 5000000}}
    openai: {{url: "{url}", key: {openai}, model: gpt-demo, input_price: 500000, output_price: 2000000}}
)",
      fmt::arg("url", url()), fmt::arg("anthropic", kAnthropicKey), fmt::arg("openai", kOpenaiKey));
}

void ModelServers::set_script(Script script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

std::vector<ModelServers::Taken> ModelServers::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

std::uint64_t ModelServers::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void ModelServers::forget_requests() {
  const std::lock_guard lock(mutex_);
  keeps_requests_ = false;
  taken_.clear();
}

bool ModelServers::wait(Milliseconds delay) {
  std::unique_lock lock(mutex_);
  return !closing_.wait_for(lock, delay, [this] { return is_closing_; });
}

std::optional<Reply> ModelServers::answer(const Request& raw) {
  auto request = read_model_request(raw);
  if (!request) return Reply{.status = kNotFound};
  ModelBehaviour behaviour;
  {
    const std::lock_guard lock(mutex_);
    behaviour = script_(*request, ++calls_);
    if (keeps_requests_) taken_.push_back({*request, raw.body, behaviour});
  }
  if (behaviour.delay > Milliseconds{0} && !wait(behaviour.delay)) return std::nullopt;
  return model_reply(*request, behaviour);
}

ModelServers::Script demo_script() {
  return [calls = std::array<std::uint64_t, 2>{}](const ModelRequest& request, std::uint64_t) mutable -> ModelBehaviour {
    const std::uint64_t call = ++calls.at(static_cast<std::size_t>(request.provider)) % kRound;
    if (call == 3) return {.act = ModelAct::kGood, .delay = Milliseconds{2'500}};
    if (call == 6) return {.act = ModelAct::kFails, .status = 500};
    if (call == 9) return {.act = ModelAct::kNonsense};
    if (call == 12) return {.act = ModelAct::kFails, .status = 429, .retry_after = Seconds{1}};
    if (call == 15) return {.act = ModelAct::kAltered};
    return {.act = ModelAct::kGood, .delay = Milliseconds{150}};
  };
}

}  // namespace weir::demo
