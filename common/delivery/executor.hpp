// An executor carries out the transactions of a queue beside the calls, so that calls begin and end while Postgres is waited for.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace weir::delivery {

/// Carries out one piece of work at a time. What the work has written may be read once the executor is not busy any more.
class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;
  /// Only while the executor is not busy. The work throws nothing.
  virtual void begin(std::function<void()> work) = 0;
  [[nodiscard]] virtual bool is_busy() const = 0;
  /// Waits until the work under way is done.
  virtual void finish() = 0;
};

/// Does the work at once, on the thread that begins it.
class SameThread final : public Executor {
 public:
  void begin(std::function<void()> work) override { work(); }
  [[nodiscard]] bool is_busy() const override { return false; }
  void finish() override {}
};

/// Where a queue's transactions are carried out. Null pointers: on the deliverer's thread, so that calls wait for them.
struct Executors {
  Executor* claims = nullptr;
  Executor* reports = nullptr;  // another than that of claims
};

class ThreadExecutor final : public Executor {
 public:
  /// `ended` is called on the executor's thread after each piece of work, when the executor is not busy any more.
  ThreadExecutor(const std::string& name, std::function<void()> ended);
  ~ThreadExecutor() override;
  void begin(std::function<void()> work) override;
  [[nodiscard]] bool is_busy() const override;
  void finish() override;

 private:
  void run();
  std::function<void()> ended_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;  // empty: not busy
  bool is_closing_ = false;
  std::thread thread_;
};

}  // namespace weir::delivery
