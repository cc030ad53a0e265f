// Resolutions of names beside the thread that makes calls: the system's resolver blocks, and a name whose server is silent blocks long.
#pragma once

#include "common/core/time.hpp"
#include "common/http/resolver.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::http {

struct Lookup {
  std::string host;
  tl::expected<std::vector<Address>, std::string> addresses;
};

class Lookups {
 public:
  /// `found` is called from another thread whenever there is something to take.
  Lookups(std::shared_ptr<Resolver> resolver, std::function<void()> found);
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;
  /// Does not wait for lookups under way, because nothing can interrupt the system's resolver. Their threads end with them, and `found` is
  /// not called any more.
  ~Lookups();
  /// At most kThreads at a time; the others wait their turn.
  void ask(std::string host);
  [[nodiscard]] std::vector<Lookup> take();

  static constexpr int kThreads = 16;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace weir::http
