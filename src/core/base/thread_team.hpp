// Threads that share the parts of one computation. The caller's thread is one of them, and the only
// one that may know of the server: what a part runs must be of the core alone, and must not depend
// on which thread runs it or when.
//
//   ThreadTeam team(threads);
//   team.run(parts, [&](Index part) { ... }, monitor);   // returns when all parts have ended
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

class ThreadTeam {
 public:
  // Starts all but one. They take no signals, so that those of the process reach the thread that
  // handles them. Errors: TooLarge when the system has none.
  explicit ThreadTeam(int threads);
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();

  // part(i) for each i below `parts`, on whichever thread is free. The caller polls before each
  // part that it runs, so a part should take some milliseconds at most. Errors: what poll() or a
  // part has thrown, when those that had begun have ended.
  void run(Index parts, const std::function<void(Index)>& part, Monitor& monitor);

 private:
  void work();
  void end() noexcept;
  void take_parts(std::unique_lock<std::mutex>& lock, Monitor* monitor);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(Index)>* part_ = nullptr;
  Index next_ = 0;
  Index parts_ = 0;
  Index running_ = 0;
  bool ends_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace fairdb
