#include "core/base/thread_team.hpp"

#include <pthread.h>

#include <csignal>
#include <string>
#include <system_error>
#include <utility>

#include "core/base/error.hpp"

namespace fairdb {
namespace {

// No signal reaches threads that are started meanwhile.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

ThreadTeam::ThreadTeam(int threads) {
  const SignalsBlocked blocked;
  threads_.reserve(static_cast<std::size_t>(threads - 1));
  try {
    for (int i = 1; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    end();
    throw Error(ErrorKind::TooLarge,
                "threads is " + std::to_string(threads) + ", and the system started only " +
                    std::to_string(threads_.size() + 1),
                "Fewer threads give the same result.", error.what());
  } catch (...) {
    end();
    throw;
  }
}

ThreadTeam::~ThreadTeam() {
  end();
}

void ThreadTeam::end() noexcept {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

// Holds the lock before and after. After an error no part begins. The caller takes parts from the
// front and the others from the back, so that what stands together stays in one processor's cache.
void ThreadTeam::take_parts(std::unique_lock<std::mutex>& lock, Monitor* monitor) {
  while (next_ < parts_) {
    const Index i = monitor != nullptr ? next_++ : --parts_;
    ++running_;
    lock.unlock();
    std::exception_ptr error;
    try {
      if (monitor != nullptr) monitor->poll();
      (*part_)(i);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    --running_;
    if (error) {
      if (!error_) error_ = error;
      next_ = parts_;
    }
  }
  if (running_ == 0) done_.notify_all();
}

void ThreadTeam::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ends_ || next_ < parts_; });
    if (ends_) return;
    take_parts(lock, nullptr);
  }
}

void ThreadTeam::run(Index parts, const std::function<void(Index)>& part, Monitor& monitor) {
  std::unique_lock lock(mutex_);
  part_ = &part;
  next_ = 0;
  parts_ = parts;
  error_ = nullptr;
  if (parts > 1) wake_.notify_all();
  take_parts(lock, &monitor);
  done_.wait(lock, [this] { return running_ == 0; });
  parts_ = next_ = 0;
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace fairdb
