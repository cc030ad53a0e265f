// The children are in process groups of their own, so a Ctrl-C at the terminal reaches only the supervisor, which stops them in order.
#include "common/supervise/supervisor.hpp"

namespace weir::supervise {
namespace {

// A fault of the kind that has the child's exit code, so that the supervisor ends with the same code.
FaultKind kind_of(const ExitStatus& ended) {
  if (ended.code == static_cast<int>(ExitCode::kUsage)) return FaultKind::kUsage;
  if (ended.code == static_cast<int>(ExitCode::kConfiguration)) return FaultKind::kConfiguration;
  return FaultKind::kPgRefused;
}

}  // namespace

Supervisor::Supervisor(std::shared_ptr<Guardian> guardian, const Clock& clock, RestartPolicy policy,
                       std::function<void(const Transition&)> told)
    : guardian_(std::move(guardian)), clock_(clock), policy_(policy), told_(std::move(told)) {}

Supervisor::~Supervisor() {
  for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept) {
    if ((*kept)->process.running()) (*kept)->process.kill();
  }
}

Result<void> Supervisor::start(Child child) {
  WEIR_ASSERT(find(child.name) == nullptr);
  auto kept = std::make_unique<Kept>();
  kept->child = std::move(child);
  WEIR_TRY(launch(*kept));
  kept_.push_back(std::move(kept));
  return {};
}

Result<void> Supervisor::launch(Kept& kept) {
  kept.process = WEIR_TRY(Process::spawn(guardian_, kept.child.command));
  kept.since = clock_.steady();
  kept.due.reset();
  told_({Transition::Kind::kStarted, kept.child.name, kept.process.id(), {}, {}});
  return {};
}

Result<void> Supervisor::tend() {
  for (const auto& kept : kept_) WEIR_TRY(tend_one(*kept));
  return {};
}

Result<void> Supervisor::tend_one(Kept& kept) {
  if (kept.process.running()) return {};
  const SteadyInstant now = clock_.steady();
  if (kept.due) {
    if (now < *kept.due) return {};
    ++restarts_;
    return launch(kept);
  }
  const ExitStatus ended = kept.process.wait();
  Transition transition{Transition::Kind::kEnded, kept.child.name, kept.process.id(), ended, {}};
  if (!restart_may_help(ended)) {
    told_(transition);
    return fail(kind_of(ended), kept.child.name + " ended with " + ended.text() + ", which starting it again would not change",
                "its last log line says what is wrong; everything is stopped");
  }
  kept.failures = failures_after(policy_, kept.failures, std::chrono::duration_cast<Milliseconds>(now - kept.since));
  transition.restarts_in = pause_after(policy_.backoff, kept.failures);
  kept.due = now + *transition.restarts_in;
  told_(transition);
  return {};
}

Result<void> Supervisor::stop(Milliseconds patience) {
  std::string unclean;
  for (auto next = kept_.rbegin(); next != kept_.rend(); ++next) {
    Kept& kept = **next;
    if (!kept.process.running()) continue;
    const ExitStatus ended = kept.process.stop(patience);
    told_({Transition::Kind::kStopped, kept.child.name, kept.process.id(), ended, {}});
    if (!ended.ok()) unclean += (unclean.empty() ? "" : "; ") + kept.child.name + ": " + ended.text();
  }
  kept_.clear();
  if (!unclean.empty()) return fail(FaultKind::kIo, "not every component stopped in good order: " + unclean);
  return {};
}

Supervisor::Kept* Supervisor::find(const std::string& name) {
  for (const auto& kept : kept_) {
    if (kept->child.name == name) return kept.get();
  }
  return nullptr;
}

pid_t Supervisor::id_of(const std::string& name) {
  Kept* kept = find(name);
  return kept != nullptr && kept->process.running() ? kept->process.id() : -1;
}

void Supervisor::signal(const std::string& name, int number) {
  if (Kept* kept = find(name); kept != nullptr) kept->process.signal(number);
}

}  // namespace weir::supervise
