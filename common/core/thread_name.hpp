// What a thread is for, as `top -H` and perf show it.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <string>

namespace weir {

/// Names the calling thread; of a longer name Linux shows the first 15 characters. Not for a process' first thread, whose name is the
/// process'.
inline void name_thread(std::string name) {
  constexpr std::size_t kMost = 15;
  name.resize(std::min(name.size(), kMost));
  pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace weir
