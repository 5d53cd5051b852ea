#include "daemon/cli/process.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>

#include <spdlog/spdlog.h>

namespace flosync {

int64_t RaiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  rlimit raised = limit;
  raised.rlim_cur = raised.rlim_max;
  return static_cast<int64_t>(::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur);
}

void KeepFilesToOwner() { ::umask(S_IRWXG | S_IRWXO); }

void WarnIfOthersMayRead(const std::string& directory) {
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0 || (info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  spdlog::warn("others than its owner may look into {}, which names doctors: chmod -R go= {}", directory, directory);
}

EndsWithin::EndsWithin(std::chrono::milliseconds within)
    : thread_([this, within] {
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, within, [this] { return over_; })) return;
        spdlog::error("the end took more than {} s and is cut short; the state stands at its last commit",
                      std::chrono::duration_cast<std::chrono::seconds>(within).count());
        std::_Exit(EXIT_FAILURE);
      }) {}

EndsWithin::~EndsWithin() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

}  // namespace flosync
