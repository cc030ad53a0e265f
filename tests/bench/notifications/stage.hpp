// What every measurement of weir notifications works with: a database, a topic of requests, a provider on loopback, and the processes that
// stand between them.
#pragma once

#include "common/postgres/connection.hpp"
#include "tests/bench/notifications/load.hpp"
#include "tests/bench/notifications/receiver.hpp"
#include "tests/bench/support/component.hpp"

#include <map>
#include <string>

namespace weir::bench {

using Environment = std::map<std::string, std::string>;

class Stage {
 public:
  Stage(Site site, std::int64_t calls_of_the_account);

  [[nodiscard]] const Site& site() const { return site_; }
  [[nodiscard]] postgres::Connection& owner() { return owner_; }
  [[nodiscard]] Receiver& receiver() { return receiver_; }
  [[nodiscard]] std::int64_t number(const std::string& sql) { return must(owner_.script(sql))[0].get<std::int64_t>(0); }
  /// Of weir notifications; `more` wins.
  [[nodiscard]] Environment with(const Environment& more) const;

  void request();
  void request_for(std::int64_t user);
  void flush() { application_.flush(); }
  [[nodiscard]] std::size_t requested() const { return requested_; }
  [[nodiscard]] bool all_came() const { return receiver_.messages() >= requested_; }

  void await_claim(Component& component);
  /// Stops it, and makes sure that every message was sent once and is known to be.
  void finish(Component& component);

 private:
  Site site_;
  std::int64_t calls_;
  Application application_;
  postgres::Connection owner_;
  Receiver receiver_;
  std::size_t requested_ = 0;
};

}  // namespace weir::bench
