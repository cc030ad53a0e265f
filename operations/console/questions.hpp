// Asks Postgres away from the server's thread, on few sessions: the console must not be felt by those who work there. Thread-safe.
#pragma once

#include "common/http/server.hpp"
#include "common/postgres/connection.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace weir::console {

/// A session that works as weir_operator, whoever has logged in. Fault kPgRefused: the login is neither that role nor a member of it.
[[nodiscard]] Result<postgres::Connection> open_as_operator(const postgres::Settings& settings);

class Questions {
 public:
  using Question = std::function<Result<http::Response>(postgres::Connection&)>;

  Questions(postgres::Settings settings, int threads);
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;
  ~Questions();

  /// Answers with what the question gives, or with its fault. A session that turns out to be dead is opened anew, once.
  void ask(Question question, http::Responder respond);

 private:
  struct Waiting {
    Question question;
    http::Responder respond;
  };
  void work();
  [[nodiscard]] Result<http::Response> answer(const Question& question, std::optional<postgres::Connection>& session) const;

  postgres::Settings settings_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir::console
