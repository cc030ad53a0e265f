#include "common/process/signal_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace weir::process {

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

class SignalThread final : public SignalWatch {
 public:
  SignalThread(int signals, int end, StopSignal& stop, std::function<void(const char*)> seen)
      : signals_(signals), end_(end), stop_(stop), seen_(std::move(seen)), thread_([this] { watch(); }) {}

  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;
  ~SignalThread() override {
    const std::uint64_t one = 1;
    while (write(end_, &one, sizeof one) < 0 && errno == EINTR) continue;
    thread_.join();
    close(signals_);
    close(end_);
  }

 private:
  void watch() {
    while (true) {
      std::array<pollfd, 2> waiting{{{signals_, POLLIN, 0}, {end_, POLLIN, 0}}};
      if (poll(waiting.data(), waiting.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return;
      }
      if (waiting[1].revents != 0) return;
      signalfd_siginfo signal{};
      if (read(signals_, &signal, sizeof signal) != static_cast<ssize_t>(sizeof signal)) continue;
      seen_(signal.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
      stop_.stop();
    }
  }

  int signals_;
  int end_;
  StopSignal& stop_;
  std::function<void(const char*)> seen_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<SignalWatch>> SignalWatch::start(StopSignal& stop, std::function<void(const char*)> seen) {
  const sigset_t set = watched();
  const int blocked = pthread_sigmask(SIG_BLOCK, &set, nullptr);
  WEIR_ASSERT(blocked == 0);
  const int signals = signalfd(-1, &set, SFD_CLOEXEC);
  if (signals < 0) return fail(FaultKind::kIo, std::string("cannot watch for signals: ") + std::strerror(errno));
  const int end = eventfd(0, EFD_CLOEXEC);
  if (end < 0) {
    close(signals);
    return fail(FaultKind::kIo, std::string("cannot watch for signals: ") + std::strerror(errno));
  }
  return std::make_unique<SignalThread>(signals, end, stop, std::move(seen));
}

}  // namespace weir::process
