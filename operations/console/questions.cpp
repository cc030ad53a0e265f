#include "operations/console/questions.hpp"

#include "common/cli/view.hpp"
#include "common/core/thread_name.hpp"
#include "operations/console/answers.hpp"

namespace weir::console {

namespace {

constexpr std::size_t kMostWaiting = 64;

}  // namespace

Result<postgres::Connection> open_as_operator(const postgres::Settings& settings) {
  auto connection = WEIR_TRY(postgres::Connection::open(settings));
  const auto became = connection.script("SET ROLE weir_operator");
  if (became) return connection;
  Fault fault = became.error();
  const bool lacks_role = fault.sqlstate == "22023";  // there is no such role
  if (lacks_role || fault.kind == FaultKind::kPgRefused) {
    return fail(FaultKind::kPgRefused, "the console works as the role weir_operator, and cannot: " + fault.message,
                lacks_role ? "run weir migrate up" : "let postgres.dsn log in as weir_operator, or as a member of it");
  }
  return fail(std::move(fault));
}

Questions::Questions(postgres::Settings settings, int threads) : settings_(std::move(settings)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Questions::~Questions() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Questions::ask(Question question, http::Responder respond) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < kMostWaiting) {
      waiting_.push_back({std::move(question), std::move(respond)});
      changed_.notify_one();
      return;
    }
  }
  constexpr int kUnavailable = 503;
  respond(refusal(kUnavailable, "unavailable", "Too many questions wait for Postgres; try again soon."));
}

void Questions::work() {
  name_thread("questions");
  std::optional<postgres::Connection> session;
  while (true) {
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    auto answered = answer(next.question, session);
    next.respond(answered ? std::move(*answered) : refusal(cli::explained(answered.error())));
  }
}

/// A transaction whose COMMIT was sent is not repeated: its fault is another one, kCommitInDoubt.
Result<http::Response> Questions::answer(const Question& question, std::optional<postgres::Connection>& session) const {
  for (bool is_first = true;; is_first = false) {
    if (!session || !session->usable()) session.emplace(WEIR_TRY(open_as_operator(settings_)));
    auto answered = question(*session);
    if (session->in_transaction()) static_cast<void>(session->rollback());
    if (answered || session->usable() || !is_first || answered.error().kind == FaultKind::kCommitInDoubt) return answered;
  }
}

}  // namespace weir::console
