// weir cdc as a process over one table of its own, through a proxy, and what its topic must hold: the changes as another decoder
// (test_decoding) hands them out from a slot that was made beside weir's.
#pragma once

#include "tests/chaos/harness/instance.hpp"
#include "tests/chaos/harness/proxy.hpp"
#include "tests/chaos/harness/report.hpp"
#include "tests/component/cdc/fixture.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::chaos {

class Capture {
 public:
  /// `environment`: WEIR_… variables beside the configuration.
  explicit Capture(const Report& report, const std::map<std::string, std::string>& environment = {});

  /// Starts weir cdc and answers once it streams.
  void begin();
  /// Makes the second decoder's slot: the topic must hold all changes that are written from now on.
  void expect_from_here();
  [[nodiscard]] cdc::Source& source() { return source_; }
  [[nodiscard]] Instance& weir() { return weir_; }
  [[nodiscard]] Proxy& proxy() { return proxy_; }
  /// Runs SQL of the application.
  void sql(const std::string& text) { cdc::sql(source_.connection, text); }
  [[nodiscard]] std::string ask(const std::string& text);

  [[nodiscard]] std::string wal_end() { return ask("SELECT pg_current_wal_insert_lsn()"); }
  /// Waits until a transaction that committed after `lsn` is published, and with it all transactions before.
  void await_published_beyond(const std::string& lsn);
  void await(const std::string& what, const std::function<bool()>& holds, Milliseconds patience = Milliseconds{120'000});

  /// Every change of the application is in the topic once, in its order, with the position that it has in the source, and large values
  /// that did not change are never null. Nothing may be under way.
  void require_exact();

 private:
  [[nodiscard]] std::vector<std::string> wanted();
  [[nodiscard]] std::vector<std::string> published();

  const Report& report_;
  cdc::Source source_;
  Proxy proxy_;
  Instance weir_;
};

}  // namespace weir::chaos
