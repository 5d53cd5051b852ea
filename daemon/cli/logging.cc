#include "daemon/cli/logging.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "daemon/cli/output.h"

namespace flosync {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Lines of gRPC, of which a client can cause as many as it likes: so many a minute, then how many were left out.
class BoundedLines {
 public:
  void Log(const gpr_log_func_args& line) {
    constexpr auto kPeriod = std::chrono::minutes(1);
    constexpr int64_t kMostLines = 20;
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now >= period_ends_) {
      if (lines_ > kMostLines) spdlog::warn("gRPC: {} more lines were left out", lines_ - kMostLines);
      period_ends_ = now + kPeriod;
      lines_ = 0;
    }
    // Its errors are those of single connections; flosync's own are about the daemon.
    if (++lines_ <= kMostLines) spdlog::log(LevelOf(line.severity), "gRPC: {}", OneLine(line.message));
  }

 private:
  static spdlog::level::level_enum LevelOf(gpr_log_severity severity) {
    return severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::warn : spdlog::level::debug;
  }

  std::mutex mutex_;
  std::chrono::steady_clock::time_point period_ends_;
  int64_t lines_ = 0;
};

void LogLineOfGrpc(gpr_log_func_args* line) {
  static BoundedLines& lines = *new BoundedLines;  // gRPC may log until the very end
  lines.Log(*line);
}

}  // namespace

void SetUpLogging(LogLevel level) {
  auto logger = std::make_shared<spdlog::logger>("flosync", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(ToSpdlog(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  gpr_set_log_function(LogLineOfGrpc);
}

}  // namespace flosync
