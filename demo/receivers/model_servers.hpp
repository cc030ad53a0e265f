// Local servers that speak the wire formats of Anthropic's Messages API and OpenAI's Chat Completions API. How they behave is a script: the
// demo's, a test's, or a bench's.
#pragma once

#include "common/core/result.hpp"
#include "demo/receivers/listener.hpp"
#include "demo/receivers/model_replies.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::demo {

class ModelServers {
 public:
  /// How the call of this number (from 1, of all providers) is answered. Called by several threads, one at a time.
  using Script = std::function<ModelBehaviour(const ModelRequest& request, std::uint64_t call)>;

  struct Taken {
    ModelRequest request;
    std::string body;
    ModelBehaviour behaviour;
  };

  [[nodiscard]] static Result<std::unique_ptr<ModelServers>> start(Script script);
  ModelServers(const ModelServers&) = delete;
  ModelServers& operator=(const ModelServers&) = delete;
  ~ModelServers();

  /// Lines of YAML below consumers.insights by which weir calls them.
  [[nodiscard]] std::string configuration() const;
  /// "http://127.0.0.1:PORT": of both providers, whose paths differ.
  [[nodiscard]] std::string url() const;
  void set_script(Script script);
  /// Every request that came, in the order of arrival.
  [[nodiscard]] std::vector<Taken> taken() const;
  [[nodiscard]] std::uint64_t calls() const;
  /// Keeps no more requests than it has: for benches.
  void forget_requests();

 private:
  explicit ModelServers(Script script) : script_(std::move(script)) {}
  [[nodiscard]] std::optional<Reply> answer(const Request& request);
  /// False: the servers are closing.
  bool wait(Milliseconds delay);

  mutable std::mutex mutex_;  // guards all below but the listener
  std::condition_variable closing_;
  bool is_closing_ = false;
  bool keeps_requests_ = true;
  Script script_;
  std::uint64_t calls_ = 0;
  std::vector<Taken> taken_;
  std::unique_ptr<Listener> listener_;  // last, because its threads use all above
};

/// The demo's: of every sixteen calls of a provider one is late, one fails, two are lied to, and one is told to wait.
[[nodiscard]] ModelServers::Script demo_script();

}  // namespace weir::demo
