#include "daemon/cli/progress_bar.h"

#include <algorithm>

#include "domain/text.h"

namespace flosync {

ProgressBar::~ProgressBar() {
  if (context_.progress) context_.err << "\r\x1b[K" << std::flush;
}

void ProgressBar::Show(double share, std::string_view detail) {
  constexpr std::chrono::milliseconds kBetween(100);
  constexpr size_t kWidth = 30;
  const auto now = std::chrono::steady_clock::now();
  if (!context_.progress || now - drawn_ < kBetween) return;
  drawn_ = now;
  const double done = std::clamp(share, 0.0, 1.0);
  std::string bar(static_cast<size_t>(done * kWidth), '#');
  bar.resize(kWidth, '-');
  const int percent = static_cast<int>(done * 100);
  context_.err << "\r\x1b[K" << what_ << "  [" << bar << "]  " << percent << " %  " << detail << std::flush;
}

}  // namespace flosync
