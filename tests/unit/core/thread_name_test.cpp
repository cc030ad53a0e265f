#include "common/core/thread_name.hpp"

#include <doctest/doctest.h>

#include <array>
#include <thread>

using namespace weir;

TEST_CASE("a thread bears its name, of which Linux keeps the first 15 characters") {
  std::array<char, 32> shown{};
  const auto name = [&](const char* wanted) {
    std::thread([&] {
      name_thread(wanted);
      pthread_getname_np(pthread_self(), shown.data(), shown.size());
    }).join();
    return std::string(shown.data());
  };
  CHECK(name("look up keys") == "look up keys");
  CHECK(name("a name that is longer than fifteen") == "a name that is ");
}
